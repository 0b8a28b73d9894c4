#pragma once
// What follows from OCMF records alone, without the ledger: their verdicts, their sessions and fiscal readings, and why
// these may not be billed. Publishing stores it, and the verifier of an evidence file computes it again.
//
// Two facts need the ledger: whether another record has the same page, and whether sessions overlap (ocmf.h).
// Pure; deterministic.

#include <map>

#include "chaincode/contracts/data/admission.h"
#include "chaincode/contracts/data/ocmf_answers.h"

namespace tally::chaincode::data {

// What the record itself says, in the form in which the ledger keeps it. The rest is left empty.
[[nodiscard]] StoredOcmf content_of(const OcmfRecord& record);

// From the first reading to the last; `now_ms` where the readings have no times.
[[nodiscard]] Period period_of(const OcmfRecord& record, std::int64_t now_ms);

// Of a record whose signature verifies under the key of this epoch.
[[nodiscard]] std::vector<OcmfVerdict> verdicts_on(const OcmfRecord& record, std::int64_t epoch, bool page_is_taken);

// What each register counted between the beginning in one record and the end in another, or in the same one. Empty:
// there is no such transaction. `transaction` and `completed_ms` are left empty.
[[nodiscard]] std::vector<StoredSession> sessions_with(const StoredOcmf& begin, const StoredOcmf& end);

// The readings of a fiscal record, by their place in it; of others none. Readings without value or time are left out.
[[nodiscard]] std::map<std::size_t, FiscalReading> fiscal_readings(const StoredOcmf& record);

// Whether an agreement may bill it.
[[nodiscard]] bool may_count(const StoredSession& session);
// For a reason that no agreement accepts.
void refuse(StoredSession& session, std::string reason);

}  // namespace tally::chaincode::data
