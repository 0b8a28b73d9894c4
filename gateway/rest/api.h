#pragma once
// The REST interface: the Handler between the HTTP server and the node.
//
//   RestApi api(operations, backend, {});  // or without backend: only what any node serves (operation_routes)
//   HttpServer server({.address = "0.0.0.0", .port = 8443, .tls = {chain_pem, key_pem}}, api);
//   TRY(server.start());
//
// From any thread. What it asks must outlive the api, and the api the server. It decides on a request before its body
// is read: route, identity, rate, role, content type, parameters; then the route's handler answers.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>

#include "gateway/backend.h"
#include "gateway/http/handler.h"
#include "gateway/registrations.h"
#include "gateway/rest/rate_limiter.h"

namespace tally::gateway {

struct RestOptions {
    Rate per_identity{5000, 10000};  // requests per second of one member, and at once
    Rate per_address{50, 200};       // of what comes without identity, and of signatures that strangers have us check
    std::chrono::milliseconds identity_ttl{10'000};  // how long a judged certificate chain is not judged again
    bool metrics_open_on_loopback = false;
    std::uint64_t max_block_answer_bytes = 8 << 20;  // of a list of blocks; it ends early then and says where to go on
    unsigned streams_of_organization = 256;          // open at once (stream_places.h)
    const Registrations* registrations = nullptr;    // none: this gateway takes none; it must outlive the RestApi
    std::function<std::int64_t()> now_ms;            // the wall clock, for tokens; none: the system's
    std::function<std::int64_t()> steady_ms;         // for what is remembered a while; none: the system's
};

class RestApi : public Handler {
  public:
    RestApi(Operations& operations, Backend backend, RestOptions options);
    RestApi(Operations& operations, RestOptions options);
    ~RestApi() override;
    RestApi(const RestApi&) = delete;
    RestApi& operator=(const RestApi&) = delete;

    [[nodiscard]] Admission admit(const Request& head) override;

  private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::gateway
