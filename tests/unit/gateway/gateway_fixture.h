#pragma once
// A consortium's certificates, and a real server on loopback in front of the fake ledger.

#include <gtest/gtest.h>

#include <boost/json/parse.hpp>
#include <memory>
#include <string>

#include "crypto/clocks.h"
#include "crypto/x509.h"
#include "gateway/http/client.h"
#include "gateway/http/server.h"
#include "gateway/rest/api.h"
#include "tests/unit/gateway/fake_backend.h"

namespace tally::gateway::test {

struct Member {
    crypto::PrivateKey key;
    std::vector<crypto::Certificate> chain;

    [[nodiscard]] TlsIdentity tls() const;
};

class Authority {
  public:
    explicit Authority(const std::string& organization);
    [[nodiscard]] Member member(const std::string& name, const std::string& role,
                                crypto::Algorithm algorithm = crypto::Algorithm::p256) const;
    [[nodiscard]] Member expired_member(const std::string& name) const;
    [[nodiscard]] Member behind_intermediate(const std::string& name) const;
    [[nodiscard]] Member server() const;  // for localhost and 127.0.0.1
    [[nodiscard]] const crypto::Certificate& root() const { return root_; }

  private:
    [[nodiscard]] Member issue(crypto::Issue what, crypto::PrivateKey key) const;

    const std::string organization_;
    const crypto::PrivateKey key_;
    const crypto::Certificate root_;
};

class GatewayTest : public testing::Test {
  protected:
    // Options may be changed before.
    void start();
    [[nodiscard]] HttpClient client() const { return client_as(client_member); }
    [[nodiscard]] HttpClient client_as(const Member& member) const;
    [[nodiscard]] HttpClient anonymous() const;
    [[nodiscard]] ClientOptions client_options() const;

    [[nodiscard]] static json::object parsed(const ClientResponse& response) {
        return json::parse(response.body).as_object();
    }

    const Authority authority{"OrgA"};
    const Member client_member = authority.member("meters-1", "client");
    FakeBackend backend{authority.root()};
    RestOptions rest_options;
    ServerOptions server_options;
    bool operations_only = false;  // a test may change it before start
    std::unique_ptr<RestApi> api;
    std::unique_ptr<HttpServer> server;
};

// A problem document (RFC 9457) with this status and code; its shape is checked too.
void expect_problem(const Result<ClientResponse>& response, int status, std::string_view code);

}  // namespace tally::gateway::test
