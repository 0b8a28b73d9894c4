#pragma once
// COSE_Sign1 messages (RFC 9052 section 4.2; algorithms RFC 9053; x5chain RFC 9360): device records, proposals,
// receipts.
//
//   18([protected: bstr .cbor {1: alg, ...}, unprotected: {...}, payload: bstr / nil, signature: bstr])
//   signed bytes = Sig_structure: ["Signature1", protected, external_aad, payload]
//
// The profile: deterministic CBOR throughout (see cbor.h), the tag is there, the algorithm is in the protected header,
// protected labels are integers. Refused: a critical header (label 2) that the caller does not understand, a label in
// both headers. Headers that are not named below are kept as they came, in `extra`.
// Algorithms: ES256 and EdDSA (Ed25519), and two of private use where the signature is a BatchSignature over the
// Sig_structures of many messages.
//
// A Sign1 borrows its payload from the message that it was decoded from, which must outlive it; otherwise it is a
// value. Const functions may be called from many threads. Failures: malformed, unsupported, too_large, and those of
// verify_signature. Decoding allocates in proportion to the message, never to a count in it.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "crypto/batch_signature.h"
#include "crypto/key.h"

namespace tally::crypto {

inline constexpr std::int64_t kEs256 = -7;
inline constexpr std::int64_t kEdDsa = -8;
inline constexpr std::int64_t kBatchEs256 = -65543;
inline constexpr std::int64_t kBatchEdDsa = -65544;

[[nodiscard]] std::int64_t cose_algorithm(Algorithm algorithm, bool batch = false);

inline constexpr std::size_t kMaxCertificatesInHeader = 8;

struct CoseHeaders {
    std::int64_t alg = 0;      // label 1
    std::string content_type;  // label 3, text; empty when absent
    std::string kid;           // label 4, a byte string; empty when absent
    std::vector<Bytes>
        x5chain;  // label 33, DER, leaf first; a byte string when it is one, an array when there are more
    std::vector<std::pair<std::int64_t, Bytes>> extra;  // other labels in the map's order; the value as encoded CBOR

    // The deterministic encoding of the whole map; `extra` may be in any order.
    [[nodiscard]] Bytes encode() const;
};

struct Sign1 {
    CoseHeaders headers;    // the protected ones
    Bytes protected_bytes;  // exactly as received
    Bytes unprotected;      // the encoded map as received
    bool detached = false;
    ByteView payload;  // borrows; empty when detached
    Bytes signature;

    // `understood` are the labels beside 1, 3, 4 and 33 that the caller handles, in case they are critical.
    [[nodiscard]] static Result<Sign1> decode(ByteView message, std::size_t max_bytes = 1 << 24,
                                              std::span<const std::int64_t> understood = {});

    // SHA-256 of the Sig_structure (sig_structure), without building it.
    [[nodiscard]] Hash to_be_signed_hash(ByteView external_aad) const;
    [[nodiscard]] Hash to_be_signed_hash(ByteView external_aad, ByteView detached_payload) const;

    // The algorithm must fit the key's type and the signature's form. A detached message is verified with its payload.
    [[nodiscard]] Status verify(const PublicKey& key, ByteView external_aad, VerifiedSignatures* memo = nullptr) const;
    [[nodiscard]] Status verify_detached(const PublicKey& key, ByteView external_aad, ByteView detached_payload,
                                         VerifiedSignatures* memo = nullptr) const;
};

// The certificates in a message's protected header, as they stand in its bytes; none where it cannot be read so far. It
// checks nothing.
[[nodiscard]] std::vector<ByteView> certificates_in(ByteView message);

struct Sign1Options {
    CoseHeaders headers;  // `alg` is set from the key
    ByteView external_aad;
    Bytes unprotected_map;  // encoded; empty stands for {}
    bool detached = false;
};

[[nodiscard]] Bytes sign1(const PrivateKey& key, ByteView payload, const Sign1Options& options);

// The parts of a message put together, for a signature that was made elsewhere. `payload` null: detached.
[[nodiscard]] Bytes encode_sign1(ByteView protected_bytes, ByteView unprotected_map, const ByteView* payload,
                                 ByteView signature);
// The Sig_structure of those parts.
[[nodiscard]] Bytes sig_structure(ByteView protected_bytes, ByteView external_aad, ByteView payload);

}  // namespace tally::crypto
