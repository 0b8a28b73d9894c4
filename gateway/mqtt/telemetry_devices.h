#pragma once
// What the registry says of the devices that send telemetry: whether their samples count, and their fields. Answers
// are kept for a minute, refusals for some seconds, at most 10,000 of them; the oldest goes first.
//
// One thread. Failures of `find`: unknown_device, permission_denied (another organization's), device_suspended,
// device_retired, and those of the query.

#include <chrono>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/mqtt/ask_ledger.h"

namespace tally::gateway::mqtt {

struct TelemetryField {
    std::string unit;
    std::int64_t scale = 0;
};

struct TelemetryDevice {
    std::map<std::string, std::vector<TelemetryField>, std::less<>> fields;  // one of each unit, its finest scale
    std::int64_t max_skew_ms = 0;
};

class TelemetryDevices {
  public:
    TelemetryDevices(AskLedger ask, std::string organization)
        : ask_(std::move(ask)), organization_(std::move(organization)) {}

    [[nodiscard]] Result<std::shared_ptr<const TelemetryDevice>> find(const std::string& device);

  private:
    using Clock = std::chrono::steady_clock;
    struct Entry {
        Result<std::shared_ptr<const TelemetryDevice>> answer;
        Clock::time_point until;
    };
    [[nodiscard]] Result<std::shared_ptr<const TelemetryDevice>> look_up(const std::string& device);

    AskLedger ask_;
    std::string organization_;
    std::unordered_map<std::string, Entry> known_;
    std::deque<std::string> order_;  // of known_, the oldest first
};

}  // namespace tally::gateway::mqtt
