#pragma once
// One text -> a date, a time of day and a zone, in every form that exports of meters use. Pure; no allocation.
//
//   2026-05-01T13:00:00Z  2026/5/1 13:00  2026-05-01T13:00:00.512+02:00  2026-05-01 13:00 +0200  2026-05-01
//   01.05.2026 13:00                      day first, always
//   01/05/2026  01-05-2026                day first or month first: the format must say which, unless they are equal
//   1-May-2026  1 May 2026 1:00 PM        English names of months, twelve hours with AM and PM
//   01.05.26                              a year of two digits (20..) only where the format says what comes first
//   24:00                                 the end of a day: 0:00 of the next
//   1777640400                            ten digits: seconds since 1970

#include <cstdint>
#include <expected>
#include <optional>
#include <string_view>

namespace tally::gateway::device_sdk {

// `automatic` reads what can be meant in one way only. `compact`: YYYYMMDD, YYYYMMDDhhmm or YYYYMMDDhhmmss, with or
// without a space or T before the hours. `epoch`: ten digits of seconds since 1970, with or without a fraction.
enum class TimeFormat { automatic, ymd, dmy, mdy, compact, epoch, epoch_ms };

[[nodiscard]] std::string_view time_format_name(TimeFormat format);

struct WrittenTime {
    enum class Form { epoch, zoned, local };
    Form form = Form::zoned;
    std::int64_t seconds = 0;  // since 1970; of a local time, as if it were UTC
};

struct TimeText {
    WrittenTime time;
    bool date_only = false;  // the time of day is 0:00
    bool fraction = false;   // it had a fraction of a second other than zero, which is cut off
    bool strict = false;     // a form of parse_time.h
};

// The error is a sentence's second half: why the text is no time.
[[nodiscard]] std::expected<TimeText, std::string_view> scan_time(std::string_view text, TimeFormat format);

// A time of day alone: "0:15", "00:15:00", "12:15 AM".
[[nodiscard]] bool is_time_of_day(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> second_of_day(std::string_view text);

// Which part of a date like 16/12/2025 must be the day, as it is above twelve. `automatic`: neither, or no such date.
[[nodiscard]] TimeFormat order_shown_by(std::string_view text);

}  // namespace tally::gateway::device_sdk
