#pragma once
// COSE Receipts (RFC 9942) over RFC 9162 trees: a log's signer states its root, and a proof leads to that root.
//
//   18([protected: {1: alg, 4: kid, 395: 1,
//                   -70001: channel (text), -70002: block number (uint), -70003: block hash (bstr), -70004: tree size
//                   (uint), -70005: digest of the state (bstr)},
//       unprotected: {396: {-1: [bstr .cbor [tree size, leaf index, [hash, ...]]]}}         an inclusion receipt, or
//                    {396: {-2: [bstr .cbor [old size, new size, [hash, ...]]]}},           a consistency receipt
//       payload: nil, signature])
//
// Label 395 (vds) = 1 is RFC9162_SHA256, 396 is vdp. The detached payload is the log's root (32 bytes; the new root
// of a consistency receipt) and external_aad is empty, so any COSE tool that knows RFC 9162 can check a receipt. The
// labels -70001 to -70005 are of private use and bind the root to a channel, to the block after which it held and to
// what followed from the log; kid is the SHA-256 of the signer's certificate.
//
// Signing takes two steps: a committer signs receipt_to_be_signed once per checkpoint, and anyone can put that
// signature and a proof together later. Functions are pure, from any thread. Failures: malformed, unsupported,
// bad_proof, bad_signature, bad_key.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "crypto/key.h"
#include "crypto/merkle.h"

namespace tally::crypto {

struct InclusionProof {
    std::uint64_t tree_size = 0;
    std::uint64_t leaf_index = 0;
    std::vector<Hash> path;

    friend bool operator==(const InclusionProof&, const InclusionProof&) = default;
};

struct ConsistencyProof {
    std::uint64_t old_size = 0;
    std::uint64_t new_size = 0;
    std::vector<Hash> path;

    friend bool operator==(const ConsistencyProof&, const ConsistencyProof&) = default;
};

struct ReceiptBinding {
    std::string channel;
    std::uint64_t block_number = 0;
    Hash block_hash;
    std::uint64_t tree_size = 0;  // at that block; 0 leaves it out
    Hash state;                   // SHA-256 of what the log led to; zero leaves it out

    friend bool operator==(const ReceiptBinding&, const ReceiptBinding&) = default;
};

[[nodiscard]] Bytes receipt_protected_header(Algorithm algorithm, const ReceiptBinding& binding, ByteView kid);
// What a committer signs: the Sig_structure with the root as detached payload.
[[nodiscard]] Bytes receipt_to_be_signed(ByteView protected_header, const Hash& root);

[[nodiscard]] Bytes encode_receipt(ByteView protected_header, ByteView signature, const InclusionProof& proof);
[[nodiscard]] Bytes encode_consistency_receipt(ByteView protected_header, ByteView signature,
                                               const ConsistencyProof& proof);

struct Receipt {
    ReceiptBinding binding;
    Bytes kid;
    std::int64_t alg = 0;
    std::optional<InclusionProof> inclusion;  // exactly one of the two is there
    std::optional<ConsistencyProof> consistency;
    Bytes protected_header;
    Bytes signature;

    [[nodiscard]] static Result<Receipt> decode(ByteView encoded);

    // `leaf` is leaf_hash(entry). The signature covers the root that the proof leads to, so both hold or neither.
    [[nodiscard]] Status verify_inclusion(const Hash& leaf, const PublicKey& key) const;
    [[nodiscard]] Status verify_consistency(const Hash& old_root, const Hash& new_root, const PublicKey& key) const;
    // The signer's signature on a root that the caller has.
    [[nodiscard]] Status verify_root(const Hash& root, const PublicKey& key) const;
};

}  // namespace tally::crypto
