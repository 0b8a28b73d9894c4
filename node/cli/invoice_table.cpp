#include "node/cli/invoice_table.h"

#include "node/channel/ledger_json.h"
#include "node/cli/output.h"

namespace tally::node::cli {

namespace billing = chaincode::billing;

void print_invoice_line(const billing::Invoice& invoice) {
    say_done(fmt::format("Invoice {} of {}, from {} until before {}: {} {} ({})", invoice.number, invoice.agreement,
                         invoice.from.text(), invoice.until.text(), payable_text(invoice), invoice.currency,
                         chaincode::enum_name(invoice.state)));
}

namespace {

// Without zeros at the end of its decimals.
std::string shortest(const chaincode::Decimal& number) {
    auto text = number.text();
    if (text.find('.') == std::string::npos) return text;
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

}  // namespace

void print_lines(const std::vector<billing::Line>& lines, std::string_view currency) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& line : lines) {
        auto name = line.name;
        if (line.tier) name += fmt::format(", tier {}", *line.tier);
        if (line.corrects) name += fmt::format(" (corrects {})", line.corrects->text());
        const auto base = line.base == chaincode::Decimal::of(1, 0).value() ? "" : " / " + line.base.text();
        rows.push_back({line.device.value_or(""), name, fmt::format("{}..{}", line.from.text(), line.until.text()),
                        shortest(line.quantity) + " " + line.unit, shortest(line.price) + base, line.amount.text()});
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
    if (const auto& sealed = invoice.sealed)
        print_facts({{"sealed with", sealed->commitment},
                     {"agreed to by", fmt::format("{}", fmt::join(sealed->agreed_by, ", "))}});
    else
        print_totals(invoice.totals, invoice.currency);
    print_timeline(invoice.timeline);
}

std::string payable_text(const billing::Invoice& invoice) {
    return invoice.sealed ? "sealed" : invoice.totals.payable.text();
}

void print_timeline(const std::vector<billing::Step>& timeline) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& step : timeline) {
        auto remark = step.remark.value_or("");
        if (step.payment) {
            for (const auto& booking : step.payment->bookings)
                remark += fmt::format("{}{} to {}: {}", remark.empty() ? "" : "; ", booking.amount.text(),
                                      booking.payee, booking.reference);
        }
        rows.push_back({iso_time(step.time_ms), std::string(chaincode::enum_name(step.state)), step.by, remark});
    }
    print_table({"when", "state", "by", "remark"}, rows);
}

void print_bill(const billing::Bill& bill) {
    print_facts({{"bill", fmt::format("{} of {}", bill.number, bill.provider)},
                 {"period", fmt::format("from {} until before {}", bill.from.text(), bill.until.text())},
                 {"state", std::string(chaincode::enum_name(bill.state))},
                 {"due", bill.due.text()},
                 {"within tolerance", bill.within_tolerance ? "yes" : "no"}});
    std::vector<std::vector<std::string>> rows;
    for (const auto& each : bill.variances) {
        rows.push_back({each.name, each.device.value_or(""), each.billed_quantity.text(), each.metered_quantity.text(),
                        each.billed_amount.text(), each.agreed_amount.text(), each.difference.text(),
                        std::string(chaincode::enum_name(each.verdict))});
    }
    print_table({"line", "device", "billed", "metered", "billed " + bill.currency, "agreed", "difference", "verdict"},
                rows);
    print_totals(bill.totals, bill.currency);
    print_timeline(bill.timeline);
}

}  // namespace tally::node::cli
