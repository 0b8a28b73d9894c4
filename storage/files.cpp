#include "storage/files.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace tally::storage {
namespace {

std::unexpected<Error> system_failure(const std::filesystem::path& path, int reason) {
    const auto code = reason == ENOENT                       ? Code::not_found
                      : reason == ENOSPC || reason == EDQUOT ? Code::disk_full
                                                             : Code::io_error;
    return fail(code, "{}: {}", path.string(), std::strerror(reason));
}

}  // namespace

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return system_failure(path, errno);
    struct stat info{};
    void* data = nullptr;
    int reason = ::fstat(descriptor, &info) == 0 ? 0 : errno;
    if (reason == 0 && !S_ISREG(info.st_mode)) {
        ::close(descriptor);
        return fail(Code::invalid_argument, "{} is not a regular file", path.string());
    }
    if (reason == 0 && info.st_size > 0) {
        data = ::mmap(nullptr, static_cast<std::size_t>(info.st_size), PROT_READ, MAP_PRIVATE, descriptor, 0);
        if (data == MAP_FAILED) reason = errno;
    }
    ::close(descriptor);
    if (reason != 0) return system_failure(path, reason);
    return MappedFile(data, static_cast<std::size_t>(info.st_size));
}

MappedFile::~MappedFile() {
    if (data_ != nullptr) ::munmap(data_, size_);
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes) {
    const auto file = TRY(MappedFile::open(path));
    if (file.bytes().size() > max_bytes) {
        return fail(Code::too_large, "{} has {} bytes where {} are allowed", path.string(), file.bytes().size(),
                    max_bytes);
    }
    return std::string(as_text(file.bytes()));
}

Status write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode) {
    auto temporary = path;
    temporary += ".new";
    const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (descriptor < 0) return system_failure(temporary, errno);
    int reason = ::fchmod(descriptor, mode) == 0 ? 0 : errno;
    std::size_t done = 0;
    while (reason == 0 && done < bytes.size()) {
        const auto written = ::write(descriptor, bytes.data() + done, bytes.size() - done);
        if (written > 0)
            done += static_cast<std::size_t>(written);
        else if (errno != EINTR)
            reason = errno;
    }
    if (reason == 0 && ::fsync(descriptor) != 0) reason = errno;
    ::close(descriptor);
    if (reason == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) reason = errno;
    if (reason != 0) {
        ::unlink(temporary.c_str());
        return system_failure(path, reason);
    }
    return sync_directory(std::filesystem::absolute(path).parent_path());
}

Status make_directory(const std::filesystem::path& directory) {
    std::error_code error;
    std::filesystem::create_directories(directory, error);
    if (error) return fail(Code::io_error, "{}: {}", directory.string(), error.message());
    return {};
}

bool takes_direct_writes(const std::filesystem::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_TMPFILE | O_DIRECT | O_WRONLY | O_CLOEXEC, 0600);
    if (descriptor < 0) return false;
    ::close(descriptor);
    return true;
}

Status sync_directory(const std::filesystem::path& directory) {
    const int descriptor = ::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return system_failure(directory, errno);
    const int reason = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    if (reason != 0) return system_failure(directory, reason);
    return {};
}

}  // namespace tally::storage
