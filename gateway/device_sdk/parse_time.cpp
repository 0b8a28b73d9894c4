#include "gateway/device_sdk/parse_time.h"

#include <date/tz.h>

#include <algorithm>
#include <sstream>

namespace tally::gateway::device_sdk {
namespace {

using std::chrono::seconds;

constexpr std::size_t kEpochDigits = 10;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The text with every digit as 9: what forms are compared by.
std::string shape_of(std::string_view text) {
    std::string shape(text);
    std::replace_if(shape.begin(), shape.end(), is_digit, '9');
    return shape;
}

// Takes a form off the front of a text and of its shape.
bool take(std::string_view& text, std::string_view& shape, std::string_view form) {
    if (!shape.starts_with(form)) return false;
    text.remove_prefix(form.size());
    shape.remove_prefix(form.size());
    return true;
}

struct Parts {
    std::string clock;  // YYYY-MM-DDTHH:MM:SS
    std::string zone;   // Z, +HHMM, or empty
};

// Why numbers that other programs write are none of ours.
std::string_view why_no_epoch(std::size_t digits) {
    switch (digits) {
        case 8: return "eight digits may be a date; write 2026-05-01T00:00:00Z";
        case 12:
        case 14: return "a date and time without separators; write 2026-05-01T00:00:00Z";
        case 13: return "thirteen digits may be milliseconds since 1970; seconds are expected";
        default: return "a number is a time only as seconds since 1970, with ten digits";
    }
}

std::string_view why_no_time(std::string_view text, std::string_view shape) {
    if (shape.find_first_not_of('9') == std::string_view::npos && !text.empty()) return why_no_epoch(text.size());
    if (shape == "9999-99-99") return "it has no time of day";
    if (shape.starts_with("99.99.") || shape.starts_with("99/99/") || shape.starts_with("9/9") ||
        shape.starts_with("99-99-") || shape.starts_with("99/9/") || shape.starts_with("9/99/"))
        return "day and month could be either way round; write 2026-05-01T00:00:00Z";
    if (shape.starts_with("9999-99-99T99:99:99.") || shape.starts_with("9999-99-99 99:99:99."))
        return "whole seconds are expected";
    return "expected are forms like 2026-05-01T13:00:00Z, 2026-05-01 13:00+02:00, or seconds since 1970";
}

// The form alone: which numbers there are is the calendar's matter.
bool split(std::string_view text, std::string_view shape, Parts& parts) {
    const auto date = text.substr(0, 10);
    if (!take(text, shape, "9999-99-99")) return false;
    if (!take(text, shape, "T") && !take(text, shape, "t") && !take(text, shape, " ")) return false;
    const auto clock = text.substr(0, 8);
    if (take(text, shape, "99:99:99")) {
        parts.clock = fmt::format("{}T{}", date, clock);
        if (shape.starts_with(".9")) {
            const auto end = std::min(text.find_first_not_of('0', 1), text.size());
            if (end < 2) return false;
            text.remove_prefix(end);
            shape.remove_prefix(end);
        }
    } else if (take(text, shape, "99:99")) {
        parts.clock = fmt::format("{}T{}:00", date, clock.substr(0, 5));
    } else {
        return false;
    }
    if (text.empty()) return true;
    (void)take(text, shape, " ");
    if (shape == "Z" || shape == "z") {
        parts.zone = "Z";
    } else if (shape == "+99:99" || shape == "-99:99") {
        parts.zone = fmt::format("{}{}", text.substr(0, 3), text.substr(4));
    } else if (shape == "+9999" || shape == "-9999") {
        parts.zone = text;
    } else if (shape == "+99" || shape == "-99") {
        parts.zone = fmt::format("{}00", text);
    } else {
        return false;
    }
    return true;
}

bool is_offset(std::string_view zone) {
    return zone.substr(1, 2) < std::string_view("24") && zone.substr(3, 2) < std::string_view("60");
}

}  // namespace

Result<WrittenTime> read_time(std::string_view text) {
    const auto refuse = [text](std::string_view why) {
        return fail(Code::malformed, "\"{}\" is no time: {}", text.substr(0, 40), why);
    };
    const auto shape = shape_of(text);
    if (shape == std::string(kEpochDigits, '9') && text.front() != '0')
        return WrittenTime{WrittenTime::Form::epoch, std::stoll(std::string(text))};
    Parts parts;
    if (!split(text, shape, parts)) return refuse(why_no_time(text, shape));
    std::istringstream in(parts.clock);
    date::local_seconds local;
    in >> date::parse("%Y-%m-%dT%H:%M:%S", local);
    // The library takes 23:59:60 for the next minute; a clock that shows it is not meant.
    if (in.fail() || in.peek() != std::istringstream::traits_type::eof() || parts.clock.ends_with(":60"))
        return refuse("there is no such date or time of day");
    WrittenTime out{WrittenTime::Form::local, local.time_since_epoch().count()};
    if (!parts.zone.empty()) {
        out.form = WrittenTime::Form::zoned;
        if (parts.zone != "Z") {
            if (!is_offset(parts.zone)) return refuse("its offset is none of a clock");
            const auto number = [&](std::size_t at) { return std::stoll(parts.zone.substr(at, 2)); };
            const auto east_s = number(1) * 3600 + number(3) * 60;
            out.seconds -= parts.zone.front() == '-' ? -east_s : east_s;
        }
    }
    if (out.seconds < 0) return refuse("it is before 1970");
    return out;
}

Result<std::int64_t> parse_time(std::string_view text) { return TRY(read_time(text)).seconds; }

Result<TimeZone> TimeZone::find(const std::string& name) {
    try {
        return TimeZone(date::locate_zone(name));
    } catch (const std::exception& error) {  // the library knows no other way to say it
        return fail(Code::invalid_argument, "the system knows no time zone \"{}\" (tzdata): {}", name.substr(0, 64),
                    error.what());
    }
}

std::vector<std::int64_t> TimeZone::moments_of(std::int64_t local_s) const {
    const date::local_seconds local{seconds(local_s)};
    const auto info = zone_->get_info(local);
    const auto moment = [&](const date::sys_info& part) { return local_s - part.offset.count(); };
    switch (info.result) {
        case date::local_info::unique: return {moment(info.first)};
        case date::local_info::ambiguous: return {moment(info.first), moment(info.second)};
        default: return {};
    }
}

TimeZone::Day TimeZone::day_of(std::int64_t moment_s) const {
    const date::sys_seconds moment{seconds(moment_s)};
    const auto midnight = date::floor<date::days>(zone_->to_local(moment));
    const auto begin_of = [&](date::local_days day) {
        return zone_->to_sys(date::local_seconds(day), date::choose::earliest).time_since_epoch().count();
    };
    return {begin_of(midnight), begin_of(midnight + date::days(1))};
}

chaincode::Zone TimeZone::rules(std::int64_t from_s, std::int64_t until_s) const {
    auto info = zone_->get_info(date::sys_seconds(seconds(from_s)));
    chaincode::Zone zone{zone_->name(), info.offset.count(), {}};
    auto offset = zone.offset_s;
    while (info.end.time_since_epoch().count() < until_s) {
        const auto at = info.end;
        info = zone_->get_info(at);
        if (info.offset.count() == offset) continue;  // another abbreviation, or another rule
        offset = info.offset.count();
        zone.shifts.push_back({at.time_since_epoch().count(), offset});
    }
    return zone;
}

}  // namespace tally::gateway::device_sdk
