#pragma once
// Takes devices' signed records from an MQTT broker to the ledger, and answers each with what became of it.
//
//   tally/v1/CHANNEL/DEVICE/record   in: a signed record (COSE), or an OCMF record, as POST /v1/records takes it
//   tally/v1/CHANNEL/DEVICE/reply    out: {"content_id", "status", "content_type", "body"}; status and body are those
//                                    that POST /v1/records would have answered with
//
// A device keeps its record until a reply says that it is committed, or refused for good, and sends it again otherwise:
// so records survive the loss of broker, bridge and node at any moment, and the content id makes each count once.
//
// Retained messages and messages of QoS 0 are dropped and counted. A record that another device signed than the topic
// names is `wrong_device`. At most `max_in_flight` records are on their way; beyond that the bridge does not read, and
// the broker holds what comes.
//
// One thread of its own. `start` and `stop` are the owner's; counters may be read by any thread. The Submissions must
// outlive it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "gateway/backend.h"
#include "gateway/mqtt/connection.h"

namespace tally::gateway::mqtt {

struct BridgeOptions {
    Broker broker;
    std::filesystem::path authorities;
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::string client_id;
    std::string channel;
    std::string share;  // of several gateways each record goes to one: the name of the group; empty: to all
    std::size_t max_in_flight = 64;
};

struct BridgeCounters {
    std::atomic<std::uint64_t> records = 0;  // that came
    std::atomic<std::uint64_t> committed = 0;
    std::atomic<std::uint64_t> refused = 0;  // with any other answer
    std::atomic<std::uint64_t> dropped = 0;  // retained, of QoS 0, or of no topic of ours
    std::atomic<std::uint64_t> wrong_device = 0;
    std::atomic<bool> connected = false;
};

class Bridge {
  public:
    using Log = std::function<void(const std::string& line)>;
    // In whose name records are published.
    [[nodiscard]] static Result<std::unique_ptr<Bridge>> create(BridgeOptions options, Submissions& submissions,
                                                                Caller caller, Log log);
    ~Bridge();
    void start();
    void stop();  // waits for what is on its way, 10 s at most

    [[nodiscard]] const BridgeCounters& counters() const;

  private:
    struct Impl;
    explicit Bridge(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

// The topics of a device.
[[nodiscard]] std::string record_topic(std::string_view channel, std::string_view device);
[[nodiscard]] std::string reply_topic(std::string_view channel, std::string_view device);

}  // namespace tally::gateway::mqtt
