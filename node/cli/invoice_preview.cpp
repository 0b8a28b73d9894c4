#include "node/cli/invoice_preview.h"

#include <algorithm>

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/records/packed_series.h"
#include "gateway/device_sdk/day_builder.h"
#include "gateway/device_sdk/meter_csv.h"
#include "node/cli/invoice_table.h"
#include "node/cli/output.h"

namespace tally::node::cli {
namespace {

namespace billing = chaincode::billing;
namespace data = chaincode::data;
namespace sdk = gateway::device_sdk;
using chaincode::Date;
using chaincode::agreement::Terms;

// A day as the ledger would have it, had the meter signed it.
Result<data::SettledDay> settled_day(const Terms& terms, const sdk::MeterCsv& csv, Date date,
                                     const data::SettledDay* before) {
    data::SettledDay day;
    day.day = date;
    day.from = chaincode::beginning_of(date, terms.zone);
    day.to = chaincode::beginning_of(date.plus_days(1), terms.zone);
    const auto built = TRY(
        sdk::build_record(csv.measurements, {.start_s = day.from,
                                             .end_s = day.to,
                                             .polling_interval_s = std::max<std::int64_t>(csv.report.interval_s, 1)}));
    data::StoredRecord record;
    record.from = day.from;
    record.to = day.to;
    record.fields = built.record.fields;
    record.summary = built.record.summary;
    record.root = built.record.root.hex();
    record.rows_per_leaf = built.record.rows_per_leaf;
    data::DayFacts facts;
    facts.record = &record;
    facts.before = before;
    Bytes rows;
    if (!terms.windows.empty()) {
        rows = TRY(chaincode::unpack_series(built.record, built.packed));
        facts.rows = rows;
    }
    day.fields = TRY(data::settle_fields(terms, facts));
    return day;
}

}  // namespace

Result<InvoicePreview> invoice_of_csv(const Terms& all_terms, const std::filesystem::path& file,
                                      sdk::CsvProfile profile) {
    auto terms = all_terms;
    chaincode::agreement::keep_lines_of(terms, std::nullopt);
    if (!profile.times.zone && !profile.times.assume_utc)
        profile.times.zone = TRY(sdk::TimeZone::find(terms.zone.name));
    const auto csv = TRY(sdk::read_meter_csv_file(file, profile));
    if (csv.measurements.rows() == 0) return fail(Code::malformed, "{}: no readings are in it", file.string());
    const auto first = chaincode::date_at(csv.measurements.times_s.front(), terms.zone);
    const auto last = chaincode::date_at(csv.measurements.times_s.back(), terms.zone);
    const auto period = billing::period_of(terms.period, last);
    InvoicePreview out;
    out.currency = terms.currency;
    // The agreement's part of the period; all of it for a file of days before the agreement.
    out.from = std::max(period.from, terms.from);
    out.until = std::min(period.until, terms.until.value_or(period.until));
    if (out.from >= out.until) {
        out.from = period.from;
        out.until = period.until;
    }
    std::vector<data::SettledDay> days;
    for (auto date = std::max(first, out.from); date <= last && date < out.until; date = date.plus_days(1))
        days.push_back(TRY(settled_day(terms, csv, date, days.empty() ? nullptr : &days.back())));
    out.days = static_cast<std::int64_t>(days.size());
    const billing::Segment segment{1, out.from, out.until, &terms};
    const std::span segments(&segment, 1);
    out.lines = TRY(billing::price_device(segments, period, file.stem().string(), days));
    std::vector<billing::Taken> taken;
    TRY(billing::add_taken(segments, days, taken));
    auto of_none = TRY(billing::price_agreement(segments, period, taken));
    std::ranges::move(of_none, std::back_inserter(out.lines));
    billing::Sum sum(terms);
    for (const auto& line : out.lines) TRY(sum.add(line));
    out.totals = TRY(sum.totals());
    return out;
}

Result<InvoicePreview> invoice_of_last_period(ContractCalls& calls, const Terms& all_terms,
                                              const std::string& agreement) {
    auto terms = all_terms;
    chaincode::agreement::keep_lines_of(terms, std::nullopt);
    billing::ListInvoices wanted;
    wanted.agreement = agreement;
    wanted.limit = chaincode::kLargestPage;
    std::optional<billing::Invoice> last;
    TRY(ask_all<billing::InvoicePage>(calls, "billing", "list", wanted, [&](const auto& page) {
        if (!page.invoices.empty()) last = page.invoices.back();
    }));
    if (!last) return fail(Code::not_found, "{} has billed no period yet", agreement);
    std::vector<std::string> devices;
    data::OfAgreement of;
    of.agreement = agreement;
    of.limit = chaincode::kLargestPage;
    TRY(ask_all<data::SettledDevices>(calls, "data", "settled_devices", of, [&](auto& page) {
        std::ranges::move(page.devices, std::back_inserter(devices));
    }));
    InvoicePreview out;
    out.currency = terms.currency;
    out.from = last->from;
    out.until = last->until;
    const auto calendar = billing::period_of(terms.period, last->from);
    const billing::Segment segment{1, out.from, out.until, &terms};
    const std::span segments(&segment, 1);
    std::vector<billing::Taken> taken;
    for (const auto& device : devices) {
        data::Settled settled;
        settled.agreement = agreement;
        settled.device = device;
        settled.from = out.from;
        settled.to = out.until;
        settled.limit = chaincode::kLargestPage;
        std::vector<data::SettledDay> days;
        TRY(ask_all<data::SettledPage>(calls, "data", "settled", settled,
                                       [&](auto& page) { std::ranges::move(page.days, std::back_inserter(days)); }));
        out.days += static_cast<std::int64_t>(days.size());
        std::ranges::move(TRY(billing::price_device(segments, calendar, device, days)), std::back_inserter(out.lines));
        TRY(billing::add_taken(segments, days, taken));
    }
    std::ranges::move(TRY(billing::price_agreement(segments, calendar, taken)), std::back_inserter(out.lines));
    billing::Sum sum(terms);
    for (const auto& line : out.lines) TRY(sum.add(line));
    out.totals = TRY(sum.totals());
    return out;
}

void print_preview(const InvoicePreview& invoice) {
    say(fmt::format("From {} until before {}: {} days of readings", invoice.from.text(), invoice.until.text(),
                    invoice.days));
    print_lines(invoice.lines, invoice.currency);
    print_totals(invoice.totals, invoice.currency);
}

}  // namespace tally::node::cli
