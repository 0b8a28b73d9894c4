#include "gateway/invoices/ubl_parts.h"

#include <algorithm>

#include "chaincode/json/reflect.h"

namespace tally::gateway::invoices {
namespace {

using chaincode::agreement::TaxCategory;

struct Exemption {
    TaxCategory category;
    std::string_view code;  // of the VATEX list of EN 16931; empty: none fits every case
    std::string_view text;
};

constexpr auto kExemptions = std::to_array<Exemption>({
    {TaxCategory::E, "", "Exempt from VAT"},
    {TaxCategory::AE, "VATEX-EU-AE", "Reverse charge"},
    {TaxCategory::K, "VATEX-EU-IC", "Intra-community supply"},
    {TaxCategory::G, "VATEX-EU-G", "Export outside the EU"},
    {TaxCategory::O, "VATEX-EU-O", "Not subject to VAT"},
});

// BT-31 is a VAT number with its country before it; any other number is BT-32, of another scheme.
bool has_country(std::string_view tax_id) {
    return tax_id.size() > 2 && std::ranges::all_of(tax_id.substr(0, 2), [](char c) { return c >= 'A' && c <= 'Z'; });
}

void write_address(xml::Writer& out, const Business& business) {
    out.open("cac:PostalAddress");
    if (business.street) out.leaf("cbc:StreetName", *business.street);
    if (!business.town.empty()) out.leaf("cbc:CityName", business.town);
    if (business.postcode) out.leaf("cbc:PostalZone", *business.postcode);
    out.open("cac:Country");
    out.leaf("cbc:IdentificationCode", business.country);
    out.close();
    out.close();
}

void write_scheme(xml::Writer& out, std::string_view id) {
    out.open("cac:TaxScheme");
    out.leaf("cbc:ID", id);
    out.close();
}

void write_period(xml::Writer& out, Date from, Date until) {
    out.open("cac:InvoicePeriod");
    out.leaf("cbc:StartDate", from.text());
    out.leaf("cbc:EndDate", until.plus_days(-1).text());
    out.close();
}

void write_item(xml::Writer& out, const DocumentLine& line) {
    out.open("cac:Item");
    out.leaf("cbc:Name", line.name);
    write_category(out, "cac:ClassifiedTaxCategory", line.tax, false);
    std::string name;
    for (const auto& day : line.days) {
        name = "content-id ";
        name += day.day.text();
        out.open("cac:AdditionalItemProperty");
        out.leaf("cbc:Name", name);
        out.leaf("cbc:Value", day.content_id);
        out.close();
    }
    out.close();
}

}  // namespace

void write_amount(xml::Writer& out, std::string_view element, const Decimal& amount, const std::string& currency) {
    out.leaf(element, amount.text(), {{"currencyID", currency}});
}

void write_category(xml::Writer& out, std::string_view element, const Tax& tax, bool reason) {
    out.open(element);
    out.leaf("cbc:ID", chaincode::enum_name(tax.category));
    if (tax.category != TaxCategory::O) out.leaf("cbc:Percent", tax.percent.text());
    const auto exemption = std::ranges::find(kExemptions, tax.category, &Exemption::category);
    if (reason && exemption != kExemptions.end()) {
        if (!exemption->code.empty()) out.leaf("cbc:TaxExemptionReasonCode", exemption->code);
        out.leaf("cbc:TaxExemptionReason", tax.reason.value_or(std::string(exemption->text)));
    }
    write_scheme(out, "VAT");
    out.close();
}

void write_party(xml::Writer& out, std::string_view element, const DocumentParty& party, bool vat) {
    const auto& business = party.business;
    out.open(element);
    out.open("cac:Party");
    if (business.endpoint) {
        const std::string_view endpoint = *business.endpoint;
        const auto colon = endpoint.find(':');
        out.leaf("cbc:EndpointID", endpoint.substr(colon + 1), {{"schemeID", endpoint.substr(0, colon)}});
    }
    out.open("cac:PartyIdentification");
    out.leaf("cbc:ID", party.organization);
    out.close();
    out.open("cac:PartyName");
    out.leaf("cbc:Name", business.name);
    out.close();
    write_address(out, business);
    if (vat && business.tax_id) {
        out.open("cac:PartyTaxScheme");
        out.leaf("cbc:CompanyID", *business.tax_id);
        write_scheme(out, has_country(*business.tax_id) ? "VAT" : "TAX");
        out.close();
    }
    out.open("cac:PartyLegalEntity");
    out.leaf("cbc:RegistrationName", business.name);
    out.close();
    out.close();
    out.close();
}

void write_line(xml::Writer& out, const InvoiceDocument& document, const DocumentLine& line, std::size_t number,
                bool credit) {
    out.open(credit ? "cac:CreditNoteLine" : "cac:InvoiceLine");
    out.leaf("cbc:ID", std::to_string(number));
    if (!line.note.empty()) out.leaf("cbc:Note", line.note);
    out.leaf(credit ? "cbc:CreditedQuantity" : "cbc:InvoicedQuantity", line.quantity.text(),
             {{"unitCode", line.unit_code}});
    write_amount(out, "cbc:LineExtensionAmount", line.amount, document.currency);
    const bool within = line.from < line.until && line.from >= document.from && line.until <= document.until;
    if (within) write_period(out, line.from, line.until);
    write_item(out, line);
    out.open("cac:Price");
    write_amount(out, "cbc:PriceAmount", line.price, document.currency);
    out.leaf("cbc:BaseQuantity", line.base.text(), {{"unitCode", line.unit_code}});
    out.close();
    out.close();
}

}  // namespace tally::gateway::invoices
