#pragma once
// Times as people and programs write them where one form is expected. Strict: a text that is none of these forms is no
// time. time_text.h reads more forms, for files of meters.
//
//   2026-05-01T13:00:00Z     a date, "T", "t" or one space, a time of day, a zone. Seconds may be absent; a
//                            fraction may hold zeros alone
//   2026-05-01 13:00+02:00   the zone is Z, z, +HH:MM, +HHMM or +HH (or with "-"), and one space may stand before it
//   2026-05-01T13:00:00      without a zone: a local time, whose zone must be known from elsewhere
//   1777640400               ten digits: seconds since 1970, that is from 2001 to 2286
//
// No other number is a time: 20260501, 46143 and 1777640400000 are dates and times of other programs. Neither is a date
// without a time of day, or one that another order of day and month could read otherwise.
// Values; any thread. Failures: malformed, invalid_argument (no such time zone).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "chaincode/calendar.h"
#include "crypto/error.h"
#include "gateway/device_sdk/time_text.h"

namespace date {
class time_zone;
}

namespace tally::gateway::device_sdk {

inline constexpr std::int64_t kDay_s = 86'400;

[[nodiscard]] Result<WrittenTime> read_time(std::string_view text);
// One moment, without a zone UTC.
[[nodiscard]] Result<std::int64_t> parse_time(std::string_view text);

// A zone of the system's time zone database, like Europe/Vienna.
class TimeZone {
  public:
    [[nodiscard]] static Result<TimeZone> find(const std::string& name);
    [[nodiscard]] std::string name() const;

    // The moments that a clock in the zone shows this: none, one, or two, the earlier one first.
    [[nodiscard]] std::vector<std::int64_t> moments_of(std::int64_t local_s) const;
    // A stretch of local times, a day away from every change of the clock, with one offset throughout. None: a change
    // is near.
    struct Steady {
        std::int64_t from_s = 0;
        std::int64_t until_s = 0;
        std::int64_t offset_s = 0;
    };
    [[nodiscard]] std::optional<Steady> steady_at(std::int64_t local_s) const;
    struct Day {
        std::int64_t start_s = 0;
        std::int64_t end_s = 0;  // 23 to 25 hours later
    };
    [[nodiscard]] Day day_of(std::int64_t moment_s) const;
    // The zone as a value: its offset at `from_s`, and its shifts between the two moments.
    [[nodiscard]] chaincode::Zone rules(std::int64_t from_s, std::int64_t until_s) const;

  private:
    explicit TimeZone(const date::time_zone* zone) : zone_(zone) {}
    const date::time_zone* zone_;  // the database's, which lives as long as the process
};

}  // namespace tally::gateway::device_sdk
