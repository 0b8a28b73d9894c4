// Reads of the ledger wait on the node's workers: they hold up nobody on the event loops, and their answers have
// bounds.

#include <future>
#include <thread>

#include "gateway/http/engine.h"
#include "tests/unit/gateway/gateway_fixture.h"
#include "tests/unit/gateway/raw_tls.h"

namespace tally::gateway {
namespace {

using test::expect_problem;

class ReadsTest : public test::GatewayTest {
  protected:
    void SetUp() override {
        server_options.threads = 1;
        start();
    }
    const storage::TransactionId id = backend.add_transaction(to_bytes("a transaction"));
    // Everything that is read from the ledger, but for queries, which the node posts itself.
    const std::vector<std::string> reads{"/v1/blocks",
                                         "/v1/blocks/0",
                                         "/v1/checkpoints/latest",
                                         "/v1/checkpoints/0",
                                         "/v1/checkpoints/0/consistency?from=0",
                                         "/v1/transactions/" + id.hex(),
                                         "/v1/transactions/" + id.hex() + "/raw",
                                         "/v1/transactions/" + id.hex() + "/receipt"};
};

TEST_F(ReadsTest, ASlowReadHoldsUpNobody) {
    for (const auto& path : reads) {
        backend.hold_tasks(true);
        auto slow = std::async(std::launch::async, [&, me = client()]() mutable { return me.get(path)->status; });
        backend.wait_for_held(1);
        EXPECT_EQ(anonymous().get("/healthz")->status, 200) << path;
        backend.hold_tasks(false);
        backend.release();
        EXPECT_EQ(slow.get(), 200) << path;
    }
}

TEST_F(ReadsTest, AFollowerOfEventsReadsOnAWorker) {
    backend.add_events(3);
    backend.hold_tasks(true);
    std::atomic<bool> stop = false;
    auto follower = std::async(std::launch::async, [&, me = client()]() mutable {
        std::size_t seen = 0;
        (void)me.stream(
            "/v1/events?from_block=0", {},
            [&](std::string_view line) {
                seen += line.starts_with("id: ") ? 1 : 0;
                return seen < 5;
            },
            stop);
        return seen;
    });
    backend.wait_for_held(1);
    EXPECT_EQ(anonymous().get("/healthz")->status, 200);
    backend.add_events(2);  // while the page is read
    backend.hold_tasks(false);
    backend.release();
    EXPECT_EQ(follower.get(), 5U);
}

TEST_F(ReadsTest, WhatTheWorkersHaveNoRoomForIsBusy) {
    backend.refuse_tasks(true);
    auto me = client();
    for (const auto& path : reads) expect_problem(me.get(path), 503, "busy");
}

class AnswersTest : public test::GatewayTest {};

TEST_F(AnswersTest, ASlowReadersAnswersAreBounded) {
    constexpr std::size_t kLarge = 24U << 20;  // more than the kernel takes for one connection
    server_options.limits.max_waiting_answer_bytes = 4 * kLarge;
    start();
    const auto path = fmt::format("/v1/transactions/{}/raw", backend.add_transaction(Bytes(kLarge, 'a')).hex());
    auto me = client();
    {
        test::RawTls slow({.port = server->port(), .identity = client_member.tls()});
        slow.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
        ASSERT_NE(slow.read_until("\r\n\r\n").find("200 OK"), std::string::npos);
        expect_problem(me.get(path), 503, "busy");
        EXPECT_EQ(me.get("/v1/blocks")->status, 200);  // small ones are always answered
    }
    // Once it is gone there is room again; when the server notices is not ours to say.
    while (me.get(path)->status == 503) std::this_thread::yield();
    EXPECT_EQ(me.get(path)->body.size(), kLarge);
}

TEST_F(AnswersTest, ASlowFollowersEventsCountAsAnswers) {
    constexpr std::size_t kLarge = 24U << 20;  // more than the kernel takes for one connection
    server_options.limits.max_waiting_answer_bytes = 4 * kLarge;
    start();
    const auto path = fmt::format("/v1/transactions/{}/raw", backend.add_transaction(Bytes(kLarge, 'a')).hex());
    const std::string follow = "GET /v1/events?from_block=2 HTTP/1.1\r\nHost: a\r\n\r\n";
    backend.add_events(1, kLarge);
    auto me = client();
    {
        test::RawTls slow({.port = server->port(), .identity = client_member.tls()});
        slow.send(follow);
        ASSERT_FALSE(slow.read_until("id: 2.0.0\n").empty());
        expect_problem(me.get(path), 503, "busy");
        test::RawTls second({.port = server->port(), .identity = client_member.tls()});
        second.send(follow);
        const auto answer = second.read_to_the_end();
        EXPECT_NE(answer.find("event: problem\ndata: {"), std::string::npos) << answer.size() << " bytes";
        EXPECT_NE(answer.find("\"code\":\"busy\""), std::string::npos);
        EXPECT_EQ(answer.find("id: "), std::string::npos);  // so nothing is missed by who comes back
        EXPECT_TRUE(answer.ends_with("0\r\n\r\n"));
    }
    // Once it is gone there is room again, and a page that was read leaves none of it taken.
    while (me.get(path)->status == 503) std::this_thread::yield();
    test::RawTls reader({.port = server->port(), .identity = client_member.tls()});
    reader.send(follow);
    EXPECT_GT(reader.read_until("}\n\n").size(), kLarge);
    while (me.get(path)->status == 503) std::this_thread::yield();
    EXPECT_EQ(me.get(path)->body.size(), kLarge);
}

TEST(AnswerBytes, OneTakesAQuarterAndAllTogetherNoMoreThanThereIs) {
    AnswerBytes answers(100);
    EXPECT_TRUE(answers.take("a", 20));
    EXPECT_FALSE(answers.take("a", 6));
    EXPECT_TRUE(answers.take("a", 5));
    EXPECT_TRUE(answers.take("b", 75));
    EXPECT_FALSE(answers.take("c", 1));
    answers.give_back("b", 75);
    EXPECT_TRUE(answers.take("c", 25));
    answers.give_back("a", 20);
    answers.give_back("a", 5);
    answers.give_back("c", 25);
    EXPECT_TRUE(answers.take("a", 1000));  // of any size, when nothing else waits
    EXPECT_FALSE(answers.take("b", 1));
}

}  // namespace
}  // namespace tally::gateway
