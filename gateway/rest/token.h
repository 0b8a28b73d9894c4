#pragma once
// The token by which a member that has no TLS client certificate says who it is: a JWT (RFC 7519) that it signs itself.
//
// JWS compact form (RFC 7515). Header: alg = "ES256" or "EdDSA" (RFC 8037), x5c = certificate chain (base64 DER, leaf
// first), typ optional; `crit` is refused, for nothing critical is understood. Claims: aud = the channel's name (or a
// list with it), iat, exp (at most 5 minutes after iat), nbf, iss, jti and scope optional; times are whole seconds. The
// scope "read" is for GET and HEAD alone, and such a token may live for 24 hours. The scope "read agreement:ID" is for
// GET and HEAD of /v1/agreements/ID and what is under it, and may live for 90 days. The leaf's key signs. A valid
// token proves possession of the leaf's key; whether the chain is trusted is for the Backend to say. Pure functions
// over borrowed input; callable from any thread. Failures: unauthenticated, with a sentence.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "crypto/key.h"
#include "crypto/x509.h"

namespace tally::gateway {

inline constexpr std::int64_t kMaxTokenLifetimeS = 300;
inline constexpr std::int64_t kMaxReadTokenLifetimeS = 24 * 3600;
inline constexpr std::int64_t kMaxAgreementTokenLifetimeS = 90 * 24 * 3600;
inline constexpr std::int64_t kTokenClockSkewS = 30;
inline constexpr std::size_t kMaxTokenBytes = 8 << 10;
inline constexpr std::size_t kMaxTokenChain = 6;

struct Token {
    crypto::Algorithm algorithm = crypto::Algorithm::p256;
    std::vector<crypto::Certificate> chain;  // leaf first, never empty
    std::vector<std::string> audience;
    std::int64_t issued_at_s = 0;
    std::int64_t expires_at_s = 0;
    std::int64_t not_before_s = 0;
    bool read_only = false;
    std::string agreement;    // the only one that it may read; empty: whatever the member may
    std::string signed_text;  // header.payload
    Bytes signature;
};

// The form alone.
[[nodiscard]] Result<Token> parse_token(std::string_view text);

// Signature, audience and times.
[[nodiscard]] Status check_token(const Token& token, std::string_view channel, std::int64_t now_ms);

// A member's token for reading alone, from `now_ms` on: of one agreement, unless that is empty. The chain is leaf
// first, without the root.
[[nodiscard]] std::string make_read_token(const crypto::PrivateKey& key, std::span<const crypto::Certificate> chain,
                                          std::string_view channel, std::int64_t now_ms, std::int64_t lifetime_s,
                                          std::string_view agreement = {});

}  // namespace tally::gateway
