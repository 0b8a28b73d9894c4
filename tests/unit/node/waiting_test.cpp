// What waits for its block: given to another orderer when it takes too long, and answered once.

#include "node/roles/waiting.h"

#include <gtest/gtest.h>

namespace tally::node {
namespace {

TEST(WaitingForABlock, WhatIsOverdueIsGivenBackAgainAndAgainUntilItsBlockComes) {
    Waiting waiting;
    int answers = 0;
    const auto id = crypto::sha256(as_bytes("a"));
    ASSERT_TRUE(waiting.add(id, [&](const Result<Outcome>&) { ++answers; }, 1'000'000));
    EXPECT_TRUE(waiting.overdue(1'000'000).empty()) << "no orderer has it yet";
    waiting.ordered(id, to_bytes("transaction"), 1000);
    EXPECT_TRUE(waiting.overdue(1000 + Waiting::kOverdueMs - 1).empty());
    for (int i = 1; i <= 3; ++i) {
        const auto late = waiting.overdue(1000 + i * Waiting::kOverdueMs);
        ASSERT_EQ(late.size(), 1U);
        EXPECT_EQ(*late.front(), to_bytes("transaction"));
        EXPECT_TRUE(waiting.overdue(1000 + i * Waiting::kOverdueMs).empty());
    }
    waiting.resolve(id, Outcome{});
    EXPECT_EQ(answers, 1);
    EXPECT_TRUE(waiting.overdue(1'000'000).empty());
    waiting.ordered(id, to_bytes("late"), 1000);  // the block was faster
    EXPECT_TRUE(waiting.overdue(1'000'000).empty());
    EXPECT_EQ(waiting.size(), 0U);
}

}  // namespace
}  // namespace tally::node
