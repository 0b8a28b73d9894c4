#pragma once
// What members of a channel say to each other to agree on a block, in its stored form (storage/model/archive.h).

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "crypto/key.h"
#include "storage/model/block.h"

namespace tally::consensus {

// A batch of transactions of one lane (the orderer where they entered), by its digest.
struct BatchReference {
    std::uint32_t lane = 0;
    std::uint64_t sequence = 0;
    crypto::Hash digest;
    std::uint32_t count = 0;
    std::uint64_t bytes = 0;

    template <class A>
    void serialize(A& a) {
        a(lane, sequence, digest, count, bytes);
    }
    friend bool operator==(const BatchReference&, const BatchReference&) = default;
};

// id = the block's hash; header.data_root = root over the payload's batch digests.
struct Proposal {
    storage::BlockHeader header;
    std::uint64_t parent_view = 0;
    std::vector<BatchReference> payload;

    template <class A>
    void serialize(A& a) {
        a(header, parent_view, payload);
    }
};

enum class VoteKind : std::uint8_t { notarize, nullify, finalize };
constexpr std::uint64_t enum_limit(VoteKind) { return 3; }

// q distinct members signed exactly (kind, epoch, view, id).
struct Certificate {
    VoteKind kind = VoteKind::finalize;
    std::uint64_t epoch = 0;
    std::uint64_t view = 0;
    crypto::Hash id;
    std::vector<std::uint32_t> signers;  // ascending indexes into the epoch's members
    std::vector<Bytes> signatures;       // one per signer

    template <class A>
    void serialize(A& a) {
        a(kind, epoch, view, id, signers, signatures);
    }
};

// The bytes that a vote signs: a domain, the channel, and what the vote is for.
[[nodiscard]] Bytes vote_statement(std::string_view channel, VoteKind kind, std::uint64_t epoch, std::uint64_t view,
                                   const crypto::Hash& id);

enum class FaultModel : std::uint8_t { byzantine, crash };

// Members that any two quorums have in common include one that keeps the rules. n >= 1.
[[nodiscard]] std::size_t quorum(FaultModel model, std::size_t members);

// bad_signature, or bad_proof when signers repeat, are unknown or too few.
[[nodiscard]] Status verify_certificate(const Certificate& certificate, std::string_view channel,
                                        std::span<const crypto::PublicKey> members, FaultModel model);

}  // namespace tally::consensus
