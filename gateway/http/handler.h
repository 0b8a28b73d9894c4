#pragma once
// What the HTTP server needs of the application behind it.
//
// Threads: both calls come from many HTTP threads at once and must not block. Neither may throw; the server answers 500
// for one that does. The handler must outlive the server.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "gateway/http/message.h"
#include "gateway/http/responder.h"

namespace tally::gateway {

// The decision on a request whose header has arrived and whose body has not: it is refused at once, or run when the
// body is there. So the server never reads a body that it is going to refuse.
struct Admission {
    using Run = std::move_only_function<void(Request, Responder)>;
    std::optional<Response> refusal;
    std::uint64_t max_body = 0;  // bytes; 0: the request has none
    Run run;
    std::string_view route;    // for log and metrics: the route's pattern, static text; empty: none
    std::string who;           // for the log: who was identified
    std::string organization;  // of the member who was identified; empty: none was
};

class Handler {
  public:
    virtual ~Handler() = default;
    [[nodiscard]] virtual Admission admit(const Request& head) = 0;
};

// One answered request, as the access log and the metrics see it. Views last for the call.
struct RequestRecord {
    std::string_view method, route, path, who, address, request_id, note;
    int status = 0;
    double seconds =
        0;  // from the first byte of the request to the last byte of the response; of a stream: to its head
    std::uint64_t bytes_in = 0, bytes_out = 0;  // bodies
};
using RequestObserver = std::function<void(const RequestRecord&)>;

}  // namespace tally::gateway
