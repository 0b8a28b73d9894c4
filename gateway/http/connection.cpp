#include "gateway/http/connection.h"

#include <openssl/ssl.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include "gateway/http/access_log.h"
#include "gateway/http/wire.h"

namespace tally::gateway {

namespace {

constexpr std::size_t kFirstRead = 4096;         // what an idle connection keeps ready
constexpr std::size_t kWritePiece = 256 << 10;   // each gets a write timeout of its own
constexpr std::size_t kKeptCapacity = 64 << 10;  // buffers above this are given back after a response
constexpr std::size_t kSmallAnswer = 64 << 10;   // these are bounded by the number of connections
constexpr std::size_t kDropped = 64 << 10;       // at a time, while lingering
constexpr std::chrono::milliseconds kCutAgain{50};

std::shared_ptr<const Peer> make_peer(const tcp::endpoint& endpoint, const std::string& counted_as, ssl_st* tls) {
    auto peer = std::make_shared<Peer>();
    peer->address = counted_as;
    peer->loopback = endpoint.address().is_loopback();
    auto chain = peer_chain(tls);
    if (!chain) {
        peer->chain_fault = chain.error();
    } else if (!chain->empty()) {
        crypto::Sha256 digest;
        for (const auto& certificate : *chain) digest.update(certificate.fingerprint().view());
        peer->chain_id = digest.finish();
        peer->chain = std::move(*chain);
    }
    return peer;
}

}  // namespace

void Mailbox::post(Message message) {
    const std::lock_guard lock(mutex_);
    if (!open_) return;
    auto connection = to_.lock();
    if (!connection) return;
    if (loop_.running_in_this_thread()) return message(*connection);
    asio::post(loop_,
               [connection = std::move(connection), message = std::move(message)]() mutable { message(*connection); });
}

void Mailbox::close() {
    const std::lock_guard lock(mutex_);
    open_ = false;
}

void Connection::launch(std::shared_ptr<Place> place, tcp::socket socket, std::string counted_as) {
    boost::system::error_code ignored;
    auto& loop = place->loop;
    if (loop.engine.stopping) return loop.engine.places.leave(*place);
    (void)socket.set_option(tcp::no_delay(true), ignored);
    SSL* tls = SSL_new(loop.engine.tls().get());
    TALLY_INVARIANT(tls != nullptr, "no memory for a TLS connection");
    auto connection = std::make_shared<Connection>(place, std::move(socket), tls, std::move(counted_as));
    place->connection = connection;
    connection->mailbox_ = std::make_shared<Mailbox>(loop.io.get_executor(), connection);
    asio::co_spawn(loop.io, [connection] { return connection->run(); }, asio::detached);
}

Connection::Connection(std::shared_ptr<Place> place, tcp::socket socket, ssl_st* tls, std::string counted_as)
    : loop_(place->loop),
      engine_(loop_.engine),
      place_(std::move(place)),
      counted_as_(std::move(counted_as)),
      stream_(std::move(socket), tls),
      watchdog_(loop_.io),
      signal_(loop_.io) {
    loop_.connections.insert(this);
}

Connection::~Connection() {
    give_back_answer();
    loop_.connections.erase(this);
    engine_.places.leave(*place_);
}

void Connection::wind_down() {
    boost::system::error_code ignored;
    if (waiting_) (void)stream_.next_layer().cancel(ignored);
    wake();
}

void Connection::cut() {
    cut_ = true;
    boost::system::error_code ignored;
    (void)stream_.next_layer().close(ignored);
    signal_.cancel();
}

void Connection::close_mailbox() { mailbox_->close(); }

asio::awaitable<void> Connection::run() {
    const bool secure = co_await handshake();
    bool more = secure;
    while (more) more = co_await serve();
    if (secure && !cut_) co_await close();
    watchdog_.cancel();
    boost::system::error_code ignored;
    (void)stream_.next_layer().close(ignored);
}

asio::awaitable<bool> Connection::handshake() {
    watch(limits().handshake_timeout);
    const auto [error] = co_await stream_.async_handshake(asio::ssl::stream_base::server, kAwait);
    unwatch();
    if (error) co_return false;
    boost::system::error_code gone;
    const auto endpoint = stream_.next_layer().remote_endpoint(gone);
    if (gone) co_return false;
    peer_ = make_peer(endpoint, counted_as_, stream_.native_handle());
    co_return true;
}

asio::awaitable<bool> Connection::serve() {
    const bool arrived = co_await first_byte();
    if (!arrived) co_return false;
    begin_exchange();
    Step step = co_await read_header();
    if (step == Step::go_on) step = admit();
    if (step == Step::go_on) step = co_await read_body();
    if (step == Step::gone) co_return false;
    if (step == Step::go_on) co_await handle();
    if (cut_) co_return false;
    const bool sent = co_await answer();
    co_return sent&& keep_;
}

asio::awaitable<bool> Connection::first_byte() {
    if (buffer_.size() > 0) co_return true;
    if (engine_.stopping) co_return false;
    if (buffer_.capacity() > kKeptCapacity) buffer_ = {};
    waiting_ = true;
    watch(of_member_ ? limits().idle_timeout : std::min(limits().idle_timeout, limits().stranger_timeout));
    const auto [error, count] = co_await stream_.async_read_some(buffer_.prepare(kFirstRead), kAwait);
    unwatch();
    waiting_ = false;
    buffer_.commit(count);
    co_return !error;
}

void Connection::begin_exchange() {
    ++exchange_;
    started_ = Clock::now();
    request_ = {};
    reply_.reset();
    admission_ = {};
    method_ = Method::get;
    path_.clear();
    id_ = engine_.next_request_id();
    bytes_in_ = 0;
    keep_ = false;
    unread_ = false;
    parser_.emplace();
    parser_->header_limit(static_cast<std::uint32_t>(limits().max_header_bytes));
    parser_->body_limit(boost::none);  // the route's limit is not known yet
}

Connection::Step Connection::refuse(const Problem& problem) {
    reply_ = problem.response(id_);
    return Step::answer;
}

asio::awaitable<void> Connection::handle() {
    const auto exchange = exchange_;
    {
        const Responder responder(id_, [mailbox = mailbox_, exchange](Response response) {
            mailbox->post([exchange, response = std::move(response)](Connection& to) mutable {
                to.take_reply(exchange, std::move(response));
            });
        });
        try {
            admission_.run(std::move(request_), responder);
        } catch (const std::exception& error) {
            responder.send(Error{Code::internal, error.what()});
        }
        admission_.run = nullptr;
    }
    const auto deadline = Clock::now() + limits().response_timeout;
    while (!reply_ && !cut_ && Clock::now() < deadline) {
        signal_.expires_at(deadline);
        co_await signal_.async_wait(kAwait);
    }
    ++exchange_;  // an answer that comes now is too late
    if (!reply_)
        refuse(Problem::at(504, Code::timeout, "the request was not answered in time; its outcome is not known"));
}

void Connection::take_reply(std::uint64_t exchange, Response response) {
    if (exchange != exchange_ || reply_) return;
    reply_ = std::move(response);
    signal_.cancel();
    const auto taken = take_answer(reply_->body.size());
    if (taken) return;
    auto problem = Problem::of(taken.error());
    problem.retry_after_s = 1;
    refuse(problem);
}

// Before so many bytes may wait for the client to read them.
Status Connection::take_answer(std::size_t bytes) {
    if (bytes <= kSmallAnswer) return {};
    answer_of_ = admission_.organization.empty() ? counted_as_ : admission_.organization;
    if (!engine_.answers.take(answer_of_, bytes))
        return fail(Code::busy, "too many bytes of answers wait to be read; read them and try again");
    answer_bytes_ = bytes;
    return {};
}

void Connection::give_back_answer() {
    if (answer_bytes_ > 0) engine_.answers.give_back(answer_of_, std::exchange(answer_bytes_, 0));
}

asio::awaitable<bool> Connection::answer() {
    Response response = std::move(*reply_);
    keep_ = keep_ && !unread_ && !engine_.stopping;
    if (response.stream && method_ != Method::head) {
        keep_ = false;
        co_return co_await stream(response);
    }
    out_.clear();
    append_response(out_, response, {keep_, method_ == Method::head, false, id_});
    const auto bytes = response.body.size();
    response.body = {};  // one copy is enough while it is written
    const bool sent = co_await send(out_);
    observe(response, bytes);
    give_back_capacity();
    give_back_answer();
    co_return sent;
}

void Connection::give_back_capacity() {
    if (out_.capacity() > kKeptCapacity) out_ = {};
}

asio::awaitable<bool> Connection::send(std::string_view text) {
    while (!text.empty()) {
        watch(limits().write_timeout);
        const auto piece = text.substr(0, kWritePiece);
        const auto [error, count] = co_await asio::async_write(stream_, asio::buffer(piece), kAwait);
        unwatch();
        if (error) co_return false;
        text.remove_prefix(count);
    }
    co_return true;
}

// TLS says goodbye both ways. A client that may still be sending is lingered for: what comes is dropped, undecrypted,
// or the kernel would reset the connection before the client has read the answer.
asio::awaitable<void> Connection::close() {
    watch(limits().close_timeout);
    co_await stream_.async_shutdown(kAwait);
    if (unread_) co_await linger();
    unwatch();
}

// Until the client is done, or silent, or has had enough bytes and time.
asio::awaitable<void> Connection::linger() {
    boost::system::error_code ignored;
    (void)stream_.next_layer().shutdown(tcp::socket::shutdown_send, ignored);
    const auto end = Clock::now() + limits().linger_timeout;
    std::size_t dropped = 0;
    buffer_ = {};
    waiting_ = true;
    while (dropped < limits().max_dropped_bytes && Clock::now() < end && !engine_.stopping) {
        watch(std::min(limits().close_timeout, std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now())));
        const auto [error, count] = co_await stream_.next_layer().async_read_some(buffer_.prepare(kDropped), kAwait);
        if (error) break;
        dropped += count;
    }
}

void Connection::observe(const Response& response, std::size_t bytes_out) {
    const auto& options = engine_.options;
    if (!options.observer && !options.access_log) return;
    RequestRecord record;
    record.method = method_name(method_);
    record.route = admission_.route;
    record.path = path_;
    record.who = admission_.who;
    record.address = counted_as_;
    record.request_id = id_;
    record.note = response.note;
    record.status = response.status;
    record.seconds = std::chrono::duration<double>(Clock::now() - started_).count();
    record.bytes_in = bytes_in_;
    record.bytes_out = bytes_out;
    if (options.observer) options.observer(record);
    if (options.access_log) log_request(*options.access_log, record);
}

void Connection::watch(std::chrono::milliseconds at_most) {
    timed_out_ = false;
    deadline_ = Clock::now() + at_most;
    if (deadline_ < armed_until_) arm(deadline_);
}

void Connection::arm(Clock::time_point when) {
    armed_until_ = when;
    watchdog_.expires_at(when);
    watchdog_.async_wait([weak = weak_from_this()](const boost::system::error_code& error) {
        if (error) return;
        if (const auto self = weak.lock()) self->on_watchdog();
    });
}

// A cancel misses an operation that is about to complete and to start another, so it is repeated until it is noticed.
void Connection::on_watchdog() {
    armed_until_ = Clock::time_point::max();
    if (deadline_ == Clock::time_point::max()) return;
    if (Clock::now() < deadline_) return arm(deadline_);
    timed_out_ = true;
    boost::system::error_code ignored;
    (void)stream_.next_layer().cancel(ignored);
    arm(Clock::now() + kCutAgain);
}

}  // namespace tally::gateway
