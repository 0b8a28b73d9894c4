#pragma once
// Puts the figures of telemetry onto the ledger: of each device and day that has samples in this node's store, one
// data.cloud_series with count, sum, first and last of each field, and what the gateway has counted of the device's
// messages.
//
//   which day   of the zone of each agreement in force that covers the device and that this organization operates;
//               of UTC where there is none
//   when        `wait` after the day's end and after its last sample came. The day is then closed: later samples are
//               refused as late
//   once        the ledger refuses a second time (already_exists), so a loss between the steps, or another gateway with
//               the same figures, does no harm
//
// Samples are removed when they are kRemovedAfter_days old. One thread.

#include <chrono>
#include <stop_token>

#include "node/settling/contract_calls.h"
#include "storage/telemetry_store.h"

namespace tally::node {

// Until `stop`. The log says what was stored and what failed.
void run_telemetry_days(ContractCalls& calls, storage::TelemetryStore& store, std::chrono::seconds wait,
                        std::stop_token stop);

// One look. How many days' figures were stored.
[[nodiscard]] Result<std::size_t> store_telemetry_days(ContractCalls& calls, storage::TelemetryStore& store,
                                                       std::chrono::seconds wait, std::int64_t now_ms);

}  // namespace tally::node
