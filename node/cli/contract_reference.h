#pragma once
// The reference page that follows from the contracts' declarations. Pure; the same declarations give the same text.

#include <string>

#include "chaincode/contract.h"

namespace tally::node::cli {

// docs/contracts.md: each function with its arguments, answer, roles and refusals.
[[nodiscard]] std::string reference_page(const chaincode::ContractSet& contracts);

}  // namespace tally::node::cli
