#pragma once
// A disk of a few megabytes, so that a test can fill it. Needs the right to mount; a test without it is skipped.

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {

class SmallDisk {
  public:
    explicit SmallDisk(std::uint64_t bytes) {
        mounted_ = ::mount("tmpfs", directory_.path().c_str(), "tmpfs", 0, fmt::format("size={}", bytes).c_str()) == 0;
    }
    ~SmallDisk() {
        if (mounted_) ::umount2(directory_.path().c_str(), MNT_DETACH);
    }
    SmallDisk(const SmallDisk&) = delete;
    SmallDisk& operator=(const SmallDisk&) = delete;

    [[nodiscard]] bool mounted() const { return mounted_; }
    [[nodiscard]] const std::filesystem::path& path() const { return directory_.path(); }

    // Leaves no more than `bytes` for others.
    void fill(std::uint64_t bytes) {
        const auto available = std::filesystem::space(path()).available;
        if (available <= bytes) return;
        const int descriptor = ::open(ballast().c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
        const std::string zeros(4096, '\0');
        for (auto left = available - bytes; left >= zeros.size(); left -= zeros.size()) {
            if (::write(descriptor, zeros.data(), zeros.size()) != static_cast<ssize_t>(zeros.size())) break;
        }
        ::close(descriptor);
    }
    void make_room() { std::filesystem::remove(ballast()); }

  private:
    [[nodiscard]] std::filesystem::path ballast() const { return path() / "ballast"; }

    TemporaryDirectory directory_;
    bool mounted_ = false;
};

}  // namespace tally::storage
