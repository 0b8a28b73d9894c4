#pragma once
// What is behind PublicKey and PrivateKey. For this room's own sources only.

#include <array>

#include "crypto/key.h"
#include "crypto/openssl_handle.h"

namespace tally::crypto {

struct PublicKey::Impl {
    Algorithm algorithm = Algorithm::p256;
    bool only_certifies = false;
    Bytes raw;
    Bytes spki;
    Hash fingerprint;
    OpenSslHandle<evp_pkey_st> key;
};

struct PrivateKey::Impl {
    explicit Impl(PublicKey public_part) : public_key(std::move(public_part)) {}
    Impl(const Impl&) = delete;
    Impl& operator=(const Impl&) = delete;
    ~Impl();  // wipes the secret

    PublicKey public_key;
    std::array<std::uint8_t, 32> secret{};
    OpenSslHandle<evp_pkey_st> key;
};

// A certificate's or request's key; P-384 only where the holder is a certification authority.
[[nodiscard]] Result<PublicKey> public_key_from(evp_pkey_st* key, bool p384_allowed);

}  // namespace tally::crypto
