#pragma once
// The samples that a gateway has received as telemetry and not yet put onto the ledger as figures of a day, on this
// node's disk alone. Also what belongs to them: traffic counted by quarters of an hour, days that are closed, and which
// deliveries of the broker are stored.
//
// What is put is durable after `sync`, all or nothing; reads by `find` see it before. `close` ends a span of time of a
// device: it first makes durable what was put, and nothing is put into it afterwards. A RocksDB; keys by device and
// time.
//
// A device has at most 100,000 samples in a quarter of an hour, so a flood ends at a size on the disk.
//
// Safe from any thread. Failures: io_error, disk_full, corrupt; `put` also rate_limited.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/hash.h"

namespace tally::storage {

// units * 10^scale, in `unit`.
struct TelemetryFigure {
    std::int64_t units = 0;
    std::int64_t scale = 0;  // -128 to 127
    std::string unit;

    friend bool operator==(const TelemetryFigure&, const TelemetryFigure&) = default;
};

struct TelemetryTraffic {
    std::int64_t messages = 0;
    std::int64_t payload_bytes = 0;
    std::int64_t samples = 0;
    std::int64_t last_arrival_ms = 0;
};

struct TelemetrySpan {
    std::int64_t from_ms = 0;
    std::int64_t to_ms = 0;     // not included
    bool is_on_ledger = false;  // its figures
};

class TelemetryStore {
  public:
    [[nodiscard]] static Result<std::unique_ptr<TelemetryStore>> open(const std::filesystem::path& directory);
    ~TelemetryStore();
    TelemetryStore(const TelemetryStore&) = delete;
    TelemetryStore& operator=(const TelemetryStore&) = delete;

    [[nodiscard]] Result<std::optional<TelemetryFigure>> find(const std::string& device, std::int64_t time_ms,
                                                              const std::string& field) const;
    // The closed span that holds the time.
    [[nodiscard]] Result<std::optional<TelemetrySpan>> closed_span(const std::string& device,
                                                                   std::int64_t time_ms) const;
    // In memory until `sync`. The caller has checked that the time is not closed; a span that another thread closes
    // meanwhile refuses the whole change: false.
    struct Sample {
        std::int64_t time_ms = 0;
        std::string field;
        TelemetryFigure figure;
    };
    // The message counts for the quarter of an hour of the first sample, and each sample for its own.
    [[nodiscard]] Result<bool> put(const std::string& device, const std::vector<Sample>& samples,
                                   std::size_t payload_bytes, std::int64_t received_ms);
    // Counts a message without samples of telemetry, once for its id.
    [[nodiscard]] Status count_once(const std::string& device, std::int64_t time_ms, const crypto::Hash& id,
                                    const TelemetryTraffic& message);
    [[nodiscard]] Result<TelemetryTraffic> traffic(const std::string& device, std::int64_t from_ms,
                                                   std::int64_t to_ms) const;
    [[nodiscard]] bool has_unsynced() const;
    [[nodiscard]] Status sync();

    // Deliveries of the broker's session, by their packet id: whether this one is the last that was remembered under
    // it. Forgotten when the session ends.
    void remember_delivery(std::uint16_t packet, const crypto::Hash& message);
    [[nodiscard]] Result<bool> was_delivered(std::uint16_t packet, const crypto::Hash& message) const;
    [[nodiscard]] Status forget_deliveries();

    // The span begins and ends with a quarter of an hour, as days do in every time zone.
    [[nodiscard]] Status close(const std::string& device, std::int64_t from_ms, std::int64_t to_ms);
    [[nodiscard]] Status set_on_ledger(const std::string& device, std::int64_t from_ms, std::int64_t to_ms);
    [[nodiscard]] Result<std::optional<TelemetrySpan>> span_from(const std::string& device, std::int64_t from_ms) const;

    // Durable samples in the order of time and field, until `visit` returns false.
    using Visit = std::function<bool(const Sample&)>;
    [[nodiscard]] Status walk(const std::string& device, std::int64_t from_ms, std::int64_t to_ms,
                              const Visit& visit) const;
    [[nodiscard]] Result<std::vector<std::string>> devices() const;  // with traffic
    // Removes everything of the device before the time.
    [[nodiscard]] Status remove_before(const std::string& device, std::int64_t time_ms);

  private:
    struct Impl;
    explicit TelemetryStore(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace tally::storage
