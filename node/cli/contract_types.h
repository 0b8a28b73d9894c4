#pragma once
// Types for clients in other languages, from the contracts' declarations. A struct of C++ becomes one named type, also
// where several functions use it. Pure; the same declarations give the same text.

#include <string>

#include "chaincode/contract.h"

namespace tally::node::cli {

// gateway/clients/js/contracts.d.ts: interfaces, and `Functions` with the arguments and the answer of each function.
[[nodiscard]] std::string typescript_types(const chaincode::ContractSet& contracts);
// gateway/clients/python/tally_contracts.py: the same as TypedDicts.
[[nodiscard]] std::string python_types(const chaincode::ContractSet& contracts);

}  // namespace tally::node::cli
