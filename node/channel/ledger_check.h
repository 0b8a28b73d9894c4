#pragma once
// Checks a ledger against itself, and rebuilds what can be derived from its blocks.
//
// Both run every block through the same code as the committer, into a second ledger beside the first: signatures,
// policies, validation codes, state, history, indexes and the transaction log are computed again from block 0.
// Tools only: the node must be stopped. One thread; `pool` does the signatures.

#include <filesystem>
#include <functional>

#include "chaincode/contract.h"
#include "node/channel/channel_ledger.h"
#include "node/roles/worker_pool.h"

namespace tally::node {

using ReportProgress = std::function<void(std::uint64_t done, std::uint64_t total)>;

struct LedgerSummary {
    std::uint64_t blocks = 0;
    std::uint64_t transactions = 0;
    std::uint64_t valid = 0;
    crypto::Hash tip_hash;
    crypto::Hash log_root;
    std::uint64_t corrected = 0;  // blocks whose codes or checkpoint were not what their transactions give
};

// Recomputes everything and compares every stored byte of state, history, index and log, and every file's checksum.
// corrupt names the first thing that differs.
[[nodiscard]] Result<LedgerSummary> verify_ledger(const std::filesystem::path& data,
                                                  const chaincode::ContractSet& contracts, WorkerPool& pool,
                                                  const ReportProgress& progress);

// Makes state, history, indexes and log again from the blocks and puts them in place. Where a block's codes or
// checkpoint were others, the computed ones take their place; signatures of a false checkpoint are left out.
[[nodiscard]] Result<LedgerSummary> rebuild_ledger(const std::filesystem::path& data,
                                                   const chaincode::ContractSet& contracts, WorkerPool& pool,
                                                   const ReportProgress& progress);

}  // namespace tally::node
