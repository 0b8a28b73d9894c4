#include "gateway/invoices/ubl.h"

#include <algorithm>

#include "gateway/invoices/ubl_parts.h"

namespace tally::gateway::invoices {
namespace {

using chaincode::agreement::TaxCategory;

constexpr std::string_view kInvoice = "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
constexpr std::string_view kCreditNote = "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2";
constexpr std::string_view kAggregates = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
constexpr std::string_view kBasics = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";
constexpr std::string_view kBilling = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0";
constexpr std::string_view kBillingProfile = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0";
constexpr std::string_view kSelfBilling =
    "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0";
constexpr std::string_view kSelfBillingProfile = "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0";

// UNCL 4461.
constexpr std::string_view kNoInstrument = "1";
constexpr std::string_view kCreditTransfer = "30";
constexpr std::string_view kSepaCreditTransfer = "58";

constexpr std::size_t kUblHeader = 8000;
constexpr std::size_t kUblLine = 1400;
constexpr std::size_t kUblDay = 240;

bool has_category(const InvoiceDocument& document, TaxCategory category) {
    return std::ranges::any_of(document.taxes, [&](const auto& each) { return each.tax.category == category; });
}

bool is_subject_to_vat(const InvoiceDocument& document) { return !has_category(document, TaxCategory::O); }

Status check(const InvoiceDocument& document) {
    if (document.lines.empty()) return fail(Code::invalid_argument, "an invoice without lines (BR-16)");
    if (has_category(document, TaxCategory::O) && document.taxes.size() > 1)
        return fail(Code::invalid_argument,
                    "lines that are not subject to VAT (O) are beside others; EN 16931 wants a document of their own "
                    "(BR-O-11)");
    if (is_subject_to_vat(document) && !document.seller.business.tax_id)
        return fail(Code::invalid_argument,
                    "the terms have no VAT number of the seller {}; an electronic invoice needs it",
                    document.seller.business.name);
    const bool of_buyer = has_category(document, TaxCategory::AE) || has_category(document, TaxCategory::K);
    if (of_buyer && !document.buyer.business.tax_id)
        return fail(Code::invalid_argument, "the terms have no VAT number of the buyer {}; reverse charge needs it",
                    document.buyer.business.name);
    return {};
}

bool is_self_billed(DocumentType type) {
    return type == DocumentType::SELF_BILLED || type == DocumentType::SELF_BILLED_CREDIT;
}

void write_header(xml::Writer& out, const InvoiceDocument& document, bool credit) {
    const bool self_billed = is_self_billed(document.type);
    out.leaf("cbc:CustomizationID", self_billed ? kSelfBilling : kBilling);
    out.leaf("cbc:ProfileID", self_billed ? kSelfBillingProfile : kBillingProfile);
    out.leaf("cbc:ID", document.number);
    out.leaf("cbc:IssueDate", document.issued.text());
    if (!credit) out.leaf("cbc:DueDate", document.due.text());
    out.leaf(credit ? "cbc:CreditNoteTypeCode" : "cbc:InvoiceTypeCode",
             std::to_string(static_cast<int>(document.type)));
    if (!document.share.empty()) out.leaf("cbc:Note", document.share);
    out.leaf("cbc:DocumentCurrencyCode", document.currency);
    out.leaf("cbc:BuyerReference", document.agreement);
    out.open("cac:InvoicePeriod");
    out.leaf("cbc:StartDate", document.from.text());
    out.leaf("cbc:EndDate", document.until.plus_days(-1).text());
    out.close();
}

void write_reference(xml::Writer& out, std::string_view id, std::string_view description) {
    out.open("cac:AdditionalDocumentReference");
    out.leaf("cbc:ID", id);
    out.leaf("cbc:DocumentDescription", description);
    out.close();
}

void write_references(xml::Writer& out, const InvoiceDocument& document) {
    for (const auto& each : document.corrects) {
        out.open("cac:BillingReference");
        out.open("cac:InvoiceDocumentReference");
        out.leaf("cbc:ID", each.number);
        if (each.issued) out.leaf("cbc:IssueDate", each.issued->text());
        out.close();
        out.close();
    }
    out.open("cac:ContractDocumentReference");
    out.leaf("cbc:ID", document.agreement);
    out.close();
    if (!document.items.empty())
        write_reference(out, document.items,
                        fmt::format("SHA-256 over the invoice's items on the ledger: channel {}, agreement {}, version "
                                    "{} of its terms, period from {}",
                                    document.channel, document.agreement, document.version, document.from.text()));
    if (document.evidence) write_reference(out, *document.evidence, "SHA-256 of the evidence file of this invoice");
}

// An intra-community supply names the country that it goes to (BR-IC-12).
void write_delivery(xml::Writer& out, const InvoiceDocument& document) {
    if (!has_category(document, TaxCategory::K)) return;
    out.open("cac:Delivery");
    out.open("cac:DeliveryLocation");
    out.open("cac:Address");
    out.open("cac:Country");
    out.leaf("cbc:IdentificationCode", document.buyer.business.country);
    out.close();
    out.close();
    out.close();
    out.close();
}

void write_payment(xml::Writer& out, const InvoiceDocument& document) {
    const auto& seller = document.seller.business;
    out.open("cac:PaymentMeans");
    out.leaf("cbc:PaymentMeansCode", !seller.iban                 ? kNoInstrument
                                     : document.currency == "EUR" ? kSepaCreditTransfer
                                                                  : kCreditTransfer);
    if (!document.creditor_reference.empty()) out.leaf("cbc:PaymentID", document.creditor_reference);
    if (seller.iban) {
        out.open("cac:PayeeFinancialAccount");
        out.leaf("cbc:ID", *seller.iban);
        out.leaf("cbc:Name", seller.name);
        if (seller.bic) {
            out.open("cac:FinancialInstitutionBranch");
            out.leaf("cbc:ID", *seller.bic);
            out.close();
        }
        out.close();
    }
    out.close();
}

// A credit note has no due date of its own in UBL; terms are in its place (BR-CO-25).
void write_terms(xml::Writer& out, const InvoiceDocument& document) {
    out.open("cac:PaymentTerms");
    out.leaf("cbc:Note",
             fmt::format("The seller pays this amount to the buyer, or sets it off, by {}", document.due.text()));
    out.close();
}

void write_allowances(xml::Writer& out, const InvoiceDocument& document) {
    for (const auto& each : document.taxes) {
        if (each.allowance == Decimal()) continue;
        const bool charge = each.allowance < Decimal();
        const auto amount = charge ? each.taxable.minus(each.lines).value() : each.allowance;
        out.open("cac:AllowanceCharge");
        out.leaf("cbc:ChargeIndicator", charge ? "true" : "false");
        out.leaf("cbc:AllowanceChargeReason", fmt::format("Part of other payees; {} % are of {}",
                                                          document.percent.text(), document.seller.business.name));
        write_amount(out, "cbc:Amount", amount, document.currency);
        write_category(out, "cac:TaxCategory", each.tax, false);
        out.close();
    }
}

void write_taxes(xml::Writer& out, const InvoiceDocument& document) {
    out.open("cac:TaxTotal");
    write_amount(out, "cbc:TaxAmount", document.totals.tax, document.currency);
    for (const auto& each : document.taxes) {
        out.open("cac:TaxSubtotal");
        write_amount(out, "cbc:TaxableAmount", each.taxable, document.currency);
        write_amount(out, "cbc:TaxAmount", each.amount, document.currency);
        write_category(out, "cac:TaxCategory", each.tax, true);
        out.close();
    }
    out.close();
}

void write_totals(xml::Writer& out, const InvoiceDocument& document) {
    const auto& totals = document.totals;
    const auto& currency = document.currency;
    out.open("cac:LegalMonetaryTotal");
    write_amount(out, "cbc:LineExtensionAmount", totals.lines, currency);
    write_amount(out, "cbc:TaxExclusiveAmount", totals.net, currency);
    write_amount(out, "cbc:TaxInclusiveAmount", totals.gross, currency);
    if (totals.allowances != Decimal()) write_amount(out, "cbc:AllowanceTotalAmount", totals.allowances, currency);
    if (totals.charges != Decimal()) write_amount(out, "cbc:ChargeTotalAmount", totals.charges, currency);
    if (totals.rounding != Decimal()) write_amount(out, "cbc:PayableRoundingAmount", totals.rounding, currency);
    write_amount(out, "cbc:PayableAmount", totals.payable, currency);
    out.close();
}

std::size_t ubl_size(const InvoiceDocument& document) {
    std::size_t days = 0;
    for (const auto& line : document.lines) days += line.days.size();
    return kUblHeader + document.lines.size() * kUblLine + days * kUblDay;
}

}  // namespace

Result<std::string> write_ubl(const InvoiceDocument& document) {
    TRY(check(document));
    const bool credit = is_credit(document.type);
    const bool vat = is_subject_to_vat(document);
    xml::Writer out(ubl_size(document));
    out.open(credit ? "CreditNote" : "Invoice",
             {{"xmlns", credit ? kCreditNote : kInvoice}, {"xmlns:cac", kAggregates}, {"xmlns:cbc", kBasics}});
    write_header(out, document, credit);
    write_references(out, document);
    write_party(out, "cac:AccountingSupplierParty", document.seller, vat);
    write_party(out, "cac:AccountingCustomerParty", document.buyer, vat);
    write_delivery(out, document);
    if (credit) {
        write_terms(out, document);
    } else {
        write_payment(out, document);
    }
    write_allowances(out, document);
    write_taxes(out, document);
    write_totals(out, document);
    for (std::size_t i = 0; i < document.lines.size(); ++i) write_line(out, document, document.lines[i], i + 1, credit);
    out.close();
    return std::move(out).finish();
}

}  // namespace tally::gateway::invoices
