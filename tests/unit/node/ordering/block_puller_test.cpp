// A follower among four orderers, which the test speaks for: whom it leaves, and whom it does not.

#include "node/ordering/block_puller.h"

#include <gtest/gtest.h>

#include "node/ledgers/channel_ledger.h"
#include "storage/model/archive.h"
#include "tests/unit/node/small_channel.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using namespace std::chrono_literals;

class Puller : public testing::Test, public OrdererNetwork {
  protected:
    Puller() {
        keys = {channel.orderer.key};
        for (const auto* id : {"o1", "o2", "o3"}) {
            keys.push_back(crypto::PrivateKey::generate(crypto::Algorithm::ed25519));
            channel.config.orderers.push_back({id, "A", keys.back().public_key().pem()});
        }
        const auto genesis = channel.genesis();
        chain = open_channel_blocks(root.path(), genesis).value();
        make_blocks(genesis.header, 300);
    }

    struct Stopping {  // before what its thread calls goes
        BlockPuller* puller;
        ~Stopping() { puller->stop(); }
    };
    [[nodiscard]] Stopping start() {
        server =
            std::make_unique<BlockServer>(*chain->store, [this](consensus::Member to, consensus::FetchedBlocks given) {
                if (blocks_go_to) blocks_go_to(to, given);
            });
        puller = std::make_unique<BlockPuller>(
            *chain->store, channel.membership(), *this, *server,
            [this](const OrderedBlock& block) {
                height = block.header.number;
                return true;
            },
            [](const auto&) {}, [this] { return highest.load(); });
        puller->start();
        return {puller.get()};
    }
    // Empty blocks, each proved by three of the four.
    void make_blocks(storage::BlockHeader last, std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            storage::BlockHeader next;
            next.channel = last.channel;
            next.number = last.number + 1;
            next.previous_hash = last.hash();
            next.data_root = storage::data_root({});
            next.time_ms = last.time_ms;
            next.epoch = last.epoch + ((last.flags & storage::BlockHeader::kSealing) != 0 ? 1 : 0);
            next.view = i + 1;
            consensus::FinalityProof proof;
            proof.finalization = {consensus::VoteKind::finalize, next.epoch, next.view, next.hash(), {0, 1, 2}, {}};
            const auto statement = consensus::vote_statement(next.channel, consensus::VoteKind::finalize, next.epoch,
                                                             next.view, next.hash());
            for (std::size_t signer = 0; signer < 3; ++signer)
                proof.finalization.signatures.push_back(keys[signer].sign(statement));
            blocks.emplace_back(next, proof);
            last = next;
        }
    }
    void blame(consensus::Member, const std::string&) override { ++blamed; }
    void refused(consensus::Member) override {}
    void send(std::span<const consensus::Member> to, const consensus::Message& message) override {
        const auto* wanted = std::get_if<consensus::FetchBlocks>(&message);
        if (wanted != nullptr && orderer_answers) orderer_answers(to.front(), wanted->from);
    }
    // `count` blocks from `from` on, as far as there are any.
    void give(consensus::Member orderer, storage::BlockNumber from, std::size_t count) {
        consensus::FetchedBlocks answer;
        for (auto at = from - 1; at < blocks.size() && answer.blocks.size() < count; ++at) {
            answer.blocks.push_back({blocks[at].first, {}});
            answer.proof = blocks[at].second;
        }
        puller->receive(orderer, consensus::encode_message(answer));
    }
    [[nodiscard]] bool within(std::chrono::milliseconds time, const std::function<bool()>& condition) {
        for (const auto end = std::chrono::steady_clock::now() + time; std::chrono::steady_clock::now() < end;) {
            if (condition()) return true;
            std::this_thread::sleep_for(10ms);
        }
        return condition();
    }

    storage::TemporaryDirectory root;
    SmallChannel channel;
    std::vector<crypto::PrivateKey> keys;
    std::optional<ChannelBlocks> chain;
    std::vector<std::pair<storage::BlockHeader, consensus::FinalityProof>> blocks;
    std::function<void(consensus::Member, storage::BlockNumber)> orderer_answers;          // on the puller's thread
    std::function<void(consensus::Member, const consensus::FetchedBlocks&)> blocks_go_to;  // on the server's
    std::atomic<storage::BlockNumber> highest{0};
    std::atomic<storage::BlockNumber> height{0};
    std::atomic<int> blamed{0};
    std::unique_ptr<BlockServer> server;
    std::unique_ptr<BlockPuller> puller;
};

TEST_F(Puller, TakesEverythingFromASourceThatGivesWhatItHas) {
    highest = 300;
    orderer_answers = [this](consensus::Member orderer, storage::BlockNumber from) { give(orderer, from, 120); };
    const auto running = start();
    EXPECT_TRUE(within(5s, [&] { return height == 300; }));
    EXPECT_EQ(puller->switches(), 0U);
    EXPECT_EQ(puller->source(), 0U);
}

TEST_F(Puller, AsksAgainWhenAQuestionThatWaitedWasLost) {
    std::atomic<int> asked{0};
    consensus::Member gave = 9;
    orderer_answers = [&](consensus::Member orderer, storage::BlockNumber from) {
        if (++asked == 1) return;
        if (asked == 2) gave = orderer;
        give(orderer, from, 500);
    };
    const auto running = start();
    ASSERT_TRUE(within(1s, [&] { return asked == 1; }));
    highest = 300;
    EXPECT_TRUE(within(5s, [&] { return height == 300; }));
    puller->stop();
    EXPECT_EQ(gave, 0U) << "the orderer that was asked first";
}

TEST_F(Puller, LeavesOneThatLetsBlocksDrip) {
    highest = 300;
    std::vector<std::jthread> dripping;
    orderer_answers = [&](consensus::Member orderer, storage::BlockNumber from) {
        if (orderer != 0) return give(orderer, from, 500);
        dripping.emplace_back([this, from] {
            std::this_thread::sleep_for(900ms);
            give(0, from, 1);
        });
    };
    const auto running = start();
    EXPECT_TRUE(within(6s, [&] { return height == 300; })) << "at " << height;
    EXPECT_EQ(puller->switches(), 1U);
    EXPECT_EQ(puller->source(), 1U);
    puller->stop();
}

TEST_F(Puller, LeavesOneThatIsSilentAndOneWhoseBlocksProveNothing) {
    highest = 300;
    blocks[2].second.finalization.signatures.front().front() ^= 1;
    std::array<std::atomic<int>, 4> asked{};
    orderer_answers = [&](consensus::Member orderer, storage::BlockNumber from) {
        ++asked[orderer];
        if (orderer == 1) give(orderer, from, 3);
        if (orderer == 2) give(orderer, from, 500);
    };
    const auto running = start();
    EXPECT_TRUE(within(10s, [&] { return height == 300; }));
    EXPECT_EQ(puller->switches(), 2U);
    puller->stop();
    EXPECT_EQ(asked[0], 1) << "an answer to it may be long and on its way";
}

TEST_F(Puller, CountsNothingWhenThereIsNothingToFetch) {
    highest = 300;
    std::atomic<unsigned> asked{0};
    orderer_answers = [&](consensus::Member orderer, storage::BlockNumber from) {
        asked |= 1U << orderer;
        give(orderer, from, 500);
    };
    const auto running = start();
    EXPECT_TRUE(within(5s, [&] { return height == 300; }));
    EXPECT_TRUE(within(10s, [&] { return asked == 0b1111; })) << "an order that was lost would be for ever";
    EXPECT_EQ(puller->switches(), 0U);
}

// To read blocks takes longer than to ask for them.
TEST_F(Puller, BlamesWhoSendsWhatCannotBeRead) {
    const auto running = start();
    puller->receive(2, Bytes());
    puller->receive(3, Bytes{200, 1, 2});
    EXPECT_TRUE(within(5s, [&] { return blamed == 2; }));
}

TEST_F(Puller, AnswersOnlyTheLastOfManyRequestsOfOne) {
    for (const auto& [header, proof] : blocks) {
        storage::Block block;
        block.header = header;
        block.metadata.finality_proof = storage::encode(proof);
        ASSERT_TRUE(chain->store->append(block).has_value());
        if (header.number == 10) break;
    }
    std::atomic<int> answers{0};
    std::atomic<storage::BlockNumber> last{0};
    blocks_go_to = [&](consensus::Member, const consensus::FetchedBlocks& answer) {
        ++answers;
        last = answer.blocks.front().header.number;
    };
    const auto running = start();
    constexpr int kRequests = 2000;
    for (int i = 0; i < kRequests; ++i) puller->receive(2, consensus::encode_message(consensus::FetchBlocks{3}));
    puller->receive(2, consensus::encode_message(consensus::FetchBlocks{7}));
    EXPECT_TRUE(within(5s, [&] { return last == 7; }));
    EXPECT_LT(answers, kRequests / 10);
}

}  // namespace
}  // namespace tally::node
