#pragma once
// Parts of verifying an evidence file (evidence_file.h): an invoice.

#include "node/channel/evidence_parts.h"

namespace tally::node {

// The invoice's receipt, which must be one that the run has computed again; its items, its totals, and the lines of
// devices whose FINAL days are all proven.
struct CheckedInvoice {
    ProvenInvoice invoice;
    std::int64_t recomputed = 0;  // devices
};
[[nodiscard]] Result<CheckedInvoice> check_invoice_proof(const InvoiceProof& proof,
                                                         const Configurations& configurations,
                                                         const ProvenFigures& proven, Checks& checks);

}  // namespace tally::node
