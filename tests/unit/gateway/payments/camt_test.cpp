#include "gateway/payments/camt.h"

#include <gtest/gtest.h>

#include "tests/unit/gateway/payments/statement_text.h"

namespace tally::gateway::payments {
namespace {

using test::detail;
using test::document;
using test::entry;
using test::kPayee;
using test::kPayer;
using test::kWhole;

StatementFile read_camt(std::string text) {
    auto file = read_statements(std::move(text), "bank.xml");
    EXPECT_TRUE(file) << file.error().message;
    return file.value_or(StatementFile{});
}

void refuse_camt(std::string text, std::string_view part, Code code = Code::malformed) {
    const auto file = read_statements(std::move(text), "bank.xml");
    ASSERT_FALSE(file) << part;
    EXPECT_EQ(file.error().code, code) << file.error().message;
    EXPECT_NE(file.error().message.find(part), std::string::npos) << file.error().message;
}

TEST(Camt, AStatementIsReadWhole) {
    const auto file = read_camt(std::string(kWhole));
    ASSERT_EQ(file.statements.size(), 1);
    const auto& statement = file.statements[0];
    EXPECT_EQ(statement.kind, MessageKind::STATEMENT);
    EXPECT_EQ(statement.version, 8);
    EXPECT_EQ(statement.id, "S1");
    EXPECT_EQ(statement.message_id, "M1");
    EXPECT_EQ(statement.account, kPayer);
    EXPECT_EQ(statement.currency, "EUR");
    EXPECT_EQ(statement.created, "2026-04-03T06:00:00+02:00");  // only the group header has one
    EXPECT_EQ(statement.sequence, 17);
    EXPECT_TRUE(statement.duplicate);
    EXPECT_EQ(statement.opening->amount.value.text(), "500.00");
    EXPECT_EQ(statement.closing->amount.value.text(), "397.50");
    ASSERT_EQ(statement.entries.size(), 1);
    const auto& one = statement.entries[0];
    EXPECT_EQ(one.amount.value.text(), "102.50");
    EXPECT_EQ(one.direction, Direction::DEBIT);
    EXPECT_FALSE(one.reversal);
    EXPECT_EQ(one.booked->text(), "2026-04-02");
    EXPECT_EQ(one.bank_reference, "BANK-1");
    EXPECT_EQ(one.reference, "1");
    EXPECT_EQ(one.bank_code, "PMNT/ICDT/ESCT");
    EXPECT_EQ(one.charges->value.text(), "2.50");
    EXPECT_EQ(one.text, "Transfer");
    EXPECT_EQ(one.line, 8);
    EXPECT_EQ(one.batches[0].count, 1);
    EXPECT_EQ(one.batches[0].batch_id, "PMT-1");
}

TEST(Camt, ADetailIsReadWhole) {
    const auto file = read_camt(std::string(kWhole));
    const auto& one = file.statements[0].entries[0].details[0];
    EXPECT_EQ(one.end_to_end_id, "E2E-1");
    EXPECT_EQ(one.uetr, "5f80f76e-b5b3-4aaa-8653-c4c0462ee71d");
    EXPECT_EQ(one.instruction_id, "I1");
    EXPECT_EQ(one.transaction_id, "T1");
    EXPECT_EQ(one.bank_reference, "BANK-1-1");
    EXPECT_EQ(one.instructed->currency, "USD");
    EXPECT_EQ(one.debtor_iban, kPayer);
    EXPECT_EQ(one.creditor_iban, kPayee);
    EXPECT_EQ(one.texts, (std::vector<std::string>{"for March", "and more"}));
    EXPECT_EQ(one.references, (std::vector<std::string>{"RF18539007547034"}));
    EXPECT_EQ(one.returned->code, "AC04");
    EXPECT_EQ(one.returned->text, "account closed");
}

// Computed with Python's hashlib: of the bytes as they came, a byte order mark included.
TEST(Camt, TheDigestIsOfTheFilesBytes) {
    const auto text = document("053", kPayer, "");
    EXPECT_EQ(read_camt(text).sha256, "21ccfe57efa7e6685e054b2d7a433ef652922869d7e0daeee1dea35c6c606dfe");
    EXPECT_EQ(read_camt("\xef\xbb\xbf" + text).sha256,
              "d9d6388e196fd39efb14d5ad7f39527799acf4a238e065de20415627a05b257c");
}

TEST(Camt, TheNameSpaceDecidesMessageAndVersion) {
    EXPECT_EQ(read_camt(document("052", kPayer, "")).statements[0].kind, MessageKind::REPORT);
    EXPECT_EQ(read_camt(document("054", kPayer, "")).statements[0].kind, MessageKind::NOTIFICATION);
    EXPECT_EQ(read_camt(document("053", kPayer, "", "", "02")).statements[0].version, 2);
    refuse_camt(document("053", kPayer, "", "", "09"), "camt.053.001.09 is not read", Code::unsupported);
    refuse_camt(document("053", kPayer, "", "", "01"), "is not read", Code::unsupported);
    refuse_camt(document("055", kPayer, ""), "is not read", Code::unsupported);
    refuse_camt("<Document xmlns='urn:iso:std:iso:20022:tech:xsd:pain.001.001.09'/>", "bank.xml: line 1, Document");
    refuse_camt("<Document/>", "its namespace names the version");
}

TEST(Camt, OlderVersionsHaveAmountsStatusAndChargesElsewhere) {
    const auto file = read_camt(document(
        "053", kPayer,
        "<Ntry><Amt Ccy=\"EUR\">12</Amt><CdtDbtInd>CRDT</CdtDbtInd><RvslInd>1</RvslInd><Sts>PDNG</Sts>"
        "<Chrgs><Amt Ccy=\"EUR\">1.5</Amt></Chrgs><Chrgs><Amt Ccy=\"EUR\">0.5</Amt></Chrgs>"
        "<NtryDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">10</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls></Ntry>",
        "", "02"));
    const auto& one = file.statements[0].entries[0];
    EXPECT_EQ(one.status, EntryStatus::PDNG);
    EXPECT_TRUE(one.reversal);
    EXPECT_EQ(one.charges->value, Decimal::parse("2").value());
    EXPECT_EQ(one.details[0].amount->value.text(), "10");
    EXPECT_FALSE(one.booked);
}

TEST(Camt, SeveralDocumentsAndStatementsAreInOneFile) {
    const auto one = document("053", kPayer, entry({}));
    const auto file =
        read_camt("<?xml version=\"1.0\"?>\n" + one + "\n<?xml version=\"1.0\"?>\n" + document("054", kPayee, ""));
    ASSERT_EQ(file.statements.size(), 2);
    EXPECT_EQ(file.statements[1].account, kPayee);
    auto two_bodies = document("053", kPayer, "");
    two_bodies.replace(two_bodies.find("</Document>"), 11, "<BkToCstmrStmt/></Document>");
    refuse_camt(two_bodies, "exactly one message");
}

TEST(Camt, AmountsAreDigitsWithAPointAndNothingElse) {
    for (const auto bad :
         {"1,00", "1e2", "0.123456", "-5", "", "+5", ".5", "5.", "1 000", "0x10", "1234567890123456789"}) {
        const auto amount = read_amount(bad);
        ASSERT_FALSE(amount) << bad;
        EXPECT_EQ(amount.error().code, Code::malformed);
    }
    EXPECT_EQ(read_amount("0012.50").value().text(), "12.50");
    EXPECT_EQ(read_amount("0.12345").value().text(), "0.12345");
    refuse_camt(document("053", kPayer, entry({.amount = "1,00"})), "line 2, Ntry/Amt: \"1,00\" is no amount");
    refuse_camt(document("053", kPayer, entry({.currency = "eur"})), "Ccy is three capital letters");
    refuse_camt(document("053", kPayer, entry({.direction = "CREDIT"})), "neither CRDT nor DBIT");
    refuse_camt(document("053", kPayer, entry({.status = "DONE"})), "no status");
}

TEST(Camt, DatesExist) {
    EXPECT_EQ(read_date("2024-02-29").value().text(), "2024-02-29");
    EXPECT_EQ(read_date("2026-03-31+02:00").value().text(), "2026-03-31");
    for (const auto bad :
         {"2026-02-30", "2026-13-01", "26-03-01", "2026-3-1", "2026-03-31T10:00:00", "", "2026-03-31 "})
        EXPECT_FALSE(read_date(bad)) << bad;
    refuse_camt(document("053", kPayer, entry({.date = "2026-02-30"})), "BookgDt/Dt: \"2026-02-30\" is no date");
}

TEST(Camt, WhatIsMissingOrThereTwiceIsNamed) {
    refuse_camt(document("053", kPayer, "<Ntry><CdtDbtInd>CRDT</CdtDbtInd></Ntry>"), "the element Amt is missing");
    refuse_camt(document("053", kPayer, "<Ntry><Amt Ccy='EUR'>1</Amt><Amt Ccy='EUR'>2</Amt></Ntry>"), "there twice");
    refuse_camt(document("053", "", ""), "neither an IBAN");
    refuse_camt(document("053", kPayer, "<Ntry><Amt Ccy='EUR'>1<b/></Amt></Ntry>"), "text is expected");
    refuse_camt(document("053", kPayer, "", "<ElctrncSeqNb>one</ElctrncSeqNb>"), "no number");
}

}  // namespace
}  // namespace tally::gateway::payments
