// The simulator's own parts: a disk that forgets, a network that misbehaves, checkers that see.

#include <gtest/gtest.h>

#include "tests/simulation/run.h"

namespace tally::simulation {
namespace {

using namespace consensus;

LogRecord record(std::string_view text) { return {RecordType::vote, to_bytes(text)}; }

TEST(SimulatedDisk, KeepsWhatWasSyncedAndAnInitialPartOfTheRest) {
    std::set<std::size_t> kept;
    for (std::uint64_t seed = 1; seed <= 50; ++seed) {
        World world(seed, false);
        std::uint64_t durable = 0;
        Disk disk(world, {}, [&](std::uint64_t count) { durable = count; });
        disk.append(record("a"));
        disk.sync();
        world.run_until(kSecond);
        EXPECT_EQ(durable, 1U);
        for (const auto* text : {"b", "c", "d"}) disk.append(record(text));
        EXPECT_FALSE(disk.durable_contains(RecordType::vote, as_bytes("b")));
        disk.crash();
        const auto& records = disk.records();
        kept.insert(records.size());
        for (std::size_t i = 0; i < records.size(); ++i)
            EXPECT_EQ(as_text(records[i].bytes), std::string(1, "abcd"[i]));
    }
    EXPECT_EQ(kept, (std::set<std::size_t>{1, 2, 3, 4}));
}

TEST(SimulatedDisk, DropsTheOldPartOnceTheNewOneIsDurable) {
    World world(1, false);
    Disk disk(world, {}, [](std::uint64_t) {});
    disk.append(record("old"));
    disk.sync();
    world.run_until(kSecond);
    disk.begin_part({record("new")});
    EXPECT_EQ(disk.records().size(), 2U);
    world.run_until(2 * kSecond);
    ASSERT_EQ(disk.records().size(), 1U);
    EXPECT_EQ(as_text(disk.records().front().bytes), "new");
}

TEST(SimulatedNetwork, LosesRepeatsReordersAndParts) {
    World world(7, false);
    std::vector<std::uint64_t> arrived;
    Network network(world, 2, [&](Place, Place, const MessagePtr& message) {
        arrived.push_back(std::get<FetchBlocks>(*message).from);
    });
    const auto send_hundred = [&] {
        arrived.clear();
        for (std::uint64_t i = 0; i < 100; ++i) network.send(0, 1, std::make_shared<const Message>(FetchBlocks{i}));
        world.run_until(world.now_us() + 10 * kSecond);
    };
    network.set_weather({.loss_percent = 40});
    send_hundred();
    EXPECT_LT(arrived.size(), 80U);
    EXPECT_GT(arrived.size(), 40U);
    EXPECT_FALSE(std::ranges::is_sorted(arrived));
    network.set_weather({.repeat_percent = 20});
    send_hundred();
    EXPECT_GT(arrived.size(), 105U);
    network.cut(0, 1);
    EXPECT_TRUE(network.connected(1, 0));
    send_hundred();
    EXPECT_TRUE(arrived.empty());
    network.heal();
    network.partition({true, false});
    EXPECT_FALSE(network.connected(1, 0));
}

TEST(Quorum, OfTheCheckersIsThatOfTheDesign) {
    const std::size_t byzantine[] = {1, 2, 2, 3, 4, 4, 5, 6, 6, 7};
    const std::size_t crash[] = {1, 2, 2, 3, 3, 4, 4, 5, 5, 6};
    for (std::size_t n = 1; n <= 10; ++n) {
        EXPECT_EQ(expected_quorum(FaultModel::byzantine, n), byzantine[n - 1]);
        EXPECT_EQ(expected_quorum(FaultModel::crash, n), crash[n - 1]);
    }
}

// Four members, votes of which are shown to the checker.
class Votes : public testing::Test {
  protected:
    Vote vote(VoteKind kind, View view, std::string_view id, Member signer) const {
        const auto hash = kind == VoteKind::nullify ? Hash{} : crypto::sha256(as_bytes(id));
        return {kind, 0, view, hash, signer, keys_.sign(signer, vote_statement(kChannel, kind, 0, view, hash))};
    }
    // What the checker says to this vote; empty: nothing.
    std::string sees(const Vote& vote) {
        try {
            checker_.sending({vote.signer, vote.signer, vote.signer != 3}, VoteMessage{{vote}});
        } catch (const Violation& violation) {
            return violation.what;
        }
        return "";
    }

    World world_{1, false};
    Keys keys_{1};
    Epochs epochs_{FaultModel::byzantine, {0, {0, 1, 2, 3}}};
    VoteChecker checker_{world_, keys_, epochs_, {3}};
};

TEST_F(Votes, OfOneMemberAgainstItselfAreSeen) {
    EXPECT_EQ(sees(vote(VoteKind::notarize, 1, "a", 0)), "");
    EXPECT_EQ(sees(vote(VoteKind::nullify, 1, "", 0)), "");
    EXPECT_EQ(sees(vote(VoteKind::notarize, 1, "b", 0)), "node 0 votes against itself in e0 v1: notarize twice");
    EXPECT_EQ(sees(vote(VoteKind::finalize, 1, "a", 0)),
              "node 0 votes against itself in e0 v1: finalize after nullify");
    EXPECT_EQ(sees(vote(VoteKind::finalize, 2, "a", 1)), "");
    EXPECT_EQ(sees(vote(VoteKind::nullify, 2, "", 1)), "node 1 votes against itself in e0 v2: nullify after finalize");
    EXPECT_EQ(sees(vote(VoteKind::finalize, 2, "b", 1)), "node 1 votes against itself in e0 v2: finalize twice");
}

TEST_F(Votes, OfALiarMayContradictAndMakeNoTwoNotarizations) {
    EXPECT_EQ(sees(vote(VoteKind::notarize, 1, "a", 3)), "");
    EXPECT_EQ(sees(vote(VoteKind::notarize, 1, "b", 3)), "");
    for (const Member member : {0U, 1U}) EXPECT_EQ(sees(vote(VoteKind::notarize, 1, "a", member)), "");
    EXPECT_EQ(sees(vote(VoteKind::notarize, 1, "b", 2)), "");
    EXPECT_EQ(world_.coverage["view notarized"], 1U);
}

TEST_F(Votes, ThatFinalizeAndNullifyAViewAreSeen) {
    for (const Member member : {0U, 1U, 3U}) EXPECT_EQ(sees(vote(VoteKind::finalize, 1, "a", member)), "");
    EXPECT_EQ(sees(vote(VoteKind::nullify, 1, "", 3)), "");
    EXPECT_EQ(sees(vote(VoteKind::nullify, 1, "", 2)), "");
    EXPECT_NE(sees(vote(VoteKind::nullify, 1, "", 0)), "");
}

TEST_F(Votes, WithAFalseSignatureAreSeen) {
    auto forged = vote(VoteKind::nullify, 1, "", 0);
    forged.signature[0] ^= 1;
    EXPECT_EQ(sees(forged), "node 0 sends a vote whose signature is false: e0 v1");
    forged.signer = 3;
    EXPECT_EQ(sees(forged), "");
    EXPECT_TRUE(world_.coverage.empty());
}

TEST(Run, ShowsTheSameForTheSameSeedAndAnotherForAnother) {
    const Shape shape{4, FaultModel::byzantine, Faults::byzantine};
    const auto first = run(shape, 3);
    EXPECT_EQ(run(shape, 3).fingerprint, first.fingerprint);
    EXPECT_NE(run(shape, 4).fingerprint, first.fingerprint);
}

// More liars than the protocol lives with: the checkers must notice.
TEST(Run, NoticesThatTooManyAreByzantine) {
    Shape shape{4, FaultModel::byzantine, Faults::byzantine, 1};
    bool disagreed = false;
    for (std::uint64_t seed = 1; seed <= 500 && !disagreed; ++seed) {
        disagreed = !run(shape, seed).violation.empty();
    }
    EXPECT_TRUE(disagreed);
}

}  // namespace
}  // namespace tally::simulation
