#include "consensus/catch_up.h"

#include <gtest/gtest.h>

#include <limits>

namespace tally::consensus {
namespace {

constexpr auto kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t kPatience = 250;

TEST(CatchUp, NobodyIsAskedWhileNobodyClaimsMore) {
    CatchUp catch_up(4);
    catch_up.claims(1, 10);
    EXPECT_EQ(catch_up.look(0, 10, 0, kPatience), std::nullopt);
    EXPECT_EQ(catch_up.wake_at(), kNever);
}

TEST(CatchUp, AFewBlocksMayBeOnTheirWayAndManyAreNot) {
    CatchUp near(4), far(4), learner(4);
    near.claims(2, 11);
    EXPECT_EQ(near.look(1000, 10, 0, kPatience), std::nullopt);
    EXPECT_EQ(near.wake_at(), 1000 + kPatience);
    EXPECT_EQ(near.look(1000 + kPatience, 10, 0, kPatience), 2U);
    far.claims(2, 100);
    EXPECT_EQ(far.look(1000, 10, 0, kPatience), 2U);
    learner.claims(2, 11);
    EXPECT_EQ(learner.look(1000, 10, std::nullopt, kPatience), 2U);
}

TEST(CatchUp, ASilentSourceIsLeftForTheNext) {
    CatchUp catch_up(4);
    catch_up.claims(1, 100);
    catch_up.claims(3, 100);
    ASSERT_EQ(catch_up.look(0, 10, 0, kPatience), 1U);
    EXPECT_TRUE(catch_up.expects(1, 1));
    EXPECT_FALSE(catch_up.expects(3, 1)) << "it was not asked";
    EXPECT_EQ(catch_up.look(1, 10, 0, kPatience), std::nullopt) << "it may still answer";
    const auto late = catch_up.wake_at();
    EXPECT_FALSE(catch_up.expects(1, late));
    EXPECT_EQ(catch_up.look(late, 10, 0, kPatience), 3U);
    EXPECT_EQ(catch_up.look(2 * late, 10, 0, kPatience), std::nullopt) << "no claim is left that was not tried";
}

TEST(CatchUp, ASourceThatAnsweredMayBeAskedAgainAtOnce) {
    CatchUp catch_up(2);
    catch_up.claims(1, 100);
    ASSERT_EQ(catch_up.look(0, 10, 0, kPatience), 1U);
    catch_up.progressed();
    catch_up.answered();
    EXPECT_EQ(catch_up.look(1, 50, 0, kPatience), 1U);
}

}  // namespace
}  // namespace tally::consensus
