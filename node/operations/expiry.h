#pragma once
// What expires: certificates of this node, authorities and revocation lists of the channel's organizations and
// of their devices. It is announced 14 days before, one day before, and when it has happened: in the log, as a metric,
// by `tally doctor`, and, where it stops this node's own organization, in readiness.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "node/channel/channel_config.h"
#include "node/metrics/metrics.h"
#include "storage/state_reader.h"

namespace tally::node {

struct Expiry {
    std::string what;  // "revocation list of A root (A)"
    std::int64_t until_ms = 0;

    friend bool operator==(const Expiry&, const Expiry&) = default;
};

enum class ExpiryStage { far, days, day, over };  // more than 14 days; at most 14; at most one; ended
[[nodiscard]] ExpiryStage stage_of(const Expiry& expiry, std::int64_t now_ms);
[[nodiscard]] std::string described(const Expiry& expiry, std::int64_t now_ms);

// Of the organizations: of authorities that were renewed under the same key, and of lists of one authority, only what
// ends last.
[[nodiscard]] std::vector<Expiry> organization_expiries(const ChannelConfig& config);
// Of their devices: the registry's trust anchors and lists in this state.
[[nodiscard]] Result<std::vector<Expiry>> device_expiries(const storage::StateReader& state);

// Reads them once a minute, on the thread that calls `watch`; the rest is for any thread.
class ExpiryWatch {
  public:
    using Read = std::function<std::vector<Expiry>()>;
    explicit ExpiryWatch(Read read) : read_(std::move(read)) {}

    // Called every second or so: tells the log once when something comes to its next stage.
    void watch(std::int64_t now_ms);
    void add_gauges(Metrics& metrics) const;

  private:
    Read read_;
    std::int64_t due_ms_ = 0;
    mutable std::mutex mutex_;
    std::vector<Expiry> known_;
    std::vector<std::pair<std::string, ExpiryStage>> told_;
};

}  // namespace tally::node
