#include "gateway/device_sdk/csv_times.h"

#include <algorithm>
#include <map>
#include <utility>

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

Status check_epoch(std::span<const RowTime> rows) {
    if (rows.empty() || !std::ranges::all_of(rows, [](const auto& row) {
            return row.written.form == Form::epoch && may_be_date(row.written.seconds);
        }))
        return {};
    return fail(
        Code::malformed,
        "the times, like {}, may be seconds since 1970 or dates (YYMMDDhhmm); say --epoch when they are seconds",
        rows[0].written.seconds);
}

// Local times of a zone. Those that a clock shows twice are told apart by their order in the file.
class LocalTimes {
  public:
    LocalTimes(const TimeZone& zone, std::span<const RowTime> rows, CsvFindings& findings)
        : zone_(zone), findings_(findings) {
        for (const auto& row : rows) {
            if (row.written.form != Form::local || is_steady(row.written.seconds)) continue;
            if (zone_.moments_of(row.written.seconds).size() == 2) ++in_file_[{row.series, row.written.seconds}];
        }
        falling_ = rows.size() > 1 && rows.front().written.seconds > rows.back().written.seconds;
    }

    [[nodiscard]] Result<std::int64_t> next(const RowTime& row) {
        const auto local_s = row.written.seconds;
        if (is_steady(local_s)) return local_s - steady_->offset_s;
        const auto moments = zone_.moments_of(local_s);
        if (moments.empty()) {
            return fail(Code::malformed, "line {}: no clock of the zone shows this time: it was set forward past it",
                        row.line);
        }
        if (moments.size() == 1) return moments[0];
        const std::pair key(row.series, local_s);
        if (in_file_[key] != 2) {
            return fail(Code::malformed,
                        "line {}: a clock shows this time twice, as it is set back; the file has it {} times, so that "
                        "which one is meant is unknown",
                        row.line, in_file_[key]);
        }
        const bool second = (seen_[key]++ != 0) != falling_;
        findings_.doubt(row.line,
                        fmt::format("a clock shows this time twice, as it is set back; the file has it twice, "
                                    "and this row is the {} one",
                                    second ? "later" : "earlier"));
        return moments[second ? 1 : 0];
    }

  private:
    [[nodiscard]] bool is_steady(std::int64_t local_s) {
        if (!steady_ || local_s < steady_->from_s || local_s >= steady_->until_s) steady_ = zone_.steady_at(local_s);
        return steady_.has_value();
    }

    const TimeZone& zone_;
    CsvFindings& findings_;
    std::map<std::pair<std::uint32_t, std::int64_t>, std::size_t> in_file_, seen_;
    std::optional<TimeZone::Steady> steady_;
    bool falling_ = false;
};

// From the midnight of a row to its hour, where the day is long enough.
Result<std::int64_t> hour_of(std::int64_t midnight_s, const RowTime& row, const TimeOptions& options) {
    const auto end_s =
        options.zone && !options.assume_utc ? options.zone->day_of(midnight_s).end_s : midnight_s + kDay_s;
    if (midnight_s + row.after_s < end_s) return midnight_s + row.after_s;
    return fail(Code::malformed, "line {}: the day has {} hours, and this would be another one", row.line,
                (end_s - midnight_s) / 3600);
}

}  // namespace

Result<std::vector<std::optional<std::int64_t>>> moments_of(std::span<const RowTime> rows, const TimeOptions& options,
                                                            CsvFindings& findings) {
    if (!options.epoch) TRY(check_epoch(rows));
    std::optional<LocalTimes> local;
    if (options.zone && !options.assume_utc) local.emplace(*options.zone, rows, findings);
    std::vector<std::optional<std::int64_t>> out(rows.size());
    bool without_zone = false;
    for (std::size_t i = 0; i < rows.size(); ++i) {
        const auto& time = rows[i].written;
        if ((time.form == Form::epoch) != (rows[0].written.form == Form::epoch)) {
            TRY(findings.refuse({Code::malformed, fmt::format("line {}: seconds since 1970 and dates are in one column",
                                                              rows[i].line)}));
        } else if (time.form != Form::local || options.assume_utc) {
            out[i] = time.seconds;
        } else if (local) {
            const auto moment = local->next(rows[i]);
            if (moment)
                out[i] = *moment;
            else
                TRY(findings.refuse(moment.error()));
        } else if (!std::exchange(without_zone, true)) {  // once: it is the same for all
            TRY(findings.refuse({Code::malformed,
                                 fmt::format("line {}: the time has no zone; say --utc when it is UTC, or --zone, like "
                                             "Europe/Vienna",
                                             rows[i].line)}));
        }
    }
    for (std::size_t i = 0; i < rows.size(); ++i) {
        if (!out[i] || rows[i].after_s == 0) continue;
        const auto hour = hour_of(*out[i], rows[i], options);
        if (!hour) TRY(findings.refuse(hour.error()));
        out[i] = hour ? std::optional(*hour) : std::nullopt;
    }
    return out;
}

}  // namespace tally::gateway::device_sdk
