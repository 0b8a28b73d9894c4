#pragma once
// How a record stands to those that are on the ledger: not there yet, its sequence unused, its chain unbroken, its day
// its own. Failures: duplicate_record, stale_sequence, chain_broken, period_overlap.

#include "chaincode/contracts/data/model.h"

namespace tally::chaincode::data {

[[nodiscard]] Status check_new(Stub& stub, std::string_view content_id, std::string_view device);
[[nodiscard]] Status check_sequence(Stub& stub, std::string_view device, std::int64_t sequence);
// Compared with the records before and behind it as far as they are known: records may arrive in any order. Unrecorded:
// a neighbour that commits at the same time is not seen, and then the query "gaps" tells of the break.
[[nodiscard]] Status check_chain(Stub& stub, const StoredRecord& record);
// DAILY records of a device do not overlap.
[[nodiscard]] Status check_day(Stub& stub, const StoredRecord& record);

}  // namespace tally::chaincode::data
