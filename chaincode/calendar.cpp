#include "chaincode/calendar.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace tally::chaincode {
namespace {

using std::chrono::days;
using std::chrono::month;
using std::chrono::sys_days;
using std::chrono::year;
using std::chrono::year_month_day;

constexpr int kFirstYear = 1970, kLastYear = 2199;

std::int64_t seconds_of(Date date) { return std::int64_t{date.day().time_since_epoch().count()} * kDay_s; }

Status check_date(std::string_view text, std::string_view what) {
    const auto date = Date::parse(text);
    if (date) return {};
    return fail(date.error().code, "{}: {}", what, date.error().message);
}

template <class Number>
bool read_digits(std::string_view text, Number& out) {
    if (!std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; })) return false;
    return std::from_chars(text.data(), text.data() + text.size(), out).ec == std::errc();
}

}  // namespace

const TextForm Date::kForm{"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", &check_date};

Result<Date> Date::parse(std::string_view text) {
    int y = 0;
    unsigned m = 0, d = 0;
    const bool shaped = text.size() == 10 && text[4] == '-' && text[7] == '-' && read_digits(text.substr(0, 4), y) &&
                        read_digits(text.substr(5, 2), m) && read_digits(text.substr(8, 2), d);
    if (!shaped) return fail(Code::invalid_argument, "\"{}\" is no date: write 2026-03-29", text.substr(0, 64));
    const year_month_day civil{year(y), month(m), std::chrono::day(d)};
    if (!civil.ok()) return fail(Code::invalid_argument, "there is no day {}", text);
    if (y < kFirstYear || y > kLastYear)
        return fail(Code::invalid_argument, "{} is not between {} and {}", text, kFirstYear, kLastYear);
    return Date(sys_days(civil));
}

std::string Date::text() const {
    const auto date = civil();
    return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                       static_cast<unsigned>(date.day()));
}

Date Date::plus_months(int months) const {
    const auto moved = civil() + std::chrono::months(months);
    return Date(moved.ok() ? sys_days(moved) : sys_days(moved.year() / moved.month() / std::chrono::last));
}

Date Date::plus_years(int years) const {
    const auto moved = civil() + std::chrono::years(years);
    return Date(moved.ok() ? sys_days(moved) : sys_days(moved.year() / std::chrono::March / 1));
}

Date Date::first_of_month() const { return Date(sys_days(civil().year() / civil().month() / 1)); }

std::int64_t days_between(Date from, Date to) { return (to.day() - from.day()).count(); }

Status check_zone(const Zone& zone) {
    for (std::size_t i = 1; i < zone.shifts.size(); ++i) {
        if (zone.shifts[i].at_s - zone.shifts[i - 1].at_s < 2 * kDay_s)
            return fail(Code::invalid_argument, "the shifts of the zone {} are not in order, or within two days",
                        zone.name);
    }
    return {};
}

std::int64_t beginning_of(Date date, const Zone& zone) {
    const auto local = seconds_of(date);
    auto from = INT64_MIN;
    auto offset = zone.offset_s;
    for (const auto& shift : zone.shifts) {
        if (const auto begins = local - offset; begins < shift.at_s) return std::max(begins, from);
        from = shift.at_s;  // a day whose midnight is left out begins when the clocks change
        offset = shift.offset_s;
    }
    return std::max(local - offset, from);
}

std::int64_t offset_at(std::int64_t time_s, const Zone& zone) {
    auto offset = zone.offset_s;
    for (const auto& shift : zone.shifts) {
        if (shift.at_s > time_s) break;
        offset = shift.offset_s;
    }
    return offset;
}

Date date_at(std::int64_t time_s, const Zone& zone) {
    const auto local = std::chrono::seconds(time_s + offset_at(time_s, zone));
    return Date::of(std::chrono::floor<days>(std::chrono::sys_seconds(local)));
}

}  // namespace tally::chaincode
