#pragma once
// Numbers as programs write them, exactly. Pure.

#include <cstdint>
#include <string>
#include <string_view>

#include "crypto/error.h"

namespace tally::gateway::device_sdk {

// digits * 10^-decimals, with as few decimals as its value needs.
struct Decimal {
    std::int64_t digits = 0;
    int decimals = 0;
};

struct NumberFormat {
    char decimal = '.';
    char grouping = '\0';  // between thousands; a space stands for no-break spaces too; zero: none
};

// "", "?", "-", "NA", "n/a", "nan", "null", "none", in any case.
[[nodiscard]] bool is_missing(std::string_view cell);
// -9999, -999.9 and their like: nines alone, four or more. Many programs write it where they have no value.
[[nodiscard]] bool may_mean_missing(std::string_view cell);

// "-0.50", "+1.", ".5", "1.5e3", or "1 234,5" with a format. Exact: zeros at the end of the decimals and an exponent
// change nothing. Thousands are grouped in threes or not at all. Failures (malformed, a sentence about the number): no
// number, more decimals than kMaxDecimals, does not fit 64 bits.
inline constexpr int kMaxDecimals = 9;
[[nodiscard]] Result<Decimal> parse_decimal(std::string_view cell, NumberFormat format = {});

// What the comma in a text like a number must be. "0,5" and "12,50" can have decimals after it alone; "1,234" may have
// either; "1,234,567" and "1,234.5" have thousands. `none`: no comma, or no number.
enum class CommaMeaning { none, decimal, either, grouping };
[[nodiscard]] CommaMeaning meaning_of_comma(std::string_view cell);

}  // namespace tally::gateway::device_sdk
