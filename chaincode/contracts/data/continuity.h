#pragma once
// Checks a record against those on the ledger: it is not there yet, its sequence is unused, its chain is unbroken, no
// other record has its day, and what it corrects is there. Failures: duplicate_record, stale_sequence, chain_broken,
// period_overlap.

#include "chaincode/contracts/data/model.h"

namespace tally::chaincode::data {

[[nodiscard]] Status check_new(Stub& stub, std::string_view content_id, std::string_view device);
[[nodiscard]] Status check_sequence(Stub& stub, std::string_view device, std::int64_t sequence);
// Compared with the records of the sequences before and after it, where these are on the ledger: records may arrive in
// any order. Both are read, also when they are absent: a neighbour that is committed at the same time is a conflict,
// and the gateway endorses again.
[[nodiscard]] Status check_chain(Stub& stub, const StoredRecord& record);
// The chain of a device's DAILY records (key 13), for one that corrects nothing. A record that names another one which
// is on the ledger names the DAILY record of the next lower sequence; one that is not on the ledger may still come.
// Once a record has named its predecessor, all of higher sequences do. What later arrivals show to be a break is named
// by the query gaps.
[[nodiscard]] Status check_daily_chain(Stub& stub, const StoredRecord& record);
// For a record with key 15: what it corrects is on the ledger, came before it from the same device, has its kind and
// period, and is corrected by no other record (a further correction corrects the last one).
[[nodiscard]] Status check_correction(Stub& stub, const StoredRecord& record);
// DAILY records of a device do not overlap.
[[nodiscard]] Status check_day(Stub& stub, const StoredRecord& record);

}  // namespace tally::chaincode::data
