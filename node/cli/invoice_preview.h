#pragma once
// What metered days would cost under terms, before anybody has signed them: the same figures and the same prices as on
// the ledger.

#include <filesystem>

#include "chaincode/contracts/billing/pricing.h"
#include "gateway/device_sdk/csv_profile.h"
#include "node/settling/contract_calls.h"

namespace tally::node::cli {

struct InvoicePreview {
    chaincode::Date from;
    chaincode::Date until;
    std::int64_t days = 0;  // with readings
    std::string currency;
    std::vector<chaincode::billing::Line> lines;
    chaincode::billing::Totals totals;
};
BOOST_DESCRIBE_STRUCT(InvoicePreview, (), (from, until, days, currency, lines, totals))

// From a meter's file, its whole days in the terms' zone: the last billing period that the file has a day of.
// `profile` says how the file is written; times without a zone are of its zone, or else of the terms'.
// malformed, schema_mismatch: the file, and what is wrong with it.
[[nodiscard]] Result<InvoicePreview> invoice_of_csv(const chaincode::agreement::Terms& terms,
                                                    const std::filesystem::path& file,
                                                    gateway::device_sdk::CsvProfile profile);
// From the last period that the agreement has billed, with the quantities that it has billed of each field. not_found:
// it has billed none. Fields that the agreement does not have are as if nothing was metered.
[[nodiscard]] Result<InvoicePreview> invoice_of_last_period(ContractCalls& calls,
                                                            const chaincode::agreement::Terms& terms,
                                                            const std::string& agreement);
void print_preview(const InvoicePreview& invoice);

}  // namespace tally::node::cli
