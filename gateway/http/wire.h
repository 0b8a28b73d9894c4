#pragma once
// A response's bytes (RFC 9112). Writing a head is simple enough to do in one buffer, so that head and body leave in
// one TLS record instead of two. Belongs to connection.cpp.

#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/message.h"

namespace tally::gateway {

struct Framing {
    bool keep_alive = true;
    bool head_only = false;  // the answer to a HEAD
    bool chunked = false;    // a stream for an HTTP/1.1 client
    std::string_view request_id;
};

// The head, and the body unless the framing or the status has none.
void append_response(std::string& out, const Response& response, const Framing& framing);

// One chunk of a chunked body; an empty piece would end the body, so it appends nothing.
void append_chunk(std::string& out, std::string_view piece);
inline constexpr std::string_view kLastChunk = "0\r\n\r\n";
inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace tally::gateway
