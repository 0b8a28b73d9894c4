// Anchors: each organization's chain of checkpoints of another channel, that only ever continues.

#include <gtest/gtest.h>

#include "crypto/merkle.h"
#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

// The log of a shard: a tree of so many leaves. Roots and paths as RFC 9162 section 2.1 defines them, by hand for small
// trees: hash of children is SHA-256(0x01 || left || right).
crypto::Hash leaf(int number) { return crypto::sha256(as_bytes(fmt::format("leaf {}", number))); }
crypto::Hash node(const crypto::Hash& left, const crypto::Hash& right) {
    const std::uint8_t one = 1;
    return crypto::Sha256().update({&one, 1}).update(left.view()).update(right.view()).finish();
}

class Anchors : public testing::Test {
  protected:
    [[nodiscard]] json::object checkpoint(std::int64_t block, std::int64_t size, const crypto::Hash& root,
                                          std::vector<crypto::Hash> path = {}) const {
        json::array consistency;
        for (const auto& hash : path) consistency.emplace_back(hash.hex());
        return {{"channel", "north"}, {"block", block},     {"block_hash", leaf(100 + static_cast<int>(block)).hex()},
                {"tree_size", size},  {"root", root.hex()}, {"consistency", std::move(consistency)}};
    }
    void as(std::string organization) { ledger.caller = {std::move(organization), "peer", "p", {}}; }

    TestLedger ledger;
    crypto::Hash one = leaf(0);
    crypto::Hash two = node(leaf(0), leaf(1));
    crypto::Hash three = node(two, leaf(2));
};

TEST_F(Anchors, EachOrganizationsChainContinues) {
    as("A");
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(1, 2, two)));
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(2, 3, three, {leaf(2)})));
    as("B");
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(2, 3, three)));
    const auto latest = ledger.query("anchor", "latest", {{"channel", "north"}});
    ASSERT_OK(latest);
    const auto& anchors = latest->at("anchors").as_array();
    ASSERT_EQ(anchors.size(), 2U);
    EXPECT_EQ(anchors[0].at("organization"), "A");
    EXPECT_EQ(anchors[0].at("root").as_string(), three.hex());
    EXPECT_EQ(anchors[1].at("block"), 2);
}

TEST_F(Anchors, AnotherPastIsRefused) {
    as("A");
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(1, 2, two)));
    const auto other = node(node(leaf(0), leaf(9)), leaf(2));
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(2, 3, other, {leaf(2)})), Code::bad_proof, "block 1");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(2, 3, three)), Code::bad_proof, "north");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(2, 1, one)), Code::bad_proof, "2 leaves");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(1, 2, two)), Code::conflict, "already");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(2, 2, three)), Code::bad_proof, "north");
}

TEST_F(Anchors, OrganizationsThatSawDifferentLogsAreSeenToDisagree) {
    as("A");
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(4, 2, two)));
    as("B");
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(4, 2, node(leaf(0), leaf(9)))));
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(9, 2, node(leaf(0), leaf(9)))));
    const auto history = ledger.query("anchor", "history", {{"channel", "north"}});
    ASSERT_OK(history);
    EXPECT_EQ(history->at("anchors").as_array().size(), 3U);
    EXPECT_EQ(history->at("disagreements"), (json::array{4}));
    const auto later = ledger.query("anchor", "history", {{"channel", "north"}, {"from_block", 5}});
    ASSERT_OK(later);
    EXPECT_EQ(later->at("anchors").as_array().size(), 1U);
    EXPECT_TRUE(later->at("disagreements").as_array().empty());
}

TEST_F(Anchors, WhatIsNoCheckpointIsRefused) {
    as("A");
    auto bad = checkpoint(1, 2, two);
    bad["root"] = "xyz";
    EXPECT_REFUSED(ledger.submit("anchor", "put", bad), Code::invalid_argument, "root");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(-1, 2, two)), Code::invalid_argument, "-1");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(1, 0, two)), Code::invalid_argument, "tree_size");
    bad = checkpoint(1, 2, two);
    bad["channel"] = "main";
    EXPECT_REFUSED(ledger.submit("anchor", "put", bad), Code::invalid_argument, "itself");
    for (const auto* role : {"auditor", "client", "admin", "orderer"}) {
        ledger.caller.role = role;
        EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(1, 2, two)), Code::permission_denied, role);
    }
}

}  // namespace
}  // namespace tally::chaincode::test
