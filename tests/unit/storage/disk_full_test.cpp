// A disk that fills up and gets room again: nothing that was acknowledged is lost, and work goes on.

#include <gtest/gtest.h>

#include "storage/consensus_log.h"
#include "storage/files.h"
#include "tests/unit/storage/small_disk.h"
#include "tests/unit/storage/temporary_ledger.h"

namespace tally::storage {
namespace {

TEST(DiskFull, TheConsensusLogKeepsWhatWasAppendedAndSyncsItWhenThereIsRoom) {
    SmallDisk disk(4U << 20);
    if (!disk.mounted()) GTEST_SKIP() << "this process may not mount";
    std::vector<std::size_t> sizes;
    const auto open = [&] {
        sizes.clear();
        return ConsensusLog::open({disk.path() / "log", 64U << 20}, [&](std::uint8_t, ByteView payload) -> Status {
            sizes.push_back(payload.size());
            return {};
        });
    };
    auto log = open();
    ASSERT_TRUE(log.has_value());
    (*log)->append(1, {as_bytes("acknowledged")});
    ASSERT_TRUE((*log)->sync().has_value());
    disk.fill(64U << 10);
    (*log)->append(1, {Bytes(1U << 20, 0x5a)});
    (*log)->append(1, {as_bytes("behind it")});
    for (int attempt = 0; attempt < 3; ++attempt) {
        EXPECT_EQ(code_of((*log)->sync()), Code::disk_full);
        EXPECT_EQ((*log)->synced(), 1U);
    }
    // What a process that starts now would find.
    EXPECT_TRUE(ConsensusLog::inspect(disk.path() / "log", true, [](std::uint8_t, ByteView) -> Status {
                    return {};
                }).has_value());
    disk.make_room();
    ASSERT_TRUE((*log)->sync().has_value());
    EXPECT_EQ((*log)->synced(), 3U);
    log->reset();
    log = open();
    ASSERT_TRUE(log.has_value());
    EXPECT_EQ(sizes, (std::vector<std::size_t>{12, 1U << 20, 9}));
}

TEST(DiskFull, ASegmentThatCannotBeginLeavesTheOldOneInUse) {
    SmallDisk disk(1U << 20);
    if (!disk.mounted()) GTEST_SKIP() << "this process may not mount";
    auto log =
        ConsensusLog::open({disk.path() / "log", 64U << 20}, [](std::uint8_t, ByteView) -> Status { return {}; });
    ASSERT_TRUE(log.has_value());
    disk.fill(0);
    EXPECT_EQ(code_of((*log)->roll(1)), Code::disk_full);
    disk.make_room();
    (*log)->append(1, {as_bytes("still here")});
    EXPECT_TRUE((*log)->sync().has_value());
    EXPECT_TRUE((*log)->roll(1).has_value());
}

TEST(DiskFull, AFileIsTheOldOneWhenTheNewOneDoesNotFit) {
    SmallDisk disk(1U << 20);
    if (!disk.mounted()) GTEST_SKIP() << "this process may not mount";
    const auto file = disk.path() / "file";
    ASSERT_TRUE(write_file(file, as_bytes("old")).has_value());
    disk.fill(8192);
    EXPECT_EQ(code_of(write_file(file, Bytes(1U << 20, 1))), Code::disk_full);
    EXPECT_EQ(read_file(file), "old");
    EXPECT_FALSE(std::filesystem::exists(disk.path() / "file.new"));
}

TEST(DiskFull, TheLedgerRefusesBlocksSaysWhyAndTakesThemWhenThereIsRoom) {
    SmallDisk disk(24U << 20);
    if (!disk.mounted()) GTEST_SKIP() << "this process may not mount";
    TemporaryLedger ledger(disk.path() / "ledger");
    ledger.grow({{"genesis", {{"a", "1"}}}});
    disk.fill(256U << 10);
    auto large = ledger.prepare({{{std::string(1U << 20, 'x'), {{"a", "2"}}}}});
    for (int attempt = 0; attempt < 3; ++attempt) {
        const auto status = ledger.append(large);
        EXPECT_EQ(code_of(status), Code::disk_full) << message_of(status);
        EXPECT_EQ(ledger->tip()->number, 0U);
        EXPECT_EQ(ledger.value("a"), "1");
    }
    disk.make_room();
    const auto status = ledger.append(large);
    ASSERT_TRUE(status.has_value()) << status.error().message;
    EXPECT_EQ(ledger.value("a"), "2");
    ledger.grow({{"next"}});
    ledger.close();
    ledger.reopen();
    EXPECT_EQ(ledger->tip()->number, 2U);
    EXPECT_EQ(ledger.value("a"), "2");
    EXPECT_TRUE(ledger->check_files().has_value());
}

// A disk that has room for the blocks is not filled by what RocksDB would like to write one day.
TEST(DiskFull, TheLedgerReservesNoRoomThatItDoesNotUse) {
    SmallDisk disk(200U << 20);
    if (!disk.mounted()) GTEST_SKIP() << "this process may not mount";
    const auto before = std::filesystem::space(disk.path()).available;
    TemporaryLedger ledger(disk.path() / "ledger");
    ledger.grow({{"genesis", {{"a", "1"}}}});
    ledger.close();
    ledger.reopen();
    ledger.grow({{"next", {{"a", "2"}}}});
    EXPECT_LT(before - std::filesystem::space(disk.path()).available, 1U << 20);
}

}  // namespace
}  // namespace tally::storage
