#pragma once
// Readings that are in no block: who keeps them, and how it is proven that they were removed.
//
// A record of a device that is assigned to a collection (registry/collections.h) comes without its rows. The nodes of
// the collection's keepers hold them. What a keeper may hold follows from the ledger alone: the record is there, its
// rows give the signed root, no erasure covers it, and `keep_days` have not passed. Every keeper's node reports what it
// has removed, in its organization's name: the number of series and the digest of their content ids.
//
// An erasure is ordered by the device's operator. It covers the records of the device that were published before it
// and whose period lies within its bounds. The signed records stay on the ledger: figures, roots and signatures.

#include "chaincode/contracts/data/kept_answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

// Whether the rows must stay out of blocks: they are kept by a collection, or encrypted.
[[nodiscard]] bool is_confidential(const StoredRecord& record);
// Fails with confidential_series if so: the rows were attached to a transaction, which is a part of a block.
[[nodiscard]] Status check_open(const StoredRecord& record);
// The order that covers the record; none while its rows may be kept.
[[nodiscard]] Result<std::optional<ErasureOrder>> erasure_of(Stub& stub, const StoredRecord& record);
// Puts the record where the keepers find it.
[[nodiscard]] Status list_for_keepers(Stub& stub, const StoredRecord& record);

// What a keeper's node must know to hold the record's rows. not_found: no such record, or it is in no collection.
[[nodiscard]] Result<Keeping> keeping(Stub& stub, const KeepingOf& in);
// The records of a collection in the order in which they were proposed.
[[nodiscard]] Result<KeptPage> kept_records(Stub& stub, const KeptRecords& in);

// not_confidential: the device was never in a collection.
[[nodiscard]] Result<ErasureOrder> erase(Stub& stub, const Erase& in);
[[nodiscard]] Result<ErasureReport> report_erased(Stub& stub, const ReportErased& in);
[[nodiscard]] Result<ExpiryReport> report_expired(Stub& stub, const ReportExpired& in);
[[nodiscard]] Result<ErasurePage> erasures(Stub& stub, const Erasures& in);
[[nodiscard]] Result<ExpiryPage> expiries(Stub& stub, const Expiries& in);

}  // namespace tally::chaincode::data
