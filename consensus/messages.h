#pragma once
// What members of a channel say to each other to agree on a block. Everything has one encoded form
// (storage/model/archive.h), the same on the wire and in the consensus log.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crypto/error.h"
#include "storage/model/block.h"

namespace tally::consensus {

using Hash = crypto::Hash;
using View = std::uint64_t;
using Epoch = std::uint64_t;
using Member = std::uint32_t;  // index into the epoch's members
using storage::LanePosition;
using storage::LaneProgress;

// Of a block and so of a batch: what a channel's configuration can allow at most.
inline constexpr std::uint32_t kMaxBlockMessages = 100'000;
inline constexpr std::size_t kMaxReferences = 4096;  // of a proposal

// ---- Batches: what a member's clients gave it, in the order of its lane. --------------------------------------------

// Signed by the lane's member. The position counts from {incarnation, 1}; `previous` is the hash of the header before
// it in the same incarnation (zero for the first), so an acknowledgement of a header is one of all before it. The first
// of an incarnation is ordered directly after `after`: the last of its author's earlier batches that was not final.
struct BatchHeader {
    std::uint64_t lane = 0;  // lane_id of the author's key: it outlives changes of the membership
    LanePosition at;
    LanePosition after;
    Hash previous;
    Hash digest;              // storage::batch_digest of the transactions
    std::uint32_t count = 0;  // of transactions, none of them empty
    std::uint64_t bytes = 0;  // of all transactions
    bool sealing = false;     // one transaction that is meant to change the configuration: it is ordered alone

    [[nodiscard]] Hash hash() const;
    template <class A>
    void serialize(A& a) {
        a(lane, at, after, previous, digest, count, bytes, sealing);
    }
    friend bool operator==(const BatchHeader&, const BatchHeader&) = default;
};

struct LaneBatch {
    BatchHeader header;
    Bytes signature;
    storage::Batch transactions;

    template <class A>
    void serialize(A& a) {
        a(header, signature, transactions);
    }
};
using BatchPtr = std::shared_ptr<const LaneBatch>;  // immutable, shared between threads

// A batch as a proposal names it.
struct BatchReference {
    Member lane = 0;  // the author
    LanePosition at;
    Hash digest;
    std::uint32_t count = 0;
    std::uint64_t bytes = 0;

    template <class A>
    void serialize(A& a) {
        a(lane, at, digest, count, bytes);
    }
    friend bool operator==(const BatchReference&, const BatchReference&) = default;
};

// The sender holds all of the lane up to and with the header of this hash, durably.
struct LaneAck {
    Member lane = 0;
    LanePosition at;
    Hash head;

    template <class A>
    void serialize(A& a) {
        a(lane, at, head);
    }
    friend bool operator==(const LaneAck&, const LaneAck&) = default;
};

// ---- Proposals, votes, certificates. --------------------------------------------------------------------------------

// id = the block's hash; header.payload = payload_hash; header.data_root = root over the payload's digests;
// header.lanes = the parent's, advanced over the payload, which is sorted by lane and position.
struct BlockProposal {
    storage::BlockHeader header;
    View parent_view = 0;
    std::vector<BatchReference> payload;

    [[nodiscard]] Hash payload_hash() const;  // of all but the header
    [[nodiscard]] Hash data_root() const;
    [[nodiscard]] bool is_consistent() const;  // so that the id stands for all of it
    template <class A>
    void serialize(A& a) {
        a(header, parent_view, payload);
    }
    friend bool operator==(const BlockProposal&, const BlockProposal&) = default;
};

enum class VoteKind : std::uint8_t { notarize, nullify, finalize };
constexpr std::uint64_t enum_limit(VoteKind) { return 3; }

struct Vote {
    VoteKind kind = VoteKind::notarize;
    Epoch epoch = 0;
    View view = 0;
    Hash id;  // zero for nullify
    Member signer = 0;
    Bytes signature;  // over vote_statement

    template <class A>
    void serialize(A& a) {
        a(kind, epoch, view, id, signer, signature);
    }
    friend bool operator==(const Vote&, const Vote&) = default;
};

// q distinct members signed exactly (kind, epoch, view, id).
struct QuorumCertificate {
    VoteKind kind = VoteKind::finalize;
    Epoch epoch = 0;
    View view = 0;
    Hash id;
    std::vector<Member> signers;    // ascending
    std::vector<Bytes> signatures;  // one per signer

    template <class A>
    void serialize(A& a) {
        a(kind, epoch, view, id, signers, signatures);
    }
    friend bool operator==(const QuorumCertificate&, const QuorumCertificate&) = default;
};

// That a block is final: a finalization of it, or of a descendant and the headers that lead there.
struct FinalityProof {
    QuorumCertificate finalization;
    std::vector<storage::BlockHeader> trail;  // from the block's child to the certified block; empty: the block itself

    template <class A>
    void serialize(A& a) {
        a(finalization, trail);
    }
    friend bool operator==(const FinalityProof&, const FinalityProof&) = default;
};

// ---- Messages. ------------------------------------------------------------------------------------------------------

struct BatchMessage {
    BatchPtr batch;
};
struct AckMessage {
    Epoch epoch = 0;
    std::uint64_t life = 0;  // its sender's: what it acknowledged in another may be gone
    std::vector<LaneAck> acks;

    template <class A>
    void serialize(A& a) {
        a(epoch, life, acks);
    }
};
struct ProposalMessage {
    BlockProposal proposal;
    Vote vote;                                     // the leader's own notarize
    std::vector<QuorumCertificate> justification;  // of the parent, and a nullification for every view between

    template <class A>
    void serialize(A& a) {
        a(proposal, vote, justification);
    }
};
struct VoteMessage {
    std::vector<Vote> votes;

    template <class A>
    void serialize(A& a) {
        a(votes);
    }
};
struct CertificateMessage {
    std::vector<QuorumCertificate> certificates;

    template <class A>
    void serialize(A& a) {
        a(certificates);
    }
};
// Where the sender is: sent at intervals, and as an answer.
struct StatusMessage {
    Epoch epoch = 0;
    View view = 0;
    storage::BlockNumber final_number = 0;
    View final_view = 0;
    bool answer = false;      // is not answered again
    std::uint64_t nonce = 0;  // of a question that wants an answer in any case; an answer repeats it
    LanePosition lane;        // in an answer: what is known of the asker's lane, or its life when that is higher
    // In an answer to a nonce: what ended the view before this one; none directly after the final block.
    std::optional<QuorumCertificate> proof;

    template <class A>
    void serialize(A& a) {
        a(epoch, view, final_number, final_view, answer, nonce, lane, proof);
    }
};
struct FetchBatch {
    Epoch epoch = 0;
    BatchReference reference;

    template <class A>
    void serialize(A& a) {
        a(epoch, reference);
    }
};
struct FetchProposal {
    Epoch epoch = 0;
    Hash id;

    template <class A>
    void serialize(A& a) {
        a(epoch, id);
    }
};
struct FetchedProposal {
    BlockProposal proposal;

    template <class A>
    void serialize(A& a) {
        a(proposal);
    }
};
// Final blocks from this number on.
struct FetchBlocks {
    storage::BlockNumber from = 0;

    template <class A>
    void serialize(A& a) {
        a(from);
    }
};
struct FinalBlock {
    storage::BlockHeader header;
    std::vector<storage::Batch> batches;

    template <class A>
    void serialize(A& a) {
        a(header, batches);
    }
};
struct FetchedBlocks {
    std::vector<FinalBlock> blocks;  // one epoch's, each the parent of the next
    FinalityProof proof;             // of the last

    template <class A>
    void serialize(A& a) {
        a(blocks, proof);
    }
};

using Message = std::variant<BatchMessage, AckMessage, ProposalMessage, VoteMessage, CertificateMessage, StatusMessage,
                             FetchBatch, FetchProposal, FetchedProposal, FetchBlocks, FetchedBlocks>;

[[nodiscard]] Bytes encode_message(const Message& message);
// malformed: says what is wrong and where.
[[nodiscard]] Result<Message> decode_message(ByteView bytes);
// Of an encoded message: whether it is a FetchBlocks, as far as its first byte tells.
[[nodiscard]] bool asks_for_blocks(ByteView bytes);
[[nodiscard]] std::string_view message_name(const Message& message);

// The bytes that a vote signs: a domain, the channel, and what the vote is for.
[[nodiscard]] Bytes vote_statement(std::string_view channel, VoteKind kind, Epoch epoch, View view, const Hash& id);
// The bytes that a batch's author signs.
[[nodiscard]] Bytes batch_statement(std::string_view channel, const BatchHeader& header);

}  // namespace tally::consensus
