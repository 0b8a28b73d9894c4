#pragma once
// Checks a device's days under an agreement again, from the records on the ledger; for the contract audit.
//
// The transaction's attachment, where it has one, is a CBOR array of byte strings: messages as the device signed them,
// each followed by its packed series where that came later. Of those records the device's signature and the readings
// are checked too. The records of the range are read by one range of their keys, so the transaction proves that there
// are no others.

#include "chaincode/contracts/data/examine_answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

// Of a day that had already become FINAL, only what had come by then counts. Failures: malformed (the attachment),
// agreement_not_open, not_in_scope, unknown_device.
[[nodiscard]] Result<Examined> examine(Stub& stub, const Examine& in);

}  // namespace tally::chaincode::data
