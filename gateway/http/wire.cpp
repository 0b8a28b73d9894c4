#include "gateway/http/wire.h"

#include <algorithm>
#include <ctime>
#include <iterator>

#include "gateway/http/problem.h"

namespace tally::gateway {

namespace {

// RFC 9110 section 5.6.7; made once a second per thread.
std::string_view date_now() {
    thread_local std::time_t made_for = 0;
    thread_local char text[40];
    const std::time_t now = std::time(nullptr);
    if (now != made_for) {
        std::tm parts{};
        gmtime_r(&now, &parts);
        std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &parts);
        made_for = now;
    }
    return text;
}

// A header's value must not end the header: what the code above puts there has no line breaks, and this makes sure.
void append_field(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ");
    std::copy_if(value.begin(), value.end(), std::back_inserter(out), [](char c) { return c != '\r' && c != '\n'; });
    out.append("\r\n");
}

}  // namespace

void append_response(std::string& out, const Response& response, const Framing& framing) {
    fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\nDate: {}\r\n", response.status,
                   status_title(response.status), date_now());
    append_field(out, "X-Request-Id", framing.request_id);
    out += "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
    if (!response.content_type.empty()) append_field(out, "Content-Type", response.content_type);
    for (const auto& [name, value] : response.headers) append_field(out, name, value);
    if (framing.chunked) {
        out += "Transfer-Encoding: chunked\r\n";
    } else if (!response.stream && response.status != 204) {
        fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", response.body.size());
    }
    if (!framing.keep_alive) out += "Connection: close\r\n";
    out += "\r\n";
    if (!framing.head_only && !response.stream && response.status != 204) out += response.body;
}

void append_chunk(std::string& out, std::string_view piece) {
    if (piece.empty()) return;
    fmt::format_to(std::back_inserter(out), "{:x}\r\n", piece.size());
    out.append(piece).append("\r\n");
}

}  // namespace tally::gateway
