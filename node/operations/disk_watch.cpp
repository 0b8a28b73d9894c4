#include "node/operations/disk_watch.h"

#include <spdlog/spdlog.h>

namespace tally::node {

Result<DiskRoom> disk_room(const std::filesystem::path& directory) {
    std::error_code error;
    const auto space = std::filesystem::space(directory, error);
    if (error) return fail(Code::io_error, "{}: {}", directory.string(), error.message());
    return DiskRoom{space.available, space.capacity};
}

void DiskWatch::look() {
    const auto room = disk_room(directory_);
    if (!room) return;
    free_bytes_ = room->free_bytes;
    const bool low = room->free_bytes < min_free_bytes_;
    if (low == low_.exchange(low)) return;
    spdlog::log(low ? spdlog::level::err : spdlog::level::info, "event={} free_bytes={} wanted={}",
                low ? "disk_full" : "disk_has_room", room->free_bytes, min_free_bytes_);
}

}  // namespace tally::node
