#include "crypto/z85.h"

#include <cstdint>

namespace tally::crypto {

bool is_z85(std::string_view text) {
    constexpr std::string_view kAlphabet =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#";
    static_assert(kAlphabet.size() == 85);
    if (text.size() % 5 != 0) return false;
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto digit = kAlphabet.find(text[i]);
        if (digit == std::string_view::npos) return false;
        value = (i % 5 == 0 ? 0 : value * 85) + digit;
        if (value > UINT32_MAX) return false;
    }
    return true;
}

}  // namespace tally::crypto
