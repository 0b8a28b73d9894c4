#include "node/cli/verify_invoice.h"

#include <algorithm>
#include <set>

#include "gateway/invoices/ubl.h"
#include "gateway/xml/reader.h"
#include "node/cli/invoice_document.h"

namespace tally::node::cli {

namespace invoices = gateway::invoices;
namespace xml = gateway::xml;
using chaincode::Date;

namespace {

// What the document says of itself, so that the right one is made again.
struct Claims {
    std::string number;
    std::string seller;
    std::string type;
    std::vector<invoices::EarlierInvoice> earlier;
    bool names_evidence = false;
    std::string evidence;
};

Result<std::string> needed_text(const xml::Element& root, std::string_view path) {
    const auto text = TRY(root.text_at(path));
    if (text) return *text;
    return root.refuse(fmt::format("it has no {}", path));
}

Result<Claims> claims_of(const xml::Element& root) {
    Claims out;
    out.number = TRY(needed_text(root, "ID"));
    out.seller = TRY(needed_text(root, "AccountingSupplierParty/Party/PartyLegalEntity/RegistrationName"));
    out.type = TRY(needed_text(root, root.name() == "Invoice" ? "InvoiceTypeCode" : "CreditNoteTypeCode"));
    for (const auto& reference : root.children("BillingReference")) {
        invoices::EarlierInvoice earlier;
        earlier.number = TRY(needed_text(reference, "InvoiceDocumentReference/ID"));
        if (const auto issued = TRY(reference.text_at("InvoiceDocumentReference/IssueDate")))
            earlier.issued = TRY(Date::parse(*issued));
        out.earlier.push_back(std::move(earlier));
    }
    for (const auto& reference : root.children("AdditionalDocumentReference")) {
        const auto description = TRY(reference.text_at("DocumentDescription")).value_or("");
        if (!description.starts_with("SHA-256 of the evidence file")) continue;
        out.names_evidence = true;
        out.evidence = TRY(needed_text(reference, "ID"));
    }
    return out;
}

struct Difference {
    std::string where;
    std::string expected;
    std::string found;
};

std::string attributes_of(const xml::Element& element) {
    std::string out;
    for (const auto& [name, value] : element.attributes())
        out += fmt::format("{}{}={}", out.empty() ? "" : ", ", name, value);
    return out.empty() ? "none" : out;
}

// The first one, in the document's order.
std::optional<Difference> difference(const xml::Element& expected, const xml::Element& found) {
    if (expected.name() != found.name() || expected.name_space() != found.name_space())
        return Difference{found.where(), std::string(expected.name()), std::string(found.name())};
    if (expected.attributes() != found.attributes())
        return Difference{found.where() + ", its attributes", attributes_of(expected), attributes_of(found)};
    if (expected.own_text() != found.own_text())
        return Difference{found.where() + ", its text", expected.own_text(), found.own_text()};
    const auto wanted = expected.children(), there = found.children();
    for (std::size_t i = 0; i < std::min(wanted.size(), there.size()); ++i) {
        if (auto first = difference(wanted[i], there[i])) return first;
    }
    if (wanted.size() > there.size())
        return Difference{found.where(), std::string(wanted[there.size()].name()), "nothing"};
    if (wanted.size() < there.size())
        return Difference{there[wanted.size()].where(), "nothing", std::string(there[wanted.size()].name())};
    return std::nullopt;
}

std::size_t count_of(const xml::Element& element) {
    std::size_t count = 1;
    for (const auto& child : element.children()) count += count_of(child);
    return count;
}

Result<const ProvenInvoice*> invoice_of(const EvidenceFacts& evidence, const std::string& number, Checks& checks) {
    std::string known;
    const ProvenInvoice* out = nullptr;
    for (const auto& each : evidence.proven_invoices) {
        const auto name = invoices::document_number(each.invoice.agreement, each.invoice.number);
        known += (known.empty() ? "" : ", ") + name;
        if (number == name) out = &each;
    }
    TRY(checks.judged("the invoice's number", "of an invoice that the evidence proves: " + known, number,
                      out != nullptr ? Status()
                                     : fail(Code::bad_proof, "the evidence proves {}; the document is {}",
                                            known.empty() ? "no invoice" : known, number)));
    return out;
}

// A document of terms with registers states each meter's readings, which only its FINAL days have.
Status check_days(const ProvenInvoice& proven) {
    const auto& fields = proven.terms.fields;
    if (std::ranges::none_of(fields, [](const auto& field) {
            return field.measure == chaincode::agreement::Measure::REGISTER_DIFFERENCE;
        }))
        return {};
    for (const auto& item : proven.items) {
        const bool is_there =
            std::ranges::any_of(proven.days, [&](const auto& day) { return day.device == item.item; });
        if (is_there || item.days.empty()) continue;
        return fail(Code::bad_proof,
                    "the evidence has no FINAL days of {}, whose readings the document states; make the evidence "
                    "of all devices",
                    item.item);
    }
    return {};
}

// The earlier invoices that lines correct, in the document's order. What the evidence proves of one counts; of another
// the document's own number and date are taken, as a check says.
Result<std::vector<invoices::EarlierInvoice>> earlier_of(const ProvenInvoice& proven, const EvidenceFacts& evidence,
                                                         const Claims& claims, Checks& checks) {
    std::set<Date> corrected;
    for (const auto& item : proven.items) {
        for (const auto& line : item.lines) {
            if (line.corrects) corrected.insert(*line.corrects);
        }
    }
    if (corrected.size() != claims.earlier.size()) {
        return std::unexpected(checks
                                   .same("the earlier invoices that the document corrects",
                                         std::to_string(corrected.size()), std::to_string(claims.earlier.size()))
                                   .error());
    }
    std::vector<invoices::EarlierInvoice> out;
    auto claim = claims.earlier.begin();
    for (const auto& from : corrected) {
        auto earlier = *claim++;
        earlier.from = from;
        bool is_proven = false;
        for (const auto& each : evidence.proven_invoices) {
            if (each.invoice.from != from) continue;
            const auto figures = figures_of(evidence.channel, each.invoice, each.terms, each.version, "");
            earlier.number = invoices::document_number(each.invoice.agreement, each.invoice.number);
            earlier.issued = figures.issued;
            is_proven = true;
        }
        if (!is_proven)
            TRY(checks.judged(fmt::format("the earlier invoice from {} on", from.text()),
                              "not in the evidence: its number and date are the document's own", earlier.number, {}));
        out.push_back(std::move(earlier));
    }
    return out;
}

// The document of the payee that the seller's name stands for.
Result<invoices::InvoiceDocument> made_again(const ProvenInvoice& proven, const EvidenceFacts& evidence,
                                             const Claims& claims, const std::string& evidence_sha256, Checks& checks) {
    const auto& terms = proven.terms;
    std::string payee;
    for (const auto& share : proven.invoice.totals.shares) {
        const auto* business = chaincode::agreement::business_of(terms, share.organization);
        if (business != nullptr && (payee.empty() || business->name == claims.seller)) payee = share.organization;
    }
    if (payee.empty()) return fail(Code::bad_proof, "the terms name no payee's business");
    auto figures = figures_of(evidence.channel, proven.invoice, terms, proven.version, payee);
    figures.readings = meter_readings(terms, proven.items, proven.days);
    figures.earlier = TRY(earlier_of(proven, evidence, claims, checks));
    figures.self_billed = claims.type == "389" || claims.type == "261";
    if (claims.names_evidence) figures.evidence = evidence_sha256;
    return invoices::invoice_document(terms, figures, proven.items, payee);
}

}  // namespace

bool is_invoice_document(std::string_view file) {
    const auto head = file.substr(0, 4096);
    return head.find("urn:oasis:names:specification:ubl:schema:xsd:Invoice-2") != std::string_view::npos ||
           head.find("urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2") != std::string_view::npos;
}

Result<InvoiceDocumentFacts> verify_invoice_document(std::string text, const EvidenceFacts& evidence,
                                                     const std::string& evidence_sha256, Checks& checks) {
    if (text.find("<?", text.find("?>") == std::string::npos ? 0 : text.find("?>")) != std::string::npos)
        return fail(Code::bad_proof, "the document has a processing instruction, which may change how it is shown");
    const auto file = TRY(xml::File::read(std::move(text)));
    const auto roots = file.roots();
    if (roots.size() != 1)
        return fail(Code::malformed, "there are {} documents in the file; one is wanted", roots.size());
    const auto claims = TRY(claims_of(roots.front()));
    if (claims.names_evidence)
        TRY(checks.same("the evidence file that the document names", claims.evidence, evidence_sha256));
    const auto* proven = TRY(invoice_of(evidence, claims.number, checks));
    TRY(check_days(*proven));
    const auto document = TRY(made_again(*proven, evidence, claims, evidence_sha256, checks));
    const auto again = TRY(xml::File::read(TRY(invoices::write_ubl(document))));
    const auto again_roots = again.roots();
    if (const auto first = difference(again_roots.front(), roots.front()))
        return std::unexpected(checks.same("the document, " + first->where, first->expected, first->found).error());
    TRY(checks.judged("the document, every element", "as the proven invoice gives it",
                      fmt::format("{} elements are the same", count_of(roots.front())), {}));
    return InvoiceDocumentFacts{document.number, document.seller.business.name, document.buyer.business.name,
                                document.totals.payable.text(), document.currency};
}

}  // namespace tally::node::cli
