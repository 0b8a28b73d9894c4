// The checksum of a file is the one that RocksDB's own generator makes of it, under the same name.

#include "storage/rocks/file_checksum.h"

#include <gtest/gtest.h>

#include <random>

namespace tally::storage::rocks {
namespace {

std::string checksum_of(rocksdb::FileChecksumGenFactory& factory, const std::string& bytes, std::size_t part) {
    const auto generator = factory.CreateFileChecksumGenerator({});
    for (std::size_t at = 0; at < bytes.size(); at += part)
        generator->Update(bytes.data() + at, std::min(part, bytes.size() - at));
    generator->Finalize();
    return generator->GetChecksum();
}

TEST(FileChecksum, IsRocksdbs) {
    const auto theirs = rocksdb::GetFileChecksumGenCrc32cFactory();
    const auto ours = file_checksums();
    EXPECT_STREQ(ours->Name(), theirs->Name());
    EXPECT_STREQ(ours->CreateFileChecksumGenerator({})->Name(), theirs->CreateFileChecksumGenerator({})->Name());
    std::mt19937 chance(1);
    for (const std::size_t size : {0U, 1U, 3U, 4U, 1000U, 100'000U}) {
        std::string bytes(size, '\0');
        for (auto& byte : bytes) byte = static_cast<char>(chance());
        for (const std::size_t part : {1U, 7U, 4096U, 1'000'000U}) {
            EXPECT_EQ(checksum_of(*ours, bytes, part), checksum_of(*theirs, bytes, part)) << size << " by " << part;
        }
    }
    rocksdb::FileChecksumGenContext another;
    another.requested_checksum_func_name = "FileChecksumXxh3";
    EXPECT_EQ(ours->CreateFileChecksumGenerator(another), nullptr);
}

}  // namespace
}  // namespace tally::storage::rocks
