#pragma once
// Signed readings of meters in the field (profile ocmf-1): published once, kept with one verdict per check, and joined
// to sessions. A record whose signature does not verify is refused. What fails another check is kept and shown, and
// its sessions are not billable, with the reasons.
//
// State, all in the namespace "data"; the pages of transactions (T) and of fiscal readings (F) are two sequences:
//   ocmf\0<device>\0<content id>                        the record (StoredOcmf)
//   ocmfpage\0<device>\0<T, F or ->\0<number>\0<content id>   by pagination (value: empty); - for records without one
//   ocmfopen\0<device>\0<B or E>\0<number>\0<content id>  a record with one end of a transaction alone (value: empty),
//                                                       until the other one is there
//   ocmfsession\0<device>\0<end ms>\0<content id>\0<number>   what a register counted (StoredSession)
//   ocmfcounted\0<device>\0<register>\0<end ms>\0<content id>   a session that may be billed (value: its beginning, ms)
//   ocmffiscal\0<device>\0<ms>\0<content id>\0<number>    a reading of a fiscal record (FiscalReading)
//
// A transaction whose beginning and end are in two records is one session as soon as both and every page between them
// (100 at most) are on the ledger, whatever the order in which they came. A page that another record has fails the
// check of the pagination; gaps are shown by ocmf_records, as they can be filled later.

#include "chaincode/contracts/data/ocmf_answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

// Attachment 0 is the record. Failures: malformed, too_large, unsupported (another curve), bad_signature,
// unknown_device, duplicate_record, schema_mismatch (another profile), permission_denied, device_suspended,
// device_retired, clock_ahead, too_late.
[[nodiscard]] Result<OcmfPublished> publish_ocmf(Stub& stub, const PublishOcmf& in);

// The record with a content id; null when there is none.
[[nodiscard]] Result<std::optional<StoredOcmf>> ocmf_record(Stub& stub, const OneOcmf& in);
[[nodiscard]] Result<OcmfRecords> ocmf_records(Stub& stub, const OfOcmfDevice& in);
[[nodiscard]] Result<OcmfSessions> ocmf_sessions(Stub& stub, const OcmfSessionsOf& in);

// What a meter has for one day: the sessions that end in [from_s, to_s), by their end, and the fiscal readings of that
// time. too_large for more than 1000 of one kind. `until_ms`: only what was known by then.
struct OcmfDay {
    std::vector<StoredSession> sessions;
    std::vector<FiscalReading> fiscal;
    [[nodiscard]] bool empty() const { return sessions.empty() && fiscal.empty(); }
};
[[nodiscard]] Result<OcmfDay> ocmf_day(Stub& stub, const std::string& device, std::int64_t from_s, std::int64_t to_s,
                                       std::int64_t until_ms = INT64_MAX);

}  // namespace tally::chaincode::data
