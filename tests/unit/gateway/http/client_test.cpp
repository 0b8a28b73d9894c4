#include "gateway/http/client.h"

#include "tests/unit/gateway/gateway_fixture.h"

namespace tally::gateway {
namespace {

class ClientTest : public test::GatewayTest {};

TEST_F(ClientTest, ConnectionIsKept) {
    start();
    auto me = client();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(me.get("/version"));
    EXPECT_EQ(server->connections(), 1U);
}

TEST_F(ClientTest, ConnectionThatTheServerClosedIsReplaced) {
    server_options.limits.idle_timeout = std::chrono::milliseconds(20);
    start();
    auto me = client();
    ASSERT_TRUE(me.get("/version"));
    while (server->connections() > 0) sched_yield();
    const auto response = me.get("/version");
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, 200);
}

TEST_F(ClientTest, NameAndRootMustBeRight) {
    server_options.address = "0.0.0.0";
    start();
    auto options = client_options();
    options.base_url = fmt::format("https://localhost:{}", server->port());
    EXPECT_EQ(HttpClient::create(options)->get("/version")->status, 200);
    options.base_url = fmt::format("https://127.0.0.2:{}", server->port());
    EXPECT_EQ(HttpClient::create(options)->get("/version").error().code, Code::certificate_untrusted);
    options = client_options();
    options.roots_pem = test::Authority("Elsewhere").root().pem();
    EXPECT_EQ(HttpClient::create(options)->get("/version").error().code, Code::certificate_untrusted);
}

TEST_F(ClientTest, OnlyHttpsUrlsAreTaken) {
    start();
    for (const std::string url : {"", "localhost", "http://localhost", "https://", "https:///x"}) {
        auto options = client_options();
        options.base_url = url;
        const auto made = HttpClient::create(options);
        ASSERT_FALSE(made) << url;
        EXPECT_EQ(made.error().code, Code::invalid_argument);
    }
}

TEST_F(ClientTest, PathOfTheBaseUrlComesFirst) {
    start();
    auto options = client_options();
    options.base_url += "/v1/";
    options.identity = client_member.tls();
    EXPECT_EQ(HttpClient::create(options)->get("/blocks")->status, 200);
}

TEST_F(ClientTest, SilenceEndsInATimeout) {
    start();
    auto options = client_options();
    options.identity = client_member.tls();
    options.timeout = std::chrono::milliseconds(100);
    auto me = *HttpClient::create(options);
    EXPECT_EQ(me.post("/v1/records", as_bytes("hold"), "application/cose").error().code, Code::timeout);
    backend.release();
    EXPECT_EQ(me.get("/version")->status, 200);
    std::atomic<bool> stop = false;
    EXPECT_EQ(me.stream("/v1/events", {}, [](std::string_view) { return true; }, stop).error().code, Code::timeout);
}

TEST_F(ClientTest, NobodyThereIsUnavailable) {
    start();
    auto options = client_options();
    server->stop();
    EXPECT_EQ(HttpClient::create(options)->get("/version").error().code, Code::unavailable);
}

TEST_F(ClientTest, AnswerIsBounded) {
    start();
    auto options = client_options();
    options.max_response_bytes = 100;
    auto me = *HttpClient::create(options);
    EXPECT_EQ(me.get("/version")->status, 200);
    const auto response = me.get("/v1/openapi.json");
    ASSERT_FALSE(response);
    EXPECT_EQ(response.error().code, Code::too_large) << response.error().message;
}

TEST_F(ClientTest, StreamEndsByItsFlag) {
    start();
    std::atomic<bool> stop = false;
    auto me = client();
    const auto ended = me.stream(
        "/v1/events", {},
        [&](std::string_view) {
            stop = true;
            return true;
        },
        stop);
    EXPECT_TRUE(ended) << ended.error().message;
}

TEST_F(ClientTest, RefusedStreamComesBackAsAProblem) {
    start();
    std::atomic<bool> stop = false;
    auto stranger = anonymous();
    test::expect_problem(
        stranger.stream("/v1/events", {}, [](std::string_view) { return true; }, stop), 401, "unauthenticated");
}

}  // namespace
}  // namespace tally::gateway
