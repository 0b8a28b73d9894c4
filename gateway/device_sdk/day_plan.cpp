#include "gateway/device_sdk/day_plan.h"

#include <fmt/chrono.h>

#include <algorithm>

namespace tally::gateway::device_sdk {

namespace {

Measurements rows_of(const Measurements& all, const DayRows& day) {
    const auto fields = all.fields.size();
    const auto times = all.times_s.begin() + static_cast<std::ptrdiff_t>(day.first);
    const auto values = all.values.begin() + static_cast<std::ptrdiff_t>(day.first * fields);
    return {all.fields,
            {times, times + static_cast<std::ptrdiff_t>(day.count)},
            {values, values + static_cast<std::ptrdiff_t>(day.count * fields)}};
}

bool has_these_readings(const SignedDay& there, const Measurements& rows, const RecordPlan& plan) {
    if (there.start_s != plan.start_s || there.end_s != plan.end_s) return false;
    const auto conformed = conform(rows, there.fields);
    if (!conformed) return false;
    const auto record = build_record(*conformed, plan);
    return record && record->record.root == there.root;
}

}  // namespace

Result<std::vector<PlannedDay>> plan_days(const DeviceKey& device, const Measurements& measurements,
                                          const std::vector<DayRows>& days, std::int64_t polling_interval_s,
                                          std::int64_t now_s, std::span<const SignedDay> ledger) {
    std::vector<PlannedDay> out;
    for (const auto& rows : days) {
        RecordPlan plan;
        plan.start_s = rows.start_s;
        plan.end_s = rows.end_s;
        plan.polling_interval_s = polling_interval_s > 0 ? polling_interval_s : rows.end_s - rows.start_s;
        auto& day = out.emplace_back();
        day.start_s = plan.start_s;
        day.end_s = plan.end_s;
        if (day.end_s > now_s) {
            day.state = DayState::unfinished;
            continue;
        }
        const auto day_rows = rows_of(measurements, rows);
        const auto on_ledger = std::find_if(ledger.begin(), ledger.end(), [&](const auto& there) {
            return there.start_s < plan.end_s && there.end_s > plan.start_s;
        });
        const auto there =
            on_ledger != ledger.end() ? std::optional(*on_ledger) : device.signed_day(plan.start_s, plan.end_s);
        if (there) {
            day.sequence = there->sequence;
            day.state = there->refused                               ? DayState::refused
                        : has_these_readings(*there, day_rows, plan) ? DayState::known
                                                                     : DayState::different;
            continue;
        }
        day.record = TRY(build_record(day_rows, plan));
        if (auto fits = device.check_size(day.record); !fits)
            return std::unexpected(fits.error().within(
                fmt::format("the day from {:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(static_cast<std::time_t>(day.start_s)))));
    }
    return out;
}

}  // namespace tally::gateway::device_sdk
