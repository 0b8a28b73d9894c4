#include "gateway/rest/authenticator.h"

#include "gateway/rest/token.h"

namespace tally::gateway {

namespace {

constexpr std::size_t kRemembered = 8192;
constexpr std::int64_t kRefusalTtlMs = 1000;

// "Bearer <token>" (RFC 6750); the scheme's name is case-insensitive.
Result<std::string_view> bearer(std::string_view authorization) {
    constexpr std::string_view kScheme = "bearer ";
    bool matches = authorization.size() > kScheme.size();
    for (std::size_t i = 0; matches && i < kScheme.size(); ++i) {
        const char c = authorization[i];
        matches = (c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c) == kScheme[i];
    }
    if (!matches) return fail(Code::unauthenticated, "the only authorization scheme is Bearer");
    return authorization.substr(kScheme.size());
}

// `agreement`: the only one that may be read; empty: all.
bool may_read(const std::string& agreement, const Target& target) {
    const auto& path = target.segments;
    return agreement.empty() ||
           (path.size() >= 3 && path[0] == "v1" && path[1] == "agreements" && path[2] == agreement);
}

crypto::Hash id_of(std::span<const crypto::Certificate> chain) {
    crypto::Sha256 digest;
    for (const auto& certificate : chain) digest.update(certificate.fingerprint().view());
    return digest.finish();
}

}  // namespace

Authenticator::Authenticator(Operations& operations, std::chrono::milliseconds identity_ttl, NowMs now_ms,
                             NowMs steady_ms)
    : operations_(operations),
      identity_ttl_ms_(identity_ttl.count()),
      now_ms_(std::move(now_ms)),
      steady_ms_(std::move(steady_ms)),
      channel_(operations.channel()),
      tokens_(kRemembered),
      identities_(kRemembered) {}

Result<Authenticator::Identity> Authenticator::identify(const Request& request,
                                                        const std::function<Status()>& before_work,
                                                        bool configuration) {
    if (!request.authorization.empty()) {
        const auto token = TRY(bearer(request.authorization));
        const auto verified = TRY(verify_token(token, before_work));
        if (verified.read_only && request.method != Method::get && request.method != Method::head)
            return fail(Code::permission_denied, "the token is for reading alone: GET and HEAD");
        if (!may_read(verified.agreement, request.target))
            return fail(Code::permission_denied, "the token is for the agreement {} alone: /v1/agreements/{}",
                        verified.agreement, verified.agreement);
        return judge(*verified.chain, verified.chain_id, before_work, configuration);
    }
    if (request.peer->chain_fault) return std::unexpected(*request.peer->chain_fault);
    if (request.peer->chain.empty()) {
        return fail(Code::unauthenticated, "this needs a TLS client certificate or a bearer token");
    }
    return judge(request.peer->chain, request.peer->chain_id, before_work, configuration);
}

Result<Authenticator::Verified> Authenticator::verify_token(std::string_view text,
                                                            const std::function<Status()>& before_work) {
    const auto key = crypto::sha256(as_bytes(text));
    const auto now = now_ms_();
    if (auto known = tokens_.find(key, now)) return std::move(*known);
    TRY(before_work());
    auto token = TRY(parse_token(text));
    TRY(check_token(token, channel_, now));
    Verified verified{std::make_shared<const std::vector<crypto::Certificate>>(std::move(token.chain)),
                      {},
                      token.read_only,
                      token.agreement};
    verified.chain_id = id_of(*verified.chain);
    tokens_.insert(key, verified, (token.expires_at_s + kTokenClockSkewS) * 1000);
    return verified;
}

Result<Authenticator::Identity> Authenticator::judge(Chain chain, const crypto::Hash& chain_id,
                                                     const std::function<Status()>& before_work, bool configuration) {
    const auto now = steady_ms_();  // a clock that is set back must not keep a verdict for longer
    const auto key = configuration ? crypto::sha256({as_bytes("configuration"), chain_id.view()}) : chain_id;
    if (auto known = identities_.find(key, now)) return std::move(*known);
    TRY(before_work());
    auto caller = configuration ? operations_.identify_for_configuration(chain) : operations_.identify(chain);
    Result<Identity> identity;
    if (caller) {
        identity = std::make_shared<const Caller>(std::move(*caller));
    } else {
        identity = std::unexpected(caller.error());
    }
    identities_.insert(key, identity, now + (identity ? identity_ttl_ms_ : std::min(identity_ttl_ms_, kRefusalTtlMs)));
    return identity;
}

}  // namespace tally::gateway
