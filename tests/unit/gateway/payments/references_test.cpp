// The identifiers were computed with Python's hashlib from the description in references.h.

#include "gateway/payments/references.h"

#include <gtest/gtest.h>

#include "gateway/payments/bank_text.h"

namespace tally::gateway::payments {
namespace {

PaymentName invoice(std::int64_t attempt = 1) {
    return {"main",
            "solar-1",
            Date::parse("2026-03-01").value(),
            std::nullopt,
            "Stadtwerke S\xc3\xbc"
            "d",
            attempt};
}
PaymentName bill() { return {"main", "solar-1", std::nullopt, BillName{"Grid Ltd", "2026/17"}, "Grid Ltd", 1}; }

TEST(References, AreFunctionsOfTheInvoiceAlone) {
    EXPECT_EQ(end_to_end_id(invoice()), "E2E-N52T9JDPWKWAM8RYMQ0KM6FST9");
    EXPECT_EQ(uetr(invoice()), "5f80f76e-b5b3-4aaa-8653-c4c0462ee71d");
    EXPECT_EQ(uetr(bill()), "23fd13bb-a14a-4bf7-a9bf-9318400bfb65");
    const std::vector names{invoice(), bill()};
    EXPECT_EQ(message_id(names), "MSG-XMQM7D3X291HYG5JTXAQEXYB27");
    EXPECT_EQ(batch_id(names), "PMT-Y974DHGPE926MX249H4ASYGEBP");
    EXPECT_TRUE(looks_like_end_to_end_id(end_to_end_id(bill())));
    EXPECT_TRUE(check_identifier(message_id(names), "MsgId"));
}

TEST(References, ANewAttemptHasOtherIdentifiersAndTheSameCreditorReference) {
    EXPECT_EQ(end_to_end_id(invoice(2)), "E2E-8DF082DYPQ2VKYQ72H7AVVBHBD");
    EXPECT_NE(uetr(invoice(2)), uetr(invoice()));
    EXPECT_EQ(creditor_reference(invoice(2)), "RF86MP3PGZSM6BR5CBND");
    EXPECT_EQ(creditor_reference(invoice()), "RF86MP3PGZSM6BR5CBND");
    EXPECT_FALSE(check_name(invoice(0)));
    EXPECT_FALSE(check_name({"main", "solar-1", std::nullopt, std::nullopt, "A", 1}));
}

// RF18 5390 0754 7034 is ISO 11649's usual example.
TEST(References, CreditorReferencesHaveTheCheckDigitsOfIso11649) {
    EXPECT_EQ(make_creditor_reference("539007547034").value(), "RF18539007547034");
    EXPECT_EQ(make_creditor_reference("tally1").value(), "RF66TALLY1");
    EXPECT_TRUE(is_creditor_reference("RF18539007547034"));
    EXPECT_FALSE(is_creditor_reference("RF19539007547034"));
    EXPECT_FALSE(is_creditor_reference("RF18539007547043"));
    EXPECT_FALSE(is_creditor_reference("RF18"));
    EXPECT_FALSE(make_creditor_reference(""));
    EXPECT_FALSE(make_creditor_reference("A-1"));
    EXPECT_FALSE(make_creditor_reference("1234567890123456789012"));
}

TEST(References, IdentifiersThatBanksDoNotTakeAreRefused) {
    for (const auto bad : {"", "/a", "a/", "a//b", "a_b", "\xc3\xa4", "123456789012345678901234567890123456"})
        EXPECT_FALSE(check_identifier(bad, "the MsgId")) << bad;
    EXPECT_TRUE(check_identifier("a/b-?:().,'+ 1", "the MsgId"));
}

TEST(BankText, NamesAreTransliteratedAndNeverDropped) {
    EXPECT_EQ(bank_text("M\xc3\xbcller & S\xc3\xb6hne Stra\xc3\x9f"
                        "e"),
              "Mueller + Soehne Strasse");
    EXPECT_EQ(bank_text("\xc3\x84\xc3\x96\xc3\x9c Caf\xc3\xa9 \xc5\x81\xc3\xb3"
                        "d\xc5\xba \xc3\x85ngstr\xc3\xb6m"),
              "AEOEUE Cafe Lodz Angstroem");
    EXPECT_EQ(bank_text("Mu\xcc\x88ller e\xcc\x81t\xc3\xa9"), "Mueller ete");    // marks after letters
    EXPECT_EQ(bank_text("\xd0\xa1\xd0\xbe\xd1\x84\xd0\xb8\xd1\x8f"), "Sofiya");  // Cyrillic
    EXPECT_EQ(bank_text("\xce\x91\xce\xb8\xce\xae\xce\xbd\xce\xb1"), "Athina");  // Greek
    EXPECT_EQ(bank_text("\xe6\x9d\xb1\xe4\xba\xac"), "..");                      // no table
    EXPECT_EQ(bank_text("  A_B;C\n\tD  "), "A-B,C D");
    EXPECT_EQ(bank_text("\xff"
                        "A"),
              ".A");
}

}  // namespace
}  // namespace tally::gateway::payments
