// Anchors: whose checkpoints of which channels are taken, and each organization's chain of them, that only ever
// continues.

#include <gtest/gtest.h>

#include "crypto/merkle.h"
#include "storage/model/archive.h"
#include "storage/model/block.h"
#include "tests/unit/chaincode/memory_state.h"

namespace tally::chaincode::test {
namespace {

// The log of a channel: a tree of so many leaves. Roots and paths as RFC 9162 section 2.1 defines them, by hand for
// small trees: hash of children is SHA-256(0x01 || left || right).
crypto::Hash leaf(int number) { return crypto::sha256(as_bytes(fmt::format("leaf {}", number))); }
crypto::Hash node(const crypto::Hash& left, const crypto::Hash& right) {
    const std::uint8_t one = 1;
    return crypto::Sha256().update({&one, 1}).update(left.view()).update(right.view()).finish();
}

storage::Transaction genesis_transaction(std::string configuration) {
    storage::Simulation simulation;
    simulation.contract = "config";
    simulation.read_write_set.writes.push_back({{"config", "channel"}, to_bytes(std::string_view(configuration))});
    return {storage::Transaction::Kind::genesis, {}, storage::encode(simulation), {}};
}

storage::Block block_of(const std::string& channel, const storage::Transaction& transaction) {
    storage::Block block;
    block.batches.push_back({storage::encode(transaction)});
    block.header.channel = channel;
    block.header.data_root = storage::data_root({storage::batch_digest(block.batches[0])});
    block.header.time_ms = 1'750'000'000'000;
    return block;
}

std::string configuration(const std::string& channel, const std::vector<std::string>& organizations) {
    json::array members;
    for (const auto& each : organizations) members.push_back(json::object{{"id", each}, {"roots", json::array{"PEM"}}});
    return json_text(json::object{{"channel", channel}, {"version", 0}, {"organizations", std::move(members)}});
}

storage::Block genesis_of(const std::string& channel, const std::vector<std::string>& organizations) {
    return block_of(channel, genesis_transaction(configuration(channel, organizations)));
}

// The channel north of A and B, on a root channel of A, B, C and D.
class Anchors : public testing::Test {
  protected:
    void SetUp() override {
        ledger.organizations = {"A", "B", "C", "D"};
        as("A");
        ASSERT_OK(open(north));
    }
    [[nodiscard]] Result<json::value> open(const storage::Block& genesis) {
        return ledger.submit("anchor", "open", json::object{}, {storage::encode(genesis)});
    }
    [[nodiscard]] json::object channel() const {
        return {{"channel", "north"}, {"genesis", north.header.hash().hex()}};
    }
    [[nodiscard]] Result<json::value> members_are(const json::array& organizations) {
        auto arguments = channel();
        arguments["organizations"] = organizations;
        return ledger.submit("anchor", "change_members", arguments);
    }
    [[nodiscard]] json::value known() { return *ledger.query("anchor", "channel", channel()); }
    [[nodiscard]] json::object checkpoint(std::int64_t block, std::int64_t size, const crypto::Hash& root,
                                          std::vector<crypto::Hash> path = {}) const {
        json::array consistency;
        for (const auto& hash : path) consistency.emplace_back(hash.hex());
        auto out = channel();
        out["block"] = block;
        out["block_hash"] = leaf(100 + static_cast<int>(block % 100)).hex();
        out["tree_size"] = size;
        out["root"] = root.hex();
        out["consistency"] = std::move(consistency);
        return out;
    }
    void as(std::string organization) { ledger.caller = {std::move(organization), "peer", "p", {}}; }

    TestLedger ledger;
    const storage::Block north = genesis_of("north", {"A", "B"});
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
    const auto history = ledger.query("anchor", "history", channel());
    ASSERT_OK(history);
    EXPECT_EQ(history->at("anchors").as_array().size(), 3U);
    EXPECT_EQ(history->at("disagreements"), (json::array{4}));
    auto later_than_4 = channel();
    later_than_4["from_block"] = 5;
    const auto later = ledger.query("anchor", "history", later_than_4);
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
    for (const auto* genesis : {"", "north", "00"}) {
        bad = checkpoint(1, 2, two);
        bad["genesis"] = genesis;
        EXPECT_REFUSED(ledger.submit("anchor", "put", bad), Code::invalid_argument, "genesis");
    }
    for (const auto* role : {"auditor", "client", "admin", "orderer"}) {
        ledger.caller.role = role;
        EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(1, 2, two)), Code::permission_denied, role);
    }
}

TEST_F(Anchors, OnlyAChannelThatIsOpenIsAnchored) {
    as("A");
    auto other = checkpoint(1, 2, two);
    other["channel"] = "south";
    EXPECT_REFUSED(ledger.submit("anchor", "put", other), Code::not_found, "south");
    other = checkpoint(1, 2, two);
    other["genesis"] = leaf(7).hex();
    EXPECT_REFUSED(ledger.submit("anchor", "put", other), Code::not_found, leaf(7).hex());
    EXPECT_TRUE(ledger.query("anchor", "channel", {{"channel", "north"}, {"genesis", leaf(7).hex()}})->is_null());
}

TEST_F(Anchors, OnlyAnOrganizationOfTheChannelAnchorsIt) {
    as("C");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(1, 2, two)), Code::permission_denied, "C");
    as("B");  // A opened it
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(1, 2, two)));
}

TEST_F(Anchors, ABlockThatNoChannelReachesIsRefused) {
    as("A");
    constexpr std::int64_t kFar = std::int64_t{1} << 62;
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(kFar, 2, two)), Code::invalid_argument, "north");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(1, kFar, two)), Code::invalid_argument, "north");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(kFar, kFar, two)), Code::invalid_argument, "north");
    const auto age_ms = ledger.time_ms - north.header.time_ms + 60'000;
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(age_ms + 3, 2, two)), Code::invalid_argument, "north");
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(age_ms + 2, 2, two)));
}

TEST_F(Anchors, AChannelIsOpenedByAGenesisBlockThatNamesTheCaller) {
    as("A");
    EXPECT_EQ(known().at("organizations"), (json::array{"A", "B"}));
    EXPECT_REFUSED(open(north), Code::already_exists, "north");
    EXPECT_REFUSED(ledger.submit("anchor", "open", json::object{}), Code::invalid_argument, "attachment");
    EXPECT_REFUSED(ledger.submit("anchor", "open", json::object{}, {to_bytes("none")}), Code::malformed,
                   "attachment 0");
    EXPECT_REFUSED(open(genesis_of("main", {"A"})), Code::invalid_argument, "itself");
    EXPECT_REFUSED(open(genesis_of("south", {"B", "C"})), Code::permission_denied, "A");
    EXPECT_REFUSED(open(genesis_of("south", {})), Code::invalid_argument, "organizations");
    EXPECT_REFUSED(open(genesis_of("south", {"A", "A"})), Code::invalid_argument, "twice");
    EXPECT_REFUSED(open(genesis_of("so/uth", {"A"})), Code::malformed, "name");
    ledger.caller.role = "client";
    EXPECT_REFUSED(open(genesis_of("south", {"A"})), Code::permission_denied, "client");
}

TEST_F(Anchors, WhatIsNoGenesisBlockOpensNothing) {
    as("A");
    const auto good = genesis_of("south", {"A"});
    auto bad = good;
    bad.header.number = 1;
    EXPECT_REFUSED(open(bad), Code::malformed, "block 0");
    bad = good;
    bad.batches[0].push_back(bad.batches[0][0]);
    EXPECT_REFUSED(open(bad), Code::malformed, "one transaction");
    bad = good;
    bad.batches = genesis_of("south", {"A", "B"}).batches;
    EXPECT_REFUSED(open(bad), Code::malformed, "data root");
    bad = good;
    bad.header.time_ms = -1;
    EXPECT_REFUSED(open(bad), Code::malformed, "time");
    auto transaction = genesis_transaction(configuration("south", {"A"}));
    transaction.kind = storage::Transaction::Kind::contract;
    EXPECT_REFUSED(open(block_of("south", transaction)), Code::malformed, "configuration");
    EXPECT_REFUSED(open(block_of("north", genesis_transaction(configuration("south", {"A"})))), Code::malformed,
                   "another channel");
    for (const auto* text : {"[]", "{}", R"({"channel":"south"})", R"({"channel":"south","organizations":[1]})"})
        EXPECT_REFUSED(open(block_of("south", genesis_transaction(text))), Code::malformed, "genesis");
    ASSERT_OK(open(good));
}

// Another genesis block is another channel: nobody takes a name from somebody, or joins by opening.
TEST_F(Anchors, AnotherGenesisBlockOfTheSameNameIsAnotherChannel) {
    as("C");
    const auto mine = genesis_of("north", {"C", "A"});
    ASSERT_OK(open(mine));
    auto of_mine = checkpoint(5, 2, node(leaf(8), leaf(9)));
    of_mine["genesis"] = mine.header.hash().hex();
    ASSERT_OK(ledger.submit("anchor", "put", of_mine));
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(1, 2, two)), Code::permission_denied, "C");
    as("A");
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(5, 2, two)));
    EXPECT_EQ(ledger.query("anchor", "latest", {{"channel", "north"}})->at("anchors").as_array().size(), 2U);
    const auto latest = ledger.query("anchor", "latest", channel());
    ASSERT_EQ(latest->at("anchors").as_array().size(), 1U);
    EXPECT_EQ(latest->at("anchors").at(0).at("organization"), "A");
    EXPECT_EQ(latest->at("anchors").at(0).at("genesis").as_string(), north.header.hash().hex());
    const auto history = ledger.query("anchor", "history", channel());
    EXPECT_EQ(history->at("anchors").as_array().size(), 1U);
    EXPECT_TRUE(history->at("disagreements").as_array().empty());
}

TEST_F(Anchors, MembersChangeAsMoreThanHalfOfThemSay) {
    as("C");
    EXPECT_REFUSED(members_are({"A", "B", "C"}), Code::permission_denied, "C");
    as("A");
    EXPECT_REFUSED(members_are({"A", "B"}), Code::already_exists, "members");
    EXPECT_REFUSED(members_are({}), Code::invalid_argument, "organizations");
    EXPECT_REFUSED(members_are({"A", "C", "C"}), Code::invalid_argument, "twice");
    EXPECT_EQ(members_are({"A", "B", "C"})->at("changed"), false) << "one of two";
    EXPECT_REFUSED(members_are({"A", "B", "C"}), Code::already_exists, "said so");
    as("B");
    EXPECT_EQ(members_are({"A", "C"})->at("changed"), false) << "that is something else";
    EXPECT_EQ(members_are({"A", "B", "C"})->at("changed"), true);
    EXPECT_EQ(known().at("organizations"), (json::array{"A", "B", "C"}));
    as("C");
    ASSERT_OK(ledger.submit("anchor", "put", checkpoint(1, 2, two)));
    EXPECT_EQ(members_are({"A", "C"})->at("changed"), false) << "the words before are gone";
    as("A");
    EXPECT_EQ(members_are({"A", "C"})->at("changed"), true) << "two of three";
    as("B");
    EXPECT_REFUSED(ledger.submit("anchor", "put", checkpoint(1, 2, two)), Code::permission_denied, "B");
}

TEST_F(Anchors, WhoHasLeftTheRootChannelHoldsNoChangeUp) {
    ledger.organizations = {"A", "C", "D"};
    as("A");
    EXPECT_EQ(members_are({"A", "C"})->at("changed"), true);
}

}  // namespace
}  // namespace tally::chaincode::test
