#include "chaincode/records/decimal.h"

#include <algorithm>

namespace tally::chaincode {

std::string decimal_text(WideInteger value, std::int64_t scale) {
    const bool negative = value < 0;
    std::string text;  // backwards
    const auto decimals = std::max<std::int64_t>(-scale, 0);
    for (std::int64_t written = 0; value != 0 || written <= decimals; ++written) {
        if (written == decimals && decimals > 0) text.push_back('.');
        const auto digit = static_cast<int>(value % 10);
        text.push_back(static_cast<char>('0' + (digit < 0 ? -digit : digit)));
        value /= 10;
    }
    if (negative) text.push_back('-');
    std::reverse(text.begin(), text.end());
    if (text != "0") text.append(static_cast<std::size_t>(std::max<std::int64_t>(scale, 0)), '0');
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
