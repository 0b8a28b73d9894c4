// A clock that is set, forwards or back, delays nothing: only the times of blocks come from it.

#include "tests/unit/consensus/one_of_four.h"

namespace tally::consensus {
namespace {

constexpr std::int64_t kHour = 3'600'000;

class SetClock : public OneOfFour {
  protected:
    void start_at(std::int64_t wall) {
        core.emplace(options());
        taken = core->start({now, wall});
    }
    // Whether this member gives the silent leader up within `ms`, by its own timer.
    [[nodiscard]] bool nullifies_within(std::int64_t ms, std::int64_t wall) {
        for (const auto until = now + ms; now < until; now += 100) {
            taken = core->step(Tick{}, {now, wall});
            for (const auto& message : sent<VoteMessage>()) {
                for (const auto& each : message.votes) {
                    if (each.kind == VoteKind::nullify) return true;
                }
            }
        }
        return false;
    }
};

TEST_F(SetClock, ASilentLeaderIsGivenUpInTime) {
    for (const std::int64_t jump : {-kHour, kHour}) {
        const std::int64_t wall = 1'700'000'000'000;
        now = 5'000;
        start_at(wall);
        // A block is notarized, and the leader that should end it with another one says nothing.
        const CertificateMessage demand{{certificate(VoteKind::notarize, 1, crypto::sha256(text("a block")))}};
        taken = core->step(Received{2, demand}, {now, wall});
        EXPECT_LT(core->wake_at() - now, kHour / 2);
        EXPECT_TRUE(nullifies_within(4 * settings.timeout_ms, wall + jump)) << jump;
    }
}

// A block of the past would make of the future, and so invalid, whatever clients have just signed.
class TimeOfABlock : public OneOfFour {
  protected:
    // What this member votes, its own clock so far ahead of the block's time.
    [[nodiscard]] VoteKind vote_when_behind_by(std::int64_t ms) {
        const auto made = batch(1, {1, 1}, {text("a")});
        core.emplace(options());
        taken = core->start({now, now + ms});
        taken = core->step(Received{1, BatchMessage{made}}, {now, now + ms});
        const auto& header = made->header;
        auto message = proposal(1, {{1, header.at, header.digest, header.count, header.bytes}});
        taken = core->step(Received{1, std::move(message)}, {now, now + ms});
        const auto votes = sent<VoteMessage>();
        EXPECT_EQ(votes.size(), 1U);
        return votes.at(0).votes.at(0).kind;
    }
};

TEST_F(TimeOfABlock, MayBeBehindByTwoOfTheLongestTimeoutsAndNotByWhatMakesProposalsInvalid) {
    EXPECT_EQ(vote_when_behind_by(2 * settings.max_timeout_ms), VoteKind::notarize);
    EXPECT_EQ(vote_when_behind_by(28'000), VoteKind::nullify);
    EXPECT_EQ(vote_when_behind_by(kHour), VoteKind::nullify);
}

class NextEpoch : public OneOfFour {};

TEST_F(NextEpoch, KeepsATimeoutThatLeavesALeaderTheTimeThatABlockMayTake) {
    start();
    auto next = options();
    next.committee.epoch = 1;
    auto slow = settings;
    slow.block_timeout_ms = 3000;
    taken = core->step(EpochStarted{next.committee, 0, next.verify, next.changes_configuration, slow}, {now, now});
    hears(2, BatchMessage{batch(2, {1, 1}, {text("a")})});
    const LaneAck held{2, {1, 1}, batch(2, {1, 1}, {text("a")})->header.hash()};
    hears(1, AckMessage{1, 1, {held}});
    hears(3, AckMessage{1, 1, {held}});
    EXPECT_EQ(appended(RecordType::vote), 0U);
    wait(5900);
    EXPECT_EQ(appended(RecordType::vote), 0U) << "the leader was given up before its block was due";
    wait(200);
    EXPECT_EQ(appended(RecordType::vote), 1U);
}

}  // namespace
}  // namespace tally::consensus
