#pragma once
// The sums of a document: EN 16931's arithmetic over its lines and the payee's share (document.h says which figure
// comes from which). Internal to document.cpp; pure. Failures: invalid_argument.

#include "gateway/invoices/document.h"

namespace tally::gateway::invoices {

// Fills taxes and totals from the lines. Refuses lines whose sum is not the invoice's net.
[[nodiscard]] Status add_sums(chaincode::Rounding rounding, const billing::Totals& totals, const billing::Share& share,
                              InvoiceDocument& document);

// A credit note has the amounts of the invoice that it would be, with their signs turned.
[[nodiscard]] Status turn_signs(InvoiceDocument& document);

[[nodiscard]] Result<Decimal> negated(const Decimal& number);

}  // namespace tally::gateway::invoices
