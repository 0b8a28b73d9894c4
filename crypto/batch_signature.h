#pragma once
// One signature over many messages: the signer signs the Merkle root over them once, and each message carries the
// root's signature and its own path. Who verifies many of them verifies each distinct signature once.
//
// A Tally signature is a byte string in one of two forms:
//   plain   64 bytes, over the message itself
//   batch   a BatchSignature, deterministic CBOR: [1, tree size, leaf index, [hash, ...], root signature (64 bytes)]
// A batch's leaf is leaf_hash(message) (RFC 9162); its signed bytes are kBatchPrefix || root || tree size (8 bytes,
// little-endian). The shortest batch form has more than 64 bytes, so the two cannot be mistaken for each other, and
// nothing else that a Tally key signs begins with the prefix (COSE's Sig_structure begins with 0x84).
//
// The functions may be called from any thread. Failures: malformed (no signature at all), bad_proof (the path), and
// those of PublicKey::verify.

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "crypto/key.h"
#include "crypto/merkle.h"

namespace tally::crypto {

inline constexpr std::string_view kBatchPrefix = "tally/batch-signature/v1";

struct BatchSignature {
    std::uint64_t tree_size = 0;
    std::uint64_t leaf_index = 0;
    std::vector<Hash> path;
    std::array<std::uint8_t, kSignatureBytes> root_signature{};

    [[nodiscard]] Bytes encode() const;
    [[nodiscard]] static Result<BatchSignature> decode(ByteView encoded);
};

// What this process has verified already: SHA-256 of (key, signed bytes, signature), in bounded caches by the last byte
// of it, so that threads seldom wait for each other. Safe from any thread.
template <class Value>
class BoundedCache;

class VerifiedSignatures {
  public:
    explicit VerifiedSignatures(std::size_t capacity = 1 << 17);
    ~VerifiedSignatures();
    VerifiedSignatures(const VerifiedSignatures&) = delete;
    VerifiedSignatures& operator=(const VerifiedSignatures&) = delete;

    [[nodiscard]] bool contains(const Hash& entry) const;
    void insert(const Hash& entry);

    [[nodiscard]] std::uint64_t hits() const { return hits_.load(std::memory_order_relaxed); }

  private:
    static constexpr std::size_t kParts = 16;

    [[nodiscard]] BoundedCache<std::monostate>& part_of(const Hash& entry) const;

    std::array<std::unique_ptr<BoundedCache<std::monostate>>, kParts> parts_;
    mutable std::atomic<std::uint64_t> hits_{0};
};

// At least one message; the results are in the messages' order, and each stands on its own.
[[nodiscard]] std::vector<Bytes> sign_batch(const PrivateKey& key, std::span<const ByteView> messages);

// Accepts the plain and the batch form. With a memo, a signature that was verified before costs two hashes; of a
// batch it remembers the root's signature, so the first message of a batch pays for all.
[[nodiscard]] Status verify_signature(const PublicKey& key, ByteView message, ByteView signature,
                                      VerifiedSignatures* memo = nullptr);
// The batch form alone, for a caller that has the message's leaf hash.
[[nodiscard]] Status verify_batch_leaf(const PublicKey& key, const Hash& leaf, ByteView signature,
                                       VerifiedSignatures* memo = nullptr);
// The plain form alone, for a P-256 key and a message of which the caller has the SHA-256.
[[nodiscard]] Status verify_plain_digest(const PublicKey& key, const Hash& digest, ByteView signature,
                                         VerifiedSignatures* memo = nullptr);

// For a signer: notes a plain signature of its own, over a message with this SHA-256, as verified.
void remember_signature(const PublicKey& key, const Hash& digest, ByteView signature, VerifiedSignatures& memo);

}  // namespace tally::crypto
