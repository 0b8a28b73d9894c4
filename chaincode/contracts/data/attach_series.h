#pragma once
// The series of a record that was published without it: attachment 0, packed (packed_series.h). Any member may
// publish it: it is valid because the device signed its root. Its record stays as it is; the key series names the
// transaction.
//
// Failures: not_found (no such record), invalid_argument (an IoT block has no series), already_exists (the series is on
// the ledger), confidential_series (a collection keeps it), malformed and too_large (the packed form), root_mismatch,
// summary_mismatch.

#include "chaincode/contracts/data/answers.h"
#include "chaincode/contracts/data/arguments.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

[[nodiscard]] Result<SeriesAttached> attach_series(Stub& stub, const AttachSeries& arguments);

}  // namespace tally::chaincode::data
