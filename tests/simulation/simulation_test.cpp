// Whole clusters, many seeds each. A failing seed prints itself and the command that replays it.

#include <gtest/gtest.h>

#include "tests/simulation/run.h"

namespace tally::simulation {
namespace {

using consensus::FaultModel;

class Simulation : public testing::Test {
  protected:
    // Runs the seeds, every tenth one twice.
    void runs(const Shape& shape, std::uint64_t seeds) {
        for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
            const auto outcome = run(shape, seed);
            EXPECT_EQ(outcome.violation, "") << "seed " << seed << "\n  " << replay_command(shape, seed);
            for (const auto& [branch, times] : outcome.coverage) reached_[branch] += times;
            if (seed % 10 == 1) {
                EXPECT_EQ(run(shape, seed).fingerprint, outcome.fingerprint)
                    << "seed " << seed << " is not deterministic";
            }
        }
    }
    // Over all seeds each of these happened: else the runs are too tame to say anything.
    void sometimes(std::initializer_list<const char*> branches) {
        for (const auto* branch : branches) EXPECT_GT(reached_[branch], 0U) << "never happened: " << branch;
    }

  private:
    Coverage reached_;
};

TEST_F(Simulation, OneMemberThatCrashes) {
    runs({1, FaultModel::byzantine, Faults::crash}, 150);
    sometimes({"crash", "log part begun", "block delivered again after a restart"});
}

TEST_F(Simulation, ThreeMembersOfTheCrashModel) {
    runs({3, FaultModel::crash, Faults::crash}, 250);
    sometimes({"view nullified", "view notarized and nullified", "block fetched", "block final through a descendant",
               "crash of the whole cluster", "block delivered again after a restart", "forgetful start",
               "batch fetched", "lane in a new incarnation", "empty block"});
}

TEST_F(Simulation, ThreeMembersWhoseMembershipChanges) {
    runs({3, FaultModel::crash, Faults::members}, 150);
    sometimes({"sealing block", "sealing block delivered again after a restart", "block fetched"});
}

TEST_F(Simulation, FourMembersOnABadNetwork) {
    runs({4, FaultModel::byzantine, Faults::network}, 150);
    sometimes({"view nullified", "view notarized and nullified", "block final through a descendant", "batch fetched"});
}

TEST_F(Simulation, FourMembersThatCrash) {
    runs({4, FaultModel::byzantine, Faults::crash}, 200);
    sometimes({"crash of the whole cluster", "block delivered again after a restart", "forgetful start"});
}

TEST_F(Simulation, FourMembersOneOfThemByzantine) {
    runs({4, FaultModel::byzantine, Faults::byzantine}, 400);
    sometimes({"silent", "equivocating leader", "forking leader", "voting for everything", "stale-voting",
               "withholding batches", "withholding certificates", "proposing garbage", "lying about status", "twins",
               "a disk lost beside liars", "evidence", "blame", "view nullified", "batch fetched", "block fetched",
               "block final through a descendant"});
}

TEST_F(Simulation, FourMembersWithEverythingAtOnce) {
    runs({4, FaultModel::byzantine, Faults::all}, 200);
    sometimes({"sealing block", "evidence", "sealing block delivered again after a restart"});
}

// What each of these seeds found: a vote that rested on a ledger that was lost; a sealing block without a proof.
TEST_F(Simulation, FourMembersWithTheSeedsThatFoundSomething) {
    const Shape shape{4, FaultModel::byzantine, Faults::all};
    for (const std::uint64_t seed : {1906, 51167}) {
        EXPECT_EQ(run(shape, seed).violation, "") << "seed " << seed << "\n  " << replay_command(shape, seed);
    }
}

TEST_F(Simulation, FiveMembersOfTheCrashModel) {
    runs({5, FaultModel::crash, Faults::crash}, 100);
    sometimes({"view nullified", "block fetched", "forgetful start"});
}

TEST_F(Simulation, FiveMembersOneOfThemByzantine) {
    runs({5, FaultModel::byzantine, Faults::byzantine}, 100);
    sometimes({"view nullified", "evidence"});
}

TEST_F(Simulation, SevenMembersTwoOfThemByzantine) {
    runs({7, FaultModel::byzantine, Faults::byzantine}, 120);
    sometimes({"view nullified", "evidence", "block fetched"});
}

TEST_F(Simulation, SevenMembersWithEverythingAtOnce) {
    runs({7, FaultModel::byzantine, Faults::all}, 100);
    sometimes({"sealing block", "evidence"});
}

TEST_F(Simulation, TenMembersThreeOfThemByzantine) {
    runs({10, FaultModel::byzantine, Faults::byzantine}, 80);
    sometimes({"view nullified", "evidence", "block fetched"});
}

}  // namespace
}  // namespace tally::simulation
