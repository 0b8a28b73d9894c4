#pragma once
// The block: a header that consensus agrees on, the transactions in batches, and metadata outside the hash.
//
// Block hash = SHA-256 of the encoded header. data_root = RFC 9162 root over the batch digests, and a batch's digest is
// the RFC 9162 root over its transactions' bytes. Block 0 is the genesis block: one transaction, the channel
// configuration.

#include <cstdint>
#include <string>
#include <vector>

#include "crypto/bytes.h"
#include "crypto/hash.h"
#include "storage/model/checkpoint.h"
#include "storage/model/validation_code.h"

namespace tally::storage {

using BlockNumber = std::uint64_t;

// A place in one orderer's lane of batches. Sequences count from 1 in each incarnation, which begins when the orderer
// starts.
struct LanePosition {
    std::uint64_t incarnation = 0;
    std::uint64_t sequence = 0;

    template <class A>
    void serialize(A& a) {
        a(incarnation, sequence);
    }
    friend auto operator<=>(const LanePosition&, const LanePosition&) = default;
};

// How far a lane has been ordered.
struct LaneProgress {
    std::uint64_t lane = 0;  // consensus::lane_id of the orderer's key
    LanePosition at;

    template <class A>
    void serialize(A& a) {
        a(lane, at);
    }
    friend bool operator==(const LaneProgress&, const LaneProgress&) = default;
};

struct BlockHeader {
    std::string channel;
    BlockNumber number = 0;
    crypto::Hash previous_hash;
    crypto::Hash data_root;
    crypto::Hash payload;      // how consensus named the data (consensus/messages.h); zero in the genesis block
    std::int64_t time_ms = 0;  // the proposer's clock, UTC since the epoch; never before the parent's
    std::uint64_t epoch = 0;
    std::uint64_t view = 0;
    std::uint32_t proposer = 0;       // index into the epoch's members
    std::uint8_t flags = 0;           // kSealing, kEmptyOnly
    std::vector<LaneProgress> lanes;  // what is ordered with this block and its ancestors; ascending by lane

    static constexpr std::uint8_t kSealing = 1;    // changes the configuration: the last block of its epoch
    static constexpr std::uint8_t kEmptyOnly = 2;  // after a sealing block that is not final yet

    [[nodiscard]] crypto::Hash hash() const;

    template <class A>
    void serialize(A& a) {
        a(channel, number, previous_hash, data_root, payload, time_ms, epoch, view, proposer, flags, lanes);
    }
    friend bool operator==(const BlockHeader&, const BlockHeader&) = default;
};

// Transactions as their submitters sent them: opaque to consensus, never re-encoded on the way.
using Batch = std::vector<Bytes>;

[[nodiscard]] crypto::Hash batch_digest(const Batch& batch);
[[nodiscard]] crypto::Hash data_root(const std::vector<crypto::Hash>& batch_digests);

// Outside the hash: what is known only after the block was agreed on.
struct BlockMetadata {
    Bytes finality_proof;      // consensus/messages.h
    Bytes writer_certificate;  // X.509 DER of the orderer that proposed the block
    Bytes writer_signature;    // over writer_statement(header)
    std::vector<ValidationCode> codes;
    Checkpoint checkpoint;

    template <class A>
    void serialize(A& a) {
        a(finality_proof, writer_certificate, writer_signature, codes, checkpoint);
    }
};

struct Block {
    BlockHeader header;
    std::vector<Batch> batches;
    BlockMetadata metadata;

    [[nodiscard]] std::size_t transaction_count() const;

    template <class A>
    void serialize(A& a) {
        a(header, batches, metadata);
    }
};

// The transactions of all batches in order; the views borrow from `block`.
[[nodiscard]] std::vector<ByteView> transactions_of(const Block& block);

// What the writer of a block signs: a domain and the block's hash.
[[nodiscard]] Bytes writer_statement(const BlockHeader& header);

}  // namespace tally::storage
