// Committers that compare what they signed: what is kept, what is not believed, and when a node stops.

#include "node/committing/checkpoint_exchange.h"

#include <gtest/gtest.h>

#include "node/network/transport_key.h"
#include "storage/model/archive.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using namespace std::chrono_literals;

// A node of A and what it tells the committers of B, C and D, which the test speaks for.
class Exchange : public testing::Test {
  protected:
    explicit Exchange(const std::vector<std::size_t>& organization_of_node = {0, 1, 2, 3})
        : channel(static_cast<unsigned>(*std::ranges::max_element(organization_of_node) + 1)) {
        for (std::size_t i = 0; i < organization_of_node.size(); ++i) {
            const auto id = fmt::format("n{}", i);
            channel.config.nodes.push_back({id,
                                            channel.organizations[organization_of_node[i]].id,
                                            fmt::format("127.0.0.1:{}", 9000 + i),
                                            generate_transport_key().public_key,
                                            {"committer"}});
        }
        EXPECT_TRUE(node.start().has_value());
        commit();
        membership = std::make_unique<CurrentMembership>(channel.membership());
        CheckpointExchange::Ways ways;
        ways.send = [this](const std::string& to, ByteView body) {
            const std::lock_guard lock(mutex);
            sent[to].push_back(storage::decode<CheckpointMessage>(body, "sent").value());
        };
        ways.is_there = [](const std::string&) { return true; };
        ways.signature_came = [this] { ++signatures; };
        ways.minority = [this](const storage::Checkpoint&, const storage::Checkpoint&) { ++minorities; };
        exchange =
            std::make_unique<CheckpointExchange>(node.ledger(), *membership, "n0", channel.peers[0], std::move(ways));
        exchange->start();
    }
    ~Exchange() override { exchange->stop(); }

    void commit() {
        EXPECT_TRUE(node.submit(channel.put(fmt::format("k{}", ++transactions))).has_value());
        node.wait_for(transactions);
    }
    [[nodiscard]] storage::Checkpoint own() { return checkpoint_at(node.ledger().tip()->number); }
    [[nodiscard]] storage::Checkpoint checkpoint_at(storage::BlockNumber number) {
        return node.ledger().block_header(number)->metadata.checkpoint;
    }
    [[nodiscard]] storage::Checkpoint signed_by(std::size_t peer, storage::Checkpoint checkpoint) {
        checkpoint.signatures = {sign_checkpoint(channel.peers[peer], checkpoint)};
        return checkpoint;
    }
    void hear(const std::string& from, storage::Checkpoint checkpoint, storage::BlockNumber held = 0) {
        exchange->receive(from, storage::encode(CheckpointMessage{std::move(checkpoint), held}));
    }
    // Waits until it is so.
    template <class Condition>
    [[nodiscard]] static bool eventually(Condition condition) {
        for (int i = 0; i < 500 && !condition(); ++i) std::this_thread::sleep_for(10ms);
        return condition();
    }
    [[nodiscard]] std::vector<CheckpointMessage> sent_to(const std::string& to) {
        const std::lock_guard lock(mutex);
        return sent[to];
    }
    [[nodiscard]] std::size_t kept() { return own().signatures.size(); }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    SmallNode node{channel, root.path() / "data"};
    std::size_t transactions = 0;
    std::unique_ptr<CurrentMembership> membership;
    std::mutex mutex;
    std::map<std::string, std::vector<CheckpointMessage>> sent;
    std::atomic<int> signatures{0};
    std::atomic<int> minorities{0};
    std::unique_ptr<CheckpointExchange> exchange;
};

TEST_F(Exchange, TellsTheNewestCheckpointToEveryOtherCommitter) {
    for (const auto* peer : {"n1", "n2", "n3"}) {
        ASSERT_TRUE(eventually([&] { return !sent_to(peer).empty(); })) << peer;
        const auto message = sent_to(peer).front();
        EXPECT_EQ(message.checkpoint.root, own().root);
        ASSERT_EQ(message.checkpoint.signatures.size(), 1U);
        EXPECT_EQ(message.checkpoint.signatures.front().organization, "A");
    }
    EXPECT_TRUE(sent_to("n0").empty());
}

TEST_F(Exchange, KeepsAGoodSignatureAndSaysThatItHasIt) {
    const auto checkpoint = own();
    hear("n1", signed_by(1, checkpoint));
    ASSERT_TRUE(eventually([&] { return kept() == 2; }));
    EXPECT_TRUE(eventually([&] { return signatures == 1; }));
    EXPECT_TRUE(eventually([&] {
        const auto messages = sent_to("n1");
        return !messages.empty() && messages.back().held == checkpoint.block_number;
    }));
    EXPECT_EQ(exchange->disagreeing(), 0U);
}

TEST_F(Exchange, IsSilentWhenEverybodyHasIt) {
    for (const auto* peer : {"n1", "n2", "n3"}) {
        ASSERT_TRUE(eventually([&] { return !sent_to(peer).empty(); }));
        hear(peer, signed_by(static_cast<std::size_t>(peer[1] - '0'), own()), own().block_number);
    }
    ASSERT_TRUE(eventually([&] { return kept() == 4; }));
    ASSERT_TRUE(eventually([&] { return sent_to("n1").size() >= 2; }));  // that it holds theirs
    const auto before = sent_to("n1").size();
    std::this_thread::sleep_for(2500ms);  // longer than it waits to say a thing again
    EXPECT_EQ(sent_to("n1").size(), before);
}

TEST_F(Exchange, AHeightThatIsNotThereYetIsJudgedWhenItIs) {
    auto ahead = own();
    ahead.block_number += 1;  // its other figures are wrong: it will differ
    hear("n2", signed_by(2, ahead));
    hear("n1", signed_by(1, own()));
    ASSERT_TRUE(eventually([&] { return kept() == 2; }));
    EXPECT_EQ(exchange->disagreeing(), 0U);
    commit();
    exchange->committed();
    EXPECT_TRUE(eventually([&] { return exchange->disagreeing() == 1; }));
}

TEST_F(Exchange, AHeightThatWillNeverBeHidesNoLaterCheckpoint) {
    auto never = own();
    never.block_number = 1ULL << 62;
    hear("n1", never);
    hear("n1", signed_by(1, own()));
    EXPECT_TRUE(eventually([&] { return kept() == 2; }));
}

TEST_F(Exchange, WhatWasNotSignedByThatCommitterIsNotBelieved) {
    const auto good = own();
    hear("n1", signed_by(2, good));  // another organization's key
    auto changed = signed_by(2, good);
    changed.root = crypto::sha256(as_bytes("other"));
    hear("n2", changed);  // not what was signed
    auto elsewhere = good;
    elsewhere.channel = "other";
    hear("n3", signed_by(3, elsewhere));
    hear("n9", signed_by(1, good));  // nobody
    exchange->receive("n1", as_bytes("garbage"));
    commit();
    exchange->committed();
    ASSERT_TRUE(eventually([&] { return sent_to("n3").size() >= 2; }));
    EXPECT_EQ(checkpoint_at(good.block_number).signatures.size(), 1U);
    EXPECT_LE(exchange->disagreeing(), 1U);  // n3 did sign something else
    EXPECT_EQ(minorities, 0);
}

TEST_F(Exchange, ANodeThatMostCommittersContradictStopsOnce) {
    auto other = own();
    other.root = crypto::sha256(as_bytes("another history"));
    hear("n1", signed_by(1, other));
    hear("n2", signed_by(2, other));
    ASSERT_TRUE(eventually([&] { return exchange->disagreeing() == 2; }));
    EXPECT_EQ(minorities, 0);  // two of four
    EXPECT_EQ(kept(), 1U);
    hear("n3", signed_by(3, other));
    ASSERT_TRUE(eventually([&] { return minorities == 1; }));
    EXPECT_EQ(exchange->disagreeing(), 3U);
}

TEST_F(Exchange, ThoseWhoContradictEachOtherDoNotAddUp) {
    for (std::size_t peer = 1; peer <= 3; ++peer) {
        auto other = own();
        other.root = crypto::sha256(as_bytes(fmt::format("history {}", peer)));
        hear(fmt::format("n{}", peer), signed_by(peer, other));
    }
    ASSERT_TRUE(eventually([&] { return exchange->disagreeing() == 3; }));
    EXPECT_EQ(minorities, 0);
}

// B has two of the three committers; a receipt needs both organizations.
class ExchangeOfTwoOrganizations : public Exchange {
  protected:
    ExchangeOfTwoOrganizations() : Exchange({0, 1, 1}) {}
};

TEST_F(ExchangeOfTwoOrganizations, OneOrganizationWithMostCommittersStopsNobody) {
    auto other = own();
    other.root = crypto::sha256(as_bytes("another history"));
    hear("n1", signed_by(1, other));
    hear("n2", signed_by(1, other));
    ASSERT_TRUE(eventually([&] { return exchange->disagreeing() == 2; }));
    EXPECT_EQ(minorities, 0);
}

// Two nodes of each of B, C and D; three organizations are enough for a receipt.
class ExchangeOfManyNodes : public Exchange {
  protected:
    ExchangeOfManyNodes() : Exchange({0, 1, 1, 2, 2, 3, 3}) {}
    void lie(int number) {
        auto other = own();
        other.root = crypto::sha256(as_bytes("another history"));
        hear(fmt::format("n{}", number), signed_by(static_cast<std::size_t>(number + 1) / 2, other));
    }
};

TEST_F(ExchangeOfManyNodes, AnOrganizationWhoseNodesContradictEachOtherCountsForNeither) {
    hear("n6", signed_by(3, own()));
    ASSERT_TRUE(eventually([&] { return kept() == 2; }));
    for (int number = 1; number <= 5; ++number) lie(number);
    ASSERT_TRUE(eventually([&] { return exchange->disagreeing() == 5; }));
    EXPECT_EQ(minorities, 0) << "B and C are two of the three that are needed; D contradicts itself";
}

TEST_F(ExchangeOfManyNodes, ThreeOrganizationsOfOneMindStopIt) {
    for (int number = 1; number <= 6; ++number) lie(number);
    EXPECT_TRUE(eventually([&] { return minorities == 1; }));
}

}  // namespace
}  // namespace tally::node
