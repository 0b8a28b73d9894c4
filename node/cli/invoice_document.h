#pragma once
// A supplier's document of an invoice or a bill, from what the ledger has.

#include "chaincode/calendar.h"
#include "gateway/invoices/document.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {

struct DocumentOf {
    std::string agreement;
    chaincode::Date day;
    std::string payee;     // empty: the only payee
    std::string provider;  // whose bill is meant; empty: the invoice
    std::optional<std::string> evidence;
    bool self_billed = false;  // the operator makes it out in the supplier's name (389 instead of 380)
};
[[nodiscard]] Result<gateway::invoices::InvoiceDocument> document_of(MemberClient& member, const DocumentOf& of);

}  // namespace tally::node::cli
