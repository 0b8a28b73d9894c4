#include "gateway/device_sdk/measurements.h"
#include "chaincode/records/refusals.h"

#include <algorithm>

namespace tally::gateway::device_sdk {
namespace {

std::int64_t start_of_day(std::int64_t time_s) {
    const auto rest = time_s % kDay_s;
    return time_s - (rest < 0 ? rest + kDay_s : rest);
}

// value * 10^(from - to), exactly.
Result<std::int64_t> rescale(std::int64_t value, std::int64_t from, std::int64_t to, std::string_view name) {
    for (; from > to; --from) {
        if (__builtin_mul_overflow(value, 10, &value)) {
            return fail(chaincode::refusals::schema_mismatch, "a value of \"{}\" does not fit 64 bits at the scale {}",
                        name, to);
        }
    }
    for (; from < to; ++from) {
        if (value % 10 != 0)
            return fail(chaincode::refusals::schema_mismatch, "a value of \"{}\" is finer than the scale {}", name, to);
        value /= 10;
    }
    return value;
}

}  // namespace

std::vector<DayRows> days_of(const Measurements& measurements, const std::optional<TimeZone>& zone) {
    std::vector<DayRows> days;
    for (std::size_t i = 0; i < measurements.rows(); ++i) {
        const auto time = measurements.times_s[i];
        if (days.empty() || time >= days.back().end_s) {
            const auto utc = start_of_day(time);
            const auto day = zone ? zone->day_of(time) : TimeZone::Day{utc, utc + kDay_s};
            days.push_back({day.start_s, day.end_s, i, 0});
        }
        ++days.back().count;
    }
    return days;
}

std::vector<chaincode::Field> with_headroom(const Measurements& measurements) {
    constexpr int kHeadroom = 3;
    constexpr std::int64_t kMargin = kDay_s * 100;
    auto fields = measurements.fields;
    for (std::size_t k = 0; k < fields.size(); ++k) {
        std::int64_t largest = 1;
        for (std::size_t i = 0; i < measurements.rows(); ++i) {
            if (const auto value = measurements.row(i)[k])
                largest = std::max(largest, *value == INT64_MIN ? INT64_MAX : std::abs(*value));
        }
        for (int i = 0; i < kHeadroom && fields[k].scale > -chaincode::kMaxScale; ++i) {
            if (largest > INT64_MAX / kMargin / 10) break;
            largest *= 10;
            --fields[k].scale;
        }
    }
    return fields;
}

Result<Measurements> conform(const Measurements& measurements, std::span<const chaincode::Field> schema) {
    std::vector<std::size_t> sources;
    for (const auto& wanted : schema) {
        const auto found = std::find_if(measurements.fields.begin(), measurements.fields.end(),
                                        [&](const auto& field) { return field.name == wanted.name; });
        if (found == measurements.fields.end()) {
            return fail(chaincode::refusals::schema_mismatch, "the schema's field \"{}\" is not measured", wanted.name);
        }
        if (found->unit != wanted.unit) {
            return fail(chaincode::refusals::schema_mismatch, "\"{}\" is measured in {}, the schema says {}",
                        wanted.name, found->unit, wanted.unit);
        }
        sources.push_back(static_cast<std::size_t>(found - measurements.fields.begin()));
    }
    Measurements out{{schema.begin(), schema.end()}, measurements.times_s, {}};
    out.values.reserve(schema.size() * measurements.rows());
    for (std::size_t i = 0; i < measurements.rows(); ++i) {
        const auto row = measurements.row(i);
        for (std::size_t k = 0; k < sources.size(); ++k) {
            auto value = row[sources[k]];
            if (value)
                value = TRY(rescale(*value, measurements.fields[sources[k]].scale, schema[k].scale, schema[k].name));
            out.values.push_back(value);
        }
    }
    return out;
}

}  // namespace tally::gateway::device_sdk
