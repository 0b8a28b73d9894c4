#include "gateway/rest/token.h"

#include <algorithm>
#include <array>

#include "chaincode/json/strict_json.h"
#include "chaincode/records/identifier.h"

namespace tally::gateway {

namespace {

namespace json = boost::json;

constexpr std::string_view kReadScope = "read";
constexpr std::string_view kAgreementScope = "read agreement:";

// Exactly three parts: header, payload, signature.
Result<std::array<std::string_view, 3>> split(std::string_view text) {
    const auto first = text.find('.');
    const auto second = first == std::string_view::npos ? first : text.find('.', first + 1);
    if (second == std::string_view::npos || text.find('.', second + 1) != std::string_view::npos) {
        return fail(Code::unauthenticated, "the token is not a JWS in compact form");
    }
    return std::array{text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
}

Result<json::object> decode_part(std::string_view part, std::string_view what) {
    const auto bytes = from_base64url(part);
    if (!bytes) return fail(Code::unauthenticated, "the {} is not base64url", what);
    auto value = chaincode::parse_json(as_text(*bytes), what, {.max_bytes = kMaxTokenBytes, .max_depth = 4});
    if (!value) return fail(Code::unauthenticated, "{}", value.error().message);
    if (!value->is_object()) return fail(Code::unauthenticated, "the {} is not an object", what);
    return std::move(value->get_object());
}

Result<std::vector<crypto::Certificate>> read_chain(const json::object& header) {
    const auto* list = header.if_contains("x5c");
    if (list == nullptr || !list->is_array() || list->get_array().empty()) {
        return fail(Code::unauthenticated, "the token's header has no certificate chain \"x5c\"");
    }
    if (list->get_array().size() > kMaxTokenChain) {
        return fail(Code::unauthenticated, "the token's certificate chain is longer than {}", kMaxTokenChain);
    }
    std::vector<crypto::Certificate> chain;
    for (const auto& entry : list->get_array()) {
        if (!entry.is_string())
            return fail(Code::unauthenticated, "the token's \"x5c\" has an entry that is no string");
        const auto der = from_base64(entry.get_string());
        if (!der) return fail(Code::unauthenticated, "the token's \"x5c\" has an entry that is not base64");
        auto certificate = crypto::Certificate::from_der(*der);
        if (!certificate) return fail(Code::unauthenticated, "the token's \"x5c\": {}", certificate.error().message);
        chain.push_back(std::move(*certificate));
    }
    return chain;
}

Status read_header(const json::object& header, Token& token) {
    const auto* algorithm = header.if_contains("alg");
    const std::string_view name =
        algorithm != nullptr && algorithm->is_string() ? std::string_view(algorithm->get_string()) : std::string_view();
    if (name != "ES256" && name != "EdDSA")
        return fail(Code::unauthenticated, "the token's \"alg\" must be ES256 or EdDSA");
    if (header.contains("crit"))
        return fail(Code::unauthenticated, "the token has critical extensions; none is known here");
    token.algorithm = name == "ES256" ? crypto::Algorithm::p256 : crypto::Algorithm::ed25519;
    token.chain = TRY(read_chain(header));
    return {};
}

Result<std::int64_t> read_time(const json::object& claims, std::string_view name) {
    const auto* value = claims.if_contains(name);
    constexpr std::int64_t kMax = 1'000'000'000'000;  // seconds: far beyond any use, so that sums cannot overflow
    if (value == nullptr || !value->is_int64() || value->get_int64() < 0 || value->get_int64() > kMax) {
        return fail(Code::unauthenticated, "the token's \"{}\" must be a time in whole seconds", name);
    }
    return value->get_int64();
}

Status read_scope(const json::value& scope, Token& token) {
    const std::string_view text = scope.is_string() ? std::string_view(scope.get_string()) : std::string_view();
    token.read_only = true;
    if (text == kReadScope) return {};
    if (text.starts_with(kAgreementScope) &&
        chaincode::check_identifier(text.substr(kAgreementScope.size()), "the agreement")) {
        token.agreement = text.substr(kAgreementScope.size());
        return {};
    }
    return fail(Code::unauthenticated, "the token's \"scope\" must be \"read\", \"read agreement:ID\" or absent");
}

Status read_claims(const json::object& claims, Token& token) {
    token.issued_at_s = TRY(read_time(claims, "iat"));
    token.expires_at_s = TRY(read_time(claims, "exp"));
    token.not_before_s = claims.contains("nbf") ? TRY(read_time(claims, "nbf")) : token.issued_at_s;
    const auto* audience = claims.if_contains("aud");
    if (audience != nullptr && audience->is_string()) {
        token.audience.emplace_back(audience->get_string());
    } else if (audience != nullptr && audience->is_array()) {
        for (const auto& entry : audience->get_array()) {
            if (entry.is_string()) token.audience.emplace_back(entry.get_string());
        }
    }
    if (const auto* scope = claims.if_contains("scope")) TRY(read_scope(*scope, token));
    if (token.audience.empty()) return fail(Code::unauthenticated, "the token has no audience \"aud\"");
    return {};
}

}  // namespace

Result<Token> parse_token(std::string_view text) {
    if (text.size() > kMaxTokenBytes)
        return fail(Code::unauthenticated, "the token is longer than {} bytes", kMaxTokenBytes);
    const auto parts = TRY(split(text));
    Token token;
    const auto header = TRY(decode_part(parts[0], "token's header"));
    TRY(read_header(header, token));
    const auto claims = TRY(decode_part(parts[1], "token's payload"));
    TRY(read_claims(claims, token));
    auto signature = from_base64url(parts[2]);
    if (!signature) return fail(Code::unauthenticated, "the token's signature is not base64url");
    token.signature = std::move(*signature);
    token.signed_text = text.substr(0, parts[0].size() + 1 + parts[1].size());
    return token;
}

Status check_token(const Token& token, std::string_view channel, std::int64_t now_ms) {
    if (std::find(token.audience.begin(), token.audience.end(), channel) == token.audience.end()) {
        return fail(Code::unauthenticated, "the token is not for the channel \"{}\"", channel);
    }
    const std::int64_t lifetime = token.expires_at_s - token.issued_at_s;
    const std::int64_t longest = !token.agreement.empty() ? kMaxAgreementTokenLifetimeS
                                 : token.read_only        ? kMaxReadTokenLifetimeS
                                                          : kMaxTokenLifetimeS;
    if (lifetime <= 0 || lifetime > longest) {
        return fail(Code::unauthenticated, "the token must live for 1 to {} seconds, not {}", longest, lifetime);
    }
    const std::int64_t now = now_ms / 1000;
    if (now >= token.expires_at_s + kTokenClockSkewS) return fail(Code::unauthenticated, "the token has expired");
    if (now < std::max(token.issued_at_s, token.not_before_s) - kTokenClockSkewS) {
        return fail(Code::unauthenticated, "the token is not valid yet");
    }
    const auto& key = token.chain.front().public_key();
    if (key.algorithm() != token.algorithm) {
        return fail(Code::unauthenticated, "the token's \"alg\" is not that of its certificate's key");
    }
    if (!key.verify(as_bytes(token.signed_text), token.signature)) {
        return fail(Code::unauthenticated, "the token's signature is wrong");
    }
    return {};
}

std::string make_read_token(const crypto::PrivateKey& key, std::span<const crypto::Certificate> chain,
                            std::string_view channel, std::int64_t now_ms, std::int64_t lifetime_s,
                            std::string_view agreement) {
    json::array certificates;
    for (const auto& certificate : chain) certificates.emplace_back(to_base64(certificate.der()));
    const json::object header{{"alg", key.algorithm() == crypto::Algorithm::p256 ? "ES256" : "EdDSA"},
                              {"typ", "JWT"},
                              {"x5c", std::move(certificates)}};
    const auto issued_s = now_ms / 1000;
    const auto scope =
        agreement.empty() ? std::string(kReadScope) : std::string(kAgreementScope) + std::string(agreement);
    const json::object claims{{"aud", channel}, {"iat", issued_s}, {"exp", issued_s + lifetime_s}, {"scope", scope}};
    const auto encode = [](const json::object& part) { return to_base64url(as_bytes(chaincode::json_text(part))); };
    auto text = encode(header) + "." + encode(claims);
    const auto signature = key.sign(as_bytes(text));
    return text + "." + to_base64url(signature);
}

}  // namespace tally::gateway
