#pragma once
// Types for clients in other languages, from a contract's declaration: one file for each contract. A struct of C++
// becomes one named type, also where several functions use it. Pure; the same declaration gives the same text.

#include <string>

#include "chaincode/contract.h"

namespace tally::node::cli {

// gateway/clients/js/<contract>.d.ts: interfaces, and `Functions` with the arguments and the answer of each function.
[[nodiscard]] std::string typescript_types(const chaincode::Contract& contract);
// gateway/clients/python/tally_contracts/<contract>.py: the same as TypedDicts.
[[nodiscard]] std::string python_types(const chaincode::Contract& contract);

}  // namespace tally::node::cli
