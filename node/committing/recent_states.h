#pragma once
// The states after the newest blocks, so that nodes which are a few blocks apart can answer one query at one height.
//
// Its memory is bounded: it keeps the last kKept states, each a state of the ledger, however many ask for them.
// `committed` belongs to the committer's thread; the rest may be called from any. The ledger must outlive the states:
// `clear` lets them go before it is closed.

#include <deque>
#include <memory>
#include <mutex>

#include "node/channel/current_membership.h"
#include "storage/ledger.h"

namespace tally::node {

struct RecentState {
    storage::Tip block;  // the last one in the state
    std::shared_ptr<const storage::LedgerState> state;
    std::shared_ptr<const Membership> membership;  // in force after that block
};

class RecentStates {
  public:
    // Nodes that are further apart, in blocks, cannot answer one question. Each costs RocksDB a snapshot, and with it
    // the older versions of what the blocks after it wrote.
    static constexpr std::size_t kKept = 32;

    RecentStates(const storage::Ledger& ledger, const CurrentMembership& membership);

    // The ledger and the membership are those after one more block.
    void committed();
    // Old transactions were pruned: only the newest state stays, so that no older one keeps the room of what is gone.
    void pruned();
    void clear();

    [[nodiscard]] Result<RecentState> newest() const;
    // unavailable when the state after this block is not kept any more, or not there yet.
    [[nodiscard]] Result<RecentState> at(storage::BlockNumber block) const;

  private:
    const storage::Ledger& ledger_;
    const CurrentMembership& membership_;
    mutable std::mutex mutex_;
    std::deque<RecentState> states_;  // ascending by one; guarded by mutex_
};

}  // namespace tally::node
