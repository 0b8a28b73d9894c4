#pragma once
// A node's ledger as consensus sees it: the blocks that were delivered. Its disk is not the log's: a crash loses the
// blocks behind the last sync, or some of them, and the log gives them again.

#include <algorithm>
#include <vector>

#include "tests/simulation/membership.h"
#include "tests/simulation/random.h"

namespace tally::simulation {

struct LedgerBlock {
    storage::BlockHeader header;
    consensus::Hash hash;
    std::vector<storage::Batch> batches;
    consensus::FinalityProof proof;
    Membership next;  // the members that decide on the next block
};

class Ledger {
  public:
    explicit Ledger(std::vector<NodeId> first_members);

    void append(LedgerBlock block) { blocks_.push_back(std::move(block)); }
    void synced(std::size_t blocks) { durable_ = std::max(durable_, blocks); }
    void crash(Random& random);
    void wipe();

    [[nodiscard]] const LedgerBlock& tip() const { return blocks_.back(); }
    [[nodiscard]] const LedgerBlock& durable_tip() const { return blocks_[durable_ - 1]; }
    [[nodiscard]] std::size_t size() const { return blocks_.size(); }
    [[nodiscard]] bool all_durable() const { return durable_ == blocks_.size(); }
    [[nodiscard]] const LedgerBlock& at(storage::BlockNumber number) const { return blocks_[number]; }
    // Some blocks of one epoch from this number on, with the proof of the last; none when there is no such block.
    [[nodiscard]] std::optional<consensus::FetchedBlocks> serve(storage::BlockNumber from) const;

  private:
    std::vector<LedgerBlock> blocks_;  // from the genesis block on
    std::size_t durable_ = 1;
};

}  // namespace tally::simulation
