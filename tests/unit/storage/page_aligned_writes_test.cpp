// Files that are written past the page cache ask for memory that begins at a page, and hold what they were given.

#include "storage/rocks/page_aligned_writes.h"

#include <gtest/gtest.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

#include <array>

#include "storage/files.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage::rocks {
namespace {

TEST(PageAlignedWrites, BeginAtAPage) {
    const TemporaryDirectory directory;
    auto* const files = page_aligned_writes()->GetFileSystem().get();
    rocksdb::FileOptions options;
    options.use_direct_writes = takes_direct_writes(directory.path());
    std::unique_ptr<rocksdb::FSWritableFile> file;
    const auto path = (directory.path() / "file").string();
    ASSERT_TRUE(files->NewWritableFile(path, options, &file, nullptr).ok());
    EXPECT_EQ(file->use_direct_io(), options.use_direct_writes);
    EXPECT_EQ(file->GetRequiredBufferAlignment() % static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)), 0U);
    alignas(4096) static std::array<char, 8192> pages;
    for (std::size_t i = 0; i < pages.size(); ++i) pages[i] = static_cast<char>(i % 251);
    const auto written = options.use_direct_writes
                             ? file->PositionedAppend({pages.data(), pages.size()}, 0, {}, nullptr)
                             : file->Append({pages.data(), pages.size()}, {}, nullptr);
    ASSERT_TRUE(written.ok()) << written.ToString();
    ASSERT_TRUE(file->Truncate(5000, {}, nullptr).ok() && file->Close({}, nullptr).ok());
    EXPECT_EQ(read_file(path), std::string(pages.data(), 5000));
    EXPECT_FALSE(files->NewWritableFile(directory.path().string(), options, &file, nullptr).ok());
}

}  // namespace
}  // namespace tally::storage::rocks
