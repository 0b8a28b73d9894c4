#pragma once
// A document as UBL 2.1 (OASIS): an Invoice or a CreditNote with the identifiers of Peppol BIS Billing 3.0, or of its
// self-billing counterpart, and EN 16931's core. Pure; the same document gives the same bytes.
//
// Beyond the core each line names the records that it is computed from (AdditionalItemProperty "content-id <day>"), and
// the document names the ledger's items and the evidence file by their SHA-256 (AdditionalDocumentReference): the
// invoice proves its own lines. A line's period is written where it lies in the document's (PEPPOL-EN16931-R110); of a
// correction it is in the note.
//
// Refused (invalid_argument), because a validator would refuse the result: a seller without a VAT number unless nothing
// is subject to VAT (BR-S-02 and its like), a buyer without one under reverse charge or intra-community supply
// (BR-AE-02, BR-IC-02), lines not subject to VAT (O) beside others (BR-O-11). Not refused: KWD and other currencies of
// three decimals, for which EN 16931 has no form (BR-DEC-xx wants two at most).

#include <string>

#include "gateway/invoices/document.h"

namespace tally::gateway::invoices {

[[nodiscard]] Result<std::string> write_ubl(const InvoiceDocument& document);

}  // namespace tally::gateway::invoices
