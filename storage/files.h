#pragma once
// Files whole: mapped for reading, and replaced so that a crash leaves the old one or the new one.

#include <filesystem>

#include "crypto/bytes.h"

namespace tally::storage {

// A file's bytes, mapped read-only for as long as this object lives. Any thread may read.
class MappedFile {
  public:
    [[nodiscard]] static Result<MappedFile> open(const std::filesystem::path& path);
    MappedFile(MappedFile&& other) noexcept
        : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
    MappedFile& operator=(MappedFile&&) = delete;
    ~MappedFile();

    [[nodiscard]] ByteView bytes() const { return {static_cast<const std::uint8_t*>(data_), size_}; }

  private:
    MappedFile(void* data, std::size_t size) : data_(data), size_(size) {}
    void* data_;
    std::size_t size_;
};

// A whole small file; io_error or not_found with its path, too_large beyond `max_bytes`.
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes = 64U << 20);
// Written beside and renamed over, synced: after a crash the file is the old one or the new one.
[[nodiscard]] Status write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode = 0644);
// With its parents; one that is there already is as good.
[[nodiscard]] Status make_directory(const std::filesystem::path& directory);
// Whether files in a directory can be written past the kernel's page cache (O_DIRECT), which a file system in memory,
// for one, does not do.
[[nodiscard]] bool takes_direct_writes(const std::filesystem::path& directory);
// Makes what was created in, renamed into or removed from a directory durable.
[[nodiscard]] Status sync_directory(const std::filesystem::path& directory);

}  // namespace tally::storage
