// Questions that wait for blocks: a commit wakes them, and one party's are bounded.

#include "node/endorsing/height_waits.h"

#include <gtest/gtest.h>

namespace tally::node {
namespace {

using namespace std::chrono_literals;

class Parked : public testing::Test {
  protected:
    HeightWaits waits{{3, 1000}};
    const HeightWaits::Clock::time_point now = HeightWaits::Clock::now();
    std::vector<std::string> ran;

    Code park(const std::string& party, storage::BlockNumber height, std::uint64_t bytes = 1,
              std::chrono::seconds patience = 1s) {
        const auto status = waits.add(party, height, bytes, now + patience, [this, party, height](bool reached) {
            ran.push_back(party + std::to_string(height) + (reached ? "" : " too late"));
        });
        return status ? Code::internal : status.error().code;  // internal: taken
    }
};

TEST_F(Parked, ACommitWakesWhatWaitsForIt) {
    park("a", 7);
    park("b", 5);
    park("a", 6);
    EXPECT_TRUE(ran.empty());
    waits.reached(6);
    EXPECT_EQ(ran, (std::vector<std::string>{"b5", "a6"}));
    park("c", 6);  // a block that came between the look at the ledger and this
    EXPECT_EQ(ran.back(), "c6");
    waits.reached(100);
    EXPECT_EQ(ran.back(), "a7");
    EXPECT_EQ(ran.size(), 4U);
}

TEST_F(Parked, OnePartysQuestionsAreBounded) {
    for (storage::BlockNumber height = 50; height < 53; ++height) EXPECT_EQ(park("flood", height), Code::internal);
    EXPECT_EQ(park("flood", 50), Code::busy);
    EXPECT_EQ(park("other", 50), Code::internal);
    EXPECT_EQ(park("large", 50, 800), Code::internal);
    EXPECT_EQ(park("large", 50, 800), Code::busy);
    waits.reached(50);
    EXPECT_EQ(park("flood", 60), Code::internal);
    EXPECT_EQ(park("large", 60, 800), Code::internal);
}

TEST_F(Parked, WhatWaitsTooLongIsAnswered) {
    park("a", 5, 1, 1s);
    park("a", 6, 1, 3s);
    waits.expire(now + 2s);
    EXPECT_EQ(ran, (std::vector<std::string>{"a5 too late"}));
    waits.reached(6);
    EXPECT_EQ(ran.back(), "a6");
    EXPECT_EQ(ran.size(), 2U);
}

}  // namespace
}  // namespace tally::node
