#pragma once
// Signing keys: Ed25519 (RFC 8032) and ECDSA on P-256 with SHA-256 (FIPS 186-5).
//
// A key is immutable, cheap to copy (the copies share it) and safe to use from many threads at once.
// Signatures are always 64 bytes: Ed25519's, or P-256's r || s, each 32 bytes big-endian, as COSE and JOSE carry them.
// Any s in [1, n-1] is accepted, for secure elements do not normalise it; so a signature is no identifier of a message.
// Ed25519 is strict about s < L and knows no key of small order.
// Failures: bad_key for a key, bad_signature for a signature, each with a sentence.

#include <memory>
#include <string>
#include <string_view>

#include "crypto/bytes.h"
#include "crypto/hash.h"

namespace tally::crypto {

enum class Algorithm { ed25519, p256 };

[[nodiscard]] std::string_view algorithm_name(Algorithm algorithm);  // "Ed25519", "P-256"

inline constexpr std::size_t kSignatureBytes = 64;

class PublicKey {
  public:
    [[nodiscard]] static Result<PublicKey> from_pem(std::string_view pem);
    // SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7; RFC 5480, RFC 8410), no byte behind it.
    [[nodiscard]] static Result<PublicKey> from_spki(ByteView der);
    // Ed25519: 32 bytes. P-256: 65 bytes (04 x y) or 33 (02/03 x); the point must lie on the curve.
    [[nodiscard]] static Result<PublicKey> from_raw(Algorithm algorithm, ByteView raw);

    [[nodiscard]] Algorithm algorithm() const;
    [[nodiscard]] const Bytes& raw() const;   // 32 bytes, or 65 bytes (04 x y)
    [[nodiscard]] const Bytes& spki() const;  // in its one canonical form: named curve, uncompressed point
    [[nodiscard]] std::string pem() const;
    [[nodiscard]] const Hash& fingerprint() const;  // SHA-256 of spki

    // True for the P-384 key of a certification authority: good for certificates alone. It reports the algorithm
    // P-256, its raw form is longer, and every other verification with it fails (bad_key).
    [[nodiscard]] bool only_certifies() const;

    [[nodiscard]] Status verify(ByteView message, ByteView signature) const;
    // P-256 only, over the SHA-256 of the message; unsupported for Ed25519, which signs messages, not digests.
    [[nodiscard]] Status verify_digest(const Hash& digest, ByteView signature) const;

    friend bool operator==(const PublicKey& a, const PublicKey& b) { return a.fingerprint() == b.fingerprint(); }

    struct Impl;
    explicit PublicKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    [[nodiscard]] const Impl& impl() const { return *impl_; }

  private:
    std::shared_ptr<const Impl> impl_;
};

class PrivateKey {
  public:
    [[nodiscard]] static PrivateKey generate(Algorithm algorithm);
    // PKCS#8 ("PRIVATE KEY") or SEC1 ("EC PRIVATE KEY"), unencrypted.
    [[nodiscard]] static Result<PrivateKey> from_pem(std::string_view pem);
    // The secret alone: Ed25519's 32-byte seed, or P-256's 32-byte scalar in [1, n-1].
    [[nodiscard]] static Result<PrivateKey> from_raw(Algorithm algorithm, ByteView secret);

    [[nodiscard]] std::string pem() const;  // PKCS#8
    [[nodiscard]] Algorithm algorithm() const { return public_key().algorithm(); }
    [[nodiscard]] const PublicKey& public_key() const;

    [[nodiscard]] Bytes sign(ByteView message) const;
    // P-256 only: breaks an invariant with an Ed25519 key.
    [[nodiscard]] Bytes sign_digest(const Hash& digest) const;

    struct Impl;
    explicit PrivateKey(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}
    [[nodiscard]] const Impl& impl() const { return *impl_; }

  private:
    std::shared_ptr<const Impl> impl_;
};

}  // namespace tally::crypto
