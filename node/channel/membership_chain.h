#pragma once
// Who the members of a channel are, proven from its genesis block on: each sealing block, proved final by the orderers
// of its epoch, holds the configuration of the next. One thread.
//
// With the keys of a quorum of a past epoch's orderers another chain can be made from that epoch on. So the proof
// relies on former members keeping their keys secret, as every proof of this kind does.

#include "node/channel/membership.h"
#include "storage/ledger.h"

namespace tally::node {

class MembershipChain {
  public:
    // Nothing is proven of the genesis block: the caller compares its hash with one that it trusts.
    [[nodiscard]] static Result<MembershipChain> from(const storage::Block& genesis);

    // The next sealing block, whole: whether its update holds follows from it and the members before (config_update.h).
    // bad_proof or bad_signature when it proves nothing.
    [[nodiscard]] Status extend(const storage::Block& sealing);

    [[nodiscard]] const std::shared_ptr<const Membership>& current() const { return membership_; }
    [[nodiscard]] consensus::Epoch epoch() const { return epoch_; }
    [[nodiscard]] const crypto::Hash& genesis() const { return genesis_; }

  private:
    MembershipChain() = default;
    std::shared_ptr<const Membership> membership_;
    crypto::Hash genesis_;
    consensus::Epoch epoch_ = 0;
    storage::BlockNumber last_ = 0;
};

// The proof that a block is final: its own, or that of a later block with the headers between. Empty when none has
// come.
[[nodiscard]] Result<Bytes> finality_proof_of(const storage::Ledger& ledger, storage::BlockNumber number);
// A sealing block as `extend` wants it.
[[nodiscard]] Result<storage::Block> sealing_block(const storage::Ledger& ledger, storage::BlockNumber number);

// That the block's transactions are those of its header; corrupt otherwise.
[[nodiscard]] Status check_data_root(const storage::Block& block);

}  // namespace tally::node
