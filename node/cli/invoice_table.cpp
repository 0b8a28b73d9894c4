#include "node/cli/invoice_table.h"

#include "node/channel/ledger_json.h"
#include "node/cli/output.h"

namespace tally::node::cli {

namespace billing = chaincode::billing;

void print_invoice_line(const billing::Invoice& invoice) {
    say_done(fmt::format("Invoice {} of {}, from {} until before {}: {} {} ({})", invoice.number, invoice.agreement,
                         invoice.from.text(), invoice.until.text(), invoice.totals.payable.text(), invoice.currency,
                         chaincode::enum_name(invoice.state)));
}

void print_lines(const std::vector<billing::Line>& lines, std::string_view currency) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& line : lines) {
        auto name = line.name;
        if (line.tier) name += fmt::format(", tier {}", *line.tier);
        if (line.corrects) name += fmt::format(" (corrects {})", line.corrects->text());
        const auto base = line.base == chaincode::Decimal::of(1, 0).value() ? "" : " / " + line.base.text();
        rows.push_back({line.device.value_or(""), name, fmt::format("{}..{}", line.from.text(), line.until.text()),
                        line.quantity.text() + " " + line.unit, line.price.text() + base, line.amount.text()});
    }
    print_table({"device", "line", "days", "quantity", "price", std::string(currency)}, rows);
}

void print_totals(const billing::Totals& totals, std::string_view currency) {
    std::vector<std::pair<std::string, std::string>> facts{{"net", totals.net.text()}};
    for (const auto& tax : totals.taxes) {
        facts.emplace_back(fmt::format("tax {} {} %", chaincode::enum_name(tax.tax.category), tax.tax.percent.text()),
                           fmt::format("{} on {}", tax.amount.text(), tax.taxable.text()));
    }
    if (totals.rounding != chaincode::Decimal()) facts.emplace_back("rounding", totals.rounding.text());
    facts.emplace_back("payable", fmt::format("{} {}", totals.payable.text(), currency));
    for (const auto& share : totals.shares)
        facts.emplace_back("to " + share.organization,
                           fmt::format("{} ({} %)", share.amount.text(), share.percent.text()));
    print_facts(facts);
}

void print_invoice(const billing::Invoice& invoice) {
    print_facts({{"invoice", fmt::format("{} of {}", invoice.number, invoice.agreement)},
                 {"period", fmt::format("from {} until before {}", invoice.from.text(), invoice.until.text())},
                 {"state", std::string(chaincode::enum_name(invoice.state))},
                 {"due", invoice.due.text()},
                 {"may be disputed before", invoice.disputable_until.text()},
                 {"from", fmt::format("{} FINAL days of {} devices", invoice.days, invoice.devices)}});
    print_totals(invoice.totals, invoice.currency);
    std::vector<std::vector<std::string>> rows;
    for (const auto& step : invoice.timeline) {
        rows.push_back({iso_time(step.time_ms), std::string(chaincode::enum_name(step.state)), step.by,
                        step.payment ? step.payment->reference : step.remark.value_or("")});
    }
    print_table({"when", "state", "by", "remark"}, rows);
}

}  // namespace tally::node::cli
