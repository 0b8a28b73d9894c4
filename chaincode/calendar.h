#pragma once
// Civil days and the time zones in which contracts count them. Pure; from any thread.
//
// A zone is a value: its offset from UTC and every change of it in a range of years. Terms that parties sign carry
// their zone in this form, so that the length of a day does not depend on the time zone database of the computer that
// judges it. Tools fill it from the IANA database (node/cli), and each party's tool compares it with its own before it
// signs. Failures: invalid_argument.

#include <chrono>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "chaincode/json/fields.h"

namespace tally::chaincode {

inline constexpr std::int64_t kDay_s = 86'400, kDay_ms = kDay_s * 1000;

// A day of the Gregorian calendar between 1970 and 2199; "2026-03-29" in JSON.
class Date {
  public:
    static const TextForm kForm;  // for JSON (json/reflect.h)

    constexpr Date() = default;  // 1970-01-01
    [[nodiscard]] static Result<Date> parse(std::string_view text);
    [[nodiscard]] static Date of(std::chrono::sys_days day) { return Date(day); }

    [[nodiscard]] std::string text() const;
    [[nodiscard]] std::chrono::sys_days day() const { return day_; }
    [[nodiscard]] std::chrono::year_month_day civil() const { return day_; }

    [[nodiscard]] Date plus_days(std::int64_t days) const { return Date(day_ + std::chrono::days(days)); }
    // The same day of another month, or that month's last; a year later, 29 February is 1 March (`plus_years`).
    [[nodiscard]] Date plus_months(int months) const;
    [[nodiscard]] Date plus_years(int years) const;
    [[nodiscard]] Date first_of_month() const;

    friend auto operator<=>(const Date&, const Date&) = default;

  private:
    explicit constexpr Date(std::chrono::sys_days day) : day_(day) {}
    std::chrono::sys_days day_{};
};

[[nodiscard]] std::int64_t days_between(Date from, Date to);

// From `at_s` on, UTC is `offset_s` behind local time.
struct ZoneShift {
    std::int64_t at_s = 0;
    std::int64_t offset_s = 0;

    friend bool operator==(const ZoneShift&, const ZoneShift&) = default;
};

struct Zone {
    std::string name;           // of the IANA database: Europe/Vienna
    std::int64_t offset_s = 0;  // before the first shift
    std::vector<ZoneShift> shifts;

    friend bool operator==(const Zone&, const Zone&) = default;
};

inline constexpr std::int64_t kLargestOffset_s = 26 * 3600;
inline constexpr std::int64_t kMostShifts = 400;

TALLY_FIELDS(ZoneShift, (at_s, "when the clocks change, in seconds since the epoch"),
             (offset_s, "from then on, what local time is ahead of UTC", .min = -kLargestOffset_s,
              .max = kLargestOffset_s))
TALLY_FIELDS(Zone, (name, "of the IANA database, for example Europe/Vienna", .min = 1, .max = 64),
             (offset_s, "what local time is ahead of UTC before the first shift", .min = -kLargestOffset_s,
              .max = kLargestOffset_s),
             (shifts, "every change of the clocks, in order", .max = kMostShifts))

[[nodiscard]] Status check_zone(const Zone& zone);

// When the day begins, in seconds since the epoch: the first instant whose local date it is. A day is [its beginning,
// the next one's beginning): 23, 24 or 25 hours where clocks change by one.
[[nodiscard]] std::int64_t beginning_of(Date day, const Zone& zone);
// The local date, and the local second of that day (wall clock), at an instant.
[[nodiscard]] Date date_at(std::int64_t time_s, const Zone& zone);
[[nodiscard]] std::int64_t offset_at(std::int64_t time_s, const Zone& zone);

}  // namespace tally::chaincode
