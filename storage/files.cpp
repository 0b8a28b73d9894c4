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
    return fail(code_of_errno(reason), "{}: {}", path.string(), std::strerror(reason));
}

}  // namespace

Code code_of_errno(int reason) {
    switch (reason) {
        case ENOENT: return Code::not_found;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE:
        case ENOMEM: return Code::disk_full;
        default: return Code::io_error;
    }
}

Result<MappedFile> MappedFile::open(const std::filesystem::path& path) {
    // Opening a pipe would wait for somebody to write into it.
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
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

Result<NewFile> NewFile::create(const std::filesystem::path& path, unsigned mode) {
    NewFile file;
    file.path_ = path;
    file.unfinished_ = path;
    file.unfinished_ += ".new";
    const auto* name = file.unfinished_.c_str();
    if (::unlink(name) != 0 && errno != ENOENT) return system_failure(file.unfinished_, errno);
    file.descriptor_ = ::open(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (file.descriptor_ < 0) return system_failure(file.unfinished_, errno);
    if (::fchmod(file.descriptor_, mode) != 0) return system_failure(file.unfinished_, errno);
    return file;
}

NewFile::~NewFile() {
    if (descriptor_ < 0) return;
    ::close(descriptor_);
    ::unlink(unfinished_.c_str());
}

Status NewFile::append(ByteView bytes) {
    while (!bytes.empty()) {
        const auto written = ::write(descriptor_, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return system_failure(unfinished_, written < 0 ? errno : ENOSPC);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Status NewFile::finish() {
    if (::fsync(descriptor_) != 0) return system_failure(unfinished_, errno);
    if (::rename(unfinished_.c_str(), path_.c_str()) != 0) return system_failure(path_, errno);
    ::close(std::exchange(descriptor_, -1));
    return sync_directory(std::filesystem::absolute(path_).parent_path());
}

Status write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode) {
    auto file = TRY(NewFile::create(path, mode));
    TRY(file.append(bytes));
    return file.finish();
}

Status keep_private(const std::filesystem::path& directory) {
    struct stat info{};
    if (::stat(directory.c_str(), &info) != 0) return system_failure(directory, errno);
    if ((info.st_mode & 077U) == 0 || info.st_uid != ::geteuid()) return {};
    if (::chmod(directory.c_str(), info.st_mode & 0700U) != 0) return system_failure(directory, errno);
    return {};
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
