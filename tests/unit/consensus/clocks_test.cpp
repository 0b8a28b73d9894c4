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

}  // namespace
}  // namespace tally::consensus
