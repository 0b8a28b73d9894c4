#pragma once
// Everything that is wrong with terms: by themselves (terms.h), and by what is on the ledger.

#include "chaincode/contracts/agreement/terms.h"
#include "chaincode/stub.h"

namespace tally::chaincode::agreement {

// Fails only when the ledger cannot be read.
[[nodiscard]] Result<std::vector<Problem>> all_problems(Stub& stub, const Terms& terms);
// terms_invalid, with the first problem and how many there are.
[[nodiscard]] Status check_terms(Stub& stub, const Terms& terms);

}  // namespace tally::chaincode::agreement
