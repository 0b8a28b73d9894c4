#pragma once
// Verifies a supplier's invoice (UBL, gateway/invoices/ubl.h) with an evidence file, offline: the document is made
// again from the invoice that the evidence proves, and compared element by element. So every amount, line, date,
// account and name in it is proven, and the first one that was changed is named.
//
// What the evidence does not have is taken from the document: the numbers and dates of earlier invoices that its lines
// correct, and whether it was made out in the supplier's name.

#include "node/channel/evidence_file.h"

namespace tally::node::cli {

[[nodiscard]] bool is_invoice_document(std::string_view file);

struct InvoiceDocumentFacts {
    std::string number;
    std::string seller;
    std::string buyer;
    std::string payable;
    std::string currency;
};
// `evidence_sha256`: of the evidence file, in hexadecimal. bad_proof names the first difference.
[[nodiscard]] Result<InvoiceDocumentFacts> verify_invoice_document(std::string text, const EvidenceFacts& evidence,
                                                                   const std::string& evidence_sha256, Checks& checks);

}  // namespace tally::node::cli
