#pragma once
// How much room is left where the data lies. Any thread.

#include <filesystem>

#include "crypto/error.h"

namespace tally::node {

struct DiskRoom {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;
};

[[nodiscard]] Result<DiskRoom> disk_room(const std::filesystem::path& directory);

}  // namespace tally::node
