#pragma once
// Judges a snapshot while it is read: whether what it holds is what the channel's members have signed.
//
//   genesis block, sealing blocks  ->  the members (membership_chain.h), the genesis being the one that is trusted
//   state entries                  ->  their set hash: the digest that the checkpoint states
//   log's leaves                   ->  their root: the root that the checkpoint states; so every transaction's id too
//   tip                            ->  its hash: the one that the checkpoint states
//   the checkpoint's signatures    ->  satisfy the channel's receipt policy
//
// What no signature covers, and only serves to tell where an old transaction was: the leaves' block numbers.
// Memory: one chunk of the file. One thread.

#include <optional>
#include <string>
#include <vector>

#include "node/channel/membership_chain.h"
#include "storage/ledger_import.h"
#include "storage/snapshot_file.h"

namespace tally::node {

struct SnapshotFacts {
    storage::SnapshotHead head;
    storage::SnapshotEnd end;
    crypto::Hash state;  // computed
    crypto::Hash log_root;
    std::string channel;
    std::vector<std::string> signers;  // whose signatures hold; empty when one does not, or they are too few
    Status verdict;                    // the first thing that does not hold
};

class SnapshotCheck : public storage::SnapshotVisitor {
  public:
    // `genesis`: the hash of the trusted genesis block; none: the file's own, which proves nothing but consistency.
    // What passes is handed on to `into`, where there is one.
    SnapshotCheck(std::optional<crypto::Hash> genesis, storage::LedgerImport* into = nullptr)
        : genesis_(genesis), into_(into) {}

    [[nodiscard]] Status head(const storage::SnapshotHead& head) override;
    [[nodiscard]] Status block(const storage::Block& block) override;
    [[nodiscard]] Status entry(const storage::StateEntry& entry) override;
    [[nodiscard]] Status leaf(const storage::LogLeaf& leaf) override;
    [[nodiscard]] Status end(const storage::SnapshotEnd& end) override;

    [[nodiscard]] const SnapshotFacts& facts() const { return facts_; }
    [[nodiscard]] const crypto::MultisetHash& state() const { return state_; }

  private:
    void find_fault(Status status);
    [[nodiscard]] Status judge();
    [[nodiscard]] Status judge_tip() const;

    std::optional<crypto::Hash> genesis_;
    storage::LedgerImport* into_;
    SnapshotFacts facts_;
    std::optional<MembershipChain> chain_;
    std::optional<Bytes> config_;  // as the state has it
    crypto::MultisetHash state_;
    crypto::MerkleFrontier log_;
    std::vector<storage::ValidationCode> last_codes_;  // of the leaves of the last block
    storage::BlockNumber last_block_ = 0;              // of the leaves so far
};

}  // namespace tally::node
