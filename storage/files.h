#pragma once
// Files whole: mapped for reading, and replaced so that a crash leaves the old one or the new one.

#include <filesystem>
#include <utility>

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

// The code for what the system refuses: disk_full for everything that may pass by waiting (ENOSPC, EDQUOT, EMFILE,
// ENFILE, ENOMEM), not_found, io_error.
[[nodiscard]] Code code_of_errno(int reason);

// A whole small file; io_error or not_found with its path, too_large beyond `max_bytes`, invalid_argument where it is
// no regular file (a pipe would never end).
[[nodiscard]] Result<std::string> read_file(const std::filesystem::path& path, std::size_t max_bytes = 64U << 20);
// A file that is written as FILE.new and put in place whole and synced: after a crash FILE is the old one or the new
// one. Readable by its owner only, unless another mode is given. What lies at FILE.new is removed first, never followed
// or written into.
class NewFile {
  public:
    [[nodiscard]] static Result<NewFile> create(const std::filesystem::path& path, unsigned mode = 0600);
    NewFile(NewFile&& other) noexcept
        : path_(std::move(other.path_)),
          unfinished_(std::move(other.unfinished_)),
          descriptor_(std::exchange(other.descriptor_, -1)) {}
    NewFile& operator=(NewFile&&) = delete;
    ~NewFile();  // removes what was not finished

    [[nodiscard]] Status append(ByteView bytes);  // disk_full or io_error, with the path
    [[nodiscard]] Status finish();

  private:
    NewFile() = default;
    std::filesystem::path path_;
    std::filesystem::path unfinished_;
    int descriptor_ = -1;
};

// A whole new file in one call.
[[nodiscard]] Status write_file(const std::filesystem::path& path, ByteView bytes, unsigned mode = 0600);
// Removes the rights of group and others on a directory that this user owns.
[[nodiscard]] Status keep_private(const std::filesystem::path& directory);
// With its parents. An existing directory is fine.
[[nodiscard]] Status make_directory(const std::filesystem::path& directory);
// Whether files in a directory can be written past the kernel's page cache (O_DIRECT), which a file system in memory,
// for one, does not do.
[[nodiscard]] bool takes_direct_writes(const std::filesystem::path& directory);
// Makes what was created in, renamed into or removed from a directory durable.
[[nodiscard]] Status sync_directory(const std::filesystem::path& directory);

}  // namespace tally::storage
