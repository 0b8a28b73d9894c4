#pragma once
// The billing contract: what is paid under an agreement, and what became of it.
//
//   pricing.h       days -> lines -> totals, a pure function     <- read first
//   model.h         what the ledger keeps
//   period.h        a billing period's versions and devices
//   compute.h       an invoice from FINAL days
//   corrections.h   what became known later
//   payment.h       the states of an invoice

#include "chaincode/contract.h"

namespace tally::chaincode::billing {

[[nodiscard]] Contract contract();

}  // namespace tally::chaincode::billing
