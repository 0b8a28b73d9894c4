// The feed of committed blocks: in order, decoded once, and without memory for those that are slow.

#include "node/committing/block_feed.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using storage::code_of;

class Feed : public testing::Test {
  protected:
    Feed() {
        EXPECT_TRUE(node.start().has_value());
        feed = std::make_unique<BlockFeed>(node.ledger());
    }
    void commit(std::size_t transactions, std::size_t bytes = 1) {
        for (std::size_t i = 0; i < transactions; ++i) {
            EXPECT_TRUE(node.submit(channel.put(std::to_string(count), std::string(bytes, 'x'))).has_value());
            node.wait_for(++count);
        }
    }
    // The transactions from the cursor on, at most `most`; the cursor goes on.
    [[nodiscard]] std::vector<storage::TransactionId> read(FeedCursor& at, std::size_t most,
                                                           const BlockFeed::Budget& budget = {}) const {
        std::vector<storage::TransactionId> seen;
        const auto next = feed->read(at, budget, [&](const FeedBlock& block, std::uint32_t index) {
            if (seen.size() == most) return false;
            if (block.simulations[index]) seen.push_back(block.simulations[index]->transaction_id);
            return true;
        });
        EXPECT_TRUE(next.has_value()) << next.error().message;
        at = next.value_or(at);
        return seen;
    }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    SmallNode node{channel, root.path() / "data"};
    std::unique_ptr<BlockFeed> feed;
    std::size_t count = 0;
};

TEST_F(Feed, ACursorGoesOnWithoutALossOrADuplicateAfterARestart) {
    commit(20);
    FeedCursor from;
    const auto all = read(from, 1000);
    ASSERT_GE(all.size(), 20U);
    EXPECT_EQ(from, (FeedCursor{node.ledger().tip()->number + 1, 0}));
    std::vector<storage::TransactionId> resumed;
    FeedCursor at;
    while (resumed.size() < all.size()) {
        feed = std::make_unique<BlockFeed>(node.ledger());  // as after a restart: the cursor is the follower's
        for (const auto& id : read(at, 3)) resumed.push_back(id);
    }
    EXPECT_EQ(resumed, all);
    EXPECT_TRUE(read(at, 3).empty());
    commit(1);
    EXPECT_EQ(read(at, 3).size(), 1U);
}

TEST_F(Feed, OneCallLooksAtABoundedNumberOfBlocks) {
    commit(5);
    FeedCursor at;
    (void)read(at, 1000, {.blocks = 2});
    EXPECT_EQ(at, (FeedCursor{2, 0}));
    (void)read(at, 1000, {.blocks = 64, .bytes = 1});
    EXPECT_EQ(at, (FeedCursor{3, 0})) << "at least one block, however large";
}

TEST_F(Feed, ManyFollowersDecodeEachBlockOnce) {
    commit(8);
    const auto blocks = node.ledger().tip()->number + 1;
    std::vector<std::thread> followers;
    for (int i = 0; i < 8; ++i) {
        followers.emplace_back([this, blocks] {
            for (storage::BlockNumber number = 0; number < blocks; ++number)
                EXPECT_EQ((*feed->block(number))->block.header.number, number);
        });
    }
    for (auto& follower : followers) follower.join();
    EXPECT_EQ(feed->decoded(), blocks);
}

TEST_F(Feed, WhatStaysDecodedIsBounded) {
    constexpr std::size_t kValue = 200'000;  // in the proposal, and in the simulation as a result and a write
    commit(BlockFeed::kKeptBytes / (3 * kValue) + 10, kValue);
    FeedCursor at;
    while (!read(at, 1000).empty()) continue;
    const auto decoded = feed->decoded();
    std::uint64_t kept_bytes = 0;
    auto number = node.ledger().tip()->number;
    for (; number > 0; --number) {
        const auto block = feed->block(number);
        ASSERT_TRUE(block.has_value());
        if (feed->decoded() != decoded) break;
        kept_bytes += (*block)->bytes;
    }
    EXPECT_GT(number, 1U) << "the oldest were let go";
    EXPECT_LE(kept_bytes, BlockFeed::kKeptBytes);
    EXPECT_GT(kept_bytes, BlockFeed::kKeptBytes / 2) << "the newest are kept";
}

TEST_F(Feed, ABlockThatIsNotThereYetMayCome) {
    const auto next = node.ledger().tip()->number + 1;
    EXPECT_EQ(code_of(feed->block(next)), Code::not_found);
    commit(1);
    EXPECT_TRUE(feed->block(next).has_value());
}

TEST_F(Feed, WhatWasPrunedIsNotKept) {
    commit(3);
    ASSERT_TRUE(node.ledger().prune(3).has_value());
    EXPECT_EQ(code_of(feed->block(1)), Code::not_kept);
    EXPECT_EQ(code_of(feed->read({1, 0}, {}, [](const FeedBlock&, std::uint32_t) { return true; })), Code::not_kept);
}

TEST_F(Feed, FollowersAreWokenUntilTheyLeave) {
    int woken = 0;
    {
        const auto follower = feed->on_commit([&] { ++woken; });
        feed->committed();
        EXPECT_EQ(woken, 1);
    }
    feed->committed();
    EXPECT_EQ(woken, 1);
}

}  // namespace
}  // namespace tally::node
