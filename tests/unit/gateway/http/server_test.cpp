// Start, stop, TLS and what the log and the metrics get to see.

#include "gateway/http/server.h"

#include <openssl/ssl.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <thread>

#include "tests/unit/gateway/gateway_fixture.h"
#include "tests/unit/gateway/raw_tls.h"

namespace tally::gateway {
namespace {

using std::chrono::milliseconds;
using test::RawTls;

class ServerTest : public test::GatewayTest {
  protected:
    [[nodiscard]] bool connects_with(int version) const {
        return RawTls({.port = server->port(), .max_version = version}).secure();
    }
};

TEST_F(ServerTest, OldVersionsOfTlsAreRefused) {
    start();
    EXPECT_FALSE(connects_with(TLS1_VERSION));
    EXPECT_FALSE(connects_with(TLS1_1_VERSION));
    EXPECT_TRUE(connects_with(TLS1_2_VERSION));
    EXPECT_TRUE(connects_with(TLS1_3_VERSION));
}

TEST_F(ServerTest, ServerThatCannotListenSaysWhy) {
    start();
    auto options = server_options;
    options.port = server->port();
    HttpServer second(options, *api);
    auto status = second.start();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::unavailable);
    options.address = "not an address";
    EXPECT_EQ(HttpServer(options, *api).start().error().code, Code::bad_configuration);
}

TEST_F(ServerTest, CertificateAndKeyMustFit) {
    start();
    auto options = server_options;
    options.tls.key_pem = authority.server().key.pem();
    auto status = HttpServer(options, *api).start();
    ASSERT_FALSE(status);
    EXPECT_EQ(status.error().code, Code::bad_configuration);
    options.tls.certificate_pem = "rubbish";
    EXPECT_FALSE(HttpServer(options, *api).start());
}

TEST_F(ServerTest, CertificateIsReplacedWithoutARestart) {
    start();
    auto before = client();
    EXPECT_EQ(before.get("/version")->status, 200);
    const test::Authority other("OrgB");
    ASSERT_TRUE(server->reload_tls(other.server().tls()));
    EXPECT_EQ(before.get("/version")->status, 200) << "connections that are open stay";
    const auto refused = anonymous().get("/version");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::certificate_untrusted);
    auto options = client_options();
    options.roots_pem = other.root().pem();
    EXPECT_EQ(HttpClient::create(options)->get("/version")->status, 200);
    EXPECT_FALSE(server->reload_tls({"rubbish", "rubbish"}));
    EXPECT_EQ(HttpClient::create(options)->get("/version")->status, 200);
}

TEST_F(ServerTest, StopFinishesWhatRuns) {
    start();
    Result<ClientResponse> answer = fail(Code::internal, "not yet");
    std::thread caller([&] { answer = client().post("/v1/records", as_bytes("hold"), "application/cose"); });
    backend.wait_for_held(1);
    RawTls idle({.port = server->port()});
    std::thread stopping([&] { server->stop(std::chrono::seconds(20)); });
    EXPECT_EQ(idle.read_to_the_end(), "");  // what only waits ends at once
    backend.release();
    caller.join();
    stopping.join();
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(answer->status, 200);
    EXPECT_EQ(answer->header("Connection"), "close");
    EXPECT_EQ(server->connections(), 0U);
    EXPECT_FALSE(RawTls({.port = server->port()}).secure());
}

TEST_F(ServerTest, StopCutsWhatDoesNotFinish) {
    start();
    std::thread caller([&] { EXPECT_FALSE(client().post("/v1/records", as_bytes("hold"), "application/cose")); });
    backend.wait_for_held(1);
    server->stop(milliseconds(50));
    caller.join();
    EXPECT_EQ(server->connections(), 0U);
    server.reset();
    backend.release();  // an answer for a server that is gone is harmless
}

TEST_F(ServerTest, StopTwiceIsStopOnce) {
    start();
    server->stop();
    server->stop();
}

TEST_F(ServerTest, AnswersFromOtherThreadsReachTheirRequests) {
    start();
    std::vector<std::thread> callers;
    for (int i = 0; i < 8; ++i) {
        callers.emplace_back([this, i] {
            auto me = client();
            for (int n = 0; n < 20; ++n) {
                const auto text = fmt::format("hold {} {}", i, n);
                const auto response = me.post("/v1/records", as_bytes(text), "application/cose");
                ASSERT_TRUE(response) << response.error().message;
                EXPECT_EQ(parsed(*response).at("transaction").at("result").at("bytes"), text.size());
            }
        });
    }
    std::atomic<bool> done = false;
    std::thread releasing([&] {
        while (!done) backend.release();
    });
    for (auto& caller : callers) caller.join();
    done = true;
    releasing.join();
}

TEST_F(ServerTest, ObserverSeesEachAnswerByItsRoute) {
    std::mutex mutex;
    std::vector<std::string> seen;
    server_options.observer = [&](const RequestRecord& record) {
        const std::lock_guard lock(mutex);
        seen.push_back(fmt::format("{} {} {} {}", record.method, record.route, record.status, record.who));
        EXPECT_GE(record.seconds, 0);
        EXPECT_LT(record.seconds, 60);
    };
    start();
    {
        auto me = client();
        ASSERT_TRUE(me.get("/v1/blocks/0?header_only=true"));
        ASSERT_TRUE(me.get("/nowhere"));
    }
    server->stop();
    EXPECT_EQ(seen, (std::vector<std::string>{"GET /v1/blocks/{number} 200 OrgA/client/meters-1", "GET  404 "}));
}

TEST_F(ServerTest, AccessLogHasOneLinePerRequestAndNoSecrets) {
    std::ostringstream lines;
    server_options.access_log =
        std::make_shared<spdlog::logger>("access", std::make_shared<spdlog::sinks::ostream_sink_mt>(lines));
    server_options.access_log->set_pattern("%v");
    start();
    ASSERT_TRUE(client().get("/v1/blocks?from=1", {{"X-Request-Id", "abc"}}));
    ASSERT_TRUE(anonymous().get("/a%20b\"who=admin", {{"Authorization", "Bearer secret"}}));
    ASSERT_TRUE(client().post("/v1/records", as_bytes("refuse internal"), "application/cose"));
    server->stop();
    const auto text = lines.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3) << text;
    EXPECT_NE(text.find("event=request id=abc method=GET path=/v1/blocks route=/v1/blocks status=200 ms="),
              std::string::npos)
        << text;
    EXPECT_NE(text.find("who=OrgA/client/meters-1"), std::string::npos) << text;
    EXPECT_NE(text.find("path=\"/a%20b\\\"who=admin\""), std::string::npos) << text;
    EXPECT_NE(text.find("note=\"internal: the record was refused as asked\""), std::string::npos) << text;
    EXPECT_EQ(text.find("secret"), std::string::npos) << text;
    EXPECT_EQ(text.find("from=1"), std::string::npos) << text;
}

}  // namespace
}  // namespace tally::gateway
