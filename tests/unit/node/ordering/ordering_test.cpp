// A node's part in the order of blocks, and how it changes.

#include "node/ordering/ordering.h"

#include <gtest/gtest.h>

#include <condition_variable>

#include "chaincode/json/reflect.h"
#include "chaincode/json/strict_json.h"
#include "node/channel/config_update.h"
#include "node/ledgers/channel_ledger.h"
#include "node/ordering/channel_nodes.h"
#include "storage/model/archive.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

// The only orderer of a channel, until the configuration names another.
class LastOfItsOrderer : public testing::Test {
  protected:
    LastOfItsOrderer() {
        channel.config.nodes = {{"orderer", "A", "127.0.0.1:9", keys[0].public_key, {"orderer"}},
                                {"next", "A", "127.0.0.1:10", keys[1].public_key, {"orderer"}}};
        blocks.emplace(open_channel_blocks(root.path() / "data", channel.genesis()).value());
        membership.emplace(channel.membership());
        network.emplace(channel.config.channel, nodes_of(channel.config),
                        NodeNetwork::Options{"orderer", "127.0.0.1:9", keys[0]});
        OrderingOptions options;
        options.self = "orderer";
        options.orderer.log_directory = root.path() / "log";
        options.identities = {channel.orderer};
        options.chain = blocks->store.get();
        options.membership = &*membership;
        options.network = &*network;
        options.metrics = &metrics;
        options.pool = &pool;
        options.deliver = [this](OrderedBlock block) {
            const std::lock_guard lock(mutex);
            delivered = std::move(block);
            changed.notify_all();
            return true;
        };
        options.highest = [] { return storage::BlockNumber{0}; };
        ordering.emplace(std::move(options));
    }
    // The update by which another takes its place.
    [[nodiscard]] Bytes another() const {
        const auto& organization = channel.organizations.front();
        auto next = channel.config;
        next.version = 1;
        next.orderers = {{"next", "A", organization.issue("next", "orderer").key.public_key().pem()}};
        const auto text = channel_config_json(next);
        const auto arguments = chaincode::json_text(chaincode::to_json(ConfigApproval{
            membership->get()->config_hash().hex(), config_hash(text).hex(), test_time_ms() + kDay, known_versions()}));
        auto approval = channel.propose(organization.issue("admin", "admin"),
                                        {"test", "config", "approve", arguments, {}, {}, test_time_ms()});
        return encode_config_update({"test", text, {std::move(approval)}});
    }
    [[nodiscard]] OrderedBlock wait_for_block() {
        std::unique_lock lock(mutex);
        EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(20), [this] { return delivered.has_value(); }));
        return std::move(*delivered);
    }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    std::array<TransportKey, 2> keys{generate_transport_key(), generate_transport_key()};
    Metrics metrics;
    WorkerPool pool{1, 16};
    std::optional<ChannelBlocks> blocks;
    std::optional<CurrentMembership> membership;
    std::optional<NodeNetwork> network;
    std::mutex mutex;
    std::condition_variable changed;
    std::optional<OrderedBlock> delivered;  // guarded by mutex
    std::optional<Ordering> ordering;
};

TEST_F(LastOfItsOrderer, FollowsWhenItsLastBlockAndTheConfigurationInItAreApplied) {
    ASSERT_TRUE(ordering->start().has_value());
    ASSERT_TRUE(ordering->observe().has_value());
    ASSERT_TRUE(ordering->submit_configuration(another()).has_value());
    auto last = wait_for_block();
    const auto next = membership_after(last.header, last.batches, membership->get()).value();
    while (ordering->observe()) std::this_thread::yield();
    ordering->look();
    EXPECT_FALSE(ordering->following().has_value()) << "its last block is not on the chain";

    storage::Block block{last.header, std::move(last.batches), {}};
    block.metadata.finality_proof = storage::encode(*last.proof);
    ASSERT_TRUE(blocks->store->append(block, channel_config_json(next->config())).has_value());
    ordering->look();
    EXPECT_FALSE(ordering->following().has_value()) << "it knows the orderers of the epoch that has ended";

    membership->set(next);
    ordering->applied(1);
    ordering->look();
    ASSERT_TRUE(ordering->following().has_value());
    EXPECT_EQ(ordering->following()->source, "next");
}

}  // namespace
}  // namespace tally::node
