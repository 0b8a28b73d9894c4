#include "node/cli/invoice_document.h"

#include <algorithm>
#include <map>

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/billing/answers.h"
#include "chaincode/contracts/billing/refusals.h"
#include "chaincode/contracts/paging.h"
#include "gateway/payments/references.h"
#include "node/channel/sealed_invoice.h"
#include "node/settling/contract_calls.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace agreement = chaincode::agreement;
namespace billing = chaincode::billing;
namespace data = chaincode::data;
namespace invoices = gateway::invoices;
using chaincode::Date;

namespace {

Date issued_on(const billing::Payable& payable, const agreement::Terms& terms) {
    return chaincode::date_at(payable.timeline.front().time_ms / 1000, terms.zone);
}

bool has_registers(const agreement::Terms& terms) {
    return std::ranges::any_of(
        terms.fields, [](const auto& field) { return field.measure == agreement::Measure::REGISTER_DIFFERENCE; });
}

Result<std::vector<data::SettledDay>> settled_days(MemberClient& member, const agreement::Terms& terms,
                                                   const billing::Invoice& invoice,
                                                   const std::vector<billing::Item>& items) {
    std::vector<data::SettledDay> out;
    if (!has_registers(terms)) return out;
    for (const auto& item : items) {
        if (item.days.empty()) continue;
        data::Settled wanted;
        wanted.agreement = invoice.agreement;
        wanted.device = item.item;
        wanted.from = invoice.from;
        wanted.to = invoice.until;
        wanted.limit = chaincode::kLargestPage;
        TRY(ask_all<data::SettledPage>(member, "data", invoice.sealed ? "opened_days" : "settled", wanted,
                                       [&](auto& page) {
                                           for (auto& day : page.days) out.push_back(std::move(day));
                                       }));
    }
    return out;
}

Result<std::vector<invoices::EarlierInvoice>> earlier_invoices(MemberClient& member, const billing::Invoice& invoice,
                                                               const agreement::Terms& terms) {
    billing::ListInvoices wanted;
    wanted.agreement = invoice.agreement;
    wanted.limit = chaincode::kLargestPage;
    std::vector<invoices::EarlierInvoice> out;
    TRY(ask_all<billing::InvoicePage>(member, "billing", "list", wanted, [&](const auto& page) {
        for (const auto& each : page.invoices) {
            if (each.from < invoice.from)
                out.push_back(
                    {each.from, invoices::document_number(each.agreement, each.number), issued_on(each, terms)});
        }
    }));
    return out;
}

Result<agreement::TermsInForce> terms_of(MemberClient& member, const billing::Payable& payable) {
    return ask<agreement::TermsInForce>(member, "agreement", "terms_on",
                                        agreement::TermsOn{payable.agreement, payable.until.plus_days(-1)});
}

std::string reference_of(const std::string& channel, const billing::Payable& payable, const std::string& payee,
                         std::optional<gateway::payments::BillName> bill) {
    gateway::payments::PaymentName name;
    name.channel = channel;
    name.agreement = payable.agreement;
    if (!bill) name.invoice = payable.from;
    name.bill = std::move(bill);
    name.payee = payee;
    return gateway::payments::creditor_reference(name);
}

Result<invoices::InvoiceDocument> document_of_bill(MemberClient& member, const DocumentOf& of) {
    billing::OneBill wanted;
    wanted.agreement = of.agreement;
    wanted.day = of.day;
    wanted.provider = of.provider;
    const auto bill = TRY(ask<billing::Bill>(member, "billing", "get_bill", wanted));
    const auto terms = TRY(terms_of(member, bill));
    invoices::BillFigures figures;
    figures.channel = member.profile().channel;
    figures.agreement = bill.agreement;
    figures.provider = bill.provider;
    figures.number = bill.number;
    figures.version = terms.version;
    figures.issued = bill.issued;
    figures.due = bill.due;
    figures.from = bill.from;
    figures.until = bill.until;
    figures.currency = bill.currency;
    figures.totals = bill.totals;
    for (const auto& line : bill.lines)
        figures.lines.push_back({line.name, line.device, line.quantity, line.amount, line.tax});
    figures.creditor_reference =
        reference_of(figures.channel, bill, bill.provider, gateway::payments::BillName{bill.provider, bill.number});
    figures.evidence = of.evidence;
    return invoices::bill_document(terms.terms, figures);
}

}  // namespace

std::vector<invoices::MeterReading> meter_readings(const agreement::Terms& terms,
                                                   const std::vector<billing::Item>& items,
                                                   std::span<const data::SettledDay> days) {
    std::vector<invoices::MeterReading> out;
    if (!has_registers(terms)) return out;
    for (const auto& item : items) {
        std::map<std::string, invoices::MeterReading> by_field;
        for (const auto& day : days) {
            if (day.device != item.item) continue;
            for (const auto& field : day.fields) {
                if (!field.first || !field.last) continue;
                const invoices::MeterReading begun{item.item, field.field, field.unit, *field.first, {}};
                by_field.try_emplace(field.field, begun).first->second.end = *field.last;
            }
        }
        for (const auto& field : terms.fields) {
            const auto found = by_field.find(field.field);
            if (found != by_field.end() && field.measure == agreement::Measure::REGISTER_DIFFERENCE)
                out.push_back(found->second);
        }
    }
    return out;
}

invoices::InvoiceFigures figures_of(const std::string& channel, const billing::Invoice& invoice,
                                    const agreement::Terms& terms, std::int64_t version, const std::string& payee) {
    invoices::InvoiceFigures figures;
    figures.channel = channel;
    figures.agreement = invoice.agreement;
    figures.number = invoice.number;
    figures.version = version;
    figures.issued = issued_on(invoice, terms);
    figures.due = invoice.due;
    figures.from = invoice.from;
    figures.until = invoice.until;
    figures.currency = invoice.currency;
    figures.totals = invoice.totals;
    figures.items = invoice.items;
    figures.creditor_reference = reference_of(channel, invoice, payee, std::nullopt);
    return figures;
}

namespace {

// Completes a sealed invoice from its file; gives its items.
Result<std::vector<billing::Item>> open_sealed(billing::Invoice& invoice, const std::filesystem::path& file) {
    if (file.empty())
        return fail(Code::invalid_argument, "the invoice of {} from {} on is sealed: name its file (--sealed FILE)",
                    invoice.agreement, invoice.from.text());
    auto sealed = read_sealed_invoice(TRY(storage::read_file(file)));
    if (!sealed) return std::unexpected(sealed.error().within(file.string()));
    if (sealed->commitment().hex() != invoice.sealed->commitment)
        return fail(billing::refusals::wrong_commitment, "{}: the invoice of {} from {} on is sealed with {}, not {}",
                    file.string(), invoice.agreement, invoice.from.text(), invoice.sealed->commitment,
                    sealed->commitment().hex());
    invoice.totals = sealed->invoice.totals;
    return std::move(sealed->invoice.items);
}

}  // namespace

Result<invoices::InvoiceDocument> document_of(MemberClient& member, const DocumentOf& of) {
    if (!of.provider.empty()) return document_of_bill(member, of);
    billing::OfPeriod period;
    period.agreement = of.agreement;
    period.day = of.day;
    auto invoice = TRY(ask<billing::Invoice>(member, "billing", "get", period));
    std::vector<billing::Item> items;
    if (invoice.sealed) items = TRY(open_sealed(invoice, of.sealed));
    billing::ItemsOf wanted;
    wanted.agreement = of.agreement;
    wanted.day = of.day;
    wanted.limit = chaincode::kLargestPage;
    TRY(ask_all<billing::ItemPage>(member, "billing", "items", wanted,
                                   [&](auto& page) { std::ranges::move(page.items, std::back_inserter(items)); }));
    const auto terms = TRY(terms_of(member, invoice));
    auto payee = of.payee;
    if (payee.empty()) {
        if (invoice.totals.shares.size() != 1)
            return fail(Code::invalid_argument, "{} payees share this invoice; name one with --payee",
                        invoice.totals.shares.size());
        payee = invoice.totals.shares.front().organization;
    }
    auto figures = figures_of(member.profile().channel, invoice, terms.terms, terms.version, payee);
    figures.readings = meter_readings(terms.terms, items, TRY(settled_days(member, terms.terms, invoice, items)));
    figures.earlier = TRY(earlier_invoices(member, invoice, terms.terms));
    figures.evidence = of.evidence;
    figures.self_billed = of.self_billed;
    return invoices::invoice_document(terms.terms, figures, items, payee);
}

}  // namespace tally::node::cli
