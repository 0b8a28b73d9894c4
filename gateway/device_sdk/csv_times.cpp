#include "gateway/device_sdk/csv_times.h"

#include <algorithm>
#include <map>

namespace tally::gateway::device_sdk {
namespace {

using Form = WrittenTime::Form;

bool may_be_date(std::int64_t number) {
    const auto minute = number % 100, hour = number / 100 % 100, day = number / 10'000 % 100;
    const auto month = number / 1'000'000 % 100;
    const bool to_the_minute = minute < 60 && hour < 24 && day >= 1 && day <= 31 && month >= 1 && month <= 12;
    const auto year = number / 1'000'000;  // YYYYMMDDhh
    const bool to_the_hour =
        minute < 24 && hour >= 1 && hour <= 31 && day >= 1 && day <= 12 && year >= 1970 && year < 2100;
    return to_the_minute || to_the_hour;
}

Status check_epoch(std::span<const WrittenTime> times) {
    if (times.empty() || !std::all_of(times.begin(), times.end(), [](const auto& time) {
            return time.form == Form::epoch && may_be_date(time.seconds);
        }))
        return {};
    return fail(
        Code::malformed,
        "the times, like {}, may be seconds since 1970 or dates (YYMMDDhhmm); say --epoch when they are seconds",
        times[0].seconds);
}

// Local times that a clock shows twice are told apart by their order in the file.
class LocalTimes {
  public:
    LocalTimes(const TimeZone& zone, std::span<const WrittenTime> times) : zone_(zone) {
        for (const auto& time : times) {
            if (time.form == Form::local) ++in_file_[time.seconds];
        }
        falling_ = times.size() > 1 && times.front().seconds > times.back().seconds;
    }

    [[nodiscard]] Result<std::int64_t> next(std::int64_t local_s, std::size_t line) {
        const auto moments = zone_.moments_of(local_s);
        if (moments.empty()) {
            return fail(Code::malformed, "line {}: no clock of the zone shows this time: it was set forward past it",
                        line);
        }
        if (moments.size() == 1) return moments[0];
        if (in_file_[local_s] != 2) {
            return fail(Code::malformed,
                        "line {}: a clock shows this time twice, as it is set back; the file has it {} times, so that "
                        "which one is meant is unknown",
                        line, in_file_[local_s]);
        }
        const bool second = seen_[local_s]++ != 0;
        return moments[second != falling_ ? 1 : 0];
    }

  private:
    const TimeZone& zone_;
    std::map<std::int64_t, std::size_t> in_file_, seen_;
    bool falling_ = false;
};

}  // namespace

Result<std::vector<std::int64_t>> moments_of(std::span<const WrittenTime> times, std::span<const std::size_t> lines,
                                             const TimeOptions& options) {
    if (!options.epoch) TRY(check_epoch(times));
    std::optional<LocalTimes> local;
    if (options.zone) local.emplace(*options.zone, times);
    std::vector<std::int64_t> out;
    out.reserve(times.size());
    for (std::size_t i = 0; i < times.size(); ++i) {
        const auto& time = times[i];
        if ((time.form == Form::epoch) != (times[0].form == Form::epoch)) {
            return fail(Code::malformed, "line {}: seconds since 1970 and dates are in one column", lines[i]);
        }
        if (time.form != Form::local || options.assume_utc) {
            out.push_back(time.seconds);
        } else if (local) {
            out.push_back(TRY(local->next(time.seconds, lines[i])));
        } else {
            return fail(Code::malformed,
                        "line {}: the time has no zone; say --utc when it is UTC, or --timezone, like Europe/Vienna",
                        lines[i]);
        }
    }
    return out;
}

}  // namespace tally::gateway::device_sdk
