#pragma once
// A directory of a test's own, removed with the object; and files in it that a test reads, changes and damages.

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "crypto/bytes.h"

namespace tally {

inline void PrintTo(const Code& code, std::ostream* out) { *out << code.name(); }  // for GoogleTest's messages

}  // namespace tally

namespace tally::storage {

class TemporaryDirectory {
  public:
    TemporaryDirectory() {
        std::string name = (std::filesystem::temp_directory_path() / "tally-test-XXXXXX").string();
        if (::mkdtemp(name.data()) == nullptr) throw std::filesystem::filesystem_error("mkdtemp", name, {});
        path_ = name;
    }
    ~TemporaryDirectory() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryDirectory(const TemporaryDirectory&) = delete;
    TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

inline Bytes bytes_in(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    EXPECT_TRUE(in.good()) << file;
    return {std::istreambuf_iterator<char>(in), {}};
}

inline void put_into(const std::filesystem::path& file, ByteView bytes) {
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    out.close();
    EXPECT_TRUE(out.good()) << file;
}

// Flips one bit in place; the same call again restores the file.
inline void flip_bit(const std::filesystem::path& file, std::uint64_t bit) {
    std::fstream io(file, std::ios::binary | std::ios::in | std::ios::out);
    const auto at = static_cast<std::streamoff>(bit / 8);
    io.seekg(at);
    const int byte = io.get();
    io.seekp(at);
    io.put(static_cast<char>(byte ^ (1 << (bit % 8))));
    io.close();
    EXPECT_TRUE(io.good()) << file;
}

// Every file below, with at least one byte, in a fixed order.
inline std::vector<std::filesystem::path> files_below(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory)) {
        std::error_code gone;  // since it was listed
        if (entry.is_regular_file(gone) && entry.file_size(gone) > 0 && !gone) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

// A copy of a directory whose owner is idle but may still be tidying up behind itself, as a crash at this moment would
// leave it: begun again when a file came, went or changed meanwhile.
inline void copy_as_a_crash_leaves_it(const std::filesystem::path& from, const std::filesystem::path& to) {
    using Listing = std::map<std::filesystem::path, std::pair<std::uintmax_t, std::filesystem::file_time_type>>;
    std::error_code error;
    const auto list = [&] {
        Listing listing;
        for (std::filesystem::recursive_directory_iterator entry(from, error), end; !error && entry != end;
             entry.increment(error)) {
            std::error_code gone;
            if (entry->is_regular_file(gone))
                listing[entry->path()] = {entry->file_size(gone), entry->last_write_time(gone)};
        }
        return listing;
    };
    for (int attempts = 0; attempts < 1000; ++attempts) {  // a copy fails where a file went or was cut meanwhile
        error.clear();
        const auto before = list();
        std::filesystem::remove_all(to);
        std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, error);
        if (!error && list() == before) return;
    }
    ADD_FAILURE() << from << " does not come to rest: " << error.message();
}

// The code of a failure; fails the test when there is none.
template <class T>
Code code_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? Code::internal : result.error().code;
}

template <class T>
std::string message_of(const Result<T>& result) {
    EXPECT_FALSE(result.has_value());
    return result ? std::string() : result.error().message;
}

}  // namespace tally::storage
