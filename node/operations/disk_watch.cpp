#include "node/operations/disk_watch.h"

namespace tally::node {

Result<DiskRoom> disk_room(const std::filesystem::path& directory) {
    std::error_code error;
    const auto space = std::filesystem::space(directory, error);
    if (error) return fail(Code::io_error, "{}: {}", directory.string(), error.message());
    return DiskRoom{space.available, space.capacity};
}

}  // namespace tally::node
