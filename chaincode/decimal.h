#pragma once
// Exact decimal numbers for amounts, prices and quantities: at most 18 digits, at most 18 of them after the point. In
// JSON a Decimal is a string, "-12.50"; it keeps the decimals that it was written with, so "12.5" and "12.50" are equal
// numbers with different texts.
//
// Products and quotients are computed with 128 bits and rounded once, to the decimals that the caller asks for. Pure.
// Failures: invalid_argument (no such text, a result of more than 18 digits, a division by zero).

#include <boost/describe.hpp>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "chaincode/json/fields.h"
#include "chaincode/records/decimal.h"

namespace tally::chaincode {

enum class Rounding {
    HALF_EVEN,  // to the nearest; of two that are equally near, the one with an even last digit
    HALF_UP,    // to the nearest; of two that are equally near, the one further from zero
    DOWN,       // towards zero
    UP,         // away from zero
};
BOOST_DESCRIBE_ENUM(Rounding, HALF_EVEN, HALF_UP, DOWN, UP)

class Decimal {
  public:
    static constexpr int kMaxDigits = 18;
    static const TextForm kForm;  // for JSON (json/reflect.h)

    constexpr Decimal() = default;  // 0
    // units / 10^decimals.
    [[nodiscard]] static Result<Decimal> of(WideInteger units, int decimals);
    // Digits, with a point and a minus sign where needed; no exponent, no plus sign, no needless leading zero.
    [[nodiscard]] static Result<Decimal> parse(std::string_view text);

    [[nodiscard]] std::int64_t units() const { return units_; }
    [[nodiscard]] int decimals() const { return decimals_; }
    [[nodiscard]] std::string text() const;

    // With the decimals of the operand that has more.
    [[nodiscard]] Result<Decimal> plus(const Decimal& other) const;
    [[nodiscard]] Result<Decimal> minus(const Decimal& other) const;
    [[nodiscard]] Result<Decimal> times(const Decimal& other, int decimals, Rounding rounding) const;
    [[nodiscard]] Result<Decimal> divided_by(const Decimal& other, int decimals, Rounding rounding) const;
    [[nodiscard]] Result<Decimal> rounded(int decimals, Rounding rounding) const;

    // By value.
    friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);
    friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == 0; }

  private:
    std::int64_t units_ = 0;
    int decimals_ = 0;
};

}  // namespace tally::chaincode
