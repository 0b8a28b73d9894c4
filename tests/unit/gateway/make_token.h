#pragma once
// A member's token (gateway/rest/token.h), as its client makes it: what follows `Authorization: Bearer`.

#include <boost/json.hpp>
#include <chrono>
#include <span>
#include <string>

#include "crypto/x509.h"

namespace tally::gateway::test {

inline std::string make_token(const crypto::PrivateKey& key, std::span<const crypto::Certificate> chain,
                              std::string_view channel, std::int64_t now_ms,
                              std::chrono::seconds lifetime = std::chrono::minutes(2)) {
    const bool is_p256 = key.algorithm() == crypto::Algorithm::p256;
    boost::json::array certificates;
    for (const auto& certificate : chain) certificates.emplace_back(to_base64(certificate.der()));
    const boost::json::object header{
        {"alg", is_p256 ? "ES256" : "EdDSA"}, {"typ", "JWT"}, {"x5c", std::move(certificates)}};
    const std::int64_t now = now_ms / 1000;
    const boost::json::object claims{{"aud", channel}, {"iat", now}, {"exp", now + std::int64_t{lifetime.count()}}};
    const auto encode = [](const boost::json::object& part) {
        return to_base64url(as_bytes(boost::json::serialize(part)));
    };
    const std::string signed_text = encode(header) + "." + encode(claims);
    return signed_text + "." + to_base64url(key.sign(as_bytes(signed_text)));
}

}  // namespace tally::gateway::test
