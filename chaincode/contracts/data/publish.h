#pragma once
// Publishing a record: attachment 0 is what the device signed, with its series inside, packed beside it, or without it
// (attach_series.h).
//
// Records with the key 16 are well-formed and refused (unsupported). An encrypted series (key 17) is stored as it came.
// A record of a device that is assigned to a collection comes without its rows (confidential_series otherwise).
//
// The checks and their order: format (malformed, unsupported, too_large), the device (unknown_device, certificate_...),
// signature (before anything is said of what the ledger holds), for an IoT Block the publisher (permission_denied: only
// the device's organization publishes it), the record is new (duplicate_record: answered even for
// a device that was retired since), profile, status, clock, arrival in time (not for a record that corrects one),
// sequence, schema, series (root_mismatch, summary_mismatch), chain; then for a record with key 15 what it corrects,
// for another DAILY record the chain of DAILY records and its day.

#include "chaincode/contracts/data/answers.h"
#include "chaincode/contracts/data/arguments.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

// Emits record_published.
[[nodiscard]] Result<Published> publish(Stub& stub, const Publish& arguments);

}  // namespace tally::chaincode::data
