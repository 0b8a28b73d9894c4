#pragma once
// What a consortium needs for its devices: disk, network and CPU, from measured costs of a record. Pure arithmetic.
//
// The model: every device publishes one signed record a day with the day's readings (packed, as the device SDK makes
// it), and small keep-alive records. Each record is a block of its own, as it is when fewer than about a hundred arrive
// in a second; records that share a block cost less. Costs are linear in a record's bytes; the constants are in
// sizing.cpp, each with the command that measures it again. tests/e2e/plan_test.py compares them with a run.

#include <cstdint>
#include <optional>

#include "crypto/error.h"

namespace tally::node::cli {

struct Fleet {
    std::int64_t devices = 0;
    std::int64_t interval_s = 60;             // between two readings
    std::int64_t fields = 1;                  // of a reading
    std::optional<std::int64_t> keepalive_s;  // between two keep-alive records; none: only the daily ones
    std::int64_t within_s = 3600;             // the time in which all daily records arrive
    std::int64_t nodes = 4;                   // each orders, endorses and commits
    std::int64_t years = 10;                  // of 365 days
    std::optional<std::int64_t> keep_days;    // storage.keep_days; none: everything is kept
};

// What one record costs.
struct RecordCost {
    double message_bytes = 0;  // as the device sends it
    double disk_bytes = 0;     // of each node
    double pruned_bytes = 0;   // of them, what pruning leaves
    double network_bytes = 0;  // sent between the nodes, all together
    double cpu_s = 0;          // of each node
};

struct Sizing {
    RecordCost daily;
    RecordCost keepalive;
    double records_a_day = 0;
    double disk_bytes_a_day = 0;       // by which each node grows before anything is pruned
    double disk_bytes = 0;             // of each node at the end, with what it needs from the start
    double network_bytes_a_day = 0;    // between nodes, all together
    double network_bits_a_second = 0;  // sent by each node, and received, in the busiest time
    double clients_bytes_a_day = 0;    // from devices to gateways
    double records_a_second = 0;       // in the busiest time
    double cores_on_average = 0;       // of each node
    double cores_at_most = 0;          // of each node, in the busiest time
};

// Every figure of the fleet is at least 1. too_large when a day does not fit into a record.
[[nodiscard]] Result<Sizing> size_of(const Fleet& fleet);

}  // namespace tally::node::cli
