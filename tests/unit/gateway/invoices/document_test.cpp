// Figures by hand; tests/documents computes all samples again in Python, and validates them against the schemas.

#include "gateway/invoices/document.h"

#include <gtest/gtest.h>

#include "chaincode/json/reflect.h"
#include "gateway/invoices/html.h"
#include "gateway/invoices/ubl.h"
#include "gateway/invoices/units.h"
#include "tests/unit/gateway/decimal_of.h"
#include "tests/unit/gateway/invoices/samples.h"

namespace tally::gateway::invoices {
namespace {

using chaincode::agreement::TaxCategory;
using test::Case;
using test::document_of;
using test::figures_of;
using test::items_of;
using test::LineText;
using test::terms_of;

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

const LineText kEnergy{
    .name = "Energy", .quantity = "400000", .unit = "Wh", .price = "0.25", .base = "1000", .device = "m1"};
const LineText kFee{.name = "Fee", .quantity = "1", .unit = "months", .price = "10.01", .percent = "10"};

TEST(InvoiceDocument, OnePayeeHasTheInvoicesOwnFigures) {
    const auto document = document_of({.lines = {kEnergy, kFee}}, "Solar").value();
    EXPECT_EQ(document.type, DocumentType::INVOICE);
    EXPECT_EQ(document.number, "solar-1-3");
    EXPECT_EQ(document.totals.lines.text(), "110.01");
    EXPECT_EQ(document.totals.tax.text(), "21.00");  // 20.00 and 1.00
    EXPECT_EQ(document.totals.payable.text(), "131.01");
    EXPECT_EQ(document.totals.rounding.text(), "0.00");
    EXPECT_EQ(document.buyer.organization, "City");
    EXPECT_TRUE(document.share.empty());
    ASSERT_EQ(document.lines.size(), 2);
    EXPECT_EQ(document.lines[0].quantity.text(), "400.000");
    EXPECT_EQ(document.lines[0].unit, "kWh");
    EXPECT_EQ(document.lines[0].days.size(), 30);
    EXPECT_TRUE(document.lines[1].days.empty());
    const auto as_json = chaincode::to_json(document).as_object();
    EXPECT_EQ(as_json.at("type"), "INVOICE");
    EXPECT_EQ(as_json.at("totals").at("payable"), "131.01");
}

// 60 % of 131.01 is 78.606: 78.61, as its remainder is the larger one; the other payee has 52.40. Its net is 60.00 of
// 100.00 and 6.01 of 10.01 (6.006), its tax 12.00 and 0.60.
TEST(InvoiceDocument, APartHasAnAllowanceForEachCategoryAndPaysItsShareExactly) {
    const Case both{.payees = {{"Solar", "60"}, {"Grid", "40"}}, .lines = {kEnergy, kFee}};
    const auto document = document_of(both, "Solar").value();
    EXPECT_EQ(document.lines.size(), 2);
    EXPECT_EQ(document.taxes[0].allowance.text(), "40.00");
    EXPECT_EQ(document.taxes[1].allowance.text(), "4.00");
    EXPECT_EQ(document.taxes[1].amount.text(), "0.60");
    EXPECT_EQ(document.totals.net.text(), "66.01");
    EXPECT_EQ(document.totals.gross.text(), "78.61");
    EXPECT_EQ(document.totals.payable.text(), "78.61");
    EXPECT_TRUE(document.share.starts_with("60 % of the invoice's 131.01 EUR"));
    const auto other = document_of(both, "Grid").value();
    EXPECT_EQ(other.totals.payable.text(), "52.40");
    EXPECT_EQ(other.totals.gross.text(), "52.40");  // 40.00 + 4.00 + 8.00 + 0.40
}

// 0.025 of tax is 0.02 by half-even and 0.03 by half-up.
TEST(InvoiceDocument, TaxIsRoundedAsTheTermsSay) {
    const Case half{.lines = {{.name = "Fee", .quantity = "1", .unit = "days", .price = "0.50", .percent = "5"}}};
    auto terms = terms_of(half);
    EXPECT_EQ(document_of(half, "Solar").value().totals.tax.text(), "0.03");
    terms.rounding = chaincode::Rounding::HALF_EVEN;
    auto figures = figures_of(half);
    billing::Sum sum(terms);
    ASSERT_TRUE(sum.add(items_of(half)[0].lines[0]));
    figures.totals = sum.totals().value();
    const auto document = invoice_document(terms, figures, items_of(half), "Solar").value();
    EXPECT_EQ(document.totals.tax.text(), "0.02");
    EXPECT_EQ(document.totals.rounding.text(), "0.00");
}

TEST(InvoiceDocument, OneCentIsPaidToOneOfThreePayees) {
    const Case cent{.payees = {{"Solar", "33.33"}, {"Grid", "33.33"}, {"Meters", "33.34"}},
                    .lines = {{.name = "Fee", .quantity = "1", .unit = "days", .price = "0.01"}}};
    const auto none = document_of(cent, "Solar").value();
    EXPECT_EQ(none.totals.payable.text(), "0.00");
    EXPECT_EQ(none.totals.allowances.text(), "0.01");
    const auto all = document_of(cent, "Meters").value();
    EXPECT_EQ(all.totals.net.text(), "0.00");
    EXPECT_EQ(all.totals.rounding.text(), "0.01");
    EXPECT_EQ(all.totals.payable.text(), "0.01");
}

TEST(InvoiceDocument, CashRoundingIsTheDocumentsRounding) {
    const auto document = document_of({.cash_rounding = "0.05", .lines = {kEnergy, kFee}}, "Solar").value();
    EXPECT_EQ(document.totals.gross.text(), "131.01");
    EXPECT_EQ(document.totals.rounding.text(), "-0.01");
    EXPECT_EQ(document.totals.payable.text(), "131.00");
}

TEST(InvoiceDocument, BelowZeroItIsACreditNoteWithTheSignsTurned) {
    auto back = kEnergy;
    back.quantity = "-400000";
    back.corrects = "2026-02-01";
    const auto document = document_of({.lines = {back}}, "Solar").value();
    EXPECT_EQ(document.type, DocumentType::CREDIT_NOTE);
    EXPECT_EQ(document.lines[0].quantity.text(), "400.000");
    EXPECT_EQ(document.lines[0].amount.text(), "100.00");
    EXPECT_EQ(document.totals.payable.text(), "120.00");
    ASSERT_EQ(document.corrects.size(), 1);
    EXPECT_EQ(document.corrects[0].number, "solar-1-2");
}

TEST(InvoiceDocument, ThePriceIsNeverNegative) {
    auto negative = kEnergy;
    negative.price = "-0.01";
    const auto document = document_of({.lines = {negative, kEnergy}}, "Solar").value();
    EXPECT_EQ(document.lines[0].price.text(), "0.01");
    EXPECT_EQ(document.lines[0].quantity.text(), "-400.000");
    EXPECT_EQ(document.lines[0].amount.text(), "-4.00");
}

TEST(InvoiceDocument, ReasonsOfOneCategoryAreJoined) {
    LineText a{.name = "A",
               .quantity = "1",
               .unit = "days",
               .price = "5",
               .percent = "0",
               .category = TaxCategory::E,
               .reason = "one"};
    auto b = a;
    b.reason = "two";
    const auto document = document_of({.lines = {a, b, a}}, "Solar").value();
    ASSERT_EQ(document.taxes.size(), 1);
    EXPECT_EQ(document.taxes[0].tax.reason, "one; two");
    EXPECT_EQ(document.taxes[0].taxable.text(), "15.00");
}

TEST(InvoiceDocument, WhatDoesNotFitIsRefused) {
    const Case plain{.lines = {kEnergy}};
    EXPECT_EQ(document_of(plain, "Grid").error().message, "Grid is no payee of this invoice");
    auto terms = terms_of(plain);
    terms.parties[0].business.reset();
    EXPECT_EQ(invoice_document(terms, figures_of(plain), items_of(plain), "Solar").error().code, Code::not_found);
    auto items = items_of(plain);
    items.push_back(items[0]);
    const auto twice = invoice_document(terms_of(plain), figures_of(plain), items, "Solar");
    EXPECT_EQ(twice.error().message,
              "the lines are 200.00 together, and the invoice's net is 100.00: lines are missing or twice");
}

TEST(InvoiceDocument, ABillsLinesHaveTheirQuantityAsThePricesBase) {
    const auto document = bill_document(terms_of({.lines = {}}), test::bill()).value();
    EXPECT_EQ(document.number, "2026/17 & more");
    EXPECT_EQ(document.lines[0].base.text(), "1234.567");
    EXPECT_EQ(document.lines[0].price.text(), "37.04");
    EXPECT_EQ(document.lines[1].quantity.text(), "-1");
    EXPECT_EQ(document.lines[1].price.text(), "7.04");
    EXPECT_EQ(document.totals.payable.text(), "36.00");
}

TEST(Units, WholeThousandsBecomeKilowattHours) {
    auto in = measured(decimal("1234567"), decimal("100000"), "Wh");
    EXPECT_EQ(in.quantity.text() + " " + in.unit_code + " / " + in.base.text(), "1234.567 KWH / 100");
    in = measured(decimal("1234567"), decimal("500"), "Wh");
    EXPECT_EQ(in.quantity.text() + " " + in.unit_code + " / " + in.base.text(), "1234567 WHR / 500");
    in = measured(decimal("1"), decimal("1000.5"), "Wh");
    EXPECT_EQ(in.unit_code, "WHR");
    EXPECT_EQ(measured(decimal("1"), decimal("1"), "m3").unit_code, "MTQ");
    EXPECT_EQ(measured(decimal("1"), decimal("365"), "days").unit_code, "DAY");
    EXPECT_EQ(measured(decimal("1"), decimal("12"), "months").unit_code, "MON");
    EXPECT_EQ(measured(decimal("1"), decimal("1"), "messages").unit_code, "C62");
}

TEST(Ubl, WhatAValidatorWouldRefuseIsRefused) {
    const Case without{.lines = {kEnergy}, .with_tax_ids = false};
    EXPECT_TRUE(has(write_ubl(document_of(without, "Solar").value()).error().message, "no VAT number of the seller"));
    auto reverse = document_of({.lines = {kEnergy}}, "Solar").value();
    reverse.taxes[0].tax.category = TaxCategory::AE;
    reverse.buyer.business.tax_id.reset();
    EXPECT_TRUE(has(write_ubl(reverse).error().message, "reverse charge"));
    auto outside = document_of({.lines = {kEnergy, kFee}}, "Solar").value();
    outside.taxes[0].tax.category = TaxCategory::O;
    EXPECT_TRUE(has(write_ubl(outside).error().message, "BR-O-11"));
    auto none = document_of({.lines = {kEnergy}}, "Solar").value();
    none.lines.clear();
    EXPECT_TRUE(has(write_ubl(none).error().message, "BR-16"));
}

TEST(Ubl, TheSameDocumentGivesTheSameBytesAndANumberThatIsNoVatNumberIsAnotherScheme) {
    auto document = document_of({.lines = {kEnergy}}, "Solar").value();
    EXPECT_EQ(write_ubl(document).value(), write_ubl(document).value());
    EXPECT_FALSE(has(write_ubl(document).value(), "<cbc:ID>TAX</cbc:ID>"));
    document.seller.business.tax_id = "12/345";
    EXPECT_TRUE(has(write_ubl(document).value(), "<cbc:ID>TAX</cbc:ID>"));
}

TEST(Html, TextsAreEscapedAndAccountsAreInGroups) {
    const auto page = write_html(document_of({.lines = {kEnergy}}, "Solar").value());
    EXPECT_TRUE(has(page, "M\xc3\xbcller &amp; S\xc3\xb6hne &lt;Solar&gt;"));
    EXPECT_TRUE(has(page, "AT61 1904 3002 3457 3201"));
    EXPECT_TRUE(has(page, "RF18 5390 0754 7034"));
    EXPECT_FALSE(has(page, "<script"));
}

TEST(Html, ManyDaysAreCountedAndNotListed) {
    std::vector<LineText> lines(67, kEnergy);  // 30 days each
    const auto many = write_html(document_of({.lines = lines}, "Solar").value());
    EXPECT_TRUE(has(many, "The content ids of 2010 signed days are in the electronic invoice"));
    lines.pop_back();
    EXPECT_TRUE(has(write_html(document_of({.lines = lines}, "Solar").value()), "<h2>Signed records</h2>"));
}

}  // namespace
}  // namespace tally::gateway::invoices
