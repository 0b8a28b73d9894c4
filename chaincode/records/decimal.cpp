#include "chaincode/records/decimal.h"

#include <algorithm>
#include <array>

namespace tally::chaincode {

std::string decimal_text(WideInteger value, std::int64_t scale) {
    __extension__ typedef unsigned __int128 Wide;
    const bool negative = value < 0;
    auto wide = negative ? Wide(0) - static_cast<Wide>(value) : static_cast<Wide>(value);
    const auto decimals = std::max<std::int64_t>(-scale, 0);
    std::array<char, 96> buffer;  // 39 digits, or as many decimals as the scale has; point and sign
    auto* const end = buffer.data() + buffer.size();
    auto* at = end;
    std::int64_t written = 0;
    const auto put = [&](unsigned digit) {
        if (written++ == decimals && decimals > 0) *--at = '.';
        *--at = static_cast<char>('0' + digit);
    };
    for (; wide > UINT64_MAX; wide /= 10) put(static_cast<unsigned>(wide % 10));
    // Almost every value has 64 bits, whose division takes a fraction of the time.
    for (auto left = static_cast<std::uint64_t>(wide); left != 0 || written <= decimals; left /= 10)
        put(static_cast<unsigned>(left % 10));
    if (negative) *--at = '-';
    std::string text(at, end);
    if (scale > 0 && text != "0") text.append(static_cast<std::size_t>(scale), '0');
    return text;
}

std::string mean_text(WideInteger sum, std::int64_t count, std::int64_t scale) {
    const bool negative = sum < 0;
    const auto thousandfold = (negative ? -sum : sum) * 1000;
    auto quotient = thousandfold / count;
    const auto rest = 2 * (thousandfold % count);
    if (rest > count || (rest == count && quotient % 2 != 0)) ++quotient;
    return decimal_text(negative ? -quotient : quotient, scale - 3);
}

}  // namespace tally::chaincode
