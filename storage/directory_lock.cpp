#include "storage/directory_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "storage/files.h"

namespace tally::storage {

Result<DirectoryLock> DirectoryLock::take(const std::filesystem::path& directory) {
    TRY(make_directory(directory));
    TRY(keep_private(directory));
    const auto path = directory / "LOCK";
    constexpr int kFlags = O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK;
    int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | kFlags, 0600);
    if (descriptor < 0 && errno == EROFS) descriptor = ::open(path.c_str(), O_RDONLY | kFlags);  // enough to read there
    if (descriptor < 0) return fail(Code::io_error, "{}: {}", path.string(), std::strerror(errno));
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        const int reason = errno;
        ::close(descriptor);
        if (reason == EWOULDBLOCK) {
            return fail(Code::locked, "{} is in use by another process; stop that one first", directory.string());
        }
        return fail(Code::io_error, "{}: {}", path.string(), std::strerror(reason));
    }
    return DirectoryLock(descriptor);
}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace tally::storage
