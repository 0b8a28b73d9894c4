#include <charconv>
#include <chrono>

#include "gateway/device_sdk/meter_csv.h"

namespace tally::gateway::device_sdk {
namespace {

// Takes exactly `count` digits off the front.
bool take_digits(std::string_view& text, std::size_t count, int& out) {
    if (text.size() < count) return false;
    out = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(count);
    return true;
}

bool take(std::string_view& text, char c) {
    if (text.empty() || text.front() != c) return false;
    text.remove_prefix(1);
    return true;
}

struct Clock {
    int hour = 0, minute = 0, second = 0;
};

bool take_clock(std::string_view& text, Clock& clock) {
    if (!take_digits(text, 2, clock.hour) || !take(text, ':') || !take_digits(text, 2, clock.minute)) return false;
    if (take(text, ':')) {
        if (!take_digits(text, 2, clock.second)) return false;
        if (take(text, '.')) {  // whole seconds only, but some write them as .000
            if (!take(text, '0')) return false;
            while (take(text, '0')) continue;
        }
    }
    return clock.hour < 24 && clock.minute < 60 && clock.second < 60;
}

// Seconds east of UTC; false when the text is no zone.
bool take_zone(std::string_view text, std::int64_t& east_s) {
    east_s = 0;
    if (text == "Z" || text == "z") return true;
    const bool east = !text.empty() && text.front() == '+';
    if (!east && (text.empty() || text.front() != '-')) return false;
    text.remove_prefix(1);
    int hours = 0, minutes = 0;
    if (!take_digits(text, 2, hours)) return false;
    (void)take(text, ':');
    if (!text.empty() && !take_digits(text, 2, minutes)) return false;
    if (!text.empty() || hours > 23 || minutes > 59) return false;
    east_s = (hours * 3600 + minutes * 60) * (east ? 1 : -1);
    return true;
}

}  // namespace

Result<std::int64_t> parse_time(std::string_view text, bool assume_utc) {
    const auto refuse = [whole = text](std::string_view why) {
        return fail(Code::malformed, "\"{}\" is no time: {}", whole.substr(0, 40), why);
    };
    if (!text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos) {
        std::int64_t seconds = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), seconds);
        if (error != std::errc() || seconds >= chaincode::kLastSecond)
            return refuse("seconds since the epoch are out of range");
        return seconds;
    }
    int year = 0, month = 0, day = 0;
    if (!take_digits(text, 4, year) || !take(text, '-') || !take_digits(text, 2, month) || !take(text, '-') ||
        !take_digits(text, 2, day) || !(take(text, 'T') || take(text, 't') || take(text, ' '))) {
        return refuse("ISO 8601 or seconds since the epoch are expected");
    }
    const auto date = std::chrono::year(year) / month / day;
    Clock clock;
    if (!date.ok() || !take_clock(text, clock)) return refuse("there is no such date or time of day");
    std::int64_t east_s = 0;
    if (text.empty()) {
        if (!assume_utc) return refuse("it has no zone (say --utc when it is UTC)");
    } else if (!take_zone(text, east_s)) {
        return refuse("its zone is neither Z nor an offset");
    }
    const auto days = std::chrono::sys_days(date).time_since_epoch().count();
    const auto seconds = days * kDay_s + clock.hour * 3600 + clock.minute * 60 + clock.second - east_s;
    if (seconds < 0) return refuse("it is before 1970");
    return seconds;
}

}  // namespace tally::gateway::device_sdk
