#pragma once
// The whole of a ledger at one height, entry by entry: for a copy of it, or a check. From any thread, beside the
// committer; memory does not grow with the ledger. `visit` ends the walk by failing.

#include <functional>

#include "storage/model/transaction.h"
#include "storage/state_reader.h"

namespace tally::storage {

// `at` is a Ledger's state. In ascending order of (namespace, key).
[[nodiscard]] Status each_state_entry(const LedgerState& at, const std::function<Status(const StateEntry&)>& visit);
// In the order of the log.
[[nodiscard]] Status each_log_leaf(const LedgerState& at, const std::function<Status(const LogLeaf&)>& visit);

}  // namespace tally::storage
