#pragma once
// Intervals on the command line.

#include <cstdint>
#include <string>

#include "crypto/error.h"

namespace tally::node::cli {

// "15m", "2h", "90s" or "90" in seconds. invalid_argument, with the text, for anything else, for less than a second and
// for more than a day.
[[nodiscard]] Result<std::int64_t> parse_interval(const std::string& text);

}  // namespace tally::node::cli
