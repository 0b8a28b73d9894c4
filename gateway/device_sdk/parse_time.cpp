#include "gateway/device_sdk/parse_time.h"

#include <date/tz.h>

#include <algorithm>

namespace tally::gateway::device_sdk {
namespace {

using std::chrono::seconds;

std::string_view why_not_strict(const TimeText& time) {
    if (time.date_only) return "it has no time of day";
    if (time.fraction) return "whole seconds are expected";
    return "expected are forms like 2026-05-01T13:00:00Z, 2026-05-01 13:00+02:00, or seconds since 1970";
}

}  // namespace

Result<WrittenTime> read_time(std::string_view text) {
    const auto time = scan_time(text, TimeFormat::automatic);
    if (time && time->strict) return time->time;
    return fail(Code::malformed, "\"{}\" is no time: {}", text.substr(0, 40),
                time ? why_not_strict(*time) : time.error());
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

std::string TimeZone::name() const { return zone_->name(); }

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

std::optional<TimeZone::Steady> TimeZone::steady_at(std::int64_t local_s) const {
    const auto info = zone_->get_info(date::local_seconds(seconds(local_s)));
    if (info.result != date::local_info::unique) return std::nullopt;
    const auto offset_s = info.first.offset.count();
    const Steady out{info.first.begin.time_since_epoch().count() + offset_s + kDay_s,
                     info.first.end.time_since_epoch().count() + offset_s - kDay_s, offset_s};
    return out.from_s <= local_s && local_s < out.until_s ? std::optional(out) : std::nullopt;
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
