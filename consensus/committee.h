#pragma once
// Who decides in an epoch, and how many it takes. Immutable; safe to share between threads.
//
// Two fault models, one protocol: `byzantine` tolerates f = floor((n-1)/3) Byzantine members (arbitrary behaviour),
// `crash` any minority that stops; only the quorum differs. Any two quorums share a correct member.

#include <functional>
#include <span>

#include "consensus/messages.h"
#include "crypto/key.h"

namespace tally::consensus {

enum class FaultModel : std::uint8_t { byzantine, crash };

// q = floor((n+f)/2)+1, with f = 0 in the crash model. n >= 1.
[[nodiscard]] std::size_t quorum(FaultModel model, std::size_t members);
// How many members may be Byzantine: floor((n-1)/3); none in the crash model.
[[nodiscard]] std::size_t faulty(FaultModel model, std::size_t members);
// n - q + 1: no quorum forms without one of these. f+1 when n = 3f+1.
[[nodiscard]] std::size_t blocking_set(FaultModel model, std::size_t members);

// The first eight bytes of the SHA-256 of a public key: the name of its holder's lane in every epoch.
[[nodiscard]] std::uint64_t lane_id(const crypto::PublicKey& key);

struct Committee {
    std::string channel;
    Epoch epoch = 0;
    FaultModel model = FaultModel::byzantine;
    std::vector<std::uint64_t> lanes;  // one per member, distinct

    [[nodiscard]] std::size_t size() const { return lanes.size(); }
    [[nodiscard]] std::size_t quorum() const { return consensus::quorum(model, size()); }
    [[nodiscard]] std::size_t blocking_set() const { return consensus::blocking_set(model, size()); }
    [[nodiscard]] std::size_t faulty() const { return consensus::faulty(model, size()); }
    [[nodiscard]] Member leader(View view) const { return static_cast<Member>(view % size()); }
};

// True when `signature` by the member over the statement is good.
using VerifySignature = std::function<bool(Member member, ByteView statement, ByteView signature)>;

// bad_proof when signers repeat, are unknown or too few, or the epoch is another; bad_signature names the member.
[[nodiscard]] Status verify_certificate(const QuorumCertificate& certificate, const Committee& committee,
                                        const VerifySignature& verify);
// That the block with this header is final.
[[nodiscard]] Status verify_finality(const storage::BlockHeader& header, const FinalityProof& proof,
                                     const Committee& committee, const VerifySignature& verify);

// The member's keys as a verifier of signatures.
[[nodiscard]] VerifySignature verify_with(std::vector<crypto::PublicKey> keys);

}  // namespace tally::consensus
