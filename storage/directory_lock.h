#pragma once
// Exclusive use of a data directory: a file `LOCK` in it, locked with flock(2) for as long as this object lives.
// The kernel releases it when the process ends, however it ends.

#include <filesystem>

#include "crypto/error.h"

namespace tally::storage {

class DirectoryLock {
  public:
    // locked when another process holds it; io_error when the directory cannot be written.
    [[nodiscard]] static Result<DirectoryLock> take(const std::filesystem::path& directory);
    DirectoryLock(DirectoryLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    DirectoryLock& operator=(DirectoryLock&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~DirectoryLock();

  private:
    explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

}  // namespace tally::storage
