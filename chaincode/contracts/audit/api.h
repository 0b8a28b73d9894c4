#pragma once
// What other contracts may ask about audits.

#include "chaincode/callee.h"
#include "chaincode/contracts/audit/answers.h"

namespace tally::chaincode::audit::api {

inline constexpr Callee<OneRun, Run> get{"audit", "get"};

}  // namespace tally::chaincode::audit::api
