// What happens when work comes faster than it is done, or the disk is full.

#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/small_disk.h"

namespace tally::node {
namespace {

using storage::SmallDisk;
using storage::TemporaryDirectory;

TEST(BackPressure, WhileTheCommitterIsBehindTheOrdererIsBusyAndDropsNothing) {
    const TemporaryDirectory root;
    SmallChannel channel;
    channel.config.batch.max_messages = 1;
    SmallNode node(channel, root.path() / "data");
    node.options.queue_capacity = 10;
    node.options.mempool_bytes = 1U << 20;
    ASSERT_TRUE(node.start().has_value());
    node.hold_commits();
    std::size_t accepted = 0;
    const auto submit = [&] {
        const auto status = node.submit(channel.put(fmt::format("{}", accepted)));
        if (!status) {
            EXPECT_EQ(status.error().code, Code::busy);
        }
        accepted += status ? 1 : 0;
        return status.has_value();
    };
    while (node.committer().queued() < 8) (void)submit();  // then the orderer waits for the committer
    int refused_in_a_row = 0;
    while (refused_in_a_row < 50) refused_in_a_row = submit() ? 0 : refused_in_a_row + 1;
    EXPECT_GE(accepted, 8U + 10U) << "the committer's queue and the orderer's";
    EXPECT_LE(accepted, node.options.mempool_bytes / 256) << "a transaction is larger than that";
    node.release_commits();
    node.wait_for(accepted);
    EXPECT_EQ(node.committed().size(), accepted);
    EXPECT_TRUE(node.submit(channel.put("after")).has_value());
    node.wait_for(accepted + 1);
}

TEST(BackPressure, OneSubmitterThatFloodsIsBusyWhileAnotherIsServed) {
    const TemporaryDirectory root;
    SmallChannel channel;
    channel.config.batch.max_messages = 1;
    SmallNode node(channel, root.path() / "data");
    node.options.queue_capacity = 40;
    ASSERT_TRUE(node.start().has_value());
    node.hold_commits();
    std::size_t accepted = 0;
    const auto submit = [&](const std::string& submitter) {
        auto transaction = channel.put(fmt::format("{}", accepted));
        const auto size = transaction.size();
        const auto status = node.orderer().submit(std::move(transaction), {{submitter, {1, size}}});
        accepted += status ? 1 : 0;
        return status;
    };
    // What is ordered frees its share, so that this goes on until the orderer waits for the committer.
    for (int refused_in_a_row = 0; refused_in_a_row < 200;) {
        refused_in_a_row = submit("flood") ? 0 : refused_in_a_row + 1;
        if (refused_in_a_row > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_EQ(accepted - node.orderer().delivered(), 10U) << "a fourth of the queue is not final yet";
    EXPECT_NE(storage::message_of(submit("flood")).find("from flood"), std::string::npos);
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(submit("another").has_value());
    node.release_commits();
    node.wait_for(accepted);
    EXPECT_TRUE(submit("flood").has_value());
    node.wait_for(accepted);
}

TEST(BackPressure, WhatIsTooLargeIsRefusedAtOnce) {
    const TemporaryDirectory root;
    SmallChannel channel;
    channel.config.batch.absolute_max_bytes = 8192;
    channel.config.batch.preferred_bytes = 4096;
    SmallNode node(channel, root.path() / "data");
    ASSERT_TRUE(node.start().has_value());
    EXPECT_EQ(storage::code_of(node.submit(Bytes(8193))), Code::too_large);
    EXPECT_TRUE(node.submit(Bytes(8192)).has_value());
    node.wait_for(1);
}

TEST(BackPressure, ADiskThatIsReportedFullRefusesNewWorkUntilItHasRoom) {
    const TemporaryDirectory root;
    SmallChannel channel;
    SmallNode node(channel, root.path() / "data");
    ASSERT_TRUE(node.start().has_value());
    node.orderer().disk_is_full(true);
    EXPECT_EQ(storage::code_of(node.submit(channel.put("k"))), Code::disk_full);
    node.orderer().disk_is_full(false);
    EXPECT_TRUE(node.submit(channel.put("k")).has_value());
    node.wait_for(1);
}

// Submits until the log is stuck; the number of transactions that were accepted.
std::size_t submit_until_full(SmallNode& node, const SmallChannel& channel) {
    std::size_t accepted = 0;
    for (int i = 0; i < 100'000; ++i) {
        const auto status = node.submit(channel.put(fmt::format("{}", i), std::string(20'000, 'x')));
        if (!status && status.error().code == Code::disk_full) return accepted;
        if (!status) std::this_thread::yield();
        accepted += status ? 1 : 0;
    }
    ADD_FAILURE() << "the disk never fills";
    return accepted;
}

// What is accepted before it fills is what fits, what its lane takes, and a queue: 15 MiB, for which the log, the
// ledger's log and its tables need room once each.
TEST(BackPressure, OnAFullDiskItSaysSoAndWhatWasAcceptedIsCommittedWhenThereIsRoom) {
    SmallDisk disk(128U << 20);
    if (!disk.mounted()) GTEST_SKIP() << "this process may not mount";
    SmallChannel channel;
    SmallNode node(channel, disk.path() / "data");
    node.options.queue_capacity = 100;
    node.options.settings.lane_bytes = 8U << 20;
    ASSERT_TRUE(node.start().has_value());
    ASSERT_TRUE(node.submit(channel.put("first")).has_value());
    node.wait_for(1);
    disk.fill(2U << 20);
    const auto accepted = submit_until_full(node, channel);
    EXPECT_TRUE(node.orderer().stuck_on_full_disk());
    disk.make_room();
    node.wait_for(accepted + 1);
    EXPECT_EQ(node.committed().size(), accepted + 1);
    EXPECT_FALSE(node.orderer().stuck_on_full_disk());
    EXPECT_TRUE(node.submit(channel.put("after")).has_value());
    node.wait_for(accepted + 2);
}

// Blocks that the ledger has no room for are in the log, and committed by the next start.
TEST(BackPressure, StoppedOnAFullDiskItLosesNoBlockThatWasFinal) {
    SmallDisk ledger_disk(48U << 20);
    if (!ledger_disk.mounted()) GTEST_SKIP() << "this process may not mount";
    const TemporaryDirectory log_disk;
    SmallChannel channel;
    channel.config.batch.max_messages = 1;
    constexpr std::size_t kTransactions = 24;  // more blocks than the committer's queue holds
    const auto make = [&] {
        auto node = std::make_unique<SmallNode>(channel, ledger_disk.path() / "data");
        node->options.log_directory = log_disk.path() / "log";
        EXPECT_TRUE(node->start().has_value());
        return node;
    };
    auto node = make();
    ledger_disk.fill(0);
    for (std::size_t i = 0; i < kTransactions; ++i)
        ASSERT_TRUE(node->submit(channel.put(fmt::format("{}", i))).has_value());
    while (!node->committer().stuck_on_full_disk()) std::this_thread::yield();
    node->stop_without_closing();
    EXPECT_TRUE(node->committed().empty()) << "nobody is told of a block that cannot be read";
    ledger_disk.make_room();
    node = make();
    node->wait_for(kTransactions);
    EXPECT_EQ(node->committed().size(), kTransactions);
}

}  // namespace
}  // namespace tally::node
