#include "node/ordering/inbox.h"

#include <gtest/gtest.h>

namespace tally::node {
namespace {

constexpr std::size_t kAll = 1U << 30;

Bytes status() { return consensus::encode_message(consensus::StatusMessage{}); }

TEST(Inbox, OneThatFloodsDoesNotDelayTheOthers) {
    Inbox inbox(64U << 20);
    for (int i = 0; i < 1000; ++i) ASSERT_TRUE(inbox.put(3, status()));
    ASSERT_TRUE(inbox.put(1, status()));
    ASSERT_TRUE(inbox.put(2, status()));
    std::vector<consensus::Member> order;
    for (const auto& each : inbox.take(5, kAll)) order.push_back(each.from);
    EXPECT_EQ(order, (std::vector<consensus::Member>{1, 2, 3, 3, 3}));
    EXPECT_FALSE(inbox.empty());
    EXPECT_EQ(inbox.take(5000, kAll).size(), 997U);
    EXPECT_TRUE(inbox.empty());
}

TEST(Inbox, BoundsWhatOnePeerKeepsInMemory) {
    Inbox inbox(1U << 20);
    std::size_t taken = 0;
    while (taken < 1'000'000 && inbox.put(1, Bytes(1))) ++taken;
    EXPECT_LT(taken * sizeof(Bytes), 1U << 20);
    EXPECT_TRUE(inbox.put(2, Bytes(1'000'000))) << "another's share is another's";
    EXPECT_FALSE(inbox.put(2, Bytes(100'000)));
    inbox.forget(1);
    EXPECT_TRUE(inbox.put(1, Bytes(1)));
}

TEST(Inbox, WhatFitsTheNetworkFindsRoomWhenNothingElseWaits) {
    Inbox inbox(1U << 20);
    EXPECT_TRUE(inbox.put(1, Bytes(100U << 20)));
    EXPECT_FALSE(inbox.put(1, status()));
    EXPECT_EQ(inbox.take(10, kAll).size(), 1U);
    EXPECT_TRUE(inbox.put(1, Bytes(100U << 20)));
}

TEST(Inbox, IsTakenInPartsOfBoundedSize) {
    Inbox inbox(64U << 20);
    for (consensus::Member from = 0; from < 4; ++from) {
        for (int i = 0; i < 4; ++i) ASSERT_TRUE(inbox.put(from, Bytes(1000)));
    }
    EXPECT_EQ(inbox.take(100, 2500).size(), 3U) << "no more once they are of so many bytes";
    EXPECT_EQ(inbox.take(100, 1).size(), 1U);
}

TEST(Inbox, SaysWhatIsWrongWithAMessageToWhomTakesIt) {
    Inbox inbox(1U << 20);
    ASSERT_TRUE(inbox.put(1, Bytes()));
    ASSERT_TRUE(inbox.put(2, Bytes{200}));
    ASSERT_TRUE(inbox.put(3, status()));
    const auto taken = inbox.take(10, kAll);
    ASSERT_EQ(taken.size(), 3U);
    for (const auto& each : taken) EXPECT_EQ(each.message.has_value(), each.from == 3) << each.from;
}

TEST(Inbox, OfRequestsForBlocksTheLastWaits) {
    Inbox inbox(1U << 20);
    for (storage::BlockNumber from = 1; from <= 100'000; ++from)
        ASSERT_TRUE(inbox.put(1, consensus::encode_message(consensus::FetchBlocks{from})));
    const auto taken = inbox.take(100, kAll);
    ASSERT_EQ(taken.size(), 1U);
    EXPECT_EQ(std::get<consensus::FetchBlocks>(*taken[0].message).from, 100'000U);
}

}  // namespace
}  // namespace tally::node
