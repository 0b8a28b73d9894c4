#pragma once
// Computing an invoice: a pure function of the agreement's versions, the FINAL days of its devices and the revisions
// that no earlier invoice has. Any party may call it; the first call counts.

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/contracts/billing/period.h"
#include "chaincode/stub.h"

namespace tally::chaincode::billing {

// Computes the items of some devices ahead, so that the invoice of many devices fits into transactions.
[[nodiscard]] Result<Prepared> prepare(Stub& stub, const Prepare& in);
// The invoice of the period; the one that is there, when there is one. days_open names the first day that is not FINAL.
[[nodiscard]] Result<Invoice> compute(Stub& stub, const OfPeriod& in);
// The same, without storing anything: also for a period whose days are not all FINAL, from those that are.
[[nodiscard]] Result<Invoice> preview(Stub& stub, const OfPeriod& in);
// Computes the stored invoice of a period again, from its FINAL days and from its items; for the contract audit.
[[nodiscard]] Result<ExaminedInvoice> examine(Stub& stub, const ExaminePeriod& in);

}  // namespace tally::chaincode::billing
