#pragma once
// The operator's scheduler: does what is due under the agreements that an organization operates, when it is due.
//
// It keeps no state: everything that is due follows from the ledger, so it goes on after a restart, and nodes of one
// organization or of several may all run it. Each step counts once, as the contracts say.
//
//   a day's window has ended       the day becomes FINAL; what came late is a revision
//   a period's days are FINAL      its invoice is computed, and its payer told (NOTIFIED)
//   an invoice is due and unpaid   it is EXPIRED
//   a device is silent             it is suspended by its operator's rules
//
// It looks when a window ends and at its interval, for what comes late. One thread.

#include <chrono>
#include <stop_token>

#include "node/settling/contract_calls.h"

namespace tally::node {

// Until `stop`. Interval 0: it does nothing. The log says what was done and what failed.
void run_scheduler(ContractCalls& calls, std::chrono::seconds interval, std::stop_token stop);

// One look. When the next window ends, in ms since the epoch; none: no agreement is open.
[[nodiscard]] Result<std::optional<std::int64_t>> settle_all(ContractCalls& calls);

}  // namespace tally::node
