#include "tests/unit/gateway/gateway_fixture.h"

#include <chrono>

#include "crypto/clocks.h"

namespace tally::gateway::test {

namespace {
constexpr std::int64_t kHourMs = 3'600'000;
}

TlsIdentity Member::tls() const {
    TlsIdentity identity;
    for (const auto& certificate : chain) identity.certificate_pem += certificate.pem();
    identity.key_pem = key.pem();
    return identity;
}

Authority::Authority(const std::string& organization)
    : organization_(organization),
      key_(crypto::PrivateKey::generate(crypto::Algorithm::p256)),
      root_(crypto::issue_root(key_, {"root." + organization, organization, "admin"}, now_ms() - kHourMs,
                               now_ms() + kHourMs)) {}

Member Authority::issue(crypto::Issue what, crypto::PrivateKey key) const {
    auto certificate = crypto::issue(key_, root_, what);
    EXPECT_TRUE(certificate) << certificate.error().message;
    return {std::move(key), {*certificate}};
}

Member Authority::member(const std::string& name, const std::string& role, crypto::Algorithm algorithm) const {
    auto key = crypto::PrivateKey::generate(algorithm);
    crypto::Issue what{.subject = {name, organization_, role}, .key = key.public_key()};
    what.not_before_ms = now_ms() - kHourMs / 2;
    what.not_after_ms = now_ms() + kHourMs / 2;
    what.tls_client = true;
    return issue(what, std::move(key));
}

Member Authority::expired_member(const std::string& name) const {
    auto key = crypto::PrivateKey::generate(crypto::Algorithm::p256);
    crypto::Issue what{.subject = {name, organization_, "client"}, .key = key.public_key()};
    what.not_before_ms = now_ms() - kHourMs / 2;
    what.not_after_ms = now_ms() - kHourMs / 4;
    return issue(what, std::move(key));
}

Member Authority::behind_intermediate(const std::string& name) const {
    auto authority_key = crypto::PrivateKey::generate(crypto::Algorithm::p256);
    crypto::Issue authority{.subject = {"intermediate", organization_, "admin"}, .key = authority_key.public_key()};
    authority.not_before_ms = now_ms() - kHourMs / 2;
    authority.not_after_ms = now_ms() + kHourMs / 2;
    authority.ca = true;
    const auto intermediate = issue(authority, std::move(authority_key));
    auto key = crypto::PrivateKey::generate(crypto::Algorithm::p256);
    crypto::Issue what{.subject = {name, organization_, "client"}, .key = key.public_key()};
    what.not_before_ms = authority.not_before_ms;
    what.not_after_ms = authority.not_after_ms;
    auto leaf = crypto::issue(intermediate.key, intermediate.chain.front(), what);
    EXPECT_TRUE(leaf) << leaf.error().message;
    return {std::move(key), {*leaf, intermediate.chain.front()}};
}

Member Authority::server() const {
    auto key = crypto::PrivateKey::generate(crypto::Algorithm::p256);
    crypto::Issue what{.subject = {"gateway", organization_, "peer"}, .key = key.public_key()};
    what.not_before_ms = now_ms() - kHourMs / 2;
    what.not_after_ms = now_ms() + kHourMs / 2;
    what.dns_or_ip = {"localhost", "127.0.0.1"};
    what.tls_server = true;
    return issue(what, std::move(key));
}

void GatewayTest::start() {
    server_options.tls = authority.server().tls();
    api = operations_only ? std::make_unique<RestApi>(backend, rest_options)
                          : std::make_unique<RestApi>(backend, Backend{backend, backend, backend}, rest_options);
    server = std::make_unique<HttpServer>(server_options, *api);
    const auto started = server->start();
    ASSERT_TRUE(started) << started.error().message;
}

ClientOptions GatewayTest::client_options() const {
    ClientOptions options;
    options.base_url = fmt::format("https://127.0.0.1:{}", server->port());
    options.roots_pem = authority.root().pem();
    options.timeout = std::chrono::seconds(10);
    return options;
}

HttpClient GatewayTest::client_as(const Member& member) const {
    auto options = client_options();
    options.identity = member.tls();
    auto made = HttpClient::create(options);
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
}

HttpClient GatewayTest::anonymous() const {
    auto made = HttpClient::create(client_options());
    EXPECT_TRUE(made) << made.error().message;
    return std::move(*made);
}

void expect_problem(const Result<ClientResponse>& response, int status, std::string_view code) {
    ASSERT_TRUE(response) << response.error().message;
    EXPECT_EQ(response->status, status) << response->body;
    EXPECT_EQ(response->header("Content-Type"), "application/problem+json");
    const auto document = json::parse(response->body).as_object();
    EXPECT_EQ(document.at("status"), status);
    EXPECT_EQ(std::string_view(document.at("code").as_string()), code);
    EXPECT_EQ(std::string_view(document.at("type").as_string()), fmt::format("urn:tally:problem:{}", code));
    EXPECT_FALSE(document.at("title").as_string().empty());
    EXPECT_TRUE(document.at("detail").is_string());
    EXPECT_EQ(std::string_view(document.at("instance").as_string()),
              fmt::format("urn:tally:request:{}", response->header("X-Request-Id")));
}

}  // namespace tally::gateway::test
