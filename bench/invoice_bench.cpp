// What an invoice of 10,000 lines costs as a document: building it, UBL and HTML. One line for each device; with 31
// signed days on each, which UBL lists.

#include <benchmark/benchmark.h>

#include "gateway/invoices/html.h"
#include "gateway/invoices/ubl.h"

namespace {

using namespace tally;
using namespace tally::gateway::invoices;
namespace agreement = chaincode::agreement;

constexpr int kLines = 10'000;

Decimal decimal(std::string_view text) { return Decimal::parse(text).value(); }
Date date(std::string_view text) { return Date::parse(text).value(); }

Terms terms() {
    Business business;
    business.name = "M\xc3\xbcller & S\xc3\xb6hne";
    business.town = "Wien";
    business.country = "AT";
    business.tax_id = "ATU12345678";
    business.iban = "AT611904300234573201";
    Terms out;
    out.currency = "EUR";
    out.parties = {{"Solar", agreement::PartyRole::OPERATOR, business}, {"City", agreement::PartyRole::RC, business}};
    out.payees = {{"Solar", decimal("100")}};
    return out;
}

std::vector<billing::Item> items(int days) {
    std::vector<billing::Item> out(kLines);
    for (int i = 0; i < kLines; ++i) {
        billing::Line line;
        line.name = "Energy";
        line.device = fmt::format("meter-{}", i);
        line.field = "energy";
        line.from = date("2026-03-01");
        line.until = date("2026-04-01");
        line.quantity = decimal("400000");
        line.unit = "Wh";
        line.price = decimal("0.25");
        line.base = decimal("1000");
        line.amount = decimal("100.00");
        line.tax.percent = decimal("20");
        for (int day = 0; day < days; ++day) {
            billing::CitedDay cited;
            cited.day = line.from.plus_days(day);
            cited.content_id = fmt::format("{:064x}", i * 100 + day);
            out[static_cast<std::size_t>(i)].days.push_back(cited);
        }
        out[static_cast<std::size_t>(i)].lines.push_back(std::move(line));
    }
    return out;
}

InvoiceFigures figures(const std::vector<billing::Item>& of, const Terms& by) {
    InvoiceFigures out;
    out.channel = "main";
    out.agreement = "solar-1";
    out.issued = date("2026-04-01");
    out.due = date("2026-04-15");
    out.from = date("2026-03-01");
    out.until = date("2026-04-01");
    out.currency = "EUR";
    billing::Sum sum(by);
    for (const auto& item : of) TALLY_INVARIANT(sum.add(item.lines[0]), "the lines add up");
    out.totals = sum.totals().value();
    return out;
}

InvoiceDocument document(int days) {
    const auto by = terms();
    const auto of = items(days);
    return invoice_document(by, figures(of, by), of, "Solar").value();
}

void build(benchmark::State& state) {
    const auto by = terms();
    const auto of = items(static_cast<int>(state.range(0)));
    const auto what = figures(of, by);
    for (auto _ : state) benchmark::DoNotOptimize(invoice_document(by, what, of, "Solar"));
}
BENCHMARK(build)->Arg(0)->Arg(31)->ArgName("days")->Unit(benchmark::kMillisecond);

void ubl(benchmark::State& state) {
    const auto of = document(static_cast<int>(state.range(0)));
    std::size_t bytes = 0;
    for (auto _ : state) bytes = write_ubl(of).value().size();
    state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(ubl)->Arg(0)->Arg(31)->ArgName("days")->Unit(benchmark::kMillisecond);

void html(benchmark::State& state) {
    const auto of = document(static_cast<int>(state.range(0)));
    std::size_t bytes = 0;
    for (auto _ : state) bytes = write_html(of).size();
    state.counters["bytes"] = static_cast<double>(bytes);
}
BENCHMARK(html)->Arg(0)->Arg(31)->ArgName("days")->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
