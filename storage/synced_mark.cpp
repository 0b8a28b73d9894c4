#include "storage/synced_mark.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "crypto/hash.h"
#include "storage/files.h"

namespace tally::storage {
namespace {

std::filesystem::path mark_path(const std::filesystem::path& log_directory) { return log_directory / "synced"; }

Bytes encoded(SyncedPosition position) {
    Bytes bytes(16);
    std::memcpy(bytes.data(), &position.segment, 8);
    std::memcpy(bytes.data() + 8, &position.bytes, 8);
    const auto checksum = crypto::crc32c(bytes);
    bytes.resize(20);
    std::memcpy(bytes.data() + 16, &checksum, 4);
    return bytes;
}

}  // namespace

std::optional<SyncedPosition> SyncedMark::read(const std::filesystem::path& log_directory) {
    const auto file = MappedFile::open(mark_path(log_directory));
    if (!file || file->bytes().size() != 20) return std::nullopt;
    SyncedPosition position;
    std::memcpy(&position.segment, file->bytes().data(), 8);
    std::memcpy(&position.bytes, file->bytes().data() + 8, 8);
    if (!equal(encoded(position), file->bytes())) return std::nullopt;
    return position;
}

SyncedMark::~SyncedMark() {
    if (descriptor_ < 0) return;
    (void)::fsync(descriptor_);
    ::close(descriptor_);
}

Status SyncedMark::open(const std::filesystem::path& log_directory) {
    const auto path = mark_path(log_directory);
    descriptor_ = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (descriptor_ >= 0) return {};
    return fail(code_of_errno(errno), "{}: {}", path.string(), std::strerror(errno));
}

void SyncedMark::put(SyncedPosition position) {
    const auto bytes = encoded(position);
    (void)!::pwrite(descriptor_, bytes.data(), bytes.size(), 0);
}

}  // namespace tally::storage
