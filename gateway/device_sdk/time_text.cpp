#include "gateway/device_sdk/time_text.h"

#include <algorithm>
#include <array>
#include <chrono>

#include "crypto/ascii.h"

namespace tally::gateway::device_sdk {
namespace {

using Form = WrittenTime::Form;
using Why = std::string_view;

constexpr std::int64_t kSecondsOfDay = 86'400;
constexpr Why kNoSuchDate = "there is no such date or time of day";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Reads a text from its front.
class Cursor {
  public:
    explicit Cursor(std::string_view text) : rest_(text) {}

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    [[nodiscard]] char front() const { return rest_.empty() ? '\0' : rest_.front(); }
    [[nodiscard]] std::string_view rest() const { return rest_; }
    bool take(char c) {
        if (front() != c || rest_.empty()) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool take_word(std::string_view word) {  // in lower case
        if (rest_.size() < word.size()) return false;
        for (std::size_t i = 0; i < word.size(); ++i) {
            if (lower(rest_[i]) != word[i]) return false;
        }
        rest_.remove_prefix(word.size());
        return true;
    }
    // At most `most` digits; `count` says how many there were.
    int number(std::size_t most, std::size_t& count) {
        int value = 0;
        for (count = 0; count < most && is_digit(front()); ++count) {
            value = value * 10 + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        return value;
    }

  private:
    std::string_view rest_;
};

// A date's three parts as they stand, before it is known which is which.
struct DateParts {
    std::array<int, 3> value{};
    std::array<std::size_t, 3> digits{};
    char sign = 0;
    bool month_name = false;
};

int month_named(Cursor& text) {
    static constexpr auto kMonths = std::to_array<std::string_view>(
        {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"});
    for (std::size_t i = 0; i < kMonths.size(); ++i) {
        if (text.take_word(kMonths[i])) return static_cast<int>(i) + 1;
    }
    return 0;
}

std::optional<DateParts> take_date(Cursor& text) {
    DateParts out;
    out.value[0] = text.number(4, out.digits[0]);
    out.sign = text.front();
    if (out.digits[0] == 0 || std::string_view("-./ ").find(out.sign) == std::string_view::npos || !text.take(out.sign))
        return std::nullopt;
    if (out.value[1] = month_named(text); out.value[1] != 0) {
        out.month_name = true;
    } else {
        out.value[1] = text.number(2, out.digits[1]);
        if (out.digits[1] == 0 || out.sign == ' ') return std::nullopt;
    }
    if (!text.take(out.sign)) return std::nullopt;
    out.value[2] = text.number(4, out.digits[2]);
    if (out.digits[2] == 0 || is_digit(text.front())) return std::nullopt;
    return out;
}

std::expected<std::chrono::year_month_day, Why> date_of(const DateParts& parts, TimeFormat format) {
    using namespace std::chrono;
    const auto make = [&](std::size_t y, std::size_t m, std::size_t d) -> std::expected<year_month_day, Why> {
        if (parts.digits[y] != 4 && parts.digits[y] != 2) return std::unexpected("its year has four digits, or two");
        if (parts.digits[d] > 2) return std::unexpected(kNoSuchDate);
        const int century = parts.digits[y] == 2 ? 2000 : 0;
        const year_month_day date{year(parts.value[y] + century), month(static_cast<unsigned>(parts.value[m])),
                                  day(static_cast<unsigned>(parts.value[d]))};
        if (!date.ok()) return std::unexpected(kNoSuchDate);
        return date;
    };
    if (parts.digits[0] == 4) return make(0, 1, 2);
    if (parts.month_name && (parts.digits[2] == 4 || format == TimeFormat::dmy)) return make(2, 1, 0);
    switch (format) {
        case TimeFormat::ymd: return make(0, 1, 2);
        case TimeFormat::dmy: return make(2, 1, 0);
        case TimeFormat::mdy: return make(2, 0, 1);
        default: break;
    }
    if (parts.digits[2] != 4)
        return std::unexpected("its year has two digits; say what comes first: --time-format dmy, mdy or ymd");
    if (parts.sign == '.' || parts.value[0] == parts.value[1]) return make(2, 1, 0);
    return std::unexpected(
        "day and month could be either way round; say --time-format dmy or --time-format mdy (or write "
        "2026-05-01T00:00:00Z)");
}

struct Clock {
    int seconds = 0;
    bool fraction = false;
    bool strict = true;
};

std::expected<Clock, Why> take_clock(Cursor& text) {
    constexpr Why kNoClock = "its time of day is none";
    Clock out;
    std::size_t digits = 0;
    auto hour = text.number(2, digits);
    out.strict = digits == 2;
    if (digits == 0 || !text.take(':')) return std::unexpected(kNoClock);
    const auto minute = text.number(2, digits);
    if (digits != 2) return std::unexpected(kNoClock);
    int second = 0;
    if (text.take(':')) {
        second = text.number(2, digits);
        if (digits != 2) return std::unexpected(kNoClock);
        const bool point = text.take('.');
        if (point || text.take(',')) {
            out.strict = out.strict && point;
            if (!is_digit(text.front())) return std::unexpected(kNoClock);
            while (is_digit(text.front())) {
                out.fraction = out.fraction || text.front() != '0';
                text.take(text.front());
            }
        }
    }
    auto after = text;
    (void)after.take(' ');
    const bool morning = after.take_word("am") || after.take_word("a.m.");
    const bool evening = !morning && (after.take_word("pm") || after.take_word("p.m."));
    if (morning || evening) {
        if (hour < 1 || hour > 12) return std::unexpected("before AM and PM stand hours from 1 to 12");
        hour = hour % 12 + (evening ? 12 : 0);
        text = after;
        out.strict = false;
    }
    const bool end_of_day = hour == 24 && minute == 0 && second == 0 && !out.fraction;
    if ((hour > 23 && !end_of_day) || minute > 59 || second > 59) return std::unexpected(kNoSuchDate);
    out.strict = out.strict && !end_of_day && !out.fraction;
    out.seconds = hour * 3600 + minute * 60 + second;
    return out;
}

// Seconds east of UTC; none: the text goes on with no zone.
std::expected<std::optional<std::int64_t>, Why> take_zone(Cursor& text, bool& strict) {
    if (text.at_end()) return std::nullopt;
    (void)text.take(' ');
    if (text.take_word("utc") || text.take_word("gmt")) {
        strict = false;
        if (text.at_end()) return 0;
    }
    if (text.take('Z') || text.take('z')) return 0;
    const bool west = text.front() == '-';
    if (!west && text.front() != '+') return std::unexpected("more text follows the time of day");
    text.take(text.front());
    std::size_t digits = 0;
    const auto hours = text.number(2, digits);
    if (digits != 2) return std::unexpected("its offset is none of a clock");
    const bool colon = text.take(':');
    const auto minutes = text.number(2, digits);
    if ((digits != 2 && (colon || digits != 0)) || hours > 23 || minutes > 59)
        return std::unexpected("its offset is none of a clock");
    const std::int64_t east_s = hours * 3600 + minutes * 60;
    return west ? -east_s : east_s;
}

std::expected<TimeText, Why> checked(TimeText out) {
    if (out.time.seconds < 0) return std::unexpected("it is before 1970");
    return out;
}

std::expected<TimeText, Why> scan_epoch(std::string_view text, TimeFormat format) {
    const std::size_t wanted = format == TimeFormat::epoch_ms ? 13 : 10;
    const auto digits = static_cast<std::size_t>(std::ranges::find_if_not(text, is_digit) - text.begin());
    auto fraction = text.substr(digits);
    if (digits != wanted || text.front() == '0') {
        return std::unexpected(format == TimeFormat::epoch_ms
                                   ? "thirteen digits of milliseconds since 1970 are expected"
                                   : "ten digits of seconds since 1970 are expected");
    }
    if (!fraction.empty()) {
        fraction.remove_prefix(1);
        if (text[digits] != '.' || format == TimeFormat::automatic || fraction.empty() ||
            !std::ranges::all_of(fraction, is_digit))
            return std::unexpected("a number is a time only as seconds since 1970, with ten digits");
    }
    TimeText out{{Form::epoch, 0}, false, fraction.find_first_not_of('0') != std::string_view::npos, fraction.empty()};
    for (const char c : text.substr(0, 10)) out.time.seconds = out.time.seconds * 10 + (c - '0');
    if (format == TimeFormat::epoch_ms) out.fraction = out.fraction || text.substr(10, 3) != "000";
    return out;
}

std::expected<TimeText, Why> scan_compact(std::string_view text) {
    constexpr Why kExpected = "YYYYMMDD, YYYYMMDDhhmm or YYYYMMDDhhmmss is expected";
    Cursor cursor(text);
    std::array<int, 6> part{};
    std::size_t digits = 0;
    for (std::size_t i = 0; i < part.size(); ++i) {
        if (i == 3 && !cursor.at_end() && !cursor.take('T')) (void)cursor.take(' ');
        part[i] = cursor.number(i == 0 ? 4 : 2, digits);
        if (digits == 0 && cursor.at_end() && (i == 3 || i == 5)) break;
        if (digits != (i == 0 ? 4U : 2U)) return std::unexpected(kExpected);
    }
    if (!cursor.at_end()) return std::unexpected(kExpected);
    const std::chrono::year_month_day date{std::chrono::year(part[0]),
                                           std::chrono::month(static_cast<unsigned>(part[1])),
                                           std::chrono::day(static_cast<unsigned>(part[2]))};
    if (!date.ok() || part[3] > 23 || part[4] > 59 || part[5] > 59) return std::unexpected(kNoSuchDate);
    TimeText out{{Form::local, 0}, text.size() == 8};
    out.time.seconds = std::chrono::sys_days(date).time_since_epoch().count() * kSecondsOfDay + part[3] * 3600 +
                       part[4] * 60 + part[5];
    return checked(out);
}

// Why a number of another program is no time.
Why why_no_epoch(std::size_t digits) {
    switch (digits) {
        case 8: return "eight digits may be a date; say --time-format compact (or write 2026-05-01T00:00:00Z)";
        case 12:
        case 14: return "a date and time without separators; say --time-format compact (or write 2026-05-01T00:00:00Z)";
        case 13: return "thirteen digits may be milliseconds since 1970; say --time-format epoch_ms if they are";
        default: return "a number is a time only as seconds since 1970, with ten digits";
    }
}

}  // namespace

std::string_view time_format_name(TimeFormat format) {
    switch (format) {
        case TimeFormat::automatic: return "auto";
        case TimeFormat::ymd: return "ymd";
        case TimeFormat::dmy: return "dmy";
        case TimeFormat::mdy: return "mdy";
        case TimeFormat::compact: return "compact";
        case TimeFormat::epoch: return "epoch";
        case TimeFormat::epoch_ms: return "epoch_ms";
    }
    return "";
}

std::expected<TimeText, Why> scan_time(std::string_view text, TimeFormat format) {
    if (format == TimeFormat::epoch || format == TimeFormat::epoch_ms) return scan_epoch(text, format);
    if (format == TimeFormat::compact) return scan_compact(text);
    if (!text.empty() && std::ranges::all_of(text, is_digit)) {
        if (text.size() == 10 && text.front() != '0' && format == TimeFormat::automatic)
            return scan_epoch(text, format);
        return std::unexpected(why_no_epoch(text.size()));
    }
    Cursor cursor(text);
    const auto parts = take_date(cursor);
    if (!parts) {
        return std::unexpected(
            "expected are forms like 2026-05-01T13:00:00Z, 2026-05-01 13:00+02:00, 01.05.2026 13:00, or seconds since "
            "1970");
    }
    const auto date = date_of(*parts, format);
    if (!date) return std::unexpected(date.error());
    TimeText out{{Form::local, 0}};
    out.time.seconds = std::chrono::sys_days(*date).time_since_epoch().count() * kSecondsOfDay;
    if (cursor.at_end()) {
        out.date_only = true;
        return checked(out);
    }
    bool comma = cursor.take(',');
    if (comma) (void)cursor.take(' ');
    if (!comma && !cursor.take('T') && !cursor.take('t') && !cursor.take(' '))
        return std::unexpected("a space or T is expected between date and time of day");
    const auto clock = take_clock(cursor);
    if (!clock) return std::unexpected(clock.error());
    out.strict = clock->strict && !comma && parts->sign == '-' && !parts->month_name && parts->digits[0] == 4 &&
                 parts->digits[1] == 2 && parts->digits[2] == 2;
    const auto zone = take_zone(cursor, out.strict);
    if (!zone) return std::unexpected(zone.error());
    if (!cursor.at_end()) return std::unexpected("more text follows it");
    out.fraction = clock->fraction;
    out.time.seconds += clock->seconds;
    if (*zone) {
        out.time.form = Form::zoned;
        out.time.seconds -= **zone;
    }
    return checked(out);
}

bool is_time_of_day(std::string_view text) { return second_of_day(text).has_value(); }

std::optional<std::int64_t> second_of_day(std::string_view text) {
    Cursor cursor(text);
    const auto clock = take_clock(cursor);
    return clock && cursor.at_end() ? std::optional<std::int64_t>(clock->seconds) : std::nullopt;
}

TimeFormat order_shown_by(std::string_view text) {
    Cursor cursor(text);
    const auto parts = take_date(cursor);
    if (!parts || parts->digits[0] > 2 || parts->digits[2] != 4 || parts->month_name || parts->sign == '.')
        return TimeFormat::automatic;
    if (parts->value[0] > 12) return TimeFormat::dmy;
    if (parts->value[1] > 12) return TimeFormat::mdy;
    return TimeFormat::automatic;
}

}  // namespace tally::gateway::device_sdk
