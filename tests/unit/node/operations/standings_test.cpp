// What a node believes of the heights that others claim.

#include "node/operations/standings.h"

#include <gtest/gtest.h>

#include "node/ledgers/channel_ledger.h"
#include "node/operations/node_status.h"
#include "node/ordering/ordering.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

// Of four orderers, "orderer" and o1 to o3; this node is the follower "me".
class Follower : public testing::Test {
  protected:
    Follower() {
        for (const auto* id : {"o1", "o2", "o3"}) {
            const auto key = crypto::PrivateKey::generate(crypto::Algorithm::ed25519);
            channel.config.orderers.push_back({id, "A", key.public_key().pem()});
        }
    }
    void claims(std::vector<std::pair<std::string, Standing>> said) {
        peers.clear();
        for (auto& [id, standing] : said) {
            peers.emplace_back();
            peers.back().id = id;
            peers.back().heard_ms_ago = 100;
            peers.back().standing = standing;
        }
    }
    [[nodiscard]] Standings known(std::uint64_t height = 0) const {
        return standings_of(channel.config, "me", {height, 0}, peers);
    }

    SmallChannel channel;
    std::vector<PeerTraffic> peers;
};

TEST_F(Follower, BelievesWhatMoreOrderersClaimThanMayLie) {
    EXPECT_EQ(known(7).highest, 7U) << "nobody has said anything";
    claims({{"orderer", {100, 0}}, {"o1", {101, 0}}, {"o2", {99, 0}}, {"o3", {100, 0}}});
    EXPECT_EQ(known(7).highest, 100U);
    EXPECT_EQ(known(7).behind(7), 93U);
    EXPECT_EQ(known(200).highest, 200U) << "what it has itself is proved";
}

TEST_F(Follower, IsNotFrightenedByOneLiarNorByWhoDoesNotOrder) {
    claims({{"orderer", {100, 0}},
            {"o1", {UINT64_MAX, 0}},
            {"o2", {100, 0}},
            {"o3", {100, 0}},
            {"p1", {UINT64_MAX, 0}},
            {"p2", {UINT64_MAX, 0}}});
    EXPECT_EQ(known(100).highest, 100U);
    EXPECT_EQ(known(100).behind(UINT64_MAX), 0U);
}

TEST_F(Follower, IsNotLulledByOneLiarEither) {
    claims({{"orderer", {10'000, 0}}, {"o1", {0, 0}}, {"o2", {10'000, 0}}, {"o3", {9'999, 0}}});
    EXPECT_EQ(known(3).behind(3), 9'997U);
}

TEST_F(Follower, IsLeftBehindWhenNoOrdererKeepsWhatItNeeds) {
    claims({{"orderer", {100, 50}}, {"o1", {100, 50}}, {"o2", {100, 12}}, {"o3", {5, 0}}});
    EXPECT_TRUE(left_behind(known(10), channel.config, "me"));
    EXPECT_FALSE(left_behind(known(11), channel.config, "me")) << "o2 has block 12";
    EXPECT_FALSE(left_behind(known(100), channel.config, "me"));
    claims({{"o1", {100, 50}}});
    EXPECT_FALSE(left_behind(known(10), channel.config, "me")) << "it may lie";
}

TEST_F(Follower, AsksFirstWhoIsThereAndAtTheChannelsHeight) {
    claims({{"orderer", {100, 0}}, {"o1", {100, 0}}, {"away", {100, 0}}, {"late", {60, 0}}, {"near", {98, 0}}});
    peers[2].heard_ms_ago = 20'000;
    std::vector<NodeEntry> nodes;
    for (const auto* id : {"unknown", "late", "away", "near", "o1"}) nodes.push_back({id, "A", "", "", {"endorser"}});
    put_first_who_is_current(nodes, known(100), peers);
    std::string order;
    for (const auto& node : nodes) order += node.id + " ";
    EXPECT_EQ(order, "near o1 unknown late away ");
}

TEST_F(Follower, SaysThatItIsBehindAndHowFarEachPeerIs) {
    storage::TemporaryDirectory root;
    const auto blocks = open_channel_blocks(root.path(), channel.genesis());
    ASSERT_TRUE(blocks.has_value());
    channel.config.nodes = {{"o1", "A", "127.0.0.1:1", "", {"orderer"}}, {"p1", "A", "127.0.0.1:2", "", {"committer"}}};
    const CurrentMembership membership(channel.membership());
    NodeConfig config;
    config.name = "me";
    NodeStatus status({config, membership, *blocks->store, [] { return std::nullopt; }, [&] { return peers; },
                       [] { return 0; }, [] { return Following{"o1", 3}; }, [] { return false; },
                       [] { return std::nullopt; }, [] { return std::vector<Expiry>{}; },
                       [] { return std::string("its list is over"); }});
    Metrics metrics;
    status.add_gauges(metrics);
    EXPECT_EQ(metrics.text().find("tally_peer_lag_blocks{"), std::string::npos);

    claims({{"orderer", {10'000, 0}}, {"o1", {10'000, 0}}, {"o2", {10'000, 0}}, {"p1", {9'000, 0}}});
    const auto told = status.describe();
    EXPECT_FALSE(told.at("ready").as_bool());
    EXPECT_EQ(told.at("why_not").as_string(), "10000 blocks behind: 0 of 10000");
    EXPECT_EQ(told.at("source").as_string(), "o1");
    EXPECT_EQ(told.at("peers").as_array().at(1).at("lag").to_number<int>(), 1000);
    const auto text = metrics.text();
    EXPECT_NE(text.find("tally_peer_lag_blocks{peer=\"p1\"} 1000\n"), std::string::npos) << "it came later";
    EXPECT_NE(text.find("tally_block_source_switches_total 3\n"), std::string::npos);

    claims({{"orderer", {10'000, 50}}, {"o1", {10'000, 50}}, {"o2", {10'000, 50}}});
    EXPECT_EQ(status.describe().at("why_not").as_string(),
              "no orderer keeps block 1 any more: begin again with a snapshot");
    EXPECT_EQ(metrics.text().find("p1"), std::string::npos) << "it has gone";

    claims({{"orderer", {0, 0}}, {"o1", {0, 0}}, {"o2", {0, 0}}});
    EXPECT_EQ(status.describe().at("why_not").as_string(), "its list is over");
}

TEST_F(Follower, IsNotReadyWhileClientsShouldNotBeSentThere) {
    storage::TemporaryDirectory root;
    const auto blocks = open_channel_blocks(root.path(), channel.genesis());
    ASSERT_TRUE(blocks.has_value());
    const CurrentMembership membership(channel.membership());
    NodeConfig config;
    config.name = "me";
    bool full = false;
    std::optional<Error> stopped;
    std::optional<consensus::Observation> ordering;
    NodeStatus status({config, membership, *blocks->store, [&] { return ordering; }, [&] { return peers; },
                       [] { return 0; }, [] { return std::nullopt; }, [&] { return full; }, [&] { return stopped; },
                       [] { return std::vector<Expiry>{}; }, [] { return std::string(); }});
    const auto why = [&] {
        const auto ready = status.ready({true, {}});
        EXPECT_EQ(ready.ok, !ready.details.contains("why"));
        return ready.ok ? std::string() : std::string(ready.details.at("why").as_string());
    };
    claims({{"orderer", {0, 0}}, {"o1", {0, 0}}, {"o2", {0, 0}}});
    EXPECT_EQ(why(), "");
    stopped = Error{Code::needs_upgrade, "rules 2 is needed"};
    EXPECT_EQ(why(), "rules 2 is needed");
    stopped.reset();
    full = true;
    EXPECT_EQ(why(), "the disk is full: new work is refused until there is room");
    full = false;
    ordering.emplace();
    EXPECT_EQ(why(), "");
    ordering->forgetful = true;
    EXPECT_NE(why().find("waits for the others"), std::string::npos);
    ordering->forgetful = false;
    ordering->final_number = 500;
    EXPECT_EQ(why(), "500 blocks behind: 0 of 500") << "it orders faster than it writes";
    ordering.reset();
    for (auto& peer : peers) peer.standing.reset();
    EXPECT_EQ(why(), "0 of 4 orderers are heard; 3 are needed") << "nothing says that it is not behind";
}

}  // namespace
}  // namespace tally::node
