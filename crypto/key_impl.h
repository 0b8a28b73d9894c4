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
    std::array<std::uint8_t, 32> secret{};  // zero where the key is in a token
    OpenSslHandle<evp_pkey_st> key;
    std::string token;  // the URI of a key in a token; else empty
};

// A request's or private key's public part.
[[nodiscard]] Result<PublicKey> public_key_from(evp_pkey_st* key);
// A certificate's key; P-384 only where the holder is a certification authority.
[[nodiscard]] Result<PublicKey> certified_key_from(ByteView spki, bool p384_allowed);

// How certificates and lists may be signed.
enum class CertificateSignature { unknown, ecdsa_sha256, ecdsa_sha384, ecdsa_sha512, ed25519 };
[[nodiscard]] bool verify_certificate_signature(const PublicKey& key, CertificateSignature algorithm, ByteView message,
                                                ByteView signature);

}  // namespace tally::crypto
