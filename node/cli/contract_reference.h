#pragma once
// What follows from the contracts' declarations for readers and for other languages: the reference page, and types for
// clients. Pure; the same declarations give the same text.

#include <string>

#include "chaincode/contract.h"

namespace tally::node::cli {

// docs/contracts.md: each function with its arguments, answer, roles and refusals.
[[nodiscard]] std::string reference_page(const chaincode::ContractSet& contracts);

// gateway/clients/js/contracts.d.ts: an interface for the arguments and the answer of each function.
[[nodiscard]] std::string typescript_types(const chaincode::ContractSet& contracts);
// gateway/clients/python/tally_contracts.py: the same as TypedDicts.
[[nodiscard]] std::string python_types(const chaincode::ContractSet& contracts);

}  // namespace tally::node::cli
