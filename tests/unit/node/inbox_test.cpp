#include "node/roles/inbox.h"

#include <gtest/gtest.h>

namespace tally::node {
namespace {

consensus::Message status() { return consensus::StatusMessage{}; }
consensus::Message batch(std::size_t transactions) {
    consensus::Batch made;
    made.transactions.resize(transactions);
    return consensus::BatchMessage{std::make_shared<const consensus::Batch>(made)};
}

TEST(Inbox, OneThatFloodsDoesNotDelayTheOthers) {
    Inbox inbox(64U << 20);
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(inbox.put(3, status(), 50));
    ASSERT_TRUE(inbox.put(1, status(), 50));
    ASSERT_TRUE(inbox.put(2, status(), 50));
    std::vector<consensus::Member> order;
    for (const auto& each : inbox.take(5)) order.push_back(each.from);
    EXPECT_EQ(order, (std::vector<consensus::Member>{1, 2, 3, 3, 3}));
    EXPECT_FALSE(inbox.empty());
    EXPECT_EQ(inbox.take(5000).size(), 997U);
    EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, ChargesWhatAMessageTakesInMemory) {
    Inbox inbox(1U << 20);
    std::size_t taken = 0;
    while (taken < 100'000 && inbox.put(1, status(), 9)) ++taken;
    EXPECT_LT(taken * sizeof(consensus::Message), 1U << 20);
    EXPECT_TRUE(inbox.put(2, batch(10'000), 50'000)) << "another's share is another's";
    EXPECT_FALSE(inbox.put(2, batch(10'000), 50'000)) << "a hundred kilobytes on the wire, a megabyte and more here";
    inbox.forget(1);
    EXPECT_TRUE(inbox.put(1, status(), 9));
}

TEST(Inbox, WhatFitsTheNetworkFindsRoomWhenNothingElseWaits) {
    Inbox inbox(1U << 20);
    EXPECT_TRUE(inbox.put(1, status(), 100U << 20));
    EXPECT_FALSE(inbox.put(1, status(), 9));
    EXPECT_EQ(inbox.take(10).size(), 1U);
    EXPECT_TRUE(inbox.put(1, status(), 100U << 20));
}

TEST(Inbox, OfRequestsForBlocksTheLastWaits) {
    Inbox inbox(1U << 20);
    for (storage::BlockNumber from = 1; from <= 100'000; ++from)
        ASSERT_TRUE(inbox.put(1, consensus::FetchBlocks{from}, 9));
    const auto taken = inbox.take(100);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(std::get<consensus::FetchBlocks>(taken[0].message).from, 100'000U);
}

}  // namespace
}  // namespace tally::node
