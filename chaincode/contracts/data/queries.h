#pragma once
// Queries for records. Every page has `next` while more remain. Figures are exact decimals; nothing is rounded but
// means. Failures: invalid_argument (a limit, a cursor, a range), malformed (a name), unknown_device, root_mismatch (a
// series from the archive that is not what was signed).

#include "chaincode/contracts/data/answers.h"
#include "chaincode/contracts/data/arguments.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

// The record with this content id: where it is; null when there is none.
[[nodiscard]] Result<std::optional<RecordPlace>> find(Stub& stub, const Find& arguments);
// Summaries of days by field, of a device or a shard.
[[nodiscard]] Result<DayPage> days(Stub& stub, const Days& arguments);
// A device's records of any kind.
[[nodiscard]] Result<RecordPage> records(Stub& stub, const Records& arguments);
// What ties each day's figures to its device and its transaction.
[[nodiscard]] Result<ProofPage> proofs(Stub& stub, const Proofs& arguments);
// Raw samples by field, or resampled; each record's series is checked against its root.
[[nodiscard]] Result<SeriesPage> series(Stub& stub, const Series& arguments);
// Missing days, rows, values and sequences, and breaks of the chain.
[[nodiscard]] Result<GapReport> gaps(Stub& stub, const Gaps& arguments);
// When devices were last heard, and whether that is too long ago.
[[nodiscard]] Result<DeviceLiveness> liveness(Stub& stub, const OfDevice& arguments);
// Of a device that has published nothing since: any member may report it, as the ledger shows it. conflict when a
// later record is there.
[[nodiscard]] Result<SilenceReported> report_silence(Stub& stub, const Silence& in);
[[nodiscard]] Result<LivenessPage> shard_liveness(Stub& stub, const OfShard& arguments);

}  // namespace tally::chaincode::data
