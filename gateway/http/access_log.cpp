#include "gateway/http/access_log.h"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace tally::gateway {

namespace {

// What a client chose must not be able to end the line or to pose as another key.
std::string value(std::string_view text) {
    const bool plain = !text.empty() && text.find_first_of(" \"=\\") == std::string_view::npos &&
                       std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c != 0x7f; });
    if (plain) return std::string(text);
    std::string out = "\"";
    for (const char c : text.substr(0, 512)) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7f) {
            out += fmt::format("\\x{:02x}", byte);
            continue;
        }
        if (c == '"' || c == '\\') out.push_back('\\');
        out.push_back(c);
    }
    return out + "\"";
}

}  // namespace

void log_request(spdlog::logger& log, const RequestRecord& record) {
    const auto level = record.status >= 500 ? spdlog::level::warn : spdlog::level::info;
    if (!log.should_log(level)) return;
    std::string line =
        fmt::format("event=request id={} method={} path={} route={} status={} ms={:.3f} in={} out={} address={} who={}",
                    value(record.request_id), record.method, value(record.path), value(record.route), record.status,
                    record.seconds * 1000, record.bytes_in, record.bytes_out, value(record.address), value(record.who));
    if (!record.note.empty()) line += fmt::format(" note={}", value(record.note));
    log.log(level, spdlog::string_view_t(line));
}

}  // namespace tally::gateway
