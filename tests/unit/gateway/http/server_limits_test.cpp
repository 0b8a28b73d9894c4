// What clients must not be able to do: too much, too long, too slowly, or in a form that two parsers read differently.

#include <thread>

#include "tests/unit/gateway/gateway_fixture.h"
#include "tests/unit/gateway/raw_tls.h"

namespace tally::gateway {
namespace {

using std::chrono::milliseconds;
using test::RawTls;

class ServerLimitsTest : public test::GatewayTest {
  protected:
    [[nodiscard]] RawTls::Options raw() const { return {.port = server->port()}; }

    // What the server answers to these bytes; the connection is new each time.
    std::string answer(std::string_view bytes) {
        RawTls client(raw());
        EXPECT_TRUE(client.secure());
        client.send(bytes);
        return client.read_response();
    }
    static bool has(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }
    void expect_status(std::string_view bytes, std::string_view status) {
        const auto response = answer(bytes);
        EXPECT_TRUE(response.starts_with("HTTP/1.1 " + std::string(status) + " ")) << bytes.substr(0, 80) << "\n"
                                                                                   << response;
        EXPECT_TRUE(has(response, "Content-Type: application/problem+json")) << response;
        EXPECT_TRUE(has(response, "Connection: close")) << response;
    }
};

TEST_F(ServerLimitsTest, MalformedRequestsAreRefused) {
    start();
    for (const std::string request :
         {"nonsense\r\n\r\n", "GET  /version HTTP/1.1\r\nHost: a\r\n\r\n", "GET /version HTTP/1.1\r\nHost a\r\n\r\n",
          "GET /version HTTP/1.1\r\n Host: a\r\n\r\n", "G@T /version HTTP/1.1\r\nHost: a\r\n\r\n"}) {
        expect_status(request, "400");
    }
    expect_status("GET /version HTTP/2.0\r\nHost: a\r\n\r\n", "505");
}

TEST_F(ServerLimitsTest, HostMustBeThereOnce) {
    start();
    const auto none = answer("GET /version HTTP/1.1\r\n\r\n");
    EXPECT_TRUE(none.starts_with("HTTP/1.1 400 ")) << none;
    const auto two = answer("GET /version HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
    EXPECT_TRUE(two.starts_with("HTTP/1.1 400 ")) << two;
    const auto old = answer("GET /version HTTP/1.0\r\n\r\n");
    EXPECT_TRUE(old.starts_with("HTTP/1.1 200 ")) << old;
    EXPECT_TRUE(has(old, "Connection: close"));
}

TEST_F(ServerLimitsTest, AmbiguousFramingIsRefused) {
    start();
    const std::string post = "POST /v1/records HTTP/1.1\r\nHost: a\r\nContent-Type: application/cose\r\n";
    for (const std::string framing :
         {"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", "Content-Length: 5\r\nContent-Length: 6\r\n",
          "Content-Length: -5\r\n", "Content-Length: 5, 6\r\n", "Content-Length: 99999999999999999999\r\n"}) {
        const auto response = answer(post + framing + "\r\n0\r\n\r\n");
        EXPECT_TRUE(response.starts_with("HTTP/1.1 400 ")) << framing << response;
        EXPECT_TRUE(has(response, "Connection: close")) << framing << response;
    }
}

TEST_F(ServerLimitsTest, LongTargetsAndHeadersAreRefused) {
    start();
    expect_status("GET /" + std::string(5000, 'a') + " HTTP/1.1\r\nHost: a\r\n\r\n", "414");
    expect_status("GET /" + std::string(20'000, 'a'), "414");
    expect_status("GET /version HTTP/1.1\r\nHost: a\r\nX: " + std::string(9000, 'a') + "\r\n\r\n", "431");
    std::string many = "GET /version HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 2000; ++i) many += "A: b\r\n";
    expect_status(many, "431");
    const auto fits = answer("GET /version HTTP/1.1\r\nHost: a\r\nX: " + std::string(7900, 'a') + "\r\n\r\n");
    EXPECT_TRUE(fits.starts_with("HTTP/1.1 200 ")) << fits;
}

TEST_F(ServerLimitsTest, AnnouncedBodyIsRefusedBeforeItIsSent) {
    server_options.limits.max_body_bytes = 1000;
    start();
    auto me = client();
    EXPECT_EQ(me.post("/v1/records", Bytes(1000, 'a'), "application/cose")->status, 200);
    test::expect_problem(me.post("/v1/records", Bytes(1001, 'a'), "application/cose"), 413, "too_large");
    test::expect_problem(me.post("/v1/records", Bytes(3 << 20, 'a'), "application/cose"), 413, "too_large");
    test::expect_problem(me.send("GET", "/v1/blocks", as_bytes("body"), "text/plain"), 413, "too_large");
}

// A member with a certificate over a raw connection.
class RawMemberTest : public ServerLimitsTest {
  protected:
    [[nodiscard]] RawTls::Options raw_member() const {
        return {.port = server->port(), .identity = client_member.tls()};
    }
    const std::string post = "POST /v1/records HTTP/1.1\r\nHost: a\r\nContent-Type: application/cose\r\n";
};

// As most libraries do: the request is written in full, then the answer is read.
TEST_F(RawMemberTest, ClientThatSendsItsWholeBodyFirstReadsWhyItWasRefused) {
    start();
    constexpr std::size_t kBody = 17 << 20;
    for (const std::string& framing : {fmt::format("Content-Length: {}\r\n\r\n", kBody),
                                       fmt::format("Transfer-Encoding: chunked\r\n\r\n{:x}\r\n", kBody)}) {
        RawTls client(raw_member());
        EXPECT_TRUE(client.send(post + framing + std::string(kBody, 'a'))) << framing;
        const auto response = client.read_response();
        EXPECT_TRUE(has(response, "HTTP/1.1 413 ")) << framing << response;
        EXPECT_TRUE(has(response, "\"code\":\"too_large\"")) << framing << response;
    }
}

TEST_F(RawMemberTest, NobodyIsLingeredForWithoutEnd) {
    server_options.limits.max_dropped_bytes = 1 << 20;
    server_options.limits.linger_timeout = milliseconds(300);
    start();
    const auto refused = post + "Content-Length: 10000000000\r\n\r\n";
    {
        RawTls much(raw_member());
        much.send(refused);
        std::size_t pieces = 0;  // of 64 KiB; a few MiB fit into the kernel's buffers
        while (pieces < 1000 && much.send(std::string(64 << 10, 'a'))) ++pieces;
        EXPECT_LT(pieces, 1000U);
    }
    RawTls slow(raw_member());
    slow.send(refused);
    const auto begun = std::chrono::steady_clock::now();
    while (server->connections() > 0 && std::chrono::steady_clock::now() - begun < milliseconds(5000)) {
        slow.send("a");
        std::this_thread::sleep_for(milliseconds(10));
    }
    EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(3000));
}

TEST_F(RawMemberTest, ChunkedBodyIsReadAndItsLimitCountsAllChunks) {
    server_options.limits.max_body_bytes = 10;
    start();
    {
        RawTls client(raw_member());
        client.send(post + "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n5;x=y\r\nfghij\r\n0\r\nTrailer: t\r\n\r\n");
        const auto response = client.read_response();
        EXPECT_TRUE(has(response, "HTTP/1.1 200 ")) << response;
        EXPECT_TRUE(has(response, "\"bytes\":10")) << response;
    }
    for (const std::string chunks : {"5\r\nabcde\r\n6\r\nfghijk\r\n0\r\n\r\n", "b\r\n", "fffffffff\r\n"}) {
        RawTls client(raw_member());
        client.send(post + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
        const auto response = client.read_response();
        EXPECT_TRUE(has(response, "HTTP/1.1 413 ")) << chunks << response;
        EXPECT_TRUE(has(response, "Connection: close"));
    }
    RawTls client(raw_member());
    client.send(post + "Transfer-Encoding: chunked\r\n\r\nnot hex\r\n");
    EXPECT_TRUE(has(client.read_response(), "HTTP/1.1 400 "));
}

TEST_F(RawMemberTest, BodyIsInvitedOnlyWhenItWillBeTaken) {
    start();
    RawTls client(raw_member());
    client.send(post + "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_EQ(client.read_response(), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send("body");
    EXPECT_TRUE(has(client.read_response(), "HTTP/1.1 200 "));
    client.send(post + "Content-Length: 2000000\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(has(client.read_response(), "HTTP/1.1 413 "));

    RawTls stranger(raw());
    stranger.send(post + "Content-Length: 4\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(has(stranger.read_response(), "HTTP/1.1 401 "));
    RawTls odd(raw_member());
    odd.send(post + "Content-Length: 4\r\nExpect: miracles\r\n\r\n");
    EXPECT_TRUE(has(odd.read_response(), "HTTP/1.1 417 "));
}

TEST_F(RawMemberTest, RequestsSentAheadAreAnsweredInOrder) {
    start();
    RawTls client(raw_member());
    std::string ahead;
    for (int i = 0; i < 20; ++i) {
        const auto body = (i % 3 == 0 ? "hold " : "record ") + std::to_string(i);
        ahead += post + fmt::format("X-Request-Id: r{}\r\nContent-Length: {}\r\n\r\n{}", i, body.size(), body);
    }
    client.send(ahead);
    for (int i = 0; i < 20; ++i) {
        if (i % 3 == 0) {
            backend.wait_for_held(1);
            backend.release();
        }
        EXPECT_TRUE(has(client.read_response(), fmt::format("X-Request-Id: r{}\r\n", i)));
    }
}

TEST_F(RawMemberTest, HalfClosedClientStillGetsItsAnswer) {
    start();
    RawTls client(raw_member());
    client.send(post + "Content-Length: 4\r\n\r\nhold");
    client.half_close();
    backend.wait_for_held(1);
    backend.release();
    EXPECT_TRUE(has(client.read_to_the_end(), "HTTP/1.1 200 "));
}

TEST_F(RawMemberTest, SlowBodyIsCutOff) {
    server_options.limits.body_timeout = milliseconds(100);
    start();
    RawTls client(raw_member());
    client.send(post + "Content-Length: 400\r\n\r\nbegun");
    const auto response = client.read_to_the_end();
    EXPECT_TRUE(has(response, "HTTP/1.1 408 ")) << response;
    EXPECT_TRUE(has(response, "\"code\":\"timeout\""));
}

TEST_F(ServerLimitsTest, SlowHeaderIsCutOffThoughBytesKeepComing) {
    server_options.limits.header_timeout = milliseconds(200);
    start();
    RawTls client(raw());
    client.send("GET /version HTTP/1.1\r\nHost: a\r\n");
    const auto begun = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begun < milliseconds(150)) {
        client.send("X-A: b\r\n");  // what keeps coming does not extend the deadline
        std::this_thread::sleep_for(milliseconds(20));
    }
    const auto response = client.read_to_the_end();
    EXPECT_LT(std::chrono::steady_clock::now() - begun, milliseconds(5000));
    EXPECT_TRUE(has(response, "HTTP/1.1 408 ")) << response;
}

TEST_F(ServerLimitsTest, ConnectionWithoutAHandshakeIsCutOff) {
    server_options.limits.handshake_timeout = milliseconds(100);
    start();
    RawTls silent({.port = server->port(), .handshake = false});
    EXPECT_EQ(silent.read_to_the_end(), "");
    while (server->connections() > 0) std::this_thread::yield();
}

TEST_F(ServerLimitsTest, IdleConnectionIsClosedWithoutAWord) {
    server_options.limits.idle_timeout = milliseconds(100);
    start();
    RawTls client(raw());
    client.send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(has(client.read_response(), "HTTP/1.1 200 "));
    EXPECT_EQ(client.read_to_the_end(), "");
}

TEST_F(ServerLimitsTest, UnansweredRequestEndsInATimeout) {
    server_options.limits.response_timeout = milliseconds(50);
    start();
    auto me = client();
    test::expect_problem(me.post("/v1/records", as_bytes("hold on"), "application/cose"), 504, "timeout");
    backend.release();  // too late, and not mistaken for the answer to what follows
    EXPECT_EQ(me.get("/v1/blocks/0")->status, 200);
}

TEST_F(ServerLimitsTest, ManyIdleConnectionsDoNotDisturb) {
    server_options.limits.max_connections = 600;
    server_options.limits.max_connections_per_address = 600;
    start();
    std::vector<std::unique_ptr<RawTls>> idle;
    for (int i = 0; i < 300; ++i) idle.push_back(std::make_unique<RawTls>(raw()));
    EXPECT_EQ(server->connections(), 300U);
    auto me = client();
    for (int i = 0; i < 20; ++i) EXPECT_EQ(me.get("/v1/blocks")->status, 200);
    idle.back()->send("GET /version HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(has(idle.back()->read_response(), "HTTP/1.1 200 "));
}

TEST_F(ServerLimitsTest, StrangersOfOneAddressMakeWayForEachOtherAndMembersDoNot) {
    server_options.limits.max_connections_per_address = 3;
    start();
    std::vector<std::unique_ptr<RawTls>> strangers;
    for (int i = 0; i < 4; ++i) {
        strangers.push_back(std::make_unique<RawTls>(raw()));
        EXPECT_TRUE(strangers.back()->secure());
    }
    EXPECT_EQ(strangers.front()->read_to_the_end(), "") << "the oldest made way";
    std::vector<decltype(client())> members;
    for (int i = 0; i < 3; ++i) {
        members.push_back(client());
        EXPECT_EQ(members.back().get("/v1/blocks")->status, 200);
    }
    EXPECT_FALSE(RawTls(raw()).secure()) << "all three connections are a member's";
    members.pop_back();
    while (server->connections() > 2) std::this_thread::yield();
    EXPECT_TRUE(RawTls(raw()).secure());
}

TEST_F(ServerLimitsTest, StrangersHoldHalfOfThePlacesAndSoDoesOneOrganization) {
    server_options.limits.max_connections = 4;
    start();
    std::vector<std::unique_ptr<RawTls>> strangers;
    for (int i = 0; i < 5; ++i) strangers.push_back(std::make_unique<RawTls>(raw()));
    EXPECT_TRUE(strangers.back()->secure());
    while (server->connections() > 2) std::this_thread::yield();
    std::vector<decltype(client())> members;
    for (int i = 0; i < 2; ++i) {
        members.push_back(client());
        EXPECT_EQ(members.back().get("/v1/blocks")->status, 200);
    }
    auto one_more = client();
    test::expect_problem(one_more.get("/v1/blocks"), 503, "busy");
    EXPECT_EQ(members.front().get("/v1/blocks")->status, 200);
}

}  // namespace
}  // namespace tally::gateway
