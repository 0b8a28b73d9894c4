#pragma once
// The registry of devices: their keys, certificates, schemas, status and rules. See contract() for its functions.

#include "chaincode/contract.h"

namespace tally::chaincode::registry {

[[nodiscard]] Contract contract();

}  // namespace tally::chaincode::registry
