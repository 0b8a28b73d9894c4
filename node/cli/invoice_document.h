#pragma once
// A supplier's document of an invoice or a bill, from what the ledger has.

#include <span>

#include "chaincode/calendar.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "gateway/invoices/document.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {

struct DocumentOf {
    std::string agreement;
    chaincode::Date day;
    std::string payee;     // empty: the only payee
    std::string provider;  // whose bill is meant; empty: the invoice
    std::optional<std::string> evidence;
    std::filesystem::path sealed;  // of a sealed invoice: its file
    bool self_billed = false;      // the operator makes it out in the supplier's name (389 instead of 380)
};
[[nodiscard]] Result<gateway::invoices::InvoiceDocument> document_of(MemberClient& member, const DocumentOf& of);

// Registers at the period's beginning and end, from its FINAL days.
[[nodiscard]] std::vector<gateway::invoices::MeterReading> meter_readings(
    const chaincode::agreement::Terms& terms, const std::vector<chaincode::billing::Item>& items,
    std::span<const chaincode::data::SettledDay> days);
// What the document of one payee is made from, but for readings, earlier invoices and evidence.
[[nodiscard]] gateway::invoices::InvoiceFigures figures_of(const std::string& channel,
                                                           const chaincode::billing::Invoice& invoice,
                                                           const chaincode::agreement::Terms& terms,
                                                           std::int64_t version, const std::string& payee);

}  // namespace tally::node::cli
