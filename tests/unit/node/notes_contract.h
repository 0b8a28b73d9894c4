#pragma once
// A small contract for tests of what surrounds contracts: it writes, reads, counts, scans, calls another contract, and
// has a function that wants its data signed at the origin.

#include "chaincode/contract.h"

namespace tally::node::notes {

// Contracts "notes" (all functions; version 2 appends louder) and "ledger_of_others" (only `put`).
void add_contracts(chaincode::Catalogue& catalogue);
// Version 1 of both.
[[nodiscard]] const chaincode::ContractSet& contracts();

}  // namespace tally::node::notes
