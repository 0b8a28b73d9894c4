#pragma once
// Errors as RFC 9457 problem documents, and the one place that says which HTTP status a kind of failure has.
//
//   {"type": "urn:tally:problem:stale_sequence", "title": "Unprocessable Content", "status": 422,
//    "code": "stale_sequence", "detail": "...", "instance": "urn:tally:request:...", "validation_code"?,
//    "retry_after"?}
//
// The machine-readable part is `code` (crypto/error.h). Failures of the node itself (500) show no inner message: the
// sentence goes to the log under the request's id. Pure functions; callable from any thread.

#include <optional>
#include <string>
#include <string_view>

#include "crypto/error.h"
#include "gateway/http/message.h"

namespace tally::gateway {

[[nodiscard]] int http_status(Kind kind);
[[nodiscard]] Kind kind_of(int http_status);              // the first one with this status; failed for any other
[[nodiscard]] std::string_view status_title(int status);  // RFC 9110's phrase

struct Problem {
    int status = 500;
    Code code = Code::internal;
    std::string detail;
    std::string validation_code;            // 409 of a transaction that was ordered and found invalid
    std::optional<unsigned> retry_after_s;  // also sent as Retry-After
    std::vector<std::pair<std::string, std::string>> headers;

    // Status from the code; 429 and 503 ask to come back after a second unless they say otherwise.
    [[nodiscard]] static Problem of(const Error& error);
    // With a status that HTTP itself asks for (405, 408, 415, ...).
    [[nodiscard]] static Problem at(int status, Code code, std::string detail);

    [[nodiscard]] Response response(std::string_view request_id) const;
};

// An answer with a status from 400 on, as its reader understands it.
struct ReadProblem {
    Error error;
    // The answer is a problem document, and its type and status are those of its code: a node wrote it. Otherwise it is
    // some other program's (a proxy's page), and the code follows from the status alone.
    bool from_node = false;
    std::string validation_code;
};
[[nodiscard]] ReadProblem read_problem(int status, std::string_view content_type, std::string_view body);

}  // namespace tally::gateway
