#pragma once
// What the benchmarks of billing and of audits stand on: devices whose signed days are on the ledger, and an agreement
// over them that all its parties have signed. One thread, but for publish_days, which runs a load.

#include "bench/cluster/bench_ground.h"
#include "bench/cluster/bench_load.h"
#include "chaincode/calendar.h"
#include "crypto/key.h"

namespace tally::node::cli {

struct FleetPlan {
    std::string name;  // of its shard, its schema and its agreement; its devices' ids begin with it
    std::size_t devices = 1;
    std::size_t fields = 1;
    std::int64_t interval_s = 3600;
    chaincode::Date from;  // days of UTC
    chaincode::Date until;

    [[nodiscard]] std::size_t days() const { return static_cast<std::size_t>(chaincode::days_between(from, until)); }
};

struct FleetDevice {
    std::string id;
    crypto::PrivateKey key;
};

// Registers the plan's schema and devices, in the name of the first node's organization.
[[nodiscard]] Result<std::vector<FleetDevice>> register_fleet(Ground& ground, const FleetPlan& plan);
// Proposes the agreement for the plan's shard and days, and signs it for every organization. The first operates the
// devices, the last is billed, the second verifies; with one organization it is all of these. Days become FINAL as soon
// as they have ended. The field is billed as a sum with two tiers, and each device pays a fee.
[[nodiscard]] Status agree_on(Ground& ground, const FleetPlan& plan);
// Lines of a device in each invoice of that agreement, as a day's sum never reaches the second tier.
inline constexpr std::int64_t kFleetLines = 2;

// Signs and publishes one record for each device and day.
[[nodiscard]] Status publish_days(Ground& ground, const FleetPlan& plan, const std::vector<FleetDevice>& devices,
                                  std::size_t connections, const std::atomic<bool>& interrupted);

// CPU seconds that the threads of the ground's nodes have used so far, together. To the nanosecond: a process's own
// counters have steps of 10 ms.
[[nodiscard]] Result<double> servers_cpu(const Ground& ground);

}  // namespace tally::node::cli
