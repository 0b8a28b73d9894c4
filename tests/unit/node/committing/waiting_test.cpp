// What waits for its block: given to another orderer when it takes too long, and answered once.

#include "node/committing/waiting.h"

#include <gtest/gtest.h>

namespace tally::node {
namespace {

TEST(WaitingForABlock, WhatIsOverdueIsGivenBackAgainAndAgainUntilItsBlockComes) {
    Waiting waiting;
    int answers = 0;
    const auto id = crypto::sha256(as_bytes("a"));
    ASSERT_TRUE(waiting.add(id, [&](const Result<Outcome>&) { ++answers; }, 1'000'000));
    EXPECT_TRUE(waiting.overdue(1'000'000).empty()) << "no orderer has it yet";
    waiting.ordering(id, std::make_shared<const Bytes>(to_bytes("transaction")));
    EXPECT_TRUE(waiting.overdue(1'000'000).empty()) << "nor now";
    waiting.ordered(id, "node1", 1000);
    EXPECT_TRUE(waiting.overdue(1000 + Waiting::kOverdueMs - 1).empty());
    for (int i = 1; i <= 3; ++i) {
        const auto late = waiting.overdue(1000 + i * Waiting::kOverdueMs);
        ASSERT_EQ(late.size(), 1U);
        EXPECT_EQ(*late.front().transaction, to_bytes("transaction"));
        EXPECT_EQ(late.front().orderer, "node1");
        EXPECT_TRUE(waiting.overdue(1000 + i * Waiting::kOverdueMs).empty());
    }
    waiting.resolve(id, Outcome{});
    EXPECT_EQ(answers, 1);
    EXPECT_TRUE(waiting.overdue(1'000'000).empty());
    waiting.ordered(id, "node1", 1000);  // the block was faster
    EXPECT_TRUE(waiting.overdue(1'000'000).empty());
    EXPECT_EQ(waiting.size(), 0U);
}

TEST(WaitingForABlock, TheRefusalOfOtherBytesUnderTheSameIdIsNoAnswer) {
    Waiting waiting;
    std::vector<storage::ValidationCode> answers;
    const auto id = crypto::sha256(as_bytes("a"));
    const auto own = to_bytes("with endorsements");
    ASSERT_TRUE(waiting.add(id, [&](const Result<Outcome>& outcome) { answers.push_back(outcome->code); }, 1'000'000));
    const auto refused = [&](ByteView bytes) {
        CommittedBlock block;
        auto& transaction = block.transactions.emplace_back();
        transaction.id = id;
        transaction.code = storage::ValidationCode::ENDORSEMENT_POLICY_FAILURE;
        transaction.bytes = crypto::sha256(bytes);
        return block;
    };
    waiting.committed(refused(as_bytes("without, and faster than we")));
    waiting.ordering(id, std::make_shared<const Bytes>(own));
    waiting.committed(refused(as_bytes("without")));
    EXPECT_TRUE(answers.empty());
    waiting.committed(refused(own));
    EXPECT_EQ(answers, std::vector{storage::ValidationCode::ENDORSEMENT_POLICY_FAILURE});
}

}  // namespace
}  // namespace tally::node
