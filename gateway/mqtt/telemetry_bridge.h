#pragma once
// The bridge's side of telemetry: messages into the store, replies after they are durable. Private to bridge.cpp.
// The bridge's thread.

#include <functional>
#include <string>
#include <vector>

#include "gateway/mqtt/bridge.h"
#include "gateway/mqtt/sparkplug_sessions.h"
#include "gateway/mqtt/telemetry.h"

namespace tally::gateway::mqtt {

class TelemetryBridge {
  public:
    using Publish = std::function<void(std::string topic, std::string text)>;
    TelemetryBridge(const BridgeOptions& options, std::string organization, BridgeCounters& counters, Bridge::Log log,
                    Publish reply, Publish command);

    // What is subscribed to.
    [[nodiscard]] static std::vector<std::string> topics(const BridgeOptions& options);
    // False: the topic is none of telemetry's.
    [[nodiscard]] bool take(const Incoming& message);
    // A record that is on the ledger counts as traffic. Any thread.
    struct Counted {
        std::int64_t at_ms = 0;
        crypto::Hash content_id;
        std::int64_t payload_bytes = 0;
        std::int64_t samples = 0;
    };
    void count_record(const std::string& device, const Counted& record);
    // Makes durable what was taken, and only then replies.
    [[nodiscard]] Status settle();
    void look();
    [[nodiscard]] Status session_ended() { return telemetry_.store().forget_deliveries(); }

  private:
    void take_senml(const std::string& device, const Incoming& message);
    void take_samples(const std::string& device, std::vector<SenmlSample> samples, std::size_t payload_bytes);
    void refuse(const std::string& device, const Error& error);

    const BridgeOptions& options_;
    BridgeCounters& counters_;
    Bridge::Log log_;
    Publish reply_;
    Telemetry telemetry_;
    SparkplugSessions sparkplug_;
    std::vector<std::pair<std::string, std::string>> replies_;  // wait for the disk: topics and texts
};

}  // namespace tally::gateway::mqtt
