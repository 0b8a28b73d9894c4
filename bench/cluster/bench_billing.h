#pragma once
// tally bench billing: a month of many devices becomes FINAL and is billed, by the steps that `tally agreement settle`
// takes: finalize, prepare, compute. The devices' signed records are published before, and are not measured.

#include "bench/cluster/bench_ground.h"

namespace tally::node::cli {

struct BillingBench {
    GroundOptions ground;
    std::size_t devices = 10'000;
    std::size_t days = 30;  // that end with last month
    std::size_t connections = 32;
};

[[nodiscard]] Status bench_billing(const BillingBench& options, const std::atomic<bool>& interrupted);

}  // namespace tally::node::cli
