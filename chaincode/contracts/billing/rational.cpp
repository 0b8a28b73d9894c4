#include "chaincode/contracts/billing/rational.h"

namespace tally::chaincode::billing {
namespace {

using Integer = boost::multiprecision::cpp_int;

Integer power_of_ten(int exponent) { return boost::multiprecision::pow(Integer(10), static_cast<unsigned>(exponent)); }

}  // namespace

Rational rational_of(const Decimal& number) { return {Integer(number.units()), power_of_ten(number.decimals())}; }

Result<Decimal> rounded(const Rational& number, int decimals, Rounding rounding) {
    const Integer scaled = numerator(number) * power_of_ten(decimals);
    const Integer divisor = denominator(number);
    const bool negative = scaled < 0;
    Integer rest;
    Integer quotient;
    divide_qr(negative ? Integer(-scaled) : scaled, divisor, quotient, rest);
    const Integer twice = rest * 2;
    bool away = false;
    switch (rounding) {
        case Rounding::HALF_EVEN: away = twice > divisor || (twice == divisor && quotient % 2 != 0); break;
        case Rounding::HALF_UP: away = twice >= divisor; break;
        case Rounding::DOWN: break;
        case Rounding::UP: away = rest != 0; break;
    }
    if (away) ++quotient;
    if (quotient >= power_of_ten(Decimal::kMaxDigits))
        return fail(Code::invalid_argument, "an amount has more than {} digits", Decimal::kMaxDigits);
    const auto units = quotient.convert_to<std::int64_t>();
    return Decimal::of(negative ? -units : units, decimals);
}

}  // namespace tally::chaincode::billing
