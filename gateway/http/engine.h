#pragma once
// What the server's event loops share, and one event loop. Internal to the HTTP server: includes Asio.
//
// A Loop is one thread; everything that hangs on its io_context belongs to that thread. `Engine` is immutable after
// start but for what locks itself. Both outlive every connection.

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "gateway/http/server.h"

namespace tally::gateway {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

// How many connections there are, in all and per address. From any thread.
class ConnectionCount {
  public:
    ConnectionCount(unsigned max_total, unsigned max_per_address) : max_total_(max_total), max_each_(max_per_address) {}

    // Counts one more, unless a limit is reached.
    [[nodiscard]] bool enter(const std::string& address);
    void leave(const std::string& address);
    [[nodiscard]] std::size_t total() const;
    // Until there are none, at most this long; true when there are none.
    bool wait_for_none(std::chrono::milliseconds at_most);

  private:
    const unsigned max_total_, max_each_;
    mutable std::mutex mutex_;
    std::condition_variable none_;
    std::size_t total_ = 0;
    std::unordered_map<std::string, unsigned> each_;
};

struct Engine {
    Engine(ServerOptions server_options, Handler& behind);

    [[nodiscard]] TlsContext tls() const;
    void set_tls(TlsContext context);
    [[nodiscard]] std::string next_request_id();

    const ServerOptions options;
    Handler& handler;
    ConnectionCount count;
    std::atomic<bool> stopping = false;

  private:
    mutable std::mutex tls_mutex_;
    TlsContext tls_;
    const std::string id_prefix_;
    std::atomic<std::uint64_t> requests_ = 0;
};

class Connection;

struct Loop {
    explicit Loop(Engine& shared) : engine(shared) {}

    Engine& engine;
    std::unordered_set<Connection*> connections;
    asio::io_context io{1};  // last, so that its pending work goes first
};

// The address that limits count by: an IPv6 host owns a whole /64.
[[nodiscard]] std::string counted_address(const asio::ip::address& address);

}  // namespace tally::gateway
