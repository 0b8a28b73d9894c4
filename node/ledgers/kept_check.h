#pragma once
// What can be said of a ledger that began with a snapshot without having that snapshot, or whose old transactions were
// pruned: everything that is signed.
//
//   log      every leaf, and the index of transactions by it; its root after each block is the checkpoint's
//   blocks   links, signatures, codes; each transaction that is here is in the log with its code, and VALID only if it
//            can be
//   state    its set hash is what the last checkpoint states
//
// That the blocks lead to this state takes their effects on the state before them, which is not here.

#include "node/ledgers/ledger_check.h"

namespace tally::node {

// corrupt names the first thing that does not hold. One thread; `pool` does the signatures.
[[nodiscard]] Result<LedgerSummary> check_kept_ledger(const storage::Ledger& ledger, WorkerPool& pool,
                                                      const ReportProgress& progress);

}  // namespace tally::node
