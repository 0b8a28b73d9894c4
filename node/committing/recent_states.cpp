#include "node/committing/recent_states.h"

namespace tally::node {

RecentStates::RecentStates(const storage::Ledger& ledger, const CurrentMembership& membership)
    : ledger_(ledger), membership_(membership) {
    committed();
}

void RecentStates::committed() {
    const auto tip = ledger_.tip();
    if (!tip) return;
    RecentState next{*tip, ledger_.state(), membership_.get()};
    RecentState oldest;  // goes after the lock: releasing a state takes RocksDB's mutex
    const std::lock_guard lock(mutex_);
    states_.push_back(std::move(next));
    if (states_.size() <= kKept) return;
    oldest = std::move(states_.front());
    states_.pop_front();
}

void RecentStates::pruned() {
    std::deque<RecentState> old;  // goes after the lock
    auto state = ledger_.state();
    const std::lock_guard lock(mutex_);
    old.swap(states_);
    // While a block is being committed the state may be of the next height: then `committed` adds it.
    if (old.empty() || state->height() != old.back().block.number) return;
    states_.push_back({old.back().block, std::move(state), old.back().membership});
}

void RecentStates::clear() {
    std::deque<RecentState> old;
    const std::lock_guard lock(mutex_);
    old.swap(states_);
}

Result<RecentState> RecentStates::newest() const {
    const std::lock_guard lock(mutex_);
    if (states_.empty()) return fail(Code::unavailable, "this node has no state yet, or is stopping");
    return states_.back();
}

Result<RecentState> RecentStates::at(storage::BlockNumber block) const {
    const std::lock_guard lock(mutex_);
    if (states_.empty()) return fail(Code::unavailable, "this node has no state yet, or is stopping");
    const auto first = states_.front().block.number;
    const auto last = states_.back().block.number;
    if (block < first || block > last)
        return fail(Code::unavailable, "the state after block {} is not here: this node has those of blocks {} to {}",
                    block, first, last);
    return states_[block - first];
}

}  // namespace tally::node
