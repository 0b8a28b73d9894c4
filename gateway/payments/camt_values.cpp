// Amounts and dates of camt.h.

#include <algorithm>

#include "crypto/ascii.h"
#include "gateway/payments/camt.h"

namespace tally::gateway::payments {
namespace {

constexpr std::size_t kMaxDecimals = 5;  // of ISO 20022's amounts

bool is_zone(std::string_view text) {
    if (text.empty() || text == "Z") return true;
    return text.size() == 6 && (text[0] == '+' || text[0] == '-') && is_digit(text[1]) && is_digit(text[2]) &&
           text[3] == ':' && is_digit(text[4]) && is_digit(text[5]);
}

}  // namespace

Result<Decimal> read_amount(std::string_view text) {
    const auto refuse = [&](std::string_view why) {
        return fail(Code::malformed, "\"{}\" is no amount: {}", text.substr(0, 40), why);
    };
    if (text.empty()) return refuse("it is empty");
    if (text.starts_with('-')) return refuse("amounts are not negative; CdtDbtInd says the direction");
    if (text.find(',') != std::string_view::npos) return refuse("the decimals follow a point");
    const auto point = text.find('.');
    auto whole = text.substr(0, point);
    const auto fraction = point == std::string_view::npos ? std::string_view() : text.substr(point + 1);
    if (whole.empty() || !std::ranges::all_of(whole, is_digit) || !std::ranges::all_of(fraction, is_digit) ||
        (point != std::string_view::npos && fraction.empty()))
        return refuse("digits are expected, and a point before decimals");
    if (fraction.size() > kMaxDecimals) return refuse("more than five decimals");
    while (whole.size() > 1 && whole.starts_with('0')) whole.remove_prefix(1);
    const auto number =
        Decimal::parse(point == std::string_view::npos ? std::string(whole) : fmt::format("{}.{}", whole, fraction));
    if (!number) return refuse("more than 18 digits");
    return *number;
}

Result<Date> read_date(std::string_view text) {
    const auto date = Date::parse(text.substr(0, 10));
    if (!date || !is_zone(text.substr(std::min<std::size_t>(10, text.size()))))
        return fail(Code::malformed, "\"{}\" is no date such as 2026-03-31", text.substr(0, 40));
    return *date;
}

}  // namespace tally::gateway::payments
