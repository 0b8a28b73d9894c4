#pragma once
// One supplier's invoice as people and machines accept it: everything that its UBL (ubl.h) and its printable page
// (html.h) say, in one struct, with EN 16931's arithmetic. Pure: the figures are the ledger's, nothing is looked up.
//
// The ledger computes one invoice of an agreement and splits what is to be paid. Each payee is a seller and gets a
// document of its own, to the agreement's RC:
//
//   lines       all of the invoice's lines
//   allowance   of each tax category and rate, when the payee's part is below 100 %: what belongs to the others, so
//   that
//               the category's net is the payee's part: round(sum of its lines x percent). A charge where the sum is
//               negative
//   tax         round(net of the category x rate), by the terms' rounding
//   rounding    the payee's share minus net and tax: cash rounding, and the last unit that a split may leave
//   payable     exactly the payee's share
//
// Each amount of EN 16931's rules BR-CO-10 to -17 follows from these. A share below 0 is a credit note: the same
// document with every sign turned. A price below 0 is not allowed there (BR-27): its sign is on the quantity.
//
// Tax categories that differ in their reason alone are one, as EN 16931 wants one of each category and rate; then the
// reasons are joined, and a difference in the tax's last unit is part of the rounding.
//
// Failures: not_found (no party, no business details, no such payee), invalid_argument (figures that do not fit each
// other, more than 18 digits).

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "chaincode/contracts/agreement/terms.h"
#include "chaincode/contracts/billing/model.h"

namespace tally::gateway::invoices {

using chaincode::Date;
using chaincode::Decimal;
using chaincode::agreement::Business;
using chaincode::agreement::Tax;
using chaincode::agreement::Terms;
namespace billing = chaincode::billing;

// UNTDID 1001.
enum class DocumentType {
    INVOICE = 380,
    CREDIT_NOTE = 381,
    CORRECTED = 384,    // every line corrects an earlier invoice
    SELF_BILLED = 389,  // the buyer's side makes it out in the supplier's name
    SELF_BILLED_CREDIT = 261,
};
BOOST_DESCRIBE_ENUM(DocumentType, INVOICE, CREDIT_NOTE, CORRECTED, SELF_BILLED, SELF_BILLED_CREDIT)

// 381 or 261: money goes from the seller to the buyer.
[[nodiscard]] constexpr bool is_credit(DocumentType type) {
    return type == DocumentType::CREDIT_NOTE || type == DocumentType::SELF_BILLED_CREDIT;
}

struct DocumentParty {
    std::string organization;
    Business business;
};
TALLY_FIELDS(DocumentParty, (organization, "a member of the channel"), (business, "its name and address"))

struct SignedDay {
    Date day;
    std::string content_id;
};
TALLY_FIELDS(SignedDay, (day, "in the agreement's zone"), (content_id, "of the signed record"))

struct DocumentLine {
    std::string name;
    std::optional<std::string> device;
    std::optional<std::string> field;
    Date from;
    Date until;
    std::optional<Date> corrects;
    Decimal quantity;
    std::string unit;
    std::string unit_code;
    Decimal price;
    Decimal base;
    Decimal amount;
    Tax tax;
    std::string note;
    std::vector<SignedDay> days;
};
TALLY_FIELDS(DocumentLine, (name, "of the tariff line"), (device, "whose quantity it is"), (field, "that was measured"),
             (from, "the first day"), (until, "the end date, exclusive"),
             (corrects, "the first day of the period that it corrects"), (quantity, "in `unit`"),
             (unit, "for people: kWh"), (unit_code, "UN/ECE Recommendation 20: KWH"), (price, "for each base"),
             (base, "the price is for so many units"), (amount, "without tax"), (tax, "on it"),
             (note, "device, window, tier, meter readings"), (days, "of whose records the quantity is"))

struct DocumentTax {
    Tax tax;
    Decimal lines;
    Decimal allowance;
    Decimal taxable;
    Decimal amount;
};
TALLY_FIELDS(DocumentTax, (tax, "category and rate"), (lines, "the sum of its lines"),
             (allowance, "what is of other payees; below 0: a charge"), (taxable, "lines minus allowance"),
             (amount, "of the tax"))

struct DocumentTotals {
    Decimal lines;
    Decimal allowances;
    Decimal charges;
    Decimal net;
    Decimal tax;
    Decimal gross;
    Decimal rounding;
    Decimal payable;
};
TALLY_FIELDS(DocumentTotals, (lines, "the sum of the lines"), (allowances, "subtracted"), (charges, "added"),
             (net, "lines minus allowances plus charges"), (tax, "of all categories"), (gross, "net plus tax"),
             (rounding, "added to gross"), (payable, "gross plus rounding"))

// An invoice that lines of this one correct.
struct EarlierInvoice {
    Date from;
    std::string number;
    std::optional<Date> issued;
};
TALLY_FIELDS(EarlierInvoice, (from, "the first day of its period"), (number, "of the document"),
             (issued, "the day of issue"))

struct InvoiceDocument {
    DocumentType type = DocumentType::INVOICE;
    std::string number;
    Date issued;
    Date due;
    Date from;
    Date until;
    std::string currency;
    DocumentParty seller;
    DocumentParty buyer;
    std::vector<DocumentLine> lines;
    std::vector<DocumentTax> taxes;
    DocumentTotals totals;
    Decimal percent;
    std::string share;
    std::string creditor_reference;
    std::vector<EarlierInvoice> corrects;
    std::string channel;
    std::string agreement;
    std::int64_t version = 1;
    std::string items;
    std::optional<std::string> evidence;
};
TALLY_FIELDS(InvoiceDocument, (type, "UNTDID 1001"), (number, "of the document"), (issued, "the day of issue"),
             (due, "the day on which it is to be paid"), (from, "the first day of the period"),
             (until, "the end date of the period, exclusive"), (currency, "ISO 4217"), (seller, "the payee"),
             (buyer, "the RC"), (lines, "of the invoice"), (taxes, "by category and rate"), (totals, "of the document"),
             (percent, "of the invoice that is the seller's"), (share, "one sentence on that; empty at 100 %"),
             (creditor_reference, "ISO 11649, as payments/references.h makes it; may be empty"),
             (corrects, "earlier invoices"), (channel, "of the ledger"), (agreement, "its id"),
             (version, "of its terms"),
             (items, "SHA-256 over the invoice's items, as the ledger has it; empty for a provider's bill"),
             (evidence, "SHA-256 of the evidence file"))

// Readings of a meter at the period's beginning and end.
struct MeterReading {
    std::string device;
    std::string field;
    std::string unit;
    Decimal start;
    Decimal end;
};
TALLY_FIELDS(MeterReading, (device, "its id"), (field, "that was read"), (unit, "of the readings"),
             (start, "at the period's beginning"), (end, "at its end"))

// An invoice as the ledger has it.
struct InvoiceFigures {
    std::string channel;
    std::string agreement;
    std::int64_t number = 1;
    std::int64_t version = 1;
    Date issued;
    Date due;
    Date from;
    Date until;
    std::string currency;
    billing::Totals totals;
    std::string items;
    std::string creditor_reference;
    std::vector<MeterReading> readings;
    std::vector<EarlierInvoice> earlier;  // that lines may correct; others are named by their period
    std::optional<std::string> evidence;
    bool self_billed = false;
};

[[nodiscard]] Result<InvoiceDocument> invoice_document(const Terms& terms, const InvoiceFigures& figures,
                                                       std::span<const billing::Item> items, const std::string& payee);

// A service provider's bill. Its lines have no prices: a line is its quantity at its amount for so many.
struct BillLine {
    std::string name;
    std::optional<std::string> device;
    Decimal quantity;
    Decimal amount;
    Tax tax;
};
struct BillFigures {
    std::string channel;
    std::string agreement;
    std::string provider;
    std::string number;  // the provider's own
    std::int64_t version = 1;
    Date issued;
    Date due;
    Date from;
    Date until;
    std::string currency;
    billing::Totals totals;
    std::vector<BillLine> lines;
    std::string creditor_reference;
    std::optional<std::string> evidence;
};
[[nodiscard]] Result<InvoiceDocument> bill_document(const Terms& terms, const BillFigures& figures);

// The number that an agreement's invoice has as a document: "solar-1-3".
[[nodiscard]] std::string document_number(const std::string& agreement, std::int64_t number);

}  // namespace tally::gateway::invoices
