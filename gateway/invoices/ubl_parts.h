#pragma once
// Parts of a UBL document that stand in its header and in its lines: internal to ubl.cpp.

#include "gateway/invoices/document.h"
#include "gateway/xml/writer.h"

namespace tally::gateway::invoices {

// Writes `cac:AccountingSupplierParty` or `cac:AccountingCustomerParty`; `vat`: with its VAT number.
void write_party(xml::Writer& out, std::string_view element, const DocumentParty& party, bool vat);
// Category, rate, scheme; `reason`: and why none is due.
void write_category(xml::Writer& out, std::string_view element, const Tax& tax, bool reason);
void write_amount(xml::Writer& out, std::string_view element, const Decimal& amount, const std::string& currency);
void write_line(xml::Writer& out, const InvoiceDocument& document, const DocumentLine& line, std::size_t number,
                bool credit);

}  // namespace tally::gateway::invoices
