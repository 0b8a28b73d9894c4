#pragma once
// An HTTPS server: HTTP/1.1 over TLS 1.2 and 1.3 in front of one Handler.
//
// Threads: `threads` event loops, each owning its connections from accept to close; a connection never changes threads.
// start, stop and reload_tls may be called from any one thread at a time; the destructor stops. The handler must
// outlive the server. Failures of start: bad_configuration (TLS), unavailable (the address cannot be bound).
//
// Promises: every operation has a deadline; headers, bodies and connections have limits that are enforced while
// reading; one write is in flight per connection; what a client sent is answered in order; a stop finishes running
// requests.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "crypto/x509.h"
#include "gateway/http/handler.h"
#include "gateway/http/tls.h"

namespace spdlog {
class logger;
}

namespace tally::gateway {

struct ServerLimits {
    std::size_t max_target_bytes = 4 << 10;
    std::size_t max_header_bytes = 8 << 10;  // the request line and all fields
    std::size_t max_body_bytes = 1 << 20;    // also where a route allows more
    // Of a request that was refused while the client still sends it: read and dropped before the connection is closed,
    // or the client would find a reset connection instead of the answer.
    std::size_t max_dropped_bytes = 64 << 20;
    // Of answers above 64 KiB that wait to be written, in all; a quarter of it for one organization. Beyond: 503.
    std::uint64_t max_waiting_answer_bytes = 256 << 20;
    unsigned max_connections = 4096;  // who makes way when there are too many: places.h
    unsigned max_connections_per_address = 512;

    std::chrono::milliseconds handshake_timeout{5'000};
    std::chrono::milliseconds stranger_timeout{20'000};  // until a request, on a connection that named no member yet
    std::chrono::milliseconds idle_timeout{75'000};      // between requests
    std::chrono::milliseconds header_timeout{10'000};    // first byte to the end of the header
    std::chrono::milliseconds body_timeout{30'000};      // the whole body
    std::chrono::milliseconds response_timeout{60'000};  // the handler's answer; then 504
    std::chrono::milliseconds write_timeout{30'000};     // one response, or one piece of a stream
    std::chrono::milliseconds close_timeout{1'000};      // the TLS close, and a silence while lingering
    std::chrono::milliseconds linger_timeout{5'000};     // see max_dropped_bytes
    std::chrono::milliseconds heartbeat{15'000};         // of an idle stream
};

struct ServerOptions {
    std::string address = "127.0.0.1";
    std::uint16_t port = 0;  // 0: any; port() has it
    TlsIdentity tls;
    std::vector<crypto::Certificate> client_roots;  // a hint for clients; none is refused because of it
    unsigned threads = 2;
    ServerLimits limits;
    RequestObserver observer;                    // after each response, on the connection's thread
    std::shared_ptr<spdlog::logger> access_log;  // one line per request; none: silent
};

class HttpServer {
  public:
    HttpServer(ServerOptions options, Handler& handler);
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    [[nodiscard]] Status start();
    // No new connection is taken; idle ones and streams end; running requests finish until the deadline, then are cut.
    void stop(std::chrono::milliseconds deadline = std::chrono::seconds(10));
    // For connections that are accepted from now on. On failure the old identity stays.
    [[nodiscard]] Status reload_tls(const TlsIdentity& identity);

    [[nodiscard]] std::uint16_t port() const;
    [[nodiscard]] std::size_t connections() const;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::gateway
