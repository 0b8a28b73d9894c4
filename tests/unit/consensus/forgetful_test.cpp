// A member whose log is gone, and others that lie to it (simplex.h, R10). All four of a committee: three others, of
// which one may lie; all three answers are wanted, unless the liar is caught.

#include "tests/unit/consensus/one_of_four.h"

namespace tally::consensus {
namespace {

class Forgetful : public OneOfFour {
  protected:
    void SetUp() override {
        first_start = false;
        start();
        wait(settings.resend_ms);
        for (const auto& status : sent<StatusMessage>()) nonce = status.nonce;
        ASSERT_NE(nonce, 0U);
    }
    [[nodiscard]] StatusMessage answer(View view) const {
        StatusMessage status;
        status.view = view;
        status.answer = true;
        status.nonce = nonce;
        if (view > 1) status.proof = certificate(VoteKind::nullify, view - 1);
        return status;
    }
    [[nodiscard]] bool forgetful() const { return core->observe().forgetful; }
    // The views in which it votes when every view is nullified by the others.
    [[nodiscard]] View first_vote() {
        for (View view = core->observe().view;; ++view) {
            hears(1, VoteMessage{{vote(1, VoteKind::nullify, view)}});
            hears(2, VoteMessage{{vote(2, VoteKind::nullify, view)}});
            for (const auto& message : sent<VoteMessage>()) return message.votes.front().view;
            hears(1, CertificateMessage{{certificate(VoteKind::nullify, view)}});
        }
    }

    std::uint64_t nonce = 0;
};

TEST_F(Forgetful, RemembersWhenAllOthersHaveSaidWhereTheyAre) {
    hears(1, answer(5));
    hears(2, answer(3));
    EXPECT_TRUE(forgetful()) << "one of two may lie, and the other may be behind";
    hears(3, answer(4));
    EXPECT_FALSE(forgetful());
    EXPECT_EQ(first_vote(), 7U);
}

TEST_F(Forgetful, AViewWithoutAProofSilencesNobody) {
    auto lie = answer(1);
    lie.view = 1ULL << 63U;
    hears(3, lie);
    EXPECT_EQ(actions<Blame>().size(), 1U);
    hears(1, answer(5));
    EXPECT_TRUE(forgetful());
    hears(2, answer(3));
    EXPECT_FALSE(forgetful()) << "the one that may lie is known";
    EXPECT_EQ(first_vote(), 7U);
}

TEST_F(Forgetful, AFalseProofIsNone) {
    auto lie = answer(1000);
    lie.proof->signatures.back()[3] ^= 1;
    hears(3, lie);
    hears(1, answer(2));
    hears(2, answer(2));
    EXPECT_FALSE(forgetful());
    EXPECT_EQ(first_vote(), 4U);
}

TEST_F(Forgetful, ALiarThatClaimsALaterEpochOrBlockIsNotWaitedForLongerThanOneThatIsSilent) {
    auto lie = answer(1);
    lie.epoch = 1ULL << 60U;
    hears(3, lie);
    lie = answer(1);
    lie.view = 101;
    lie.final_view = 100;
    lie.final_number = 50;
    hears(3, lie);
    hears(1, answer(2));
    hears(2, answer(2));
    EXPECT_TRUE(forgetful());
    hears(3, answer(1));
    EXPECT_FALSE(forgetful());
    EXPECT_EQ(first_vote(), 4U);
}

TEST_F(Forgetful, OldAnswersAreNone) {
    for (Member each = 1; each < 4; ++each) {
        auto old = answer(2);
        --old.nonce;
        hears(each, old);
    }
    EXPECT_TRUE(forgetful());
}

TEST_F(Forgetful, ALaneIsNotExhaustedByWhatOthersClaimOfIt) {
    auto lie = answer(1);
    lie.lane = {~0ULL - 1, 1};
    hears(3, lie);
    auto truth = answer(1);
    truth.lane = {static_cast<std::uint64_t>(now) + 1000, 7};
    hears(1, truth);
    hears(2, answer(1));
    EXPECT_FALSE(forgetful());
    submits({text("a")});
    ASSERT_EQ(sent<BatchMessage>().size(), 1U);
    EXPECT_EQ(sent<BatchMessage>()[0].batch->header.at, (LanePosition{static_cast<std::uint64_t>(now) + 1001, 1}));
}

TEST_F(Forgetful, WhoIsAskedBringsTheProofOfItsView) {
    first_start = true;
    start();
    hears(1, CertificateMessage{{certificate(VoteKind::nullify, 4)}});
    StatusMessage question;
    question.nonce = 77;
    hears(2, question);
    ASSERT_EQ(sent<StatusMessage>().size(), 1U);
    EXPECT_EQ(sent<StatusMessage>()[0].view, 5U);
    EXPECT_EQ(sent<StatusMessage>()[0].proof->view, 4U);
    for (int i = 0; i < 100; ++i) hears(2, question);
    EXPECT_TRUE(sent<StatusMessage>().empty()) << "once per interval";
}

// A log that was put back from a copy holds votes, and not those that were made since the copy.
TEST_F(OneOfFour, ALogThatMayBeAnOldCopyMakesForgetful) {
    start();
    const auto log = actions<Append>();
    ASSERT_FALSE(log.empty());
    EXPECT_FALSE(core->observe().forgetful);
    const auto begin_again = [&](bool copied) {
        core.emplace(options());
        for (const auto& record : log) ASSERT_TRUE(core->restore(record.type, record.record).has_value());
        if (copied) core->distrust_log();
        taken = core->start({now, now});
        EXPECT_EQ(core->observe().forgetful, copied);
    };
    begin_again(false);
    begin_again(true);
    const auto after = actions<Append>();
    core.emplace(options());
    for (const auto& record : after) ASSERT_TRUE(core->restore(record.type, record.record).has_value());
    taken = core->start({now, now});
    EXPECT_TRUE(core->observe().forgetful) << "the log itself says so from now on";
    core.emplace(options());
    for (const auto& record : after) ASSERT_TRUE(core->restore(record.type, record.record).has_value());
    core->trust_log();
    taken = core->start({now, now});
    EXPECT_FALSE(core->observe().forgetful) << "until an operator states that it is the newest";
    EXPECT_FALSE(core->observe().silent);
}

TEST_F(Forgetful, WhoHasRememberedIsSilentInTheViewOfTheOthersUntilItsLogIsTrusted) {
    hears(1, answer(1));
    hears(2, answer(1));
    hears(3, answer(1));
    EXPECT_FALSE(forgetful());
    EXPECT_TRUE(core->observe().silent);
    const auto log = actions<Append>();
    ASSERT_FALSE(log.empty());
    const auto begin_again = [&](bool trusts) {
        core.emplace(options());
        for (const auto& record : log) ASSERT_TRUE(core->restore(record.type, record.record).has_value());
        if (trusts) core->trust_log();
        taken = core->start({now, now});
        EXPECT_EQ(core->observe().silent, !trusts);
    };
    begin_again(false);
    begin_again(true);
}

}  // namespace
}  // namespace tally::consensus
