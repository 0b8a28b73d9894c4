// What a leader orders: the lanes share a block, and take turns to begin it.

#include "consensus/lanes.h"

#include <gtest/gtest.h>

namespace tally::consensus {
namespace {

constexpr std::uint64_t kMany = 1'000'000;

class FourLanes : public testing::Test {
  protected:
    FourLanes() : committee{"test", 0, FaultModel::byzantine, {100, 101, 102, 103}}, lanes(committee, {}, {}) {}

    // Batches behind those that the lane has, held by everybody.
    void fill(Member lane, std::size_t count, std::size_t bytes, bool sealing = false) {
        for (std::size_t i = 0; i < count; ++i) {
            auto batch = std::make_shared<LaneBatch>();
            auto& header = batch->header;
            header.lane = committee.lanes[lane];
            const auto head = lanes.head(lane);
            header.at = {1, head.at.sequence + 1};
            header.previous = head.head;
            header.count = 1;
            header.bytes = bytes;
            header.sealing = sealing;
            ASSERT_EQ(lanes.store(lane, batch, 0), Lanes::Stored::stored);
        }
        for (Member by = 0; by < 4; ++by) lanes.acknowledged(by, lanes.head(lane));
    }
    [[nodiscard]] Lanes::Payload payload(std::uint64_t max_bytes, Member first = 0,
                                         std::uint64_t max_messages = kMany) const {
        return lanes.payload(std::vector<LanePosition>(4), 2, max_bytes, max_messages, first);
    }
    // How many batches of each lane; they must be in the order that a proposal has: by lane, each lane's from its
    // first.
    [[nodiscard]] static std::vector<std::size_t> shares(const Lanes::Payload& payload) {
        std::vector<std::size_t> counts(4);
        Member last = 0;
        for (const auto& reference : payload.references) {
            EXPECT_GE(reference.lane, last);
            last = reference.lane;
            EXPECT_EQ(reference.at.sequence, ++counts[reference.lane]);
        }
        return counts;
    }
    using Shares = std::vector<std::size_t>;

    Committee committee;
    Lanes lanes;
};

TEST_F(FourLanes, EachHasAFourthOfABlockThatIsFull) {
    for (Member lane = 0; lane < 4; ++lane) fill(lane, 20, 100);
    for (Member first = 0; first < 4; ++first) {
        const auto chosen = payload(1'200, first);
        EXPECT_EQ(shares(chosen), (Shares{3, 3, 3, 3}));
        EXPECT_TRUE(chosen.full);
        EXPECT_EQ(chosen.bytes, 1'200U);
        EXPECT_EQ(chosen.messages, 12U);
    }
    EXPECT_EQ(shares(payload(kMany, 0, 8)), (Shares{2, 2, 2, 2}));
}

TEST_F(FourLanes, TheOneThatFloodsTakesNothingFromTheOthers) {
    fill(0, 100, 100);
    fill(3, 2, 100);
    EXPECT_EQ(shares(payload(1'000)), (Shares{8, 0, 0, 2}));
    fill(2, 1, 500);
    EXPECT_EQ(shares(payload(1'000)), (Shares{3, 0, 1, 2})) << "shares are of bytes";
}

TEST_F(FourLanes, ABlockThatHoldsOneBatchIsEachOnesInTurn) {
    for (Member lane = 0; lane < 4; ++lane) fill(lane, 5, 1'000);
    for (Member first = 0; first < 4; ++first) {
        Shares one(4);
        one[first] = 1;
        EXPECT_EQ(shares(payload(1'000, first)), one);
    }
    EXPECT_EQ(shares(payload(10, 1)), (Shares{0, 1, 0, 0})) << "one is ordered however large it is";
}

TEST_F(FourLanes, ASealingBatchIsAloneWhenItsTurnComes) {
    fill(0, 50, 100);
    fill(3, 1, 100, true);
    EXPECT_FALSE(payload(1'000, 0).sealing);
    EXPECT_EQ(shares(payload(1'000, 0)), (Shares{10, 0, 0, 0}));
    const auto chosen = payload(1'000, 3);
    EXPECT_TRUE(chosen.sealing);
    EXPECT_EQ(shares(chosen), (Shares{0, 0, 0, 1}));
}

TEST_F(FourLanes, WhatTooFewHoldWaits) {
    fill(0, 2, 100);
    fill(1, 2, 100);
    for (const Member by : {1, 2, 3}) lanes.forget_acknowledgements(by);
    EXPECT_TRUE(payload(kMany).references.empty());
    lanes.acknowledged(2, lanes.head(1));
    const auto chosen = payload(kMany);
    EXPECT_EQ(shares(chosen), (Shares{0, 2, 0, 0}));
    EXPECT_FALSE(chosen.full);
}

}  // namespace
}  // namespace tally::consensus
