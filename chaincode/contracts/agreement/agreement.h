#pragma once
// The agreement contract: what parties have agreed to, version by version. It decides which devices are metered for
// whom, how their days become final (data) and what is paid (billing).
//
//   tariff.h, terms.h   what is agreed to             <- read first
//   model.h             what the ledger keeps
//   lifecycle.h         propose, sign, amend, transfer, suspend, end
//   claims.h            one agreement per device, field and day
//   api.h               what other contracts ask

#include "chaincode/contract.h"

namespace tally::chaincode::agreement {

[[nodiscard]] Contract contract();

}  // namespace tally::chaincode::agreement
