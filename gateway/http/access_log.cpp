#include "gateway/http/access_log.h"

#include <spdlog/spdlog.h>

#include "gateway/http/log_value.h"

namespace tally::gateway {

void log_request(spdlog::logger& log, const RequestRecord& record) {
    const auto level = record.status >= 500 ? spdlog::level::warn : spdlog::level::info;
    if (!log.should_log(level)) return;
    std::string line = fmt::format(
        "event=request id={} method={} path={} route={} status={} ms={:.3f} in={} out={} address={} who={}",
        log_value(record.request_id), record.method, log_value(record.path), log_value(record.route), record.status,
        record.seconds * 1000, record.bytes_in, record.bytes_out, log_value(record.address), log_value(record.who));
    if (!record.note.empty()) line += fmt::format(" note={}", log_value(record.note));
    log.log(level, spdlog::string_view_t(line));
}

}  // namespace tally::gateway
