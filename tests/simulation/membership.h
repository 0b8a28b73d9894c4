#pragma once
// Who the members of each epoch are, and their keys.
//
// The committee behind a sealing block is a function of that block: the transaction of its batch is a text that names
// the new members, under the code of an administrator. A batch with anything else in it seals nothing, though a
// Byzantine member says so. Signatures are 16 bytes of a keyed hash: fast, and nobody has another's key.

#include <optional>
#include <vector>

#include "consensus/simplex.h"

namespace tally::simulation {

using NodeId = std::uint32_t;  // a holder of a key, for the whole run; a Member is its index in one epoch

inline const std::string kChannel = "simulated";

class Keys {
  public:
    explicit Keys(std::uint64_t seed) : seed_(seed) {}
    [[nodiscard]] Bytes sign(NodeId node, ByteView statement) const;
    [[nodiscard]] bool verify(NodeId node, ByteView statement, ByteView signature) const;
    [[nodiscard]] static std::uint64_t lane(NodeId node) { return 0xa000 + node; }
    // Of the one who may change the membership.
    static constexpr NodeId kAdministrator = 0xffff;

  private:
    std::uint64_t seed_;
};

struct Membership {
    consensus::Epoch epoch = 0;
    std::vector<NodeId> members;

    [[nodiscard]] std::optional<consensus::Member> member(NodeId node) const;
    [[nodiscard]] consensus::Committee committee(consensus::FaultModel model) const;
    [[nodiscard]] consensus::VerifySignature verifier(const Keys& keys) const;
    friend bool operator==(const Membership&, const Membership&) = default;
};

// Distinct for every serial number.
[[nodiscard]] Bytes sealing_transaction(const Keys& keys, std::uint64_t serial, const std::vector<NodeId>& members);
// Whether a transaction is one of these.
[[nodiscard]] consensus::ChangesConfiguration changes_members(const Keys& keys);
// Who goes on behind a sealing block with these batches.
[[nodiscard]] Membership successor(const Keys& keys, const Membership& before,
                                   const std::vector<storage::Batch>& batches);

// The checkers' own idea of how many it takes, after consensus.md.
[[nodiscard]] std::size_t expected_quorum(consensus::FaultModel model, std::size_t members);

}  // namespace tally::simulation
