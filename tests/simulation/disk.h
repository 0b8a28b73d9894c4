#pragma once
// A member's consensus log: records that are appended, and syncs that take virtual time. A crash leaves what was
// synced and a random part, from the front, of what was not (a torn last record is one that is not there).

#include <functional>
#include <memory>
#include <vector>

#include "consensus/simplex.h"
#include "tests/simulation/world.h"

namespace tally::simulation {

struct LogRecord {
    consensus::RecordType type{};
    Bytes bytes;
};

class Disk {
  public:
    struct Speed {
        std::int64_t sync_min_us = 200;
        std::int64_t sync_max_us = 2 * kMillisecond;
        std::uint64_t slow_percent = 0;  // of the syncs, which then take slow_us
        std::int64_t slow_us = 300 * kMillisecond;
    };
    // `synced` is called with the number of records, since the log was opened, that are durable now.
    Disk(World& world, Speed speed, std::function<void(std::uint64_t durable)> synced);

    void append(LogRecord record);
    // Makes durable what was appended until now; after the sync that runs, if one does.
    void sync();
    // Starts a new part of the log with these records; the old part is deleted once they are durable.
    void begin_part(std::vector<LogRecord> first);
    void crash();
    void wipe();

    // What a restart reads, oldest first.
    [[nodiscard]] const std::vector<LogRecord>& records() const { return records_; }
    [[nodiscard]] std::uint64_t appended() const { return appended_; }
    [[nodiscard]] bool part_is_new() const { return new_part_at_ > 0; }
    [[nodiscard]] const Speed& speed() const { return speed_; }
    void set_speed(Speed speed) { speed_ = speed; }
    // A record of that type contains these bytes, durable or not.
    [[nodiscard]] bool contains(consensus::RecordType type, ByteView bytes) const;
    // The same of durable records alone.
    [[nodiscard]] bool durable_contains(consensus::RecordType type, ByteView bytes) const;
    [[nodiscard]] bool any_durable(const std::function<bool(const LogRecord&)>& wanted) const;

  private:
    void finished(std::size_t covered, std::uint64_t count);

    World& world_;
    Speed speed_;
    std::function<void(std::uint64_t)> synced_;
    std::vector<LogRecord> records_;
    std::size_t durable_ = 0;      // of records_
    std::size_t new_part_at_ = 0;  // index of the new part's first record while the old one is still there; else 0
    std::size_t new_part_size_ = 0;
    std::uint64_t appended_ = 0;  // since the log was opened
    std::uint64_t life_ = 0;
    bool syncing_ = false;
    bool again_ = false;
};

}  // namespace tally::simulation
