#pragma once
// Characters of ASCII, whatever the locale.

namespace tally {

[[nodiscard]] constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace tally
