#pragma once
// Invoices to render: terms, lines and totals as the ledger would have them, in many variants.

#include <string>
#include <vector>

#include "gateway/invoices/document.h"

namespace tally::gateway::invoices::test {

struct LineText {
    std::string name;
    std::string quantity;
    std::string unit;
    std::string price;
    std::string base = "1";
    std::string percent = "20";
    chaincode::agreement::TaxCategory category = chaincode::agreement::TaxCategory::S;
    std::optional<std::string> reason = std::nullopt;
    std::optional<std::string> device = std::nullopt;
    std::optional<std::string> corrects = std::nullopt;  // a day
};

struct Case {
    std::string currency = "EUR";
    std::vector<std::pair<std::string, std::string>> payees = {{"Solar", "100"}};  // organization, percent
    std::optional<std::string> cash_rounding = std::nullopt;
    std::vector<LineText> lines;
    bool self_billed = false;
    bool with_tax_ids = true;
};

// An agreement of the organizations Solar (OPERATOR), City (RC), Bank (DV), Grid and Meters (SP).
[[nodiscard]] Terms terms_of(const Case& in);
// March 2026; the lines' amounts are quantity x price / base.
[[nodiscard]] std::vector<billing::Item> items_of(const Case& in);
[[nodiscard]] InvoiceFigures figures_of(const Case& in);
[[nodiscard]] Result<InvoiceDocument> document_of(const Case& in, const std::string& payee);

struct Named {
    std::string name;
    Case sample;
};
[[nodiscard]] std::vector<Named> all_cases();
[[nodiscard]] BillFigures bill();

}  // namespace tally::gateway::invoices::test
