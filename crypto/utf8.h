#pragma once
// Well-formed UTF-8 (RFC 3629): shortest forms only, no surrogates, nothing above U+10FFFF. Pure.

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tally {

struct CodePoint {
    std::uint32_t value = 0;
    std::size_t bytes = 0;  // that it takes; 0: the text does not begin with a well-formed character
};

[[nodiscard]] CodePoint first_code_point(std::string_view text);  // of a text that is not empty
[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace tally
