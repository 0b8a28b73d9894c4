#include "chaincode/records/decimal.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "crypto/ascii.h"
#include "crypto/printable.h"

namespace tally::chaincode {

namespace {

constexpr std::int64_t kMaxScale = 30;

// The one place that writes a decimal.
void append_decimal(std::string& out, WideInteger value, std::int64_t scale) {
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
    out.append(at, end);
    if (scale > 0 && value != 0) out.append(static_cast<std::size_t>(scale), '0');
}

Status check_reading(std::string_view text, std::string_view what) {
    const auto reading = Reading::parse(text);
    if (reading) return {};
    return fail(reading.error().code, "{}: {}", what, reading.error().message);
}

}  // namespace

const TextForm Reading::kForm{R"(^-?(0|[1-9][0-9]*)(\.[0-9]{1,30})?$)", &check_reading};

void Reading::append_to(std::string& out) const { append_decimal(out, value_, scale_); }

Result<Reading> Reading::parse(std::string_view text) {
    const auto refused = [&] { return fail(Code::invalid_argument, "\"{}\" is no reading", printable(text)); };
    const bool negative = text.starts_with('-');
    auto digits = text.substr(negative ? 1 : 0);
    std::int64_t scale = 0;
    std::string joined;
    if (const auto point = digits.find('.'); point != std::string_view::npos) {
        scale = -static_cast<std::int64_t>(digits.size() - point - 1);
        joined = std::string(digits.substr(0, point)).append(digits.substr(point + 1));
        if (scale == 0 || scale < -kMaxScale || point == 0) return refused();
        if (point > 1 && digits[0] == '0') return refused();
        digits = joined;
    } else {
        if (digits.empty() || (digits.size() > 1 && digits[0] == '0')) return refused();
        for (; digits.size() > 18 && scale < kMaxScale && digits.ends_with('0'); digits.remove_suffix(1)) ++scale;
    }
    if (!std::ranges::all_of(digits, is_digit)) return refused();
    const auto signed_digits = (negative ? "-" : "") + std::string(digits);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(signed_digits.data(), signed_digits.data() + signed_digits.size(), value);
    if (error != std::errc() || (negative && value == 0)) return refused();
    return Reading(value, scale);
}

std::string decimal_text(WideInteger value, std::int64_t scale) {
    std::string out;
    append_decimal(out, value, scale);
    return out;
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
