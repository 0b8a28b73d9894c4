#include "consensus/forgetful_start.h"

#include <gtest/gtest.h>

namespace tally::consensus {
namespace {

const Committee kFour{"test", 5, FaultModel::byzantine, {10, 11, 12, 13}};

ForgetfulStart forgetful() {
    ForgetfulStart life(false);
    life.begin_life(5, 0, 1000);
    return life;
}

TEST(ForgetfulStartTest, AFirstStartHasForgottenNothing) {
    ForgetfulStart life(true);
    life.begin_life(5, 0, 1000);
    EXPECT_FALSE(life.is_forgetful());
    EXPECT_TRUE(life.may_vote(5, 1));
    EXPECT_EQ(life.incarnation(), 1000U);
}

// b + f = 3 of the others.
TEST(ForgetfulStartTest, EnoughAnswersLetItVoteAboveTheHighest) {
    auto life = forgetful();
    EXPECT_TRUE(life.is_forgetful());
    life.told(1, 5, 7);
    life.told(2, 5, 9);
    EXPECT_FALSE(life.remember(kFour, 0));
    EXPECT_FALSE(life.may_vote(5, 100));
    life.told(3, 4, 50);  // of the epoch before
    EXPECT_TRUE(life.remember(kFour, 2000));
    EXPECT_FALSE(life.may_vote(5, 10));
    EXPECT_TRUE(life.may_vote(5, 11));
    EXPECT_EQ(life.incarnation(), 2000U);
    life.begin_epoch(6);
    EXPECT_TRUE(life.is_forgetful()) << "it may have voted in this epoch too";
}

TEST(ForgetfulStartTest, OneThatLiesCountsNoMoreAndOneAnswerLessIsNeeded) {
    auto life = forgetful();
    const StatusMessage answer{5, 7, 0, 0, true, life.nonce(), {}, {}};
    EXPECT_TRUE(life.listens_to(1, answer, 5));
    life.told(1, 5, 100);
    life.lied(1);
    EXPECT_FALSE(life.listens_to(1, answer, 5));
    life.told(2, 5, 7);
    EXPECT_FALSE(life.remember(kFour, 0));
    life.told(3, 5, 7);
    EXPECT_TRUE(life.remember(kFour, 0));
    EXPECT_TRUE(life.may_vote(5, 9));
}

TEST(ForgetfulStartTest, OnlyAnswersToItsOwnQuestionCount) {
    auto life = forgetful();
    StatusMessage status{5, 7, 0, 0, true, life.nonce() + 1, {}, {}};
    EXPECT_FALSE(life.listens_to(1, status, 5)) << "an old one";
    status.nonce = life.nonce();
    status.answer = false;
    EXPECT_FALSE(life.listens_to(1, status, 5));
    status.answer = true;
    status.epoch = 6;
    EXPECT_FALSE(life.listens_to(1, status, 5)) << "it will ask again there";
}

TEST(ForgetfulStartTest, ALaneBeginsAboveWhatOthersKnowOfItUnlessThatIsFarInTheFuture) {
    auto life = forgetful();
    life.lane_was(5000, 1000);
    EXPECT_EQ(life.incarnation(), 5001U);
    life.lane_was(UINT64_MAX - 1, 1000);
    EXPECT_EQ(life.incarnation(), 5001U);
}

}  // namespace
}  // namespace tally::consensus
