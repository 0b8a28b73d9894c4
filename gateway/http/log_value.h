#pragma once
// A value of a log line, which is key=value pairs.

#include <string>
#include <string_view>

namespace tally::gateway {

// As it stands; a value with blanks, quotes or control characters is quoted and escaped, so that text that somebody
// else chose can neither end the line nor pose as another key. Only the first 512 bytes of such a value are kept.
[[nodiscard]] std::string log_value(std::string_view text);

}  // namespace tally::gateway
