#pragma once
// Takes telemetry, the operator's own series, into this node's store, from which its figures of each day go onto the
// ledger (node/settling/telemetry_days.h).
//
//   a pack        is stored whole or refused whole, but for samples of days whose figures are on the ledger: they are
//                 `late`, and the others are stored
//   a sample      one value of a field at a time. The same value again is a duplicate; another value at the same time
//                 refuses the pack (conflict)
//   a name        FIELD, DEVICE:FIELD or DEVICE/FIELD; the field is one of the device's schemas, the unit is that of
//   the
//                 schema or not said, and the value fits the schema's decimals
//   a time        at most kKept_days old, and ahead by no more than the device's max_skew_s
//
// Samples are durable after `store.sync()`; the caller acknowledges nothing before. One thread.

#include <string>

#include "gateway/mqtt/senml.h"
#include "gateway/mqtt/telemetry_devices.h"
#include "storage/telemetry_store.h"

namespace tally::gateway::mqtt {

inline constexpr std::int64_t kTelemetryKept_days = 40;
inline constexpr std::size_t kMostTelemetryBytes = 256U << 10;  // of a message

struct TelemetryTaken {
    std::size_t stored = 0;
    std::size_t duplicates = 0;
    std::size_t late = 0;
};

class Telemetry {
  public:
    Telemetry(storage::TelemetryStore& store, AskLedger ask, std::string organization)
        : store_(store), devices_(std::move(ask), std::move(organization)) {}

    struct Message {
        std::string device;
        ByteView payload;
        std::uint16_t packet = 0;      // MQTT's packet id
        bool may_be_again = false;     // the first message of this packet id since the session was resumed
        std::int64_t received_ms = 0;  // relative times count from here
    };
    [[nodiscard]] Result<TelemetryTaken> take_senml(const Message& message);
    // Samples that another format carried.
    struct Readings {
        std::vector<SenmlSample> samples;
        std::size_t payload_bytes = 0;
        std::int64_t received_ms = 0;
    };
    [[nodiscard]] Result<TelemetryTaken> take_readings(const std::string& device, const Readings& readings);
    [[nodiscard]] storage::TelemetryStore& store() { return store_; }
    [[nodiscard]] TelemetryDevices& devices() { return devices_; }

  private:
    [[nodiscard]] Status make_room(const std::string& device, std::vector<SenmlSample>& samples) const;
    [[nodiscard]] Result<TelemetryTaken> take(const std::string& device, const TelemetryDevice& known,
                                              const Readings& readings);

    storage::TelemetryStore& store_;
    TelemetryDevices devices_;
};

}  // namespace tally::gateway::mqtt
