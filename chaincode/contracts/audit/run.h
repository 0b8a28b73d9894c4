#pragma once
// The functions of the audit contract.

#include "chaincode/contracts/audit/answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::audit {

// Checks the days [from, until) of a device, of every device that is metered then, or of a part of them by their ids,
// and records the verdict. The run of the last devices also computes the sums of the invoice again.
// already_exists (the id), agreement_not_open, too_large (more than kMostDays days of devices).
[[nodiscard]] Result<RunAnswer> run(Stub& stub, const RunAudit& in);
[[nodiscard]] Result<Run> get(Stub& stub, const OneRun& in);  // unknown_audit
[[nodiscard]] Result<RunPage> list(Stub& stub, const ListRuns& in);

}  // namespace tally::chaincode::audit
