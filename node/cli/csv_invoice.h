#pragma once
// What a meter's file would cost under terms, before anybody has signed them: the same figures and the same prices as
// on the ledger, from the file's whole days in the terms' zone.

#include <filesystem>

#include "chaincode/contracts/billing/pricing.h"

namespace tally::node::cli {

struct CsvInvoice {
    chaincode::Date from;
    chaincode::Date until;
    std::int64_t days = 0;  // with readings
    std::string currency;
    std::vector<chaincode::billing::Line> lines;
    chaincode::billing::Totals totals;
};
BOOST_DESCRIBE_STRUCT(CsvInvoice, (), (from, until, days, currency, lines, totals))

// The last billing period that the file has a day of. malformed, schema_mismatch: the file, and what is wrong with it.
[[nodiscard]] Result<CsvInvoice> invoice_of_csv(const chaincode::agreement::Terms& terms,
                                                const std::filesystem::path& file);
void print_csv_invoice(const CsvInvoice& invoice);

}  // namespace tally::node::cli
