#include "gateway/device_sdk/csv_numbers.h"

#include <algorithm>
#include <array>
#include <optional>

#include "crypto/ascii.h"

namespace tally::gateway::device_sdk {

bool is_missing(std::string_view cell) {
    static constexpr auto kMarkers =
        std::to_array<std::string_view>({"", "?", "-", "na", "n/a", "nan", "null", "none"});
    if (cell.size() > 4) return false;
    std::string lower(cell);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
    return std::find(kMarkers.begin(), kMarkers.end(), lower) != kMarkers.end();
}

bool may_mean_missing(std::string_view cell) {
    if (!cell.starts_with('-')) return false;
    cell.remove_prefix(1);
    return std::count(cell.begin(), cell.end(), '9') >= 4 && cell.find_first_not_of("9.,") == std::string_view::npos;
}

namespace {

// The digits of a number without its decimal point, and how many of them follow the point.
struct Digits {
    bool negative = false;
    std::string digits;
    int decimals = 0;
};

std::optional<int> exponent_of(std::string_view text) {
    const bool negative = text.starts_with('-');
    if (negative || text.starts_with('+')) text.remove_prefix(1);
    if (text.empty() || text.size() > 2 || !std::all_of(text.begin(), text.end(), is_digit)) return std::nullopt;
    int value = 0;
    for (const char c : text) value = value * 10 + (c - '0');
    return negative ? -value : value;
}

std::optional<Digits> digits_of(std::string_view cell) {
    Digits out;
    out.negative = cell.starts_with('-');
    if (out.negative || cell.starts_with('+')) cell.remove_prefix(1);
    const auto e = std::min(cell.find_first_of("eE"), cell.size());
    const auto mantissa = cell.substr(0, e);
    if (e < cell.size()) {
        const auto exponent = exponent_of(cell.substr(e + 1));
        if (!exponent) return std::nullopt;
        out.decimals = -*exponent;
    }
    bool point = false;
    for (const char c : mantissa) {
        if (c == '.' && !point) {
            point = true;
        } else if (is_digit(c)) {
            out.digits.push_back(c);
            if (point) ++out.decimals;
        } else {
            return std::nullopt;
        }
    }
    return out.digits.empty() ? std::nullopt : std::optional(std::move(out));
}

std::string_view advice_on(std::string_view cell) {
    if (cell.find_first_of(",' .") == std::string_view::npos || cell.find_first_of("0123456789") == cell.npos ||
        cell.find_first_not_of("+-0123456789., '") != std::string_view::npos)
        return "";
    return ": decimals are written with a point and nothing stands between thousands, unless --decimal and --grouping "
           "say otherwise";
}

Result<Decimal> parse_exactly(std::string_view cell, std::string_view shown) {
    auto parts = digits_of(cell);
    if (!parts) {
        return fail(Code::malformed, "\"{}\" is no number{}", shown, advice_on(shown));
    }
    auto& [negative, digits, decimals] = *parts;
    while (decimals > 0 && digits.size() > 1 && digits.back() == '0') {
        digits.pop_back();
        --decimals;
    }
    if (digits.find_first_not_of('0') == std::string::npos) return Decimal{0, 0};
    if (decimals > kMaxDecimals) {
        return fail(Code::malformed, "\"{}\" has {} decimals; {} are allowed: round it where it is written", shown,
                    decimals, kMaxDecimals);
    }
    for (; decimals < 0; ++decimals) digits.push_back('0');
    Decimal out{0, decimals};
    for (const char c : digits) {
        if (__builtin_mul_overflow(out.digits, 10, &out.digits) ||
            __builtin_add_overflow(out.digits, c - '0', &out.digits))
            return fail(Code::malformed, "\"{}\" is a number that does not fit 64 bits", shown);
    }
    if (negative) out.digits = -out.digits;
    return out;
}

// Most numbers: a sign, at most 18 digits, a point. None: another one, or not a number.
std::optional<Decimal> parse_plain(std::string_view cell) {
    constexpr std::size_t kMostDigits = 18;
    const bool negative = cell.starts_with('-');
    if (negative || cell.starts_with('+')) cell.remove_prefix(1);
    if (cell.empty() || cell.size() > kMostDigits + 1) return std::nullopt;
    Decimal out;
    bool point = false;
    std::size_t digits = 0;
    for (const char c : cell) {
        if (is_digit(c)) {
            out.digits = out.digits * 10 + (c - '0');
            out.decimals += point ? 1 : 0;
            ++digits;
        } else if (c == '.' && !point) {
            point = true;
        } else {
            return std::nullopt;
        }
    }
    if (digits == 0 || digits > kMostDigits) return std::nullopt;
    for (; out.decimals > 0 && out.digits % 10 == 0; --out.decimals) out.digits /= 10;
    if (out.decimals > kMaxDecimals) return std::nullopt;
    if (negative) out.digits = -out.digits;
    return out;
}

// The length of the sign between thousands that a text begins with; 0: none.
std::size_t grouping_at(std::string_view text, char grouping) {
    if (text.starts_with(grouping)) return 1;
    if (grouping != ' ') return 0;
    if (text.starts_with("\xc2\xa0")) return 2;                                           // no-break space
    return text.starts_with("\xe2\x80\xaf") || text.starts_with("\xe2\x80\x89") ? 3 : 0;  // narrow, thin
}

// The number with a point and without groups; none where the groups are not of three digits.
std::optional<std::string> canonical(std::string_view cell, NumberFormat format) {
    std::string out;
    std::size_t in_group = 0;
    bool grouped = false, fraction = false;
    const auto whole_group = [&] { return !grouped || in_group == 3; };
    while (!cell.empty()) {
        const auto sign = format.grouping == '\0' || fraction ? 0 : grouping_at(cell, format.grouping);
        if (sign != 0) {
            if (!whole_group() || in_group == 0 || in_group > 3) return std::nullopt;
            grouped = true;
            in_group = 0;
            cell.remove_prefix(sign);
            continue;
        }
        const char c = cell.front();
        if (c == format.decimal || c == 'e' || c == 'E') {
            if (!fraction && !whole_group()) return std::nullopt;
            fraction = true;
            out.push_back(c == format.decimal ? '.' : c);
        } else if (c == '.') {
            return std::nullopt;
        } else {
            if (is_digit(c)) ++in_group;
            out.push_back(c);
        }
        cell.remove_prefix(1);
    }
    if (!fraction && !whole_group()) return std::nullopt;
    return out;
}

}  // namespace

Result<Decimal> parse_decimal(std::string_view cell, NumberFormat format) {
    if (format.decimal == '.' && format.grouping == '\0') {
        if (const auto plain = parse_plain(cell)) return *plain;
        return parse_exactly(cell, cell.substr(0, 40));
    }
    const auto text = canonical(cell, format);
    if (!text) {
        return fail(Code::malformed, "\"{}\" is no number with \"{}\" before decimals{}", cell.substr(0, 40),
                    format.decimal,
                    format.grouping == '\0' ? std::string(" and nothing between thousands (--grouping)")
                                            : fmt::format(" and \"{}\" between thousands", format.grouping));
    }
    if (const auto plain = parse_plain(*text)) return *plain;
    return parse_exactly(*text, cell.substr(0, 40));
}

CommaMeaning meaning_of_comma(std::string_view cell) {
    const auto comma = cell.find(',');
    if (comma == std::string_view::npos) return CommaMeaning::none;
    if (cell.starts_with('-') || cell.starts_with('+')) cell.remove_prefix(1);
    const auto at = cell.find(',');
    const auto before = cell.substr(0, at), after = cell.substr(at + 1);
    const auto all_digits = [](std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); };
    if (all_digits(before) && all_digits(after)) {
        if (before.empty() && after.empty()) return CommaMeaning::none;
        const bool group = after.size() == 3 && !before.empty() && before.size() <= 3 && before.front() != '0';
        return group ? CommaMeaning::either : CommaMeaning::decimal;
    }
    if (parse_decimal(cell, {'.', ','})) return CommaMeaning::grouping;
    return parse_decimal(cell, {',', '.'}) || parse_decimal(cell, {',', ' '}) ? CommaMeaning::decimal
                                                                              : CommaMeaning::none;
}

}  // namespace tally::gateway::device_sdk
