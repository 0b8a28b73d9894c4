#include "gateway/rest/rate_limiter.h"

#include <gtest/gtest.h>

namespace tally::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class RateLimiterTest : public testing::Test {
  protected:
    RateLimiter::Clock::time_point now{};
};

TEST_F(RateLimiterTest, BurstPassesAndThenTheRateCounts) {
    RateLimiter limiter({2, 5});
    for (int i = 0; i < 5; ++i) EXPECT_FALSE(limiter.take("a", now));
    EXPECT_EQ(limiter.take("a", now), 1U);
    EXPECT_EQ(limiter.take("a", now + milliseconds(499)), 1U);
    EXPECT_FALSE(limiter.take("a", now + milliseconds(500)));
    EXPECT_EQ(limiter.take("a", now + milliseconds(500)), 1U);
}

TEST_F(RateLimiterTest, TokensDoNotPileUpBeyondTheBurst) {
    RateLimiter limiter({100, 3});
    now += seconds(1000);
    EXPECT_FALSE(limiter.take("a", now));
    now += seconds(1000);
    for (int i = 0; i < 3; ++i) EXPECT_FALSE(limiter.take("a", now));
    EXPECT_TRUE(limiter.take("a", now));
}

TEST_F(RateLimiterTest, KeysDoNotShare) {
    RateLimiter limiter({1, 1});
    EXPECT_FALSE(limiter.take("a", now));
    EXPECT_TRUE(limiter.take("a", now));
    EXPECT_FALSE(limiter.take("b", now));
}

TEST_F(RateLimiterTest, WaitIsToldInWholeSeconds) {
    RateLimiter limiter({0.1, 1});
    EXPECT_FALSE(limiter.take("a", now));
    EXPECT_EQ(limiter.take("a", now), 10U);
    EXPECT_EQ(limiter.take("a", now + milliseconds(8500)), 2U);
}

TEST_F(RateLimiterTest, FloodOfKeysDoesNotGrowWithoutBoundAndRefusesNobodyNew) {
    RateLimiter limiter({1, 1}, 100);
    for (int i = 0; i < 10'000; ++i) EXPECT_FALSE(limiter.take(std::to_string(i), now));
}

TEST_F(RateLimiterTest, RoomIsMadeByForgettingTheFullBucketsFirst) {
    RateLimiter limiter({1, 1}, 2);
    EXPECT_FALSE(limiter.take("old", now));
    now += seconds(5);
    EXPECT_FALSE(limiter.take("young", now));
    EXPECT_FALSE(limiter.take("new", now));
    EXPECT_TRUE(limiter.take("young", now)) << "it was not full and is still remembered";
}

}  // namespace
}  // namespace tally::gateway
