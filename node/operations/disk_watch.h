#pragma once
// How much room is left where the data lies.

#include <atomic>
#include <cstdint>
#include <filesystem>

#include "crypto/error.h"

namespace tally::node {

struct DiskRoom {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
};

[[nodiscard]] Result<DiskRoom> disk_room(const std::filesystem::path& directory);

// Whether the room is less than a node needs. One thread looks; any reads what was seen.
class DiskWatch {
  public:
    DiskWatch(std::filesystem::path directory, std::uint64_t min_free_bytes)
        : directory_(std::move(directory)), min_free_bytes_(min_free_bytes) {}

    void look();  // the log says when that changes
    [[nodiscard]] bool is_low() const { return low_; }
    [[nodiscard]] std::uint64_t free_bytes() const { return free_bytes_; }

  private:
    const std::filesystem::path directory_;
    const std::uint64_t min_free_bytes_;
    std::atomic<bool> low_{false};
    std::atomic<std::uint64_t> free_bytes_{0};
};

}  // namespace tally::node
