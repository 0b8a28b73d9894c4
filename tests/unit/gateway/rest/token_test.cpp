#include "gateway/rest/token.h"

#include <gtest/gtest.h>

#include "chaincode/json/strict_json.h"
#include "tests/unit/gateway/gateway_fixture.h"
#include "tests/unit/gateway/make_token.h"
#include "tests/unit/gateway/rest/token_vectors.h"

namespace tally::gateway {
namespace {

namespace json = boost::json;

constexpr std::int64_t kIssuedMs = 1'780'000'000'000;

// A token with any header and any claims, signed properly or as asked.
class TokenTest : public testing::Test {
  protected:
    TokenTest() {
        header = {{"alg", "ES256"}, {"x5c", {to_base64(member.chain.front().der())}}};
        claims = {{"aud", "metering"}, {"iat", kIssuedMs / 1000}, {"exp", kIssuedMs / 1000 + 60}};
    }

    [[nodiscard]] std::string text() const {
        const auto encode = [](const json::object& part) { return to_base64url(as_bytes(chaincode::json_text(part))); };
        const auto signed_text = encode(header) + "." + encode(claims);
        return signed_text + "." + to_base64url(member.key.sign(as_bytes(signed_text)));
    }

    static Status judge(std::string_view text, std::int64_t now_ms = kIssuedMs, std::string_view channel = "metering") {
        const auto token = TRY(parse_token(text));
        return check_token(token, channel, now_ms);
    }

    void expect_refused(std::string_view sentence, std::int64_t now_ms = kIssuedMs) const {
        const auto status = judge(text(), now_ms);
        ASSERT_FALSE(status) << sentence;
        EXPECT_EQ(status.error().code, Code::unauthenticated);
        EXPECT_NE(status.error().message.find(sentence), std::string::npos) << status.error().message;
    }

    const test::Authority authority{"OrgA"};
    const test::Member member = authority.member("meters-1", "client");
    json::object header, claims;
};

TEST_F(TokenTest, TokensOfAnotherImplementationAreAccepted) {
    for (const auto text : {test::kEs256Token, test::kEdDsaToken}) {
        const auto token = parse_token(text);
        ASSERT_TRUE(token) << token.error().message;
        EXPECT_EQ(token->chain.front().subject().common_name, "meters-1");
        EXPECT_EQ(token->audience, (std::vector<std::string>{"metering", "other"}));
        EXPECT_TRUE(judge(text));
        EXPECT_TRUE(judge(text, kIssuedMs, "other"));
        EXPECT_FALSE(judge(text, kIssuedMs, "third"));
    }
}

TEST_F(TokenTest, TokensOfBothAlgorithmsAreAccepted) {
    EXPECT_TRUE(judge(text()));
    for (const auto algorithm : {crypto::Algorithm::p256, crypto::Algorithm::ed25519}) {
        const auto one = authority.member("m", "client", algorithm);
        const auto status = judge(test::make_token(one.key, one.chain, "metering", kIssuedMs));
        EXPECT_TRUE(status) << status.error().message;
    }
}

TEST_F(TokenTest, TimesAreCheckedWithALittleSkew) {
    EXPECT_TRUE(judge(text(), kIssuedMs + 89'000));
    expect_refused("expired", kIssuedMs + 90'000);
    EXPECT_TRUE(judge(text(), kIssuedMs - 30'000));
    expect_refused("not valid yet", kIssuedMs - 31'000);
    claims["nbf"] = kIssuedMs / 1000 + 40;
    expect_refused("not valid yet");
}

TEST_F(TokenTest, LifetimeIsBounded) {
    claims["exp"] = kIssuedMs / 1000 + 300;
    EXPECT_TRUE(judge(text()));
    for (const std::int64_t lifetime : {301, 0, -1, 1'000'000}) {
        claims["exp"] = kIssuedMs / 1000 + lifetime;
        expect_refused("must live for 1 to 300 seconds");
    }
}

TEST_F(TokenTest, TimesMustBeWholeSeconds) {
    for (const json::value& time :
         std::initializer_list<json::value>{"1780000000", -1, nullptr, INT64_MAX, UINT64_MAX}) {
        claims["iat"] = time;
        expect_refused("\"iat\" must be a time");
    }
    claims.erase("iat");
    expect_refused("\"iat\" must be a time");
}

TEST_F(TokenTest, AudienceMustBeTheChannel) {
    for (const json::value& audience : std::initializer_list<json::value>{"billing", {"billing", "Metering"}}) {
        claims["aud"] = audience;
        expect_refused("not for the channel");
    }
    claims["aud"] = 7;
    expect_refused("no audience");
    claims.erase("aud");
    expect_refused("no audience");
}

TEST_F(TokenTest, AlgorithmMustBeOneOfTwo) {
    for (const json::value& algorithm :
         std::initializer_list<json::value>{"none", "None", "HS256", "RS256", "ES384", "es256", 7}) {
        header["alg"] = algorithm;
        expect_refused("must be ES256 or EdDSA");
    }
}

TEST_F(TokenTest, UnsignedTokenIsRefused) {
    header["alg"] = "none";
    const auto signed_text = text();
    EXPECT_FALSE(judge(signed_text.substr(0, signed_text.rfind('.') + 1)));
    header["alg"] = "ES256";
    const auto proper = text();
    EXPECT_FALSE(judge(proper.substr(0, proper.rfind('.') + 1)));
    EXPECT_FALSE(judge(proper.substr(0, proper.rfind('.'))));
}

TEST_F(TokenTest, AlgorithmMustFitTheKey) {
    header["alg"] = "EdDSA";
    expect_refused("not that of its certificate's key");
}

TEST_F(TokenTest, CriticalExtensionsAreNotUnderstood) {
    header["crit"] = {"b64"};
    header["b64"] = false;
    expect_refused("critical");
}

TEST_F(TokenTest, AnyChangedCharacterIsNoticed) {
    const auto original = text();
    for (std::size_t i = 0; i < original.size(); i += 7) {
        auto changed = original;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(judge(changed)) << "at " << i;
    }
}

TEST_F(TokenTest, KeyMustBeThatOfTheLeaf) {
    header["x5c"] = {to_base64(authority.member("other", "client").chain.front().der())};
    expect_refused("signature is wrong");
}

TEST_F(TokenTest, ChainMustBeReadable) {
    const auto good = to_base64(member.chain.front().der());
    for (const json::value& chain : std::initializer_list<json::value>{
             nullptr, json::array{}, "text", {7}, {"*"}, {"AAAA"}, {good, good, good, good, good, good, good}}) {
        header["x5c"] = chain;
        EXPECT_FALSE(judge(text())) << chaincode::json_text(chain);
    }
    header.erase("x5c");
    expect_refused("x5c");
}

TEST_F(TokenTest, FormMustBeCompact) {
    const auto good = text();
    for (const std::string& bad : {std::string(), std::string("."), std::string(".."), std::string("a.b"), good + ".",
                                   good + " ", "." + good, std::string(9000, 'a'), good + "="}) {
        EXPECT_FALSE(judge(bad)) << bad.substr(0, 20);
    }
}

TEST_F(TokenTest, TokensForReadingMayLiveForADay) {
    claims["exp"] = kIssuedMs / 1000 + 24 * 3600;
    expect_refused("must live for 1 to 300 seconds");
    claims["scope"] = "read";
    const auto token = parse_token(text());
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_TRUE(token->read_only);
    EXPECT_TRUE(judge(text(), kIssuedMs + 23 * 3'600'000));
    claims["exp"] = kIssuedMs / 1000 + 24 * 3600 + 1;
    expect_refused("must live for 1 to 86400 seconds");
}

TEST_F(TokenTest, ScopesThatAreNotKnownAreRefused) {
    for (const json::value& scope :
         {json::value("write"), json::value("read write"), json::value(""), json::value(1)}) {
        claims["scope"] = scope;
        expect_refused("\"scope\" must be \"read\"");
    }
}

TEST_F(TokenTest, ATokenOfOneAgreementNamesIt) {
    const auto reader = authority.member("reader", "client", crypto::Algorithm::p256);
    constexpr std::int64_t kMost_s = 90 * 24 * 3600;
    const auto made = make_read_token(reader.key, reader.chain, "metering", kIssuedMs, kMost_s, "a-1");
    const auto token = parse_token(made);
    ASSERT_TRUE(token) << token.error().message;
    EXPECT_TRUE(token->read_only);
    EXPECT_EQ(token->agreement, "a-1");
    EXPECT_TRUE(judge(made, kIssuedMs + (kMost_s - 1) * 1000));
    EXPECT_FALSE(
        judge(make_read_token(reader.key, reader.chain, "metering", kIssuedMs, kMost_s + 1, "a-1"), kIssuedMs));
    EXPECT_FALSE(judge(make_read_token(reader.key, reader.chain, "metering", kIssuedMs, kMost_s), kIssuedMs));
    for (const auto* scope : {"read agreement:", "read agreement:a/1", "read agreement:a 1", "write agreement:a"}) {
        claims["scope"] = scope;
        expect_refused("\"scope\" must be \"read\"");
    }
}

TEST_F(TokenTest, MadeTokensForReadingAreAccepted) {
    for (const auto algorithm : {crypto::Algorithm::p256, crypto::Algorithm::ed25519}) {
        const auto reader = authority.member("reader", "client", algorithm);
        const auto made = make_read_token(reader.key, reader.chain, "metering", kIssuedMs, 3600);
        const auto token = parse_token(made);
        ASSERT_TRUE(token) << token.error().message;
        EXPECT_TRUE(token->read_only);
        EXPECT_EQ(token->expires_at_s - token->issued_at_s, 3600);
        EXPECT_TRUE(judge(made, kIssuedMs + 3'500'000));
        EXPECT_FALSE(judge(made, kIssuedMs + 3'700'000));
    }
}

}  // namespace
}  // namespace tally::gateway
