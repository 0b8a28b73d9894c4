#pragma once
// Audits: any party to an agreement may have its days, records, signatures, readings and invoices checked again, and
// the verdict recorded on the ledger. Every committer makes the same checks, so the record of a run proves them, and
// proves by the ranges that it read that no record was left out.

#include "chaincode/contract.h"

namespace tally::chaincode::audit {

[[nodiscard]] Contract contract();

}  // namespace tally::chaincode::audit
