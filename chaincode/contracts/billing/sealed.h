#pragma once
// Invoices of figures that are commitments (data::Match::COMMITTED). The ledger knows that all days are FINAL, and of
// the invoice a commitment: the SHA-256 of a salt of 32 bytes and the invoice's text. The parties compute the invoice
// from the readings that a collection keeps, each at a node of a keeper, and agree on the ledger to the commitment.
//
// The text of an OpenedInvoice is its JSON (json_text). It follows from the agreement's versions, the FINAL days with
// their openings, the revisions and earlier invoices alone, so that all parties have the same, also later on.
//
// Failures: those of compute; figures_withheld, wrong_commitment, invoice_state, wrong_party.

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::billing {

// A query, for a node of a keeper: the invoice that a period has, or would have if all its days are FINAL.
[[nodiscard]] Result<OpenedInvoice> open_invoice(Stub& stub, const OfPeriod& in);
// Counts the FINAL days of some devices ahead, so that the sealed invoice of many fits into a transaction.
[[nodiscard]] Result<Prepared> prepare_seal(Stub& stub, const Prepare& in);
// The OPERATOR: stores the commitment to the invoice of a period. The same once more changes nothing.
[[nodiscard]] Result<Invoice> seal(Stub& stub, const Commitment& in);
// A party that has computed the invoice. The payer is notified when every RC and DV has agreed (payment.h).
[[nodiscard]] Result<Invoice> agree(Stub& stub, const Commitment& in);

}  // namespace tally::chaincode::billing
