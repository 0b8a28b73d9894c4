// The whole file is checked against its schema by tests/documents; here, what it says and what is refused.

#include "gateway/payments/pain001.h"
#include "tests/unit/gateway/decimal_of.h"

#include <gtest/gtest.h>

namespace tally::gateway::payments {
namespace {

Business business_with(std::string name, std::optional<std::string> iban) {
    Business out;
    out.name = std::move(name);
    out.town = "K\xc3\xb6ln";
    out.country = "DE";
    out.iban = std::move(iban);
    return out;
}

Transfer transfer(std::string_view amount, std::string currency, std::string id) {
    return {business_with("Sonne & Wind", "DE89370400440532013000"),
            decimal(amount),
            std::move(currency),
            std::move(id),
            "5f80f76e-b5b3-4aaa-8653-c4c0462ee71d",
            "RF18539007547034",
            "Invoice solar-1-3"};
}

PaymentOrder order() {
    PaymentOrder out;
    out.message_id = "MSG-1";
    out.batch_id = "PMT-1";
    out.created_ms = 1'775'001'600'123;  // 2026-04-01T00:00:00.123Z
    out.debtor = business_with("Consumer", "AT611904300234573201");
    out.debtor.bic = "BKAUATWW";
    out.execution = Date::parse("2026-04-02").value();
    out.transfers = {transfer("10.5", "EUR", "E2E-1")};
    return out;
}

bool has(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

void refuse_order(const PaymentOrder& order, std::string_view part) {
    const auto text = write_pain001(order);
    ASSERT_FALSE(text) << part;
    EXPECT_EQ(text.error().code, Code::invalid_argument);
    EXPECT_TRUE(has(text.error().message, part)) << text.error().message;
}

TEST(Pain001, ASepaOrderSaysSoAndHasAmountsWithTheCurrencysDecimals) {
    const auto text = write_pain001(order()).value();
    EXPECT_TRUE(has(text, "<CreDtTm>2026-04-01T00:00:00Z</CreDtTm>"));
    EXPECT_TRUE(has(text, "<InstdAmt Ccy=\"EUR\">10.50</InstdAmt>"));
    EXPECT_TRUE(has(text, "<CtrlSum>10.50</CtrlSum>"));
    EXPECT_TRUE(has(text, "<Cd>SEPA</Cd>"));
    EXPECT_TRUE(has(text, "<ChrgBr>SLEV</ChrgBr>"));
    EXPECT_TRUE(has(text, "<Nm>Sonne + Wind</Nm>"));
    EXPECT_TRUE(has(text, "<TwnNm>Koeln</TwnNm>"));
    EXPECT_TRUE(has(text, "<Ref>RF18539007547034</Ref>"));
    EXPECT_TRUE(has(text, "<BICFI>BKAUATWW</BICFI>"));
    EXPECT_FALSE(has(text, "Ustrd"));
    EXPECT_FALSE(has(text, "AdrLine"));
    EXPECT_EQ(text, write_pain001(order()).value());
}

TEST(Pain001, WithoutABicTheBankIsNotProvidedAndWithoutAReferenceTheTextIsThere) {
    auto plain = order();
    plain.debtor.bic.reset();
    plain.transfers[0].creditor_reference.reset();
    const auto text = write_pain001(plain).value();
    EXPECT_TRUE(has(text, "<Id>NOTPROVIDED</Id>"));
    EXPECT_TRUE(has(text, "<Ustrd>Invoice solar-1-3</Ustrd>"));
    EXPECT_FALSE(has(text, "<CdtrAgt>"));
}

TEST(Pain001, OtherCurrenciesAreNoSepaTransfersAndHaveTheirOwnDecimals) {
    auto yen = order();
    yen.transfers[0].currency = "JPY";
    yen.transfers[0].amount = decimal("1200");
    const auto text = write_pain001(yen).value();
    EXPECT_TRUE(has(text, "<InstdAmt Ccy=\"JPY\">1200</InstdAmt>"));
    EXPECT_FALSE(has(text, "SEPA"));
    EXPECT_TRUE(has(text, "<ChrgBr>SHAR</ChrgBr>"));
    EXPECT_TRUE(has(text, "<AddtlRmtInf>Invoice solar-1-3</AddtlRmtInf>"));
    yen.transfers[0].amount = decimal("1200.5");
    refuse_order(yen, "more decimals");
    yen.transfers[0].currency = "KWD";
    yen.transfers[0].amount = decimal("0.001");
    EXPECT_TRUE(has(write_pain001(yen).value(), "<InstdAmt Ccy=\"KWD\">0.001</InstdAmt>"));
}

TEST(Pain001, WhatCannotBePaidIsRefusedWithTheTransferThatCannot) {
    auto bad = order();
    bad.transfers.push_back(transfer("0.00", "EUR", "E2E-2"));
    bad.transfers[1].uetr = "5f80f76e-b5b3-4aaa-8653-c4c0462ee71e";
    refuse_order(bad, "transfer 2 to Sonne & Wind: 0.00 EUR");
    bad.transfers[1].amount = decimal("-1");
    refuse_order(bad, "must be above 0");
    bad.transfers[1].amount = decimal("1000000000.00");
    refuse_order(bad, "999999999.99");
    bad.transfers[1].amount = decimal("1");
    bad.transfers[1].currency = "CHF";
    refuse_order(bad, "EUR and CHF are in one order");
    bad.transfers[1].currency = "EUR";
    bad.transfers[1].payee.iban.reset();
    refuse_order(bad, "Sonne & Wind has no IBAN");
    bad.transfers[1].payee.iban = "DE88370400440532013000";
    refuse_order(bad, "check digits");
    bad.transfers[1] = bad.transfers[0];
    refuse_order(bad, "in the order twice");
    bad.transfers.pop_back();
    bad.transfers[0].uetr = "5F80F76E-B5B3-4AAA-8653-C4C0462EE71D";
    refuse_order(bad, "no UETR");
}

TEST(Pain001, HeadersAndPartiesAreChecked) {
    auto bad = order();
    bad.transfers.clear();
    refuse_order(bad, "no transfer");
    bad = order();
    bad.message_id = "a//b";
    refuse_order(bad, "the MsgId");
    bad = order();
    bad.debtor.iban.reset();
    refuse_order(bad, "the payer: Consumer has no IBAN");
    bad = order();
    bad.debtor.name = std::string(71, 'x');
    refuse_order(bad, "71 characters; banks take 70");
    bad = order();
    bad.transfers[0].currency = "XXY";
    refuse_order(bad, "no currency");
    bad = order();
    bad.transfers[0].remittance = std::string(141, 'x');
    refuse_order(bad, "141 characters");
    bad = order();
    bad.transfers[0].creditor_reference = "RF00123";
    refuse_order(bad, "no creditor reference");
}

}  // namespace
}  // namespace tally::gateway::payments
