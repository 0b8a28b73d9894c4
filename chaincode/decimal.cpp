#include "chaincode/decimal.h"

#include <algorithm>
#include <optional>

namespace tally::chaincode {
namespace {

constexpr WideInteger power_of_ten(int exponent) {
    WideInteger power = 1;
    for (int i = 0; i < exponent; ++i) power *= 10;
    return power;
}

constexpr auto kLimit = power_of_ten(Decimal::kMaxDigits);
constexpr int kMostDecimals = 2 * Decimal::kMaxDigits;  // of an intermediate result

Status check_decimals(int decimals) {
    if (decimals >= 0 && decimals <= Decimal::kMaxDigits) return {};
    return fail(Code::invalid_argument, "{} decimals; 0 to {} are allowed", decimals, Decimal::kMaxDigits);
}

std::unexpected<Error> too_long() {
    return fail(Code::invalid_argument, "the result has more than {} digits", Decimal::kMaxDigits);
}

// numerator / denominator as a whole number; denominator > 0.
WideInteger divide(WideInteger numerator, WideInteger denominator, Rounding rounding) {
    const bool negative = numerator < 0;
    auto quotient = (negative ? -numerator : numerator) / denominator;
    const auto rest = (negative ? -numerator : numerator) % denominator;
    const auto other_half = denominator - rest;  // rest > other_half: more than a half; no overflow as for 2 * rest
    bool away = false;
    switch (rounding) {
        case Rounding::HALF_EVEN: away = rest > other_half || (rest == other_half && quotient % 2 != 0); break;
        case Rounding::HALF_UP: away = rest >= other_half; break;
        case Rounding::DOWN: break;
        case Rounding::UP: away = rest != 0; break;
    }
    if (away) ++quotient;
    return negative ? -quotient : quotient;
}

// units / 10^from as units / 10^to.
Result<WideInteger> rescaled(WideInteger units, int from, int to, Rounding rounding) {
    if (to <= from) return divide(units, power_of_ten(from - to), rounding);
    WideInteger out = 0;
    if (to - from > kMostDecimals || __builtin_mul_overflow(units, power_of_ten(to - from), &out)) return too_long();
    return out;
}

Status check_decimal(std::string_view text, std::string_view what) {
    const auto number = Decimal::parse(text);
    if (number) return {};
    return fail(number.error().code, "{}: {}", what, number.error().message);
}

}  // namespace

const TextForm Decimal::kForm{R"(^-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?$)", &check_decimal};

Result<Decimal> Decimal::of(WideInteger units, int decimals) {
    TRY(check_decimals(decimals));
    if (units >= kLimit || units <= -kLimit) return too_long();
    Decimal out;
    out.units_ = static_cast<std::int64_t>(units);
    out.decimals_ = decimals;
    return out;
}

Result<Decimal> Decimal::parse(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return fail(Code::invalid_argument, "\"{}\" is no decimal number: {}", text.substr(0, 64), why);
    };
    auto rest = text;
    const bool negative = rest.starts_with('-');
    if (negative) rest.remove_prefix(1);
    const auto point = rest.find('.');
    const auto whole = rest.substr(0, point);
    const auto fraction = point == std::string_view::npos ? std::string_view() : rest.substr(point + 1);
    const auto all_digits = [](std::string_view part) {
        return std::ranges::all_of(part, [](char c) { return c >= '0' && c <= '9'; });
    };
    if (whole.empty() || !all_digits(whole) || !all_digits(fraction)) return refuse("digits and one point are allowed");
    if (point != std::string_view::npos && fraction.empty()) return refuse("no digit follows the point");
    if (whole.size() > 1 && whole[0] == '0') return refuse("it begins with a needless zero");
    if (whole.size() + fraction.size() > kMaxDigits + (whole == "0" ? 1 : 0))
        return refuse("it has more than 18 digits");
    WideInteger units = 0;
    for (const auto part : {whole, fraction}) {
        for (const char c : part) units = units * 10 + (c - '0');
    }
    if (negative && units == 0) return refuse("zero has no sign");
    return of(negative ? -units : units, static_cast<int>(fraction.size()));
}

std::string Decimal::text() const { return decimal_text(units_, -decimals_); }

Result<Decimal> Decimal::plus(const Decimal& other) const {
    const auto decimals = std::max(decimals_, other.decimals_);
    const auto a = TRY(rescaled(units_, decimals_, decimals, Rounding::DOWN));
    const auto b = TRY(rescaled(other.units_, other.decimals_, decimals, Rounding::DOWN));
    return of(a + b, decimals);
}

Result<Decimal> Decimal::minus(const Decimal& other) const {
    auto negated = other;
    negated.units_ = -other.units_;
    return plus(negated);
}

Result<Decimal> Decimal::times(const Decimal& other, int decimals, Rounding rounding) const {
    TRY(check_decimals(decimals));
    const auto product = WideInteger{units_} * other.units_;
    return of(TRY(rescaled(product, decimals_ + other.decimals_, decimals, rounding)), decimals);
}

Result<Decimal> Decimal::divided_by(const Decimal& other, int decimals, Rounding rounding) const {
    TRY(check_decimals(decimals));
    if (other.units_ == 0) return fail(Code::invalid_argument, "a division of {} by zero", text());
    // units / 10^d over other / 10^e, with k decimals, is units * 10^(k + e - d) / other.
    const auto shift = decimals + other.decimals_ - decimals_;
    WideInteger numerator = units_;
    WideInteger denominator = other.units_;
    if (denominator < 0) {
        numerator = -numerator;
        denominator = -denominator;
    }
    if (shift < 0) {
        denominator *= power_of_ten(-shift);
    } else if (__builtin_mul_overflow(numerator, power_of_ten(shift), &numerator)) {
        return too_long();
    }
    return of(divide(numerator, denominator, rounding), decimals);
}

Result<Decimal> Decimal::rounded(int decimals, Rounding rounding) const {
    TRY(check_decimals(decimals));
    return of(TRY(rescaled(units_, decimals_, decimals, rounding)), decimals);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
    const auto scaled_a = WideInteger{a.units_} * power_of_ten(Decimal::kMaxDigits - a.decimals_);
    const auto scaled_b = WideInteger{b.units_} * power_of_ten(Decimal::kMaxDigits - b.decimals_);
    if (scaled_a == scaled_b) return std::strong_ordering::equal;
    return scaled_a < scaled_b ? std::strong_ordering::less : std::strong_ordering::greater;
}

}  // namespace tally::chaincode
