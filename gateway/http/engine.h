#pragma once
// What the server's event loops share, and one event loop. Internal to the HTTP server: includes Asio.
//
// A Loop is one thread; everything that hangs on its io_context belongs to that thread. `Engine` is immutable after
// start but for what locks itself. Both outlive every connection.

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>

#include "gateway/http/places.h"
#include "gateway/http/server.h"

namespace tally::gateway {

namespace asio = boost::asio;
using tcp = asio::ip::tcp;

inline constexpr auto kAwait = asio::as_tuple(asio::use_awaitable);  // an error is a value, no exception

// Bytes of large answers that wait to be written, in all and by organization (or address, of a stranger). From any
// thread. A slow reader's answer stays in memory until its deadline.
class AnswerBytes {
  public:
    explicit AnswerBytes(std::uint64_t most) : most_(most) {}

    // False when the total would exceed the limit, or the share of `whom` a quarter of it. When nothing else waits one
    // answer of any size is accepted: otherwise it could never be sent.
    [[nodiscard]] bool take(const std::string& whom, std::uint64_t bytes);
    void give_back(const std::string& whom, std::uint64_t bytes);

  private:
    const std::uint64_t most_;
    std::mutex mutex_;
    std::uint64_t total_ = 0;
    std::unordered_map<std::string, std::uint64_t> each_;
};

struct Engine {
    Engine(ServerOptions server_options, Handler& behind);

    [[nodiscard]] TlsContext tls() const;
    void set_tls(TlsContext context);
    [[nodiscard]] std::string next_request_id();

    const ServerOptions options;
    Handler& handler;
    Places places;
    AnswerBytes answers;
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
