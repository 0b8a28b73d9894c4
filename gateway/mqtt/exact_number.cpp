#include "gateway/mqtt/exact_number.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "crypto/ascii.h"

namespace tally::gateway::mqtt {

using chaincode::WideInteger;

namespace {

constexpr int kMostDigits = 36;
constexpr int kMostExponent = 400;

WideInteger most_units() {
    WideInteger out = 1;
    for (int i = 0; i < kMostDigits; ++i) out *= 10;
    return out;
}

std::unexpected<Error> too_long() {
    return fail(Code::invalid_argument, "a number has more than {} digits", kMostDigits);
}

// units * 10^times; none when it has too many digits.
std::optional<WideInteger> shifted(WideInteger units, int times) {
    if (units == 0) return units;
    if (times > kMostDigits) return std::nullopt;
    for (; times > 0; --times) {
        units *= 10;
        if (units >= most_units() || units <= -most_units()) return std::nullopt;
    }
    return units;
}

Result<std::int64_t> narrow(WideInteger value) {
    if (value < std::numeric_limits<std::int64_t>::min() || value > std::numeric_limits<std::int64_t>::max())
        return fail(Code::invalid_argument, "a number does not fit into 64 bits");
    return static_cast<std::int64_t>(value);
}

template <class Float>
Result<ExactNumber> shortest(Float value) {
    if (!std::isfinite(value)) return fail(Code::invalid_argument, "a number is not finite");
    std::array<char, 64> text{};
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific);
    return ExactNumber::parse({text.data(), static_cast<std::size_t>(end.ptr - text.data())});
}

}  // namespace

void ExactNumber::normalize() {
    if (units_ == 0) exponent_ = 0;
    while (units_ != 0 && units_ % 10 == 0) {
        units_ /= 10;
        ++exponent_;
    }
}

ExactNumber ExactNumber::of(std::int64_t units, int exponent) {
    ExactNumber out;
    out.units_ = units;
    out.exponent_ = exponent;
    out.normalize();
    return out;
}

Result<ExactNumber> ExactNumber::of(WideInteger units, int exponent) {
    if (units >= most_units() || units <= -most_units()) return too_long();
    ExactNumber out;
    out.units_ = units;
    out.exponent_ = exponent;
    out.normalize();
    return out;
}

Result<ExactNumber> ExactNumber::parse(std::string_view text) {
    const auto bad = [text] {
        return fail(Code::malformed, "\"{}\" is no number", text.substr(0, std::min<std::size_t>(text.size(), 64)));
    };
    std::size_t at = 0;
    const bool negative = at < text.size() && text[at] == '-';
    if (negative) ++at;
    ExactNumber out;
    std::size_t digits = 0;
    bool after_point = false;
    for (; at < text.size() && (is_digit(text[at]) || (text[at] == '.' && !after_point)); ++at) {
        if (text[at] == '.') {
            if (digits == 0) return bad();
            after_point = true;
            continue;
        }
        ++digits;
        if (digits > kMostExponent) return too_long();
        out.units_ = out.units_ * 10 + (text[at] - '0');
        if (out.units_ >= most_units()) return too_long();
        if (after_point) --out.exponent_;
    }
    if (digits == 0 || text[at - 1] == '.') return bad();
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && text[at] == '+') ++at;
        int exponent = 0;
        const auto [end, error] = std::from_chars(text.data() + at, text.data() + text.size(), exponent);
        if (error == std::errc::result_out_of_range || exponent > kMostExponent || exponent < -kMostExponent)
            return fail(Code::invalid_argument, "the exponent of a number is beyond {}", kMostExponent);
        if (error != std::errc()) return bad();
        at = static_cast<std::size_t>(end - text.data());
        out.exponent_ += exponent;
    }
    if (at != text.size()) return bad();
    if (negative) out.units_ = -out.units_;
    out.normalize();
    return out;
}

Result<ExactNumber> ExactNumber::of_float(float value) { return shortest(value); }
Result<ExactNumber> ExactNumber::of_double(double value) { return shortest(value); }

Result<ExactNumber> ExactNumber::plus(const ExactNumber& other) const {
    if (units_ == 0) return other;
    if (other.units_ == 0) return *this;
    const auto exponent = std::min(exponent_, other.exponent_);
    const auto a = shifted(units_, exponent_ - exponent), b = shifted(other.units_, other.exponent_ - exponent);
    if (!a || !b) return too_long();
    return of(*a + *b, exponent);
}

Result<std::int64_t> ExactNumber::at_scale(std::int64_t scale) const {
    if (units_ == 0) return 0;
    if (exponent_ < scale)
        return fail(Code::invalid_argument, "{} has more decimals than a scale of {} allows", text(), scale);
    const auto units = shifted(units_, static_cast<int>(std::min<std::int64_t>(exponent_ - scale, kMostExponent)));
    if (!units) return fail(Code::invalid_argument, "{} is too large", text());
    const auto out = narrow(*units);
    if (!out) return fail(Code::invalid_argument, "{} is too large", text());
    return *out;
}

Result<std::int64_t> ExactNumber::milli_floor() const {
    auto units = units_;
    auto exponent = exponent_ + 3;
    if (exponent >= 0) {
        const auto whole = shifted(units, exponent);
        if (!whole) return too_long();
        return narrow(*whole);
    }
    for (; exponent < 0 && units != 0 && units != -1; ++exponent) {
        const bool below = units % 10 < 0;
        units = units / 10 - (below ? 1 : 0);
    }
    return narrow(units);
}

std::string ExactNumber::text() const {
    if (exponent_ < -30 || exponent_ > 30 || (exponent_ > 0 && !shifted(units_, exponent_)))
        return fmt::format("{}e{}", chaincode::decimal_text(units_, 0), exponent_);
    return chaincode::decimal_text(units_, exponent_);
}

}  // namespace tally::gateway::mqtt
