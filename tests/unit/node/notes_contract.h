#pragma once
// A small contract for tests of what surrounds contracts: it writes, reads, counts, scans, calls another contract, and
// has a function that wants its data signed at the origin.

#include "chaincode/contract.h"

namespace tally::node::notes {

// Contracts "notes" (all functions) and "ledger_of_others" (only `put`), version 1 of both.
void add_contracts(chaincode::Catalogue& catalogue);
[[nodiscard]] const chaincode::ContractSet& contracts();

}  // namespace tally::node::notes
