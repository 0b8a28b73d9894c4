#pragma once
// The records that devices sign: published once, never changed, and asked in many ways. See contract() for its functions.

#include "chaincode/contract.h"

namespace tally::chaincode::data {

[[nodiscard]] Contract contract();

}  // namespace tally::chaincode::data
