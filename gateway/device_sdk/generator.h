#pragma once
// Measurements that are made up: plausible days of a household with solar cells, for demonstrations, tests and
// benchmarks. Integers only and a generator of its own, so that equal options give equal rows on every machine. Pure.

#include "gateway/device_sdk/measurements.h"

namespace tally::gateway::device_sdk {

struct GeneratorOptions {
    std::uint64_t seed = 1;
    std::int64_t start_s = 0;  // of the first day
    std::size_t days = 1;
    std::int64_t interval_s = 60;
    std::size_t fields = 7;            // up to 12 have names and shapes of their own, more are further channels
    unsigned missing_per_million = 0;  // values that are null
    unsigned absent_per_million = 0;   // rows that are not there
};

[[nodiscard]] Measurements generate(const GeneratorOptions& options);

}  // namespace tally::gateway::device_sdk
