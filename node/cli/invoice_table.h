#pragma once
// Invoices for people.

#include "chaincode/contracts/billing/model.h"

namespace tally::node::cli {

// One line: period, state and amount.
void print_invoice_line(const chaincode::billing::Invoice& invoice);
// The whole invoice: totals, shares and steps.
void print_invoice(const chaincode::billing::Invoice& invoice);
// A provider's bill: each line compared with metered use.
void print_bill(const chaincode::billing::Bill& bill);
// What is to be paid; the ledger does not know it of a sealed invoice.
[[nodiscard]] std::string payable_text(const chaincode::billing::Invoice& invoice);
void print_timeline(const std::vector<chaincode::billing::Step>& timeline);
void print_lines(const std::vector<chaincode::billing::Line>& lines, std::string_view currency);
void print_totals(const chaincode::billing::Totals& totals, std::string_view currency);

}  // namespace tally::node::cli
