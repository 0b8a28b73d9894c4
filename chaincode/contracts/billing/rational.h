#pragma once
// Exact fractions for amounts. Pure.

#include <boost/multiprecision/cpp_int.hpp>

#include "chaincode/decimal.h"

namespace tally::chaincode::billing {

using Rational = boost::multiprecision::cpp_rational;

[[nodiscard]] Rational rational_of(const Decimal& number);
// Rounded to so many decimals; invalid_argument for more than 18 digits.
[[nodiscard]] Result<Decimal> rounded(const Rational& number, int decimals, Rounding rounding);

}  // namespace tally::chaincode::billing
