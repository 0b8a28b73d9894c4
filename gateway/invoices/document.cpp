#include "gateway/invoices/document.h"

#include <algorithm>
#include <set>

#include "gateway/invoices/document_sums.h"
#include "gateway/invoices/units.h"

namespace tally::gateway::invoices {
namespace {

using chaincode::agreement::PartyRole;

Result<DocumentParty> party_of(const Terms& terms, const std::string& organization) {
    const auto* business = chaincode::agreement::business_of(terms, organization);
    if (business == nullptr)
        return fail(Code::not_found, "the terms have no name and address (business) of {}; an invoice needs them",
                    organization);
    return DocumentParty{organization, *business};
}

Result<DocumentParty> buyer_of(const Terms& terms) {
    const auto found = std::ranges::find(terms.parties, PartyRole::RC, &chaincode::agreement::Party::role);
    if (found == terms.parties.end()) return fail(Code::not_found, "the terms have no RC, who would be the buyer");
    return party_of(terms, found->organization);
}

// What a person needs to find the line's figures again.
std::string note_of(const billing::Line& line, const std::vector<MeterReading>& readings) {
    std::vector<std::string> parts;
    if (line.device) parts.push_back("device " + *line.device);
    if (line.window) parts.push_back("window " + *line.window);
    if (line.tier) parts.push_back(fmt::format("tier {}", *line.tier));
    if (line.corrects)
        parts.push_back(fmt::format("corrects {} to {} of the period from {}", line.from.text(),
                                    line.until.plus_days(-1).text(), line.corrects->text()));
    for (const auto& reading : readings) {
        if (line.corrects || line.device != reading.device || line.field != reading.field) continue;
        parts.push_back(fmt::format("meter reading {} at the start, {} at the end, {}", reading.start.text(),
                                    reading.end.text(), reading.unit));
    }
    return fmt::format("{}", fmt::join(parts, "; "));
}

Result<DocumentLine> line_of(const billing::Line& line, const billing::Item& item,
                             const std::vector<MeterReading>& readings) {
    DocumentLine out;
    auto in_units = measured(line.quantity, line.base, line.unit);
    out.name = line.name;
    out.device = line.device;
    out.field = line.field;
    out.from = line.from;
    out.until = line.until;
    out.corrects = line.corrects;
    out.quantity = in_units.quantity;
    out.base = in_units.base;
    out.unit = std::move(in_units.unit);
    out.unit_code = std::move(in_units.unit_code);
    out.price = line.price;
    out.amount = line.amount;
    out.tax = line.tax;
    out.note = note_of(line, readings);
    if (out.price < Decimal()) {
        out.price = TRY(negated(out.price));
        out.quantity = TRY(negated(out.quantity));
    }
    if (!line.device) return out;
    for (const auto& day : item.days) {
        if (day.content_id && line.from <= day.day && day.day < line.until)
            out.days.push_back({day.day, *day.content_id});
        if (!day.sessions || day.day < line.from || day.day >= line.until) continue;
        for (const auto& session : *day.sessions) out.days.push_back({day.day, session});
    }
    return out;
}

void name_corrected(const std::vector<EarlierInvoice>& earlier, InvoiceDocument& out) {
    std::set<Date> periods;
    for (const auto& line : out.lines) {
        if (line.corrects) periods.insert(*line.corrects);
    }
    for (const auto& from : periods) {
        const auto found = std::ranges::find(earlier, from, &EarlierInvoice::from);
        out.corrects.push_back(found != earlier.end()
                                   ? *found
                                   : EarlierInvoice{from, fmt::format("{} from {}", out.agreement, from.text()), {}});
    }
}

DocumentType type_of(const InvoiceDocument& document, bool credit, bool self_billed) {
    if (credit) return self_billed ? DocumentType::SELF_BILLED_CREDIT : DocumentType::CREDIT_NOTE;
    if (self_billed) return DocumentType::SELF_BILLED;
    const bool corrected = !document.lines.empty() && std::ranges::all_of(document.lines, [](const auto& line) {
        return line.corrects.has_value();
    });
    return corrected ? DocumentType::CORRECTED : DocumentType::INVOICE;
}

Result<billing::Share> share_of(const billing::Totals& totals, const std::string& payee) {
    const auto found = std::ranges::find(totals.shares, payee, &billing::Share::organization);
    if (found == totals.shares.end()) return fail(Code::not_found, "{} is no payee of this invoice", payee);
    return *found;
}

std::string share_sentence(const billing::Share& share, const billing::Totals& totals, const std::string& currency) {
    return fmt::format(
        "{} % of the invoice's {} {}. The amounts of all payees are that amount together; those with the largest "
        "remainders have the last units.",
        share.percent.text(), totals.payable.text(), currency);
}

}  // namespace

std::string document_number(const std::string& agreement, std::int64_t number) {
    return fmt::format("{}-{}", agreement, number);
}

Result<InvoiceDocument> invoice_document(const Terms& terms, const InvoiceFigures& figures,
                                         std::span<const billing::Item> items, const std::string& payee) {
    InvoiceDocument out;
    const auto share = TRY(share_of(figures.totals, payee));
    out.seller = TRY(party_of(terms, payee));
    out.buyer = TRY(buyer_of(terms));
    out.number = document_number(figures.agreement, figures.number);
    out.issued = figures.issued;
    out.due = figures.due;
    out.from = figures.from;
    out.until = figures.until;
    out.currency = figures.currency;
    out.percent = share.percent;
    out.creditor_reference = figures.creditor_reference;
    out.channel = figures.channel;
    out.agreement = figures.agreement;
    out.version = figures.version;
    out.items = figures.items;
    out.evidence = figures.evidence;
    std::size_t count = 0;
    for (const auto& item : items) count += item.lines.size();
    out.lines.reserve(count);
    for (const auto& item : items) {
        for (const auto& line : item.lines) out.lines.push_back(TRY(line_of(line, item, figures.readings)));
    }
    TRY(add_sums(terms.rounding, figures.totals, share, out));
    if (share.percent < Decimal::of(100, 0).value())
        out.share = share_sentence(share, figures.totals, figures.currency);
    name_corrected(figures.earlier, out);
    const bool credit = out.totals.payable < Decimal();
    out.type = type_of(out, credit, figures.self_billed);
    if (credit) TRY(turn_signs(out));
    return out;
}

Result<InvoiceDocument> bill_document(const Terms& terms, const BillFigures& figures) {
    billing::Item item;
    for (const auto& each : figures.lines) {
        billing::Line line;
        line.name = each.name;
        line.device = each.device;
        line.from = figures.from;
        line.until = figures.until;
        line.amount = each.amount;
        line.price = each.amount;
        line.base = Decimal::of(1, 0).value();
        line.quantity = line.base;
        if (each.quantity > Decimal()) line.base = line.quantity = each.quantity;
        line.tax = each.tax;
        item.lines.push_back(std::move(line));
    }
    InvoiceFigures as_invoice;
    as_invoice.channel = figures.channel;
    as_invoice.agreement = figures.agreement;
    as_invoice.version = figures.version;
    as_invoice.issued = figures.issued;
    as_invoice.due = figures.due;
    as_invoice.from = figures.from;
    as_invoice.until = figures.until;
    as_invoice.currency = figures.currency;
    as_invoice.totals = figures.totals;
    as_invoice.creditor_reference = figures.creditor_reference;
    as_invoice.evidence = figures.evidence;
    auto out = TRY(invoice_document(terms, as_invoice, std::span(&item, 1), figures.provider));
    out.number = figures.number;
    return out;
}

}  // namespace tally::gateway::invoices
