// Real sockets on loopback: members of the network hear each other, nobody else is heard.

#include "node/network/network.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>
#include <zmq.hpp>

#include "tests/unit/node/network/free_addresses.h"
#include "tests/unit/storage/temporary_directory.h"

namespace tally::node {
namespace {

using namespace std::chrono_literals;

// What a node hears, in order.
struct Ear {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::pair<std::string, std::string>> heard;  // from whom, what

    Network::Receive receiver() {
        return [this](const std::string& peer, const Frame& frame) {
            {
                const std::lock_guard lock(mutex);
                heard.emplace_back(peer, std::string(as_text(frame.body)));
            }
            changed.notify_all();
        };
    }
    bool wait_for(std::size_t count) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 10s, [&] { return heard.size() >= count; });
    }
    bool wait_for_last(const std::string& peer, const std::string& what) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, 10s, [&] { return !heard.empty() && heard.back() == std::pair(peer, what); });
    }
    bool has_heard(const std::string& what) {
        const std::lock_guard lock(mutex);
        return std::any_of(heard.begin(), heard.end(), [&](const auto& each) { return each.second == what; });
    }
};

class TwoNodes : public testing::Test {
  protected:
    TwoNodes() {
        for (std::size_t i = 0; i < 2; ++i) keys.push_back(generate_transport_key());
    }
    [[nodiscard]] Result<std::unique_ptr<Network>> start(std::size_t index, Ear& ear) {
        NetworkOptions options;
        options.listen = addresses[index];
        options.key = keys[index];
        options.peers = {{fmt::format("n{}", 1 - index), addresses[1 - index], keys[1 - index].public_key}};
        options.max_message_bytes = 1U << 20;
        options.malformed_pause_ms = 60'000;
        options.standing = [this, index] { return Standing{heights[index], 3}; };
        return Network::start(std::move(options), ear.receiver());
    }
    // Says something to the first node with any key, as nobody's node would.
    void say(const TransportKey& key, const std::string& server_key, const Bytes& bytes, bool in_two_frames = false) {
        zmq::context_t context;
        zmq::socket_t socket(context, zmq::socket_type::push);
        socket.set(zmq::sockopt::linger, 500);
        socket.set(zmq::sockopt::sndtimeo, 2000);
        socket.set(zmq::sockopt::immediate, 1);
        socket.set(zmq::sockopt::curve_serverkey, server_key);
        socket.set(zmq::sockopt::curve_publickey, key.public_key);
        socket.set(zmq::sockopt::curve_secretkey, key.secret_key);
        socket.connect("tcp://" + addresses[0]);
        if (in_two_frames) (void)socket.send(zmq::buffer("first", 5), zmq::send_flags::sndmore);
        (void)socket.send(zmq::buffer(bytes.data(), bytes.size()), zmq::send_flags::none);
        socket.close();
    }
    [[nodiscard]] static FramePtr frame_of(std::string_view body) {
        return make_frame(FrameKind::consensus, 0, "test", as_bytes(body));
    }
    [[nodiscard]] static Bytes frame(std::string_view body) { return *frame_of(body); }

    std::vector<TransportKey> keys;
    std::vector<std::string> addresses = free_addresses(2);
    std::array<std::atomic<std::uint64_t>, 2> heights{0, 0};
};

TEST_F(TwoNodes, HearEachOtherWhereTheirHostsHaveNames) {
    for (auto& address : addresses) address.replace(0, address.rfind(':'), "localhost");
    Ear first_ear, second_ear;
    const auto first = start(0, first_ear);
    const auto second = start(1, second_ear);
    ASSERT_TRUE(first && second);
    (*first)->send("n1", frame_of("one"));
    (*second)->send("n0", frame_of("two"));
    EXPECT_TRUE(second_ear.wait_for_last("n0", "one"));
    EXPECT_TRUE(first_ear.wait_for_last("n1", "two"));
}

TEST_F(TwoNodes, HearEachOtherAtIpv6Addresses) {
    for (auto& address : addresses) address.replace(0, address.rfind(':'), "[::1]");
    Ear first_ear, second_ear;
    const auto first = start(0, first_ear);
    const auto second = start(1, second_ear);
    ASSERT_TRUE(first && second) << (first ? second : first).error().message;
    (*first)->send("n1", frame_of("one"));
    (*second)->send("n0", frame_of("two"));
    EXPECT_TRUE(second_ear.wait_for_last("n0", "one"));
    EXPECT_TRUE(first_ear.wait_for_last("n1", "two"));
}

TEST_F(TwoNodes, ListenAtEveryAddressOfBothFamiliesWhereTheirHostsHaveNames) {
    const auto port = addresses[0].substr(addresses[0].rfind(':'));
    addresses[0] = "localhost" + port;
    Ear first_ear, second_ear;
    const auto first = start(0, first_ear);
    for (const std::string host : {"127.0.0.1", "[::1]"}) {
        addresses[0] = host + port;
        const auto second = start(1, second_ear);
        ASSERT_TRUE(first && second) << (first ? second : first).error().message;
        (*second)->send("n0", frame_of(host));
        EXPECT_TRUE(first_ear.wait_for_last("n1", host));
    }
}

TEST_F(TwoNodes, HearEachOtherInOrder) {
    Ear first;
    Ear second;
    auto a = start(0, first);
    auto b = start(1, second);
    ASSERT_TRUE(a.has_value() && b.has_value());
    for (int i = 0; i < 200; ++i) {
        (*a)->send("n1", frame_of(fmt::format("{}", i)));
        (*b)->send("n0", make_frame(FrameKind::endorse, 9, "test", Bytes(100'000, 1)));
    }
    ASSERT_TRUE(second.wait_for(200) && first.wait_for(200));
    for (std::size_t i = 0; i < 200; ++i) EXPECT_EQ(second.heard[i].second, fmt::format("{}", i));
    EXPECT_EQ((*a)->traffic()[0].malformed, 0U);
    EXPECT_GE((*a)->traffic()[0].received_bytes, 200U * 100'000U);
    EXPECT_GE((*b)->traffic()[0].heard_ms_ago, 0);
}

// More than ZeroMQ queues, so that some of it waits in the peer's queue; and the peers are set again meanwhile.
TEST_F(TwoNodes, ManyThreadsMaySpeakAndEachIsHeardInItsOrder) {
    Ear first;
    Ear second;
    auto a = start(0, first);
    auto b = start(1, second);
    ASSERT_TRUE(a.has_value() && b.has_value());
    (*a)->send("n1", frame_of("connected"));
    ASSERT_TRUE(second.wait_for(1));
    constexpr std::size_t kThreads = 4;
    constexpr std::size_t kEach = 500;
    {
        std::vector<std::jthread> speakers;
        for (std::size_t thread = 0; thread < kThreads; ++thread) {
            speakers.emplace_back([&a, thread] {
                for (std::size_t i = 0; i < kEach; ++i) {
                    (*a)->send("n1", frame_of(fmt::format("{} {} {}", thread, i, std::string(10'000, 'x'))));
                }
            });
        }
        for (int i = 0; i < 20; ++i) (*a)->set_peers({{"n1", addresses[1], keys[1].public_key}});
    }
    ASSERT_TRUE(second.wait_for(1 + kThreads * kEach));
    std::array<std::size_t, kThreads> next{};
    for (std::size_t i = 1; i < second.heard.size(); ++i) {
        const auto& text = second.heard[i].second;
        const auto thread = static_cast<std::size_t>(text[0] - '0');
        EXPECT_EQ(text.substr(0, text.rfind(' ')), fmt::format("{} {}", thread, next.at(thread)++));
    }
    EXPECT_EQ((*a)->traffic()[0].sent_messages, 1 + kThreads * kEach);
}

TEST_F(TwoNodes, TellEachOtherWhereTheyStand) {
    Ear ear;
    heights[1] = 7;
    auto a = start(0, ear);
    ASSERT_TRUE(a.has_value());
    EXPECT_FALSE((*a)->traffic()[0].standing.has_value());
    auto b = start(1, ear);
    ASSERT_TRUE(b.has_value());
    const auto says = [&](std::uint64_t height) {
        const auto standing = (*a)->traffic()[0].standing;
        return standing && standing->height == height && standing->kept_from == 3;
    };
    for (int i = 0; i < 500 && !says(7); ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(says(7));
    heights[1] = UINT64_MAX;
    for (int i = 0; i < 500 && !says(UINT64_MAX); ++i) std::this_thread::sleep_for(10ms);
    EXPECT_TRUE(says(UINT64_MAX));
    EXPECT_EQ((*a)->traffic()[0].malformed, 0U);
    EXPECT_TRUE(ear.heard.empty());
}

// libzmq aborts the process when a heartbeat is due on a connection that broke while its pipe to the receiver was full.
TEST_F(TwoNodes, OneThatSpeaksFasterThanItIsHeardAndGoesIsNoHarm) {
    std::promise<void> gate;
    std::atomic<bool> speaks{false};
    Ear ear;
    NetworkOptions options;
    options.listen = addresses[0];
    options.key = keys[0];
    options.peers = {{"n1", addresses[1], keys[1].public_key}};
    auto a = Network::start(std::move(options), [&, open = gate.get_future().share(), receive = ear.receiver()](
                                                    const std::string& peer, const Frame& frame) {
        speaks = true;
        open.wait();
        receive(peer, frame);
    });
    ASSERT_TRUE(a.has_value());
    {
        Ear other;
        auto b = start(1, other);
        ASSERT_TRUE(b.has_value());
        for (int i = 0; i < 2000; ++i) (*b)->send("n0", make_frame(FrameKind::consensus, 0, "test", Bytes(1000, 1)));
        for (int i = 0; i < 500 && (!speaks || (*b)->traffic()[0].sent_messages < 500); ++i)
            std::this_thread::sleep_for(20ms);
        ASSERT_TRUE(speaks);
    }
    std::this_thread::sleep_for(3500ms);  // heartbeats are due every second
    gate.set_value();
    Ear other;
    auto b = start(1, other);
    ASSERT_TRUE(b.has_value());
    // Delivery is best effort: what a broken connection took with it is said again.
    std::jthread again([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            (*b)->send("n0", frame_of("still there?"));
            std::this_thread::sleep_for(100ms);
        }
    });
    const auto asked = [&] {
        const std::lock_guard lock(ear.mutex);
        return !ear.heard.empty() && ear.heard.back().second == "still there?";
    };
    for (int i = 0; i < 500 && !asked(); ++i) std::this_thread::sleep_for(20ms);
    EXPECT_TRUE(asked());
}

TEST_F(TwoNodes, AStrangersKeyIsNotAdmittedAndIsCounted) {
    Ear ear;
    auto a = start(0, ear);
    ASSERT_TRUE(a.has_value());
    EXPECT_EQ((*a)->strangers(), 0U) << "the self-test does not count";
    say(generate_transport_key(), keys[0].public_key, frame("let me in"));
    for (int i = 0; i < 100 && (*a)->strangers() == 0; ++i) std::this_thread::sleep_for(20ms);
    EXPECT_GE((*a)->strangers(), 1U);
    say(keys[1], keys[0].public_key, frame("it is me"));
    ASSERT_TRUE(ear.wait_for(1));
    EXPECT_EQ(ear.heard.front().second, "it is me");
}

TEST_F(TwoNodes, WhoSpeaksNonsenseIsNotListenedToForAWhile) {
    const std::vector<Bytes> nonsense{
        {},
        {2, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},          // another version
        {1, 99, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},         // an unknown kind
        {1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255},  // a length that lies
        *make_frame(FrameKind::hello, 0, "", {}),            // a hello without a height
        *make_frame(FrameKind::hello, 0, "", Bytes(17, 1)),  // and one with more
        *make_frame(FrameKind::hello, 0, "", Bytes(40'000)),
        *make_frame(FrameKind::sign, 1, "test", Bytes(1000)),
        *make_frame(FrameKind::checkpoint, 0, "test", Bytes(100'000)),
        *make_frame(FrameKind::submitted, 1, "test", Bytes(100'000)),
        *make_frame(FrameKind::signature, 1, "test", Bytes(100'000)),
    };
    for (const auto& each : nonsense) {
        Ear ear;
        auto a = start(0, ear);
        ASSERT_TRUE(a.has_value());
        say(keys[1], keys[0].public_key, each);
        for (int i = 0; i < 200 && (*a)->traffic()[0].malformed == 0; ++i) std::this_thread::sleep_for(20ms);
        EXPECT_EQ((*a)->traffic()[0].malformed, 1U);
        const auto before = (*a)->traffic()[0].received_messages;
        say(keys[1], keys[0].public_key, frame("sorry"));
        for (int i = 0; i < 200 && (*a)->traffic()[0].received_messages == before; ++i) {
            std::this_thread::sleep_for(20ms);
        }
        EXPECT_TRUE(ear.heard.empty());
    }
}

TEST_F(TwoNodes, AMessageBeyondTheLimitIsCutOffByTheTransport) {
    Ear ear;
    auto a = start(0, ear);
    ASSERT_TRUE(a.has_value());
    say(keys[1], keys[0].public_key, Bytes(3U << 20, 1));
    say(keys[1], keys[0].public_key, frame("still here"));
    ASSERT_TRUE(ear.wait_for(1));
    EXPECT_EQ(ear.heard.front().second, "still here");
}

TEST_F(TwoNodes, WhoIsNamedLaterIsHeardAndWhoIsRemovedIsNot) {
    Ear first;
    Ear second;
    auto a = start(0, first);
    auto b = start(1, second);
    ASSERT_TRUE(a.has_value() && b.has_value());
    (*b)->send("n0", frame_of("1"));
    ASSERT_TRUE(first.wait_for(1));
    const NetworkPeer other{"n2", "127.0.0.1:9", generate_transport_key().public_key};
    (*a)->set_peers({other});
    for (int i = 0; i < 200 && (*a)->traffic()[0].id != "n2"; ++i) std::this_thread::sleep_for(20ms);
    ASSERT_EQ((*a)->traffic().size(), 1U);
    (*b)->send("n0", frame_of("2"));
    for (int i = 0; i < 200 && (*b)->traffic()[0].sent_messages < 2; ++i) std::this_thread::sleep_for(20ms);
    std::this_thread::sleep_for(500ms);  // what is sent is not yet there
    (*a)->send("again", frame_of("lost: there is no such peer yet"));
    (*a)->set_peers({other, {"again", addresses[1], keys[1].public_key}});
    for (int i = 0; i < 200 && (*a)->traffic().size() < 2; ++i) std::this_thread::sleep_for(20ms);
    (*a)->send("again", frame_of("back"));
    (*b)->send("n0", frame_of("3"));
    EXPECT_TRUE(second.wait_for_last("n0", "back"));
    EXPECT_TRUE(first.wait_for_last("again", "3"));
    EXPECT_FALSE(first.has_heard("2"));
}

TEST_F(TwoNodes, WhoWasRefusedIsHeardOnceItIsNamed) {
    Ear first;
    Ear second;
    auto a = start(0, first);
    ASSERT_TRUE(a.has_value());
    (*a)->set_peers({});
    for (int i = 0; i < 200 && !(*a)->traffic().empty(); ++i) std::this_thread::sleep_for(20ms);
    auto b = start(1, second);
    ASSERT_TRUE(b.has_value());
    for (int i = 0; i < 200 && (*a)->strangers() == 0; ++i) std::this_thread::sleep_for(20ms);
    ASSERT_EQ((*a)->strangers(), 1U);
    (*a)->set_peers({{"n1", addresses[1], keys[1].public_key}});
    std::this_thread::sleep_for(1s);
    (*b)->send("n0", frame_of("here I am"));
    ASSERT_TRUE(first.wait_for(1));
    EXPECT_EQ(first.heard.back(), std::pair(std::string("n1"), std::string("here I am")));
}

TEST_F(TwoNodes, WhatHasWaitedTooLongIsNotSentAnyMore) {
    Ear first;
    Ear second;
    auto a = start(0, first);
    ASSERT_TRUE(a.has_value());
    (*a)->send("n1", frame_of("old"));
    std::this_thread::sleep_for(3500ms);
    (*a)->send("n1", frame_of("new"));
    EXPECT_EQ((*a)->traffic()[0].dropped, 1U);
    auto b = start(1, second);
    ASSERT_TRUE(b.has_value() && second.wait_for(1));
    EXPECT_EQ(second.heard.front().second, "new");
}

TEST_F(TwoNodes, WhatWaitsForAPeerThatIsAwayIsBounded) {
    Ear ear;
    auto a = start(0, ear);
    ASSERT_TRUE(a.has_value());
    for (int i = 0; i < 100; ++i) (*a)->send("n1", make_frame(FrameKind::consensus, 0, "test", Bytes(1U << 20, 1)));
    EXPECT_GE((*a)->traffic()[0].dropped, 60U);
    EXPECT_EQ((*a)->traffic()[0].heard_ms_ago, -1);
}

TEST_F(TwoNodes, AnAddressInUseIsRefusedWithItsName) {
    Ear ear;
    const auto a = start(0, ear);
    ASSERT_TRUE(a.has_value());
    const auto again = start(0, ear);
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Code::unavailable);
    EXPECT_NE(again.error().message.find(addresses[0]), std::string::npos);
}

TEST(TransportKeys, AreFortyCharactersOfZ85) {
    const auto key = generate_transport_key();
    EXPECT_TRUE(key.public_key.size() == 40 && key.secret_key.size() == 40);
    EXPECT_EQ(transport_key_of(key.secret_key + "\n")->public_key, key.public_key);
    for (const std::string_view bad : {"", "short", "0123456789012345678901234567890123456789x"})
        EXPECT_EQ(storage::code_of(transport_key_of(bad)), Code::bad_key);
}

}  // namespace
}  // namespace tally::node
