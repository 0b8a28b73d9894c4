#pragma once
// How a transaction stands, in the gateway's terms. Safe from any thread.

#include "gateway/backend.h"
#include "node/endorsing/submitter.h"

namespace tally::node {

[[nodiscard]] gateway::TransactionStatus status_of(const Submission& submission);
// From the ledger, or else pending when it is in `waiting`, or else unknown.
[[nodiscard]] Result<gateway::TransactionStatus> find_status(const storage::Ledger& ledger, const Waiting& waiting,
                                                             const storage::TransactionId& id);

}  // namespace tally::node
