#include "gateway/http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <thread>

#include "crypto/thread_name.h"
#include "gateway/http/connection.h"

namespace tally::gateway {

namespace {

constexpr std::chrono::milliseconds kAcceptPause{50};  // when the process is out of descriptors
constexpr std::size_t kMostLeaving = 32;               // connections that were cut and have not ended yet
constexpr std::chrono::milliseconds kLeavingPause{1};
constexpr std::chrono::milliseconds kCutGrace{500};

}  // namespace

struct HttpServer::Impl {
    Impl(ServerOptions options, Handler& handler) : engine(std::move(options), handler) {
        const auto wanted = std::max(1U, engine.options.threads);
        for (unsigned i = 0; i < wanted; ++i) loops.push_back(std::make_unique<Loop>(engine));
        acceptor.emplace(loops.front()->io);
    }

    [[nodiscard]] Status listen();
    asio::awaitable<void> accept();
    static void cut(std::shared_ptr<Place> place);
    void on_each_loop(void (Connection::*what)());

    Engine engine;
    std::vector<std::unique_ptr<Loop>> loops;
    std::vector<asio::executor_work_guard<asio::io_context::executor_type>> work;
    std::vector<std::thread> threads;
    std::optional<tcp::acceptor> acceptor;
    std::uint16_t port = 0;
};

Status HttpServer::Impl::listen() {
    boost::system::error_code error;
    const auto& options = engine.options;
    const auto address = asio::ip::make_address(options.address, error);
    if (error) return fail(Code::bad_configuration, "\"{}\" is not an IP address to listen on", options.address);
    const tcp::endpoint endpoint(address, options.port);
    (void)acceptor->open(endpoint.protocol(), error);
    if (!error) (void)acceptor->set_option(asio::socket_base::reuse_address(true), error);
    if (!error) (void)acceptor->bind(endpoint, error);
    if (!error) (void)acceptor->listen(asio::socket_base::max_listen_connections, error);
    if (error) {
        return fail(Code::unavailable, "cannot listen on {} port {}: {}", options.address, options.port,
                    error.message());
    }
    port = acceptor->local_endpoint().port();
    return {};
}

asio::awaitable<void> HttpServer::Impl::accept() {
    asio::steady_timer pause(loops.front()->io);
    for (std::size_t turn = 0;; turn = (turn + 1) % loops.size()) {
        Loop& loop = *loops[turn];
        tcp::socket socket(loop.io);
        const auto [error] = co_await acceptor->async_accept(socket, kAwait);
        if (!acceptor->is_open()) co_return;
        if (error) {
            pause.expires_after(kAcceptPause);
            co_await pause.async_wait(kAwait);
            continue;
        }
        boost::system::error_code gone;
        const auto endpoint = socket.remote_endpoint(gone);
        if (gone) continue;
        auto counted_as = counted_address(endpoint.address());
        auto entered = engine.places.enter(counted_as, loop);
        if (entered.cut) cut(std::move(entered.cut));
        if (!entered.place) continue;
        asio::post(loop.io, [taken = std::move(socket), counted_as = std::move(counted_as),
                             place = std::move(entered.place)]() mutable {
            Connection::launch(std::move(place), std::move(taken), std::move(counted_as));
        });
        // A flood takes no more descriptors than there are places, and these few.
        while (engine.places.leaving() >= kMostLeaving) {
            pause.expires_after(kLeavingPause);
            co_await pause.async_wait(kAwait);
        }
    }
}

void HttpServer::Impl::cut(std::shared_ptr<Place> place) {
    auto& io = place->loop.io;
    asio::post(io, [place = std::move(place)] {
        if (const auto connection = place->connection.lock()) connection->cut();
    });
}

void HttpServer::Impl::on_each_loop(void (Connection::*what)()) {
    for (const auto& loop : loops) {
        asio::post(loop->io, [&loop = *loop, what] {
            const std::vector<Connection*> now(loop.connections.begin(), loop.connections.end());
            for (auto* connection : now) (connection->*what)();
        });
    }
}

HttpServer::HttpServer(ServerOptions options, Handler& handler)
    : impl_(std::make_unique<Impl>(std::move(options), handler)) {}

HttpServer::~HttpServer() { stop(); }

Status HttpServer::start() {
    const auto& options = impl_->engine.options;
    impl_->engine.set_tls(TRY(server_tls(options.tls, options.client_roots)));
    TRY(impl_->listen());
    for (const auto& loop : impl_->loops) {
        impl_->work.push_back(asio::make_work_guard(loop->io));
        impl_->threads.emplace_back([&io = loop->io] {
            name_thread("gateway");
            io.run();
        });
    }
    asio::co_spawn(impl_->loops.front()->io, [impl = impl_.get()] { return impl->accept(); }, asio::detached);
    return {};
}

void HttpServer::stop(std::chrono::milliseconds deadline) {
    if (impl_->threads.empty()) return;
    impl_->engine.stopping = true;
    asio::post(impl_->loops.front()->io, [impl = impl_.get()] {
        boost::system::error_code ignored;
        (void)impl->acceptor->close(ignored);
    });
    impl_->on_each_loop(&Connection::wind_down);
    if (!impl_->engine.places.wait_for_none(deadline)) {
        impl_->on_each_loop(&Connection::cut);
        impl_->engine.places.wait_for_none(kCutGrace);
    }
    for (const auto& loop : impl_->loops) loop->io.stop();
    for (auto& thread : impl_->threads) thread.join();
    impl_->threads.clear();
    impl_->work.clear();
    boost::system::error_code ignored;
    (void)impl_->acceptor->close(ignored);  // if its loop ended before its turn came
    // Nobody runs the loops any more: answers that come from now on must not reach them.
    for (const auto& loop : impl_->loops) {
        for (auto* connection : loop->connections) connection->close_mailbox();
    }
}

Status HttpServer::reload_tls(const TlsIdentity& identity) {
    impl_->engine.set_tls(TRY(server_tls(identity, impl_->engine.options.client_roots)));
    return {};
}

std::uint16_t HttpServer::port() const { return impl_->port; }

std::size_t HttpServer::connections() const { return impl_->engine.places.total(); }

}  // namespace tally::gateway
