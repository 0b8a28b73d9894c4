// Who a caller is: TLS certificates and bearer tokens, through the server.

#include <openssl/ssl.h>

#include "tests/unit/gateway/gateway_fixture.h"
#include "tests/unit/gateway/make_token.h"
#include "tests/unit/gateway/raw_tls.h"

namespace tally::gateway {
namespace {

using test::expect_problem;

class IdentityTest : public test::GatewayTest {
  protected:
    static HeaderFields bearer(const std::string& token) { return {{"Authorization", "Bearer " + token}}; }
    [[nodiscard]] std::string token_of(const test::Member& member, std::string_view channel = "metering",
                                       std::int64_t at_ms = now_ms(),
                                       std::chrono::seconds lifetime = std::chrono::minutes(2)) const {
        return test::make_token(member.key, member.chain, channel, at_ms, lifetime);
    }
    [[nodiscard]] std::string name_seen(HttpClient& client, HeaderFields headers = {}) const {
        const auto response = client.get("/v1/devices/dev-7", std::move(headers));
        EXPECT_EQ(response->status, 200) << response->body;
        return std::string(parsed(*response).at("as").as_string());
    }
};

TEST_F(IdentityTest, CertificateOrTokenBringsTheCallersName) {
    start();
    auto by_certificate = client();
    EXPECT_EQ(name_seen(by_certificate), "meters-1");
    auto by_token = anonymous();
    for (const auto algorithm : {crypto::Algorithm::p256, crypto::Algorithm::ed25519}) {
        const auto member = authority.member("meters-2", "client", algorithm);
        EXPECT_EQ(name_seen(by_token, bearer(token_of(member))), "meters-2");
    }
}

TEST_F(IdentityTest, TokenGoesBeforeTheCertificate) {
    start();
    auto both = client();
    EXPECT_EQ(name_seen(both, bearer(token_of(authority.member("meters-2", "client")))), "meters-2");
    expect_problem(both.get("/v1/blocks", bearer("rubbish")), 401, "unauthenticated");
}

TEST_F(IdentityTest, ChainMayHaveIntermediates) {
    start();
    const auto member = authority.behind_intermediate("meters-3");
    auto by_certificate = client_as(member);
    EXPECT_EQ(name_seen(by_certificate), "meters-3");
    auto by_token = anonymous();
    EXPECT_EQ(name_seen(by_token, bearer(token_of(member))), "meters-3");
}

TEST_F(IdentityTest, ResumedSessionStillHasTheWholeChain) {
    rest_options.identity_ttl = std::chrono::milliseconds(0);  // judged each time
    start();
    const std::string request = "GET /v1/devices/dev-7 HTTP/1.1\r\nHost: a\r\n\r\n";
    for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        test::RawTls::Options options{.port = server->port(),
                                      .identity = authority.behind_intermediate("meters-3").tls()};
        options.max_version = version;
        {
            test::RawTls first(options);
            first.send(request);
            const auto answer = first.read_response();
            EXPECT_NE(answer.find("\"as\":\"meters-3\""), std::string::npos) << answer;
            options.session = first.session();
            first.half_close();
        }
        test::RawTls second(options);
        EXPECT_TRUE(second.resumed());
        second.send(request);
        EXPECT_NE(second.read_response().find("\"as\":\"meters-3\""), std::string::npos);
    }
}

TEST_F(IdentityTest, BadTokensAreUnauthenticated) {
    start();
    const auto member = authority.member("meters-2", "client");
    const auto now = now_ms();
    auto tampered = token_of(member);
    tampered[tampered.size() - 10] = tampered[tampered.size() - 10] == 'A' ? 'B' : 'A';
    auto caller = anonymous();
    for (const auto& token : {token_of(member, "metering", now - 600'000), token_of(member, "metering", now + 600'000),
                              token_of(member, "billing"), token_of(member, "metering", now, std::chrono::seconds(301)),
                              tampered, std::string("a.b.c"), std::string("%")}) {
        expect_problem(caller.get("/v1/blocks", bearer(token)), 401, "unauthenticated");
    }
    expect_problem(caller.get("/v1/blocks", {{"Authorization", "Basic dTpw"}}), 401, "unauthenticated");
    EXPECT_EQ(caller.get("/v1/blocks", {{"Authorization", "bEaReR " + token_of(member)}})->status, 200);
}

TEST_F(IdentityTest, StrangersAndTheExpiredAreUnauthenticatedWithTheReason) {
    start();
    const auto stranger = test::Authority("OrgA").member("meters-1", "client");
    auto by_certificate = client_as(stranger);
    expect_problem(by_certificate.get("/v1/blocks"), 401, "certificate_untrusted");
    auto caller = anonymous();
    expect_problem(caller.get("/v1/blocks", bearer(token_of(stranger))), 401, "certificate_untrusted");
    const auto expired = authority.expired_member("meters-4");
    auto late = client_as(expired);
    expect_problem(late.get("/v1/blocks"), 401, "certificate_expired");
    expect_problem(caller.get("/v1/blocks", bearer(token_of(expired))), 401, "certificate_expired");
    EXPECT_EQ(late.get("/version")->status, 200);
}

TEST_F(IdentityTest, KnownMemberWithoutARoleIsForbidden) {
    start();
    auto visitor = client_as(authority.member("v", "visitor"));
    expect_problem(visitor.get("/v1/blocks"), 403, "permission_denied");
}

TEST_F(IdentityTest, JudgementIsRememberedForAWhile) {
    std::atomic<std::int64_t> clock = now_ms();
    std::atomic<std::int64_t> steady = 5'000;
    rest_options.now_ms = [&clock] { return clock.load(); };
    rest_options.steady_ms = [&steady] { return steady.load(); };
    start();
    const auto member = authority.member("meters-2", "client");
    const auto token = bearer(token_of(member, "metering", clock));
    auto caller = anonymous();
    for (int i = 0; i < 5; ++i) EXPECT_EQ(caller.get("/v1/blocks", token)->status, 200);
    EXPECT_EQ(backend.identified(), 1U);
    clock -= 60'000;  // a clock that is set back keeps no judgement for longer
    steady += 10'001;
    EXPECT_EQ(caller.get("/v1/blocks", token)->status, 200);
    EXPECT_EQ(backend.identified(), 2U);
    clock += 60'000 + 160'002;
    expect_problem(caller.get("/v1/blocks", token), 401, "unauthenticated");
    EXPECT_EQ(backend.identified(), 2U);
    server.reset();  // before the clock goes
}

}  // namespace
}  // namespace tally::gateway
