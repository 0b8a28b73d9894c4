#include "storage/seal.h"

#include <gtest/gtest.h>

#include "storage/directory_lock.h"
#include "storage/files.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::storage {
namespace {

class SealedDirectory : public testing::Test {
  protected:
    SealedDirectory() {
        std::filesystem::create_directories(root.path() / "ledger");
        put_into(root.path() / "ledger" / "a.sst", as_bytes("table"));
        put_into(root.path() / "ledger" / "CURRENT", as_bytes("MANIFEST-1\n"));
        put_into(root.path() / "state", as_bytes("x"));
        EXPECT_TRUE(write_seal(root.path()).has_value());
    }
    void expect_broken(const std::string& name) {
        const auto checked = check_seal(root.path());
        EXPECT_EQ(code_of(checked), Code::corrupt);
        EXPECT_NE(message_of(checked).find(": " + name + " is not as it was"), std::string::npos)
            << message_of(checked);
    }
    TemporaryDirectory root;
};

TEST_F(SealedDirectory, HoldsWhileNothingChanges) {
    EXPECT_EQ(check_seal(root.path()), true);
    EXPECT_EQ(check_seal(root.path()), true);
}

TEST_F(SealedDirectory, IsNoneAfterItIsBroken) {
    ASSERT_TRUE(break_seal(root.path()).has_value());
    EXPECT_EQ(check_seal(root.path()), false);
    EXPECT_TRUE(break_seal(root.path()).has_value()) << "breaking it twice is fine";
}

TEST_F(SealedDirectory, ListsEveryFileWithItsSizeAndDigest) {
    const auto text = read_file(root.path() / "SEAL");
    ASSERT_TRUE(text.has_value());
    // printf table | sha256sum
    EXPECT_NE(text->find("\n0d4fc4a78d3706edccafb665a8b2fdd9309e82c78625bb0f2b8e7bb9e1c4d21c 5 ledger/a.sst\n"),
              std::string::npos)
        << *text;
}

TEST_F(SealedDirectory, NamesAChangedFile) {
    put_into(root.path() / "ledger" / "a.sst", as_bytes("tablf"));
    expect_broken("ledger/a.sst");
}

TEST_F(SealedDirectory, NamesAFileOfAnotherSize) {
    put_into(root.path() / "state", as_bytes("xx"));
    expect_broken("state");
}

TEST_F(SealedDirectory, NamesAMissingFile) {
    std::filesystem::remove(root.path() / "ledger" / "a.sst");
    expect_broken("ledger/a.sst");
}

TEST_F(SealedDirectory, NamesTheLastFileWhenItIsMissing) {
    std::filesystem::remove(root.path() / "state");
    expect_broken("state");
}

TEST_F(SealedDirectory, NamesANewFile) {
    for (const char* name : {"ledger/000", "ledger/b", "zzz"}) {
        put_into(root.path() / name, as_bytes("new"));
        expect_broken(name);
        std::filesystem::remove(root.path() / name);
    }
}

TEST_F(SealedDirectory, NamesARenamedFile) {
    std::filesystem::rename(root.path() / "ledger" / "a.sst", root.path() / "ledger" / "b.sst");
    expect_broken("ledger/a.sst");
}

TEST_F(SealedDirectory, AFlippedBitInTheSealItselfBreaksIt) {
    const auto size = std::filesystem::file_size(root.path() / "SEAL");
    for (std::uint64_t bit = 0; bit < size * 8; bit += 3) {
        flip_bit(root.path() / "SEAL", bit);
        EXPECT_EQ(code_of(check_seal(root.path())), Code::corrupt) << bit;
        flip_bit(root.path() / "SEAL", bit);
    }
    for (std::uintmax_t shorter = 0; shorter < size; shorter += 7) {
        const auto whole = bytes_in(root.path() / "SEAL");
        put_into(root.path() / "SEAL", ByteView(whole).first(shorter));
        EXPECT_EQ(code_of(check_seal(root.path())), Code::corrupt) << shorter;
        put_into(root.path() / "SEAL", whole);
    }
}

TEST_F(SealedDirectory, LocksAreNotSealed) {
    put_into(root.path() / "LOCK", as_bytes("new"));
    put_into(root.path() / "ledger" / "LOCK", as_bytes("new"));
    EXPECT_EQ(check_seal(root.path()), true);
}

TEST(Seal, OfALargeFileOnlyTheSizeIsKept) {
    const TemporaryDirectory root;
    Bytes large((8U << 20) + 1, 1);
    put_into(root.path() / "large", large);
    ASSERT_TRUE(write_seal(root.path()).has_value());
    flip_bit(root.path() / "large", 100);
    EXPECT_EQ(check_seal(root.path()), true) << "its own checksums are asked for that";
    large.pop_back();
    put_into(root.path() / "large", large);
    EXPECT_EQ(code_of(check_seal(root.path())), Code::corrupt);
}

TEST(Seal, OfAnEmptyDirectoryHoldsToo) {
    const TemporaryDirectory root;
    ASSERT_TRUE(write_seal(root.path()).has_value());
    EXPECT_EQ(check_seal(root.path()), true);
    put_into(root.path() / "x", as_bytes("new"));
    EXPECT_EQ(code_of(check_seal(root.path())), Code::corrupt);
}

}  // namespace
}  // namespace tally::storage
