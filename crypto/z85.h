#pragma once
// The text form of ZeroMQ's keys (ZeroMQ RFC 32): five characters for four bytes.

#include <string_view>

namespace tally::crypto {

// Whole groups of five characters of its alphabet, each of which stands for a number below 2^32. It is our own check:
// the channel's configuration is judged by it, and that must not depend on a library's version.
[[nodiscard]] bool is_z85(std::string_view text);

}  // namespace tally::crypto
