#pragma once
// Takes what devices send to an MQTT broker: signed records for the ledger, each answered with what became of it, and
// telemetry for the operator's own series.
//
//   tally/v1/CHANNEL/DEVICE/record      in: a signed record (COSE), or an OCMF record, as POST /v1/records takes it
//   tally/v1/CHANNEL/DEVICE/telemetry   in: a SenML pack (telemetry.h)
//   tally/v1/CHANNEL/DEVICE/register    in: a request of a device that the ledger does not know yet (registrar.h)
//   tally/v1/CHANNEL/DEVICE/reply       out: {"content_id", "status", "content_type", "body"}; of a record, status and
//                                       body are those that POST /v1/records would have answered with; of telemetry,
//                                       the content id is the payload's SHA-256, and it is on this node's disk
//   spBv1.0/CHANNEL/...                 in: Sparkplug B (sparkplug_sessions.h); out: requests for a birth
//
// A device keeps its message until a reply says that it is committed or stored, or refused for good, and sends it again
// otherwise: so messages survive the loss of broker, bridge and node at any moment. The content id makes each record
// count once, and field and time each sample.
//
// Retained messages are dropped and counted, and so are those of QoS 0 but Sparkplug's, which are always of QoS 0. A
// record that another device signed than the topic names is `wrong_device`. At most `max_in_flight` records are on
// their way; beyond that the bridge does not read, and the broker holds what comes.
//
// One thread of its own. `start` and `stop` are the owner's; counters may be read by any thread. The Submissions,
// the store and the registrar must outlive it.

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "gateway/backend.h"
#include "gateway/mqtt/connection.h"
#include "gateway/mqtt/telemetry_devices.h"
#include "storage/telemetry_store.h"

namespace tally::gateway::mqtt {

class Registrar;

struct BridgeOptions {
    Broker broker;
    std::filesystem::path authorities;
    std::filesystem::path certificate;
    std::filesystem::path key;
    std::string client_id;
    std::string channel;
    std::string share;  // of several gateways each record goes to one: the name of the group; empty: to all
    std::size_t max_in_flight = 64;
    storage::TelemetryStore* telemetry = nullptr;  // none: no telemetry is taken
    AskLedger ask;                                 // with telemetry
    bool sparkplug = false;
    Registrar* registrar = nullptr;  // none: no requests are taken
    std::function<bool()> disk_is_full = [] { return false; };
};

struct BridgeCounters {
    std::atomic<std::uint64_t> records = 0;  // that came
    std::atomic<std::uint64_t> committed = 0;
    std::atomic<std::uint64_t> refused = 0;  // with any other answer
    std::atomic<std::uint64_t> dropped = 0;  // retained, of QoS 0, or of no topic of ours
    std::atomic<std::uint64_t> wrong_device = 0;
    std::atomic<std::uint64_t> registrations = 0;  // that came
    std::atomic<std::uint64_t> packs = 0;          // of telemetry, that came
    std::atomic<std::uint64_t> samples = 0;
    std::atomic<std::uint64_t> duplicates = 0;
    std::atomic<std::uint64_t> late = 0;
    std::atomic<std::uint64_t> packs_refused = 0;
    std::atomic<std::uint64_t> sparkplug_alive = 0;  // edge nodes and devices
    std::atomic<std::uint64_t> sparkplug_dropped = 0;
    std::atomic<std::uint64_t> sparkplug_gaps = 0;
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

}  // namespace tally::gateway::mqtt
