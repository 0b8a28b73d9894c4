#pragma once
// Text from outside, made safe for a terminal, a table or a line of a log.

#include <string>
#include <string_view>

namespace tally {

// Everything that is not plain text is written as an escape: control characters (line ends too), bytes that are not
// UTF-8, line and paragraph separators, and the marks that change the direction of writing: "\n", "\x1b", "\u202e". A
// backslash stays one. Text without any of these comes back as it is.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace tally
