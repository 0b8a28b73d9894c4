#pragma once
// How far the consensus log was durable: the file `synced` beside its segments, with segment number u64, bytes u64 and
// a CRC-32C u32 of both. Private to storage/.
//
// It is written after each sync and not synced itself. A killed process leaves it whole, and after a power loss it may
// be old or missing. So it is a lower bound that costs no sync.

#include <cstdint>
#include <filesystem>
#include <optional>

#include "crypto/bytes.h"

namespace tally::storage {

struct SyncedPosition {
    std::uint64_t segment = 0;
    std::uint64_t bytes = 0;
};

class SyncedMark {
  public:
    // None where there is no file, or one that cannot be read.
    [[nodiscard]] static std::optional<SyncedPosition> read(const std::filesystem::path& log_directory);

    SyncedMark() = default;
    SyncedMark(const SyncedMark&) = delete;
    SyncedMark& operator=(const SyncedMark&) = delete;
    ~SyncedMark();  // makes the file durable

    [[nodiscard]] Status open(const std::filesystem::path& log_directory);
    // Best effort: an old mark is as true as a new one.
    void put(SyncedPosition position);

  private:
    int descriptor_ = -1;
};

}  // namespace tally::storage
