// What a node anchors of a channel next, by what the root channel has of it.

#include "node/channel/next_anchor.h"

#include <gtest/gtest.h>

#include "chaincode/json/strict_json.h"
#include "tests/unit/node/small_node.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

namespace json = boost::json;
using storage::code_of;

class NextAnchor : public testing::Test {
  protected:
    NextAnchor() {
        EXPECT_TRUE(node.start().has_value());
        for (std::size_t i = 1; i <= 3; ++i) {
            EXPECT_TRUE(node.submit(channel.put(fmt::format("k{}", i))).has_value());
            node.wait_for(i);
        }
    }
    [[nodiscard]] storage::Checkpoint checkpoint(storage::BlockNumber number) {
        return node.ledger().block_header(number)->metadata.checkpoint;
    }
    // What anchor.latest answers when A has anchored this.
    [[nodiscard]] json::value anchored(const storage::Checkpoint& at) const {
        return json::object{{"anchors", json::array{json::object{{"organization", "A"},
                                                                 {"genesis", genesis.hex()},
                                                                 {"block", at.block_number},
                                                                 {"tree_size", at.tree_size},
                                                                 {"root", at.root.hex()}}}}};
    }
    [[nodiscard]] Result<std::optional<std::string>> next(const json::value& latest, const std::string& of = "A") {
        return next_anchor(node.ledger(), genesis, latest, of);
    }
    [[nodiscard]] json::value next_json(const json::value& latest, const std::string& of = "A") {
        return *chaincode::parse_json(next(latest, of).value().value(), "the arguments");
    }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    SmallNode node{channel, root.path() / "data"};
    const crypto::Hash genesis = channel.genesis().header.hash();
    const json::value nothing = json::object{{"anchors", json::array{}}};
};

TEST_F(NextAnchor, IsTheNewestCheckpointOfThisChannel) {
    const auto tip = checkpoint(3);
    const auto first = next_json(nothing);
    EXPECT_EQ(first.at("genesis").as_string(), genesis.hex());
    EXPECT_EQ(first.at("block"), 3);
    EXPECT_EQ(first.at("root").as_string(), tip.root.hex());
    EXPECT_TRUE(first.at("consistency").as_array().empty());
    EXPECT_FALSE(next_json(anchored(checkpoint(2))).at("consistency").as_array().empty());
    EXPECT_TRUE(next_json(anchored(checkpoint(2)), "B").at("consistency").as_array().empty()) << "A's is not B's";
    EXPECT_EQ(next(anchored(tip)).value(), std::nullopt);
}

TEST_F(NextAnchor, WhatIsAnchoredOfAnotherChannelOfTheSameNameIsNotContinued) {
    auto latest = anchored(checkpoint(2));
    latest.at("anchors").at(0).at("genesis") = crypto::sha256(as_bytes("another")).hex();
    EXPECT_TRUE(next_json(latest).at("consistency").as_array().empty());
}

TEST_F(NextAnchor, AnotherHistoryIsNotContinued) {
    auto other = checkpoint(2);
    other.root = crypto::sha256(as_bytes("another history"));
    EXPECT_EQ(code_of(next(anchored(other))), Code::bad_proof);
    other = checkpoint(3);
    other.root = crypto::sha256(as_bytes("another history"));
    EXPECT_EQ(code_of(next(anchored(other))), Code::bad_proof);
    other = checkpoint(3);
    other.block_number = 4;
    EXPECT_EQ(code_of(next(anchored(other))), Code::bad_proof);
}

}  // namespace
}  // namespace tally::node
