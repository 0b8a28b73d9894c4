#pragma once
// One client's connection from the TLS handshake to the close. Internal to the HTTP server: includes Asio and Beast.
//
// It is one coroutine on its loop's thread: handshake, then header, admission, body, handler, response, and again.
// Requests that were sent ahead wait in the buffer, so answers keep their order and one write is in flight at a time.
// One watchdog timer bounds every operation. The handler's answer and a stream's wake-up come through the Mailbox, the
// only part that other threads touch; a closed mailbox drops what comes late.

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/vector_body.hpp>

#include "gateway/http/engine.h"
#include "gateway/http/problem.h"

namespace tally::gateway {

class Mailbox {
  public:
    using Message = std::move_only_function<void(Connection&)>;
    Mailbox(asio::io_context::executor_type loop, std::weak_ptr<Connection> to)
        : loop_(std::move(loop)), to_(std::move(to)) {}

    // Runs the message on the connection's thread: at once when that is this thread.
    void post(Message message);
    void close();

  private:
    std::mutex mutex_;
    bool open_ = true;
    asio::io_context::executor_type loop_;
    std::weak_ptr<Connection> to_;
};

class Connection : public std::enable_shared_from_this<Connection> {
  public:
    // Takes the socket over, which has its place already. On the place's loop's thread.
    static void launch(std::shared_ptr<Place> place, tcp::socket socket, std::string counted_as);
    Connection(std::shared_ptr<Place> place, tcp::socket socket, ssl_st* tls, std::string counted_as);
    ~Connection();
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;

    void wind_down();      // ends what only waits; what runs finishes
    void cut();            // ends everything now
    void close_mailbox();  // from any thread

  private:
    using Clock = std::chrono::steady_clock;
    using Parser = boost::beast::http::request_parser<boost::beast::http::vector_body<std::uint8_t>>;
    enum class Step { go_on, answer, gone };  // answer: reply_ is set

    asio::awaitable<void> run();
    asio::awaitable<bool> handshake();
    asio::awaitable<bool> serve();
    asio::awaitable<bool> first_byte();
    asio::awaitable<Step> read_header();
    asio::awaitable<Step> read_body();
    asio::awaitable<void> handle();
    asio::awaitable<bool> answer();
    asio::awaitable<bool> stream(const Response& response);
    asio::awaitable<bool> pump(StreamSource& source, bool chunked);
    asio::awaitable<bool> send_piece(std::string text, bool chunked);
    asio::awaitable<void> sleep_until_woken();
    asio::awaitable<bool> send(std::string_view text);
    asio::awaitable<void> close();
    asio::awaitable<void> linger();

    void begin_exchange();
    Step take_header();
    Step admit();
    Step refuse(const Problem& problem);
    Step header_failed(const boost::system::error_code& error);
    Step body_failed(const boost::system::error_code& error);
    void take_reply(std::uint64_t exchange, Response response);
    [[nodiscard]] Status take_answer(std::size_t bytes);
    void give_back_answer();
    void give_back_capacity();
    void wake();
    void observe(const Response& response, std::size_t bytes_out);
    [[nodiscard]] bool announces_body() const;
    [[nodiscard]] const ServerLimits& limits() const { return engine_.options.limits; }

    void watch(std::chrono::milliseconds at_most);
    void unwatch() { deadline_ = Clock::time_point::max(); }
    void arm(Clock::time_point when);
    void on_watchdog();

    Loop& loop_;
    Engine& engine_;
    const std::shared_ptr<Place> place_;
    const std::string counted_as_;
    asio::ssl::stream<tcp::socket> stream_;
    std::shared_ptr<Mailbox> mailbox_;
    std::shared_ptr<const Peer> peer_;

    asio::steady_timer watchdog_;
    Clock::time_point deadline_ = Clock::time_point::max();
    Clock::time_point armed_until_ = Clock::time_point::max();
    bool timed_out_ = false;

    boost::beast::flat_buffer buffer_;
    std::string out_;
    bool waiting_ = true;  // nothing is lost when the connection ends now
    bool cut_ = false;
    bool of_member_ = false;  // a request has named one

    // The exchange that runs.
    std::uint64_t exchange_ = 0;
    Clock::time_point started_;
    std::optional<Parser> parser_;
    Request request_;
    Admission admission_;
    std::optional<Response> reply_;
    std::string answer_of_;           // whose share the answer, or the piece of a stream, takes
    std::uint64_t answer_bytes_ = 0;  // of that share
    Method method_ = Method::get;
    std::string path_, id_;
    std::uint64_t bytes_in_ = 0;
    bool keep_ = false;
    bool unread_ = false;  // the client may still be sending a body that is not read

    asio::steady_timer signal_;  // the handler's answer, or a stream's wake-up
    bool woken_ = false;
};

}  // namespace tally::gateway
