// Questions among three nodes on loopback.

#include "node/network/node_network.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <random>
#include <thread>

#include "node/ordering/channel_nodes.h"
#include "storage/model/archive.h"
#include "storage/model/transaction.h"
#include "tests/unit/node/network/free_addresses.h"

namespace tally::node {
namespace {

using namespace std::chrono_literals;

struct Signal {
    std::mutex mutex;
    std::condition_variable condition;
};

class ThreeNodes : public testing::Test {
  protected:
    ThreeNodes() {
        const auto addresses = free_addresses(3);
        config.channel = "test";
        for (std::size_t i = 0; i < 3; ++i) {
            keys.push_back(generate_transport_key());
            NodeEntry entry;
            entry.id = fmt::format("n{}", i);
            entry.address = addresses[i];
            entry.transport_key = keys[i].public_key;
            config.nodes.push_back(entry);
        }
    }
    std::unique_ptr<NodeNetwork> node(std::size_t index) {
        return std::make_unique<NodeNetwork>(
            "test", nodes_of(config),
            NodeNetwork::Options{fmt::format("n{}", index), config.nodes[index].address, keys[index]});
    }
    // As NodeNetwork gives one.
    static Bytes answer(std::string_view text) {
        storage::Encoder encoder;
        encoder(true, std::string(), std::uint8_t{0}, std::string(), to_bytes(text));
        return encoder.take();
    }

    ChannelConfig config;
    std::vector<TransportKey> keys;
};

TEST_F(ThreeNodes, OnlyTheNodeThatWasAskedAnswers) {
    const auto asker = node(0);
    ASSERT_TRUE(asker->start().has_value());
    const auto network = [&](std::size_t index, Network::Receive receive) {
        NetworkOptions options;
        options.listen = config.nodes[index].address;
        options.key = keys[index];
        options.peers = {{"n0", config.nodes[0].address, keys[0].public_key}};
        return Network::start(std::move(options), std::move(receive));
    };
    std::promise<std::uint64_t> was_asked;
    const auto asked = network(1, [&](const std::string&, const Frame& frame) {
        if (frame.kind == FrameKind::endorse) was_asked.set_value(frame.correlation);
    });
    const auto liar = network(2, [](const std::string&, const Frame&) {});
    ASSERT_TRUE(asked.has_value() && liar.has_value());
    const auto heard = [&](const std::string& id) {
        for (int i = 0; i < 500 && !asker->is_there(id); ++i) std::this_thread::sleep_for(10ms);
        return asker->is_there(id);
    };
    ASSERT_TRUE(heard("n1") && heard("n2"));

    auto question = asker->ask("n1", FrameKind::endorse, as_bytes("what is it?"), 10s);
    const auto correlation = was_asked.get_future().get();
    const auto received = [&] {
        for (const auto& peer : asker->traffic()) {
            if (peer.id == "n2") return peer.received_messages;
        }
        return std::uint64_t{0};
    };
    const auto before = received();
    for (int i = 0; i < 20; ++i)
        (*liar)->send("n0", make_frame(FrameKind::endorsed, correlation, "test", answer("a lie")));
    for (int i = 0; i < 500 && received() < before + 20; ++i) std::this_thread::sleep_for(10ms);
    std::this_thread::sleep_for(20ms);
    (*asked)->send("n0", make_frame(FrameKind::endorsed, correlation, "test", answer("the truth")));
    const auto said = question.wait();
    ASSERT_TRUE(said.has_value()) << said.error().message;
    EXPECT_EQ(as_text(*said), "the truth");
    asker->stop();
}

TEST_F(ThreeNodes, WhoseAnswerCannotBeReadIsBlamed) {
    const auto asker = node(0);
    ASSERT_TRUE(asker->start().has_value());
    NetworkOptions options;
    options.listen = config.nodes[1].address;
    options.key = keys[1];
    options.peers = {{"n0", config.nodes[0].address, keys[0].public_key}};
    Network* speaks = nullptr;
    std::promise<void> ready;
    auto liar = Network::start(
        std::move(options), [&, is_ready = ready.get_future().share()](const std::string&, const Frame& frame) {
            if (frame.kind != FrameKind::endorse) return;
            is_ready.wait();
            speaks->send("n0", make_frame(FrameKind::endorsed, frame.correlation, "test", as_bytes("no answer")));
        });
    ASSERT_TRUE(liar.has_value());
    speaks = liar->get();
    ready.set_value();
    const auto answer = asker->ask("n1", FrameKind::endorse, as_bytes("what is it?"), 10s).wait();
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Code::malformed);
    for (const auto& peer : asker->traffic()) EXPECT_EQ(peer.malformed, peer.id == "n1" ? 1U : 0U) << peer.id;
    asker->stop();
}

TEST_F(ThreeNodes, ANoticeThatANodeDoesNotTakeIsNotAnswered) {
    const auto teller = node(0);
    const auto told = node(1);
    ASSERT_TRUE(teller->start().has_value());
    ASSERT_TRUE(told->start().has_value());
    for (int i = 0; i < 500 && !teller->is_there("n1"); ++i) std::this_thread::sleep_for(10ms);
    teller->tell("n1", FrameKind::checkpoint, as_bytes("a checkpoint"));
    // What was answered to the notice comes before the answer to a question behind it.
    const auto answer = teller->ask("n1", FrameKind::sign, {}, 10s).wait();
    ASSERT_FALSE(answer.has_value());
    EXPECT_EQ(answer.error().code, Code::unsupported);
    for (const auto& peer : teller->traffic()) EXPECT_EQ(peer.malformed, 0U) << peer.id;
    teller->stop();
    told->stop();
}

TEST_F(ThreeNodes, AQuestionThatNobodyWaitsForMayOutliveTheNetwork) {
    auto asker = node(0);
    ASSERT_TRUE(asker->start().has_value());
    {
        const auto dropped = asker->ask("n1", FrameKind::endorse, {}, 10s);
        auto moved = asker->ask("n1", FrameKind::endorse, {}, 1ms);
        NodeNetwork::Question kept = std::move(moved);
        EXPECT_FALSE(kept.wait().has_value());
    }
    auto last = asker->ask("n1", FrameKind::endorse, {}, 10s);
    asker->stop();
    asker.reset();
    EXPECT_FALSE(last.wait().has_value());
}

// A node that stops must not wait for a silent one, as often as there are submissions in its queue.
TEST_F(ThreeNodes, AfterStopAskingNobodyWaitsForAnAnswer) {
    auto asker = node(0);
    ASSERT_TRUE(asker->start().has_value());
    constexpr auto kForever = std::chrono::hours(24);
    auto open = asker->ask("n1", FrameKind::endorse, {}, kForever);
    std::thread stopper([&] { asker->stop_asking(); });
    const auto answer = open.wait();
    EXPECT_FALSE(answer.has_value());
    stopper.join();
    for (int i = 0; i < 100; ++i) EXPECT_FALSE(asker->ask("n1", FrameKind::endorse, {}, kForever).wait().has_value());
    asker->stop();
}

// A batch does not carry a proposal to a node that has it from a question; to another node, and again, it does.
TEST_F(ThreeNodes, ABatchLeavesOutWhatTheOtherNodeWasAsked) {
    const auto asker = node(0);
    const auto asked = node(1);
    const auto other = node(2);
    Signal heard;
    std::map<std::string, std::vector<Bytes>> messages;
    std::map<std::string, std::size_t> received;
    for (auto* each : {asked.get(), other.get()}) {
        const std::string id = each == asked.get() ? "n1" : "n2";
        each->on_consensus([&, id](consensus::Member, FrameBody message) {
            const std::lock_guard lock(heard.mutex);
            received[id] += message.bytes().size();
            messages[id].push_back(std::move(message).open().value_or(Bytes()));
            heard.condition.notify_all();
        });
    }
    asked->on_question(FrameKind::endorse, [](const std::string&, const FrameBody&, const NodeNetwork::Answer& say) {
        say(to_bytes("yes"));
    });
    for (auto* each : {asker.get(), asked.get(), other.get()}) ASSERT_TRUE(each->start().has_value());
    for (int i = 0; i < 500 && !(asker->is_there("n1") && asker->is_there("n2")); ++i)
        std::this_thread::sleep_for(10ms);

    storage::Transaction transaction;
    std::mt19937 random(3);
    for (int i = 0; i < 7000; ++i) transaction.proposal.push_back(static_cast<std::uint8_t>(random()));
    transaction.simulation = to_bytes("a simulation");
    ASSERT_TRUE(
        asker->ask("n1", FrameKind::endorse, storage::encode(EndorseQuestion{4, transaction.proposal, true}), 10s)
            .wait()
            .has_value());
    auto batch = std::make_shared<consensus::LaneBatch>();
    batch->transactions = {to_bytes("no transaction"), storage::encode(transaction)};
    const consensus::Message message = consensus::BatchMessage{batch};
    const std::vector<consensus::Member> to{1, 2};
    for (std::size_t time = 1; time <= 2; ++time) {
        asker->send(to, message);
        std::unique_lock lock(heard.mutex);
        ASSERT_TRUE(heard.condition.wait_for(
            lock, 10s, [&] { return messages["n1"].size() == time && messages["n2"].size() == time; }));
        EXPECT_EQ(messages["n1"].back(), consensus::encode_message(message));
        EXPECT_EQ(messages["n2"].back(), consensus::encode_message(message));
        EXPECT_LT(received["n1"], time == 1 ? 500U : 8000U);
        EXPECT_GT(received["n2"], 7000U * time);
    }
    for (auto* each : {asker.get(), asked.get(), other.get()}) each->stop();
}

}  // namespace
}  // namespace tally::node
