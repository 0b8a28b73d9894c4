#pragma once
// What other contracts may ask about invoices.

#include "chaincode/callee.h"
#include "chaincode/contracts/billing/answers.h"

namespace tally::chaincode::billing::api {

inline constexpr Callee<ExaminePeriod, ExaminedInvoice> examine{"billing", "examine"};

}  // namespace tally::chaincode::billing::api
