#pragma once
// What invoices and bills have in common on the ledger.

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::billing {

[[nodiscard]] Result<Invoice> find_invoice(Stub& stub, const std::string& agreement, Date from);  // unknown_invoice
[[nodiscard]] Result<Bill> find_bill(Stub& stub, const std::string& agreement, Date from,
                                     const std::string& provider);  // unknown_invoice
// The next step of its timeline, by the caller. too_large when it has taken 200.
[[nodiscard]] Status add_step(Stub& stub, Payable& payable, InvoiceState state, std::optional<std::string> remark,
                              std::optional<Payment> payment = std::nullopt);
[[nodiscard]] InvoiceEvent event_of(Stub& stub, const Payable& payable, std::optional<std::string> provider = {});

}  // namespace tally::chaincode::billing
