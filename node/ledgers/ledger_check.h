#pragma once
// Checks a ledger against itself, and rebuilds what can be derived from its blocks.
//
// Both run every block through the same code as the committer, into a second ledger beside the first: signatures,
// policies, validation codes, state, history, indexes and the transaction log are computed again from block 0. A ledger
// that began with a snapshot needs that snapshot for it, and is computed again from there; without it, verification
// compares the state with the digest that was signed, the log with the signed roots, and the blocks with both; so it
// does where old transactions were pruned.
// Tools only: the node must be stopped. One thread; `pool` does the signatures.

#include <filesystem>
#include <functional>

#include "node/ledgers/channel_ledger.h"
#include "node/threads/worker_pool.h"

namespace tally::node {

using ReportProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct LedgerSummary {
    storage::BlockNumber first_block = 0;        // that was looked at
    storage::BlockNumber first_whole_block = 0;  // transactions before it are not here
    bool recomputed = true;                      // false: not all of the blocks, or not the snapshot, were there for it
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;
    std::uint64_t valid = 0;
    crypto::Hash tip_hash;
    crypto::Hash log_root;
    std::uint64_t corrected = 0;  // blocks whose codes or checkpoint were not what their transactions give

    void count(const storage::Block& block);
};

// Recomputes everything and compares every stored byte of state, history, index and log, and every file's checksum.
// corrupt names the first thing that differs. `snapshot`: the file with which the ledger began, where it did.
[[nodiscard]] Result<LedgerSummary> verify_ledger(const std::filesystem::path& data, WorkerPool& pool,
                                                  const ReportProgress& progress,
                                                  const std::filesystem::path& snapshot = {});

// Where a block's codes or checkpoint were others, the computed ones take their place; signatures of a false checkpoint
// are left out. Makes state, history, indexes and log again from the blocks, or from the snapshot and the blocks after
// it, and puts them in place. not_kept when the snapshot is needed and not given, or transactions were pruned.
[[nodiscard]] Result<LedgerSummary> rebuild_ledger(const std::filesystem::path& data, WorkerPool& pool,
                                                   const ReportProgress& progress,
                                                   const std::filesystem::path& snapshot = {});

}  // namespace tally::node
