#pragma once
// One structured line per answered request. Never logs queries, headers, bodies or tokens.

#include "gateway/http/handler.h"

namespace spdlog {
class logger;
}

namespace tally::gateway {

// key=value pairs; a value with blanks, quotes or control characters is quoted and escaped.
void log_request(spdlog::logger& log, const RequestRecord& record);

}  // namespace tally::gateway
