// Scenarios of metering.md section 5: what real statements do, and the findings by name.

#include "gateway/payments/matching.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/unit/gateway/decimal_of.h"
#include "tests/unit/gateway/payments/statement_text.h"

namespace tally::gateway::payments {
namespace {

using test::detail;
using test::document;
using test::entry;
using test::kOther;
using test::kPayee;
using test::kPayer;

constexpr std::string_view kUetr = "5f80f76e-b5b3-4aaa-8653-c4c0462ee71d";
constexpr std::string_view kReference = "RF18539007547034";

ExpectedPayment payment(int number = 1, std::string_view amount = "100.00") {
    ExpectedPayment out;
    out.transfer = fmt::format("T{}", number);
    out.end_to_end_id = fmt::format("E2E-{}", number);
    out.message_id = "MSG-1";
    out.batch_id = "PMT-1";
    out.amount = decimal(amount);
    out.currency = "EUR";
    out.debtor_iban = kPayer;
    out.creditor_iban = kPayee;
    return out;
}

ExpectedPayment with_references() {
    auto out = payment();
    out.uetr = kUetr;
    out.creditor_reference = kReference;
    out.numbers = {"solar-1-3"};
    return out;
}

MatchReport match_texts(const std::vector<ExpectedPayment>& expected, const std::vector<std::string>& texts) {
    std::vector<StatementFile> files;
    for (const auto& text : texts) {
        auto file = read_statements(text, fmt::format("file{}.xml", files.size() + 1));
        EXPECT_TRUE(file) << file.error().message;
        files.push_back(std::move(*file));
    }
    auto report = match(expected, files);
    EXPECT_TRUE(report) << report.error().message;
    return std::move(*report);
}

std::vector<Finding> names_of(const std::vector<Named>& findings) {
    std::vector<Finding> out;
    for (const auto& each : findings) out.push_back(each.finding);
    return out;
}

using Findings = std::vector<Finding>;

// One statement of the payer's account with these entries.
MatchReport on_payer(const std::vector<ExpectedPayment>& expected, const std::string& entries) {
    return match_texts(expected, {document("053", kPayer, entries)});
}
MatchReport on_payee(const std::vector<ExpectedPayment>& expected, const std::string& entries) {
    return match_texts(expected, {document("054", kPayee, entries)});
}

TEST(Matching, IdAmountCurrencyAndAccountAreExact) {
    const auto report = on_payer({payment()}, entry({.details = detail({})}));
    ASSERT_EQ(report.items.size(), 1);
    EXPECT_EQ(report.items[0].level, Level::EXACT);
    EXPECT_EQ(report.items[0].transfers, (std::vector<std::string>{"T1"}));
    EXPECT_TRUE(report.items[0].findings.empty());
    const auto& result = report.transfers[0];
    EXPECT_EQ(result.state, TransferState::CONFIRMED);
    EXPECT_EQ(result.booking->reference, "BANK-1");
    EXPECT_EQ(result.booking->account, kPayer);
    EXPECT_EQ(result.booking->amount.text(), "100.00");
    EXPECT_EQ(result.booking->date->text(), "2026-04-02");
    EXPECT_EQ(result.booking->statement, report.statements[0].sha256);
}

TEST(Matching, ThePayeesAccountIsReadTheOtherWayRound) {
    const auto report = on_payee({payment()}, entry({.direction = "CRDT", .details = detail({.creditor = ""})}));
    EXPECT_EQ(report.items[0].level, Level::EXACT);  // the statement's account is the payee's
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(report.transfers[0].booking->account, kPayee);
}

TEST(Matching, TheUetrAloneIsExact) {
    const auto uetr = fmt::format("<UETR>{}</UETR>", kUetr);
    const auto report = on_payer({with_references()},
                                 entry({.details = detail({.end_to_end_id = "NOTPROVIDED", .more_references = uetr})}));
    EXPECT_EQ(report.items[0].level, Level::EXACT);
}

TEST(Matching, AnAccountThatIsNotShownMakesItAReference) {
    const auto report = on_payer({payment()}, entry({.details = detail({.creditor = ""})}));
    EXPECT_EQ(report.items[0].level, Level::REFERENCE);
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
}

TEST(Matching, CreditorReferencesAndInvoiceNumbersAreFoundInStructureAndText) {
    for (const std::string remittance :
         {"<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>", "<Ustrd>RF18 5390 0754 7034</Ustrd>",
          "<Ustrd>see RF18539007547034, thank you</Ustrd>", "<Ustrd>invoice (Solar-1-3).</Ustrd>"}) {
        const auto report =
            on_payee({with_references()},
                     entry({.direction = "CRDT",
                            .details = detail({.end_to_end_id = "NOTPROVIDED", .remittance = remittance})}));
        EXPECT_EQ(report.items[0].level, Level::REFERENCE) << remittance;
        EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED) << remittance;
    }
    const auto other =
        on_payee({with_references()}, entry({.amount = "7",
                                             .direction = "CRDT",
                                             .details = detail({.end_to_end_id = "NOTPROVIDED",
                                                                .remittance = "<Ustrd>invoice solar-1-31</Ustrd>"})}));
    EXPECT_EQ(other.items[0].level, Level::NONE);
}

TEST(Matching, ALaterAttemptIsTakenWhenOnlyTheCreditorReferenceIsThere) {
    auto first = with_references();
    auto second = payment(2);
    second.creditor_reference = kReference;
    const auto report =
        on_payee({first, second},
                 entry({.direction = "CRDT",
                        .details = detail({.end_to_end_id = "", .remittance = "<Ustrd>RF18539007547034</Ustrd>"})}));
    EXPECT_EQ(report.transfers[0].state, TransferState::NOT_FOUND);
    EXPECT_EQ(report.transfers[1].state, TransferState::CONFIRMED);
}

TEST(Matching, AmountsThatDifferAreTooSmallOrTooLarge) {
    auto report = on_payer({payment()}, entry({.amount = "99.99", .details = detail({})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::TOO_SMALL});
    EXPECT_EQ(report.items[0].findings[0].what, "99.99 EUR is booked, 100.00 EUR is expected");
    EXPECT_EQ(report.items[0].level, Level::REFERENCE);
    EXPECT_EQ(report.transfers[0].state, TransferState::MISMATCHED);
    report = on_payer({payment()}, entry({.amount = "100.01", .details = detail({})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::TOO_LARGE});
    report = on_payer({payment()}, entry({.amount = "100", .details = detail({.amount = "100.000"})}));
    EXPECT_EQ(report.items[0].level, Level::EXACT);  // by value
}

TEST(Matching, WrongCurrencyAndWrongAccountAreNamedAndConfirmNothing) {
    auto report = on_payer({payment()}, entry({.currency = "CHF", .details = detail({})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::WRONG_CURRENCY});
    EXPECT_EQ(report.transfers[0].state, TransferState::MISMATCHED);
    EXPECT_EQ(report.transfers[0].booking->currency, "CHF");
    report = on_payer({payment()}, entry({.details = detail({.creditor = kOther})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::WRONG_ACCOUNT});
    EXPECT_EQ(report.transfers[0].state, TransferState::MISMATCHED);
    report = match_texts({payment()}, {document("053", kOther, entry({.details = detail({.creditor = ""})}))});
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::WRONG_ACCOUNT});
    EXPECT_EQ(names_of(report.statements[0].findings), Findings{Finding::WRONG_ACCOUNT});
    EXPECT_EQ(report.transfers[0].state, TransferState::MISMATCHED);
}

TEST(Matching, AConvertedPaymentIsComparedWithWhatWasOrdered) {
    const auto report = on_payer(
        {payment()},
        entry(
            {.amount = "95.00",
             .currency = "CHF",
             .details = detail({.amounts = "<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">100.00</Amt></InstdAmt></AmtDtls>"})}));
    EXPECT_EQ(report.items[0].level, Level::EXACT);
    EXPECT_EQ(report.transfers[0].booking->amount.text(), "100.00");
}

TEST(Matching, ChargesExplainADifferenceOnBothSides) {
    // The payee's bank keeps 2.50.
    auto report = on_payee(
        {payment()},
        entry({.amount = "97.50",
               .direction = "CRDT",
               .details =
                   detail({.amount = "97.50", .charges = "<Chrgs><Rcrd><Amt Ccy=\"EUR\">2.50</Amt></Rcrd></Chrgs>"})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::CHARGES_DEDUCTED});
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(report.transfers[0].booking->amount.text(), "100.00");
    // The payer's bank adds 1.20 to the entry; the detail is the payment.
    report = on_payer({payment()},
                      entry({.amount = "101.20",
                             .details = detail({.amount = "100.00"}),
                             .more = "<Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">1.20</TtlChrgsAndTaxAmt></Chrgs>"}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::CHARGES_DEDUCTED});
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
    // The same when only the entry has an amount.
    report = on_payer({payment()},
                      entry({.amount = "101.20",
                             .details = detail({}),
                             .more = "<Chrgs><TtlChrgsAndTaxAmt Ccy=\"EUR\">1.20</TtlChrgsAndTaxAmt></Chrgs>"}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::CHARGES_DEDUCTED});
    EXPECT_EQ(report.transfers[0].booking->amount.text(), "100.00");
    // Other charges than the difference explain nothing.
    report =
        on_payee({payment()},
                 entry({.amount = "97.50",
                        .direction = "CRDT",
                        .details = detail({.charges = "<Chrgs><Rcrd><Amt Ccy=\"EUR\">2.00</Amt></Rcrd></Chrgs>"})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::TOO_SMALL});
    // Nobody says who kept it, but what was ordered is right.
    report = on_payee({payment()},
                      entry({.amount = "92.00",
                             .direction = "CRDT",
                             .details = detail({.amounts = "<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">100.00</Amt></InstdAmt>"
                                                           "<TxAmt><Amt Ccy=\"EUR\">92.00</Amt></TxAmt></AmtDtls>"})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::CHARGES_DEDUCTED});
}

TEST(Matching, TwoBookingsOfOnePaymentAreTwice) {
    const auto report =
        on_payer({payment()}, entry({.details = detail({})}) + entry({.reference = "BANK-2", .details = detail({})}));
    EXPECT_TRUE(report.items[0].findings.empty());
    EXPECT_EQ(names_of(report.items[1].findings), Findings{Finding::TWICE});
    EXPECT_EQ(report.transfers[0].state, TransferState::TWICE);
    // On both parties' accounts it is once on each.
    const auto both = match_texts(
        {payment()}, {document("053", kPayer, entry({.details = detail({})})),
                      document("054", kPayee, entry({.direction = "CRDT", .reference = "X", .details = detail({})}))});
    EXPECT_EQ(both.transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(both.transfers[0].booking->account, kPayer);
}

TEST(Matching, TheSameBookingInThreeMessagesCountsOnce) {
    const auto one = entry({.details = detail({})});
    const auto pending = entry({.reference = "", .status = "PDNG", .details = detail({})});
    const auto bare = entry({.reference = ""});
    const auto report = match_texts(
        {payment()}, {document("052", kPayer, pending), document("054", kPayer, one), document("053", kPayer, bare)});
    ASSERT_EQ(report.items.size(), 3);
    for (const auto& item : report.items) {
        EXPECT_EQ(item.level, Level::EXACT);
        EXPECT_TRUE(item.findings.empty());
    }
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(report.transfers[0].booking->reference, "BANK-1");
    EXPECT_TRUE(report.transfers[0].findings.empty());
}

TEST(Matching, TheSameFileTwiceConfirmsOnceAndIsNamed) {
    for (const std::string_view reference : {"BANK-1", ""}) {
        const auto text = document("053", kPayer, entry({.reference = reference, .details = detail({})}));
        const auto report = match_texts({payment()}, {text, text});
        EXPECT_EQ(names_of(report.items[1].findings), Findings{Finding::DUPLICATE_ENTRY});
        EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
        EXPECT_EQ(report.transfers[0].booking->reference.size(), reference.empty() ? 64 : 6);
    }
}

TEST(Matching, BookingsThatShareTheBanksReferenceGetReferencesOfTheirOwn) {
    const auto report = on_payer(
        {payment(), payment(2, "50.00")},
        entry({.details = detail({})}) + entry({.amount = "50.00", .details = detail({.end_to_end_id = "E2E-2"})}));
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(report.transfers[0].booking->reference, "BANK-1#E2E-1");
    EXPECT_EQ(report.transfers[1].state, TransferState::CONFIRMED);
    EXPECT_EQ(report.transfers[1].booking->reference, "BANK-1#E2E-2");
}

// The bank says of both that they are right; what the payee got decides.
TEST(Matching, ThePayeesAccountDecidesWhenBothAreThere) {
    const auto report = match_texts(
        {payment()}, {document("053", kPayer, entry({.details = detail({})})),
                      document("054", kPayee, entry({.amount = "90.00", .direction = "CRDT", .details = detail({})}))});
    EXPECT_EQ(report.transfers[0].state, TransferState::MISMATCHED);
    EXPECT_EQ(report.transfers[0].booking->account, kPayee);
}

TEST(Matching, ABatchThatIsShownAsOneBookingConfirmsNothingByItself) {
    const std::string batch =
        "<Btch><PmtInfId>PMT-1</PmtInfId><NbOfTxs>2</NbOfTxs><TtlAmt Ccy=\"EUR\">150.00</TtlAmt></Btch>";
    auto report = on_payer({payment(), payment(2, "50.00")}, entry({.amount = "150.00", .details = batch}));
    EXPECT_EQ(report.items[0].level, Level::BATCH);
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::BATCH_ONLY});
    EXPECT_EQ(report.transfers[0].state, TransferState::BATCH_ONLY);
    EXPECT_EQ(report.transfers[1].state, TransferState::BATCH_ONLY);
    EXPECT_EQ(report.transfers[1].booking->reference, "BANK-1");
    report = on_payer({payment(), payment(2, "50.01")}, entry({.amount = "150.00", .details = batch}));
    EXPECT_EQ(report.items[0].level, Level::NONE);
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::SUM_MISMATCH});
    EXPECT_EQ(report.transfers[0].state, TransferState::MISMATCHED);
    // By MsgId, and in the reference of the only detail.
    const std::string only = "<TxDtls><Refs><MsgId>MSG-1</MsgId></Refs></TxDtls>";
    report = on_payer({payment(), payment(2, "50.00")}, entry({.amount = "150.00", .details = only}));
    EXPECT_EQ(report.items[0].level, Level::BATCH);
}

TEST(Matching, ABatchBesideItsSingleBookingsIsTheSameMoney) {
    const std::string batch = "<Btch><PmtInfId>PMT-1</PmtInfId><NbOfTxs>2</NbOfTxs></Btch>";
    const auto report = match_texts(
        {payment(), payment(2, "50.00")},
        {document("053", kPayer, entry({.amount = "150.00", .details = batch})),
         document(
             "054", kPayer,
             entry({.reference = "BANK-2", .details = detail({})}) +
                 entry({.amount = "50.00", .reference = "BANK-3", .details = detail({.end_to_end_id = "E2E-2"})}))});
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(report.transfers[1].state, TransferState::CONFIRMED);
    EXPECT_EQ(report.transfers[1].booking->reference, "BANK-3");
}

TEST(Matching, TheSameReferenceOnAnotherDayIsAnotherBooking) {
    const auto report =
        on_payer({payment()}, entry({.details = detail({})}) + entry({.details = detail({}), .date = "2026-04-03"}));
    EXPECT_EQ(report.transfers[0].state, TransferState::TWICE);
}

TEST(Matching, DetailsOfABatchAreSinglePaymentsWithReferencesOfTheirOwn) {
    const auto details = detail({.amount = "100.00"}) + detail({.end_to_end_id = "E2E-2", .amount = "50.00"});
    const auto report = on_payer({payment(), payment(2, "50.00")}, entry({.amount = "150.00", .details = details}));
    ASSERT_EQ(report.items.size(), 2);
    EXPECT_EQ(report.items[1].level, Level::EXACT);
    EXPECT_EQ(report.transfers[0].booking->reference, "BANK-1#E2E-1");
    EXPECT_EQ(report.transfers[1].booking->reference, "BANK-1#E2E-2");
    EXPECT_EQ(report.transfers[1].booking->amount.text(), "50.00");
}

TEST(Matching, DetailsWithOneEndToEndIdHaveTheirNumbersInTheReference) {
    const std::string_view strange = "SALARIES";
    const auto one = detail({.end_to_end_id = strange, .amount = "100.00", .remittance = "<Ustrd>number-1</Ustrd>"});
    const auto two = detail({.end_to_end_id = strange, .amount = "50.00", .remittance = "<Ustrd>number-2</Ustrd>"});
    auto first = payment();
    auto second = payment(2, "50.00");
    first.numbers = {"number-1"};
    second.numbers = {"number-2"};
    const auto report = on_payer({first, second}, entry({.amount = "150.00", .details = one + two}));
    EXPECT_EQ(report.transfers[0].booking->reference, "BANK-1#[1]");
    EXPECT_EQ(report.transfers[1].booking->reference, "BANK-1#[2]");
}

// Or they show no amounts at all.
TEST(Matching, DetailsMayRepeatTheEntrysTotal) {
    for (const std::string_view amount : {"150.00", ""}) {
        const auto details = detail({.amount = amount}) + detail({.end_to_end_id = "E2E-2", .amount = amount});
        const auto text = entry({.amount = "150.00", .details = details});
        auto report = on_payer({payment(), payment(2, "50.00")}, text);
        EXPECT_EQ(report.items[0].level, Level::EXACT);
        EXPECT_TRUE(report.items[0].findings.empty());
        EXPECT_EQ(report.transfers[1].state, TransferState::CONFIRMED);
        EXPECT_EQ(report.transfers[1].booking->amount.text(), "50.00");
        report = on_payer({payment(), payment(2, "60.00")}, text);
        EXPECT_EQ(names_of(report.items[1].findings), Findings{Finding::SUM_MISMATCH});
        EXPECT_EQ(report.transfers[0].state, TransferState::MISMATCHED);
    }
}

TEST(Matching, DetailsThatRepeatTheTotalMayShowWhatWasOrdered) {
    const auto ordered = [](std::string_view amount) {
        return fmt::format("<AmtDtls><InstdAmt><Amt Ccy=\"EUR\">{}</Amt></InstdAmt></AmtDtls>", amount);
    };
    const auto details = detail({.amount = "150.00", .amounts = ordered("100.00")}) +
                         detail({.end_to_end_id = "E2E-2", .amount = "150.00", .amounts = ordered("50.00")});
    const auto report = on_payer({payment(), payment(2, "49.00")}, entry({.amount = "150.00", .details = details}));
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(names_of(report.items[1].findings), Findings{Finding::TOO_LARGE});
}

TEST(Matching, ADetailsOwnDirectionCountsOnlyWhereDetailsDiffer) {
    const auto with = [](std::string_view first, std::string_view second, std::string_view total) {
        return on_payer({payment(), payment(2, "50.00")},
                        entry({.amount = total,
                               .details = detail({.amount = "100.00", .direction = first}) +
                                          detail({.end_to_end_id = "E2E-2", .amount = "50.00", .direction = second})}));
    };
    auto report = with("CRDT", "CRDT", "150.00");  // the payee's direction in each
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(report.transfers[1].state, TransferState::CONFIRMED);
    report = with("DBIT", "CRDT", "50.00");  // what is paid, less what came back
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(report.transfers[1].state, TransferState::RETURNED);
    EXPECT_EQ(names_of(report.items[0].findings), Findings{});
}

TEST(Matching, DetailsThatAreNotTheEntryAreASumMismatch) {
    const auto details = detail({.amount = "100.00"}) + detail({.end_to_end_id = "E2E-2", .amount = "50.00"});
    const auto report = on_payer({payment(), payment(2, "50.00")}, entry({.amount = "160.00", .details = details}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::SUM_MISMATCH});
}

TEST(Matching, AReversalTakesTheBookingBack) {
    const auto report =
        on_payer({payment()},
                 entry({.details = detail({})}) +
                     entry({.direction = "CRDT", .reference = "BANK-2", .details = detail({}), .reversal = "true"}));
    EXPECT_EQ(names_of(report.items[1].findings), Findings{Finding::REVERSED});
    EXPECT_EQ(report.transfers[0].state, TransferState::RETURNED);
    EXPECT_EQ(report.transfers[0].booking->reference, "BANK-2");
}

TEST(Matching, ACentWithItsReferenceIsNoReturnAndNoSecondPayment) {
    const auto paid = entry({.details = detail({})});
    const auto cent_back = entry({.amount = "0.01", .direction = "CRDT", .reference = "BANK-2", .details = detail({})});
    const auto cent_more = entry({.amount = "0.01", .reference = "BANK-3", .details = detail({})});
    EXPECT_EQ(on_payer({payment()}, paid + cent_back).transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(on_payer({payment()}, paid + cent_more).transfers[0].state, TransferState::CONFIRMED);
    EXPECT_EQ(on_payer({payment()}, cent_back).transfers[0].state, TransferState::NOT_FOUND);
}

TEST(Matching, ABookingOfAnEarlierAttemptIsNotThatOfALaterOne) {
    // Both attempts have the reference; the identifier says which one it was.
    const auto earlier =
        entry({.details = detail({.end_to_end_id = "E2E-0123456789ABCDEFGHJKMNPQRS",
                                  .remittance = "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd>"})});
    const auto report = on_payer({with_references()}, earlier);
    EXPECT_EQ(report.items[0].level, Level::NONE);
    EXPECT_EQ(report.transfers[0].state, TransferState::NOT_FOUND);
}

TEST(Matching, ANumberAloneNeedsThePayeesAccount) {
    const auto text = [](std::string_view creditor) {
        return entry({.details = detail({.end_to_end_id = "NOTPROVIDED",
                                         .creditor = creditor,
                                         .remittance = "<Ustrd>solar-1-3 rent</Ustrd>"})});
    };
    EXPECT_EQ(on_payer({with_references()}, text("")).transfers[0].state, TransferState::NOT_FOUND);
    EXPECT_EQ(on_payer({with_references()}, text(kPayee)).transfers[0].state, TransferState::CONFIRMED);
}

TEST(Matching, MoneyThatComesBackIsReturnedWithTheBanksReason) {
    const auto back =
        entry({.direction = "CRDT", .reference = "BANK-2", .details = detail({.creditor = "", .returned = "AC04"})});
    auto report = on_payer({payment()}, entry({.details = detail({})}) + back);
    EXPECT_EQ(names_of(report.items[1].findings), Findings{Finding::RETURNED});
    EXPECT_EQ(report.transfers[0].state, TransferState::RETURNED);
    EXPECT_EQ(report.transfers[0].returned->code, "AC04");
    // Without a reason, by the direction; in a later statement than the payment's.
    report = on_payer({payment()}, entry({.direction = "CRDT", .details = detail({})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::RETURNED});
    EXPECT_EQ(report.transfers[0].state, TransferState::RETURNED);
    // Paid twice, and once returned: it is paid.
    report = on_payer({payment()},
                      entry({.details = detail({})}) + entry({.reference = "BANK-3", .details = detail({})}) + back);
    EXPECT_EQ(report.transfers[0].state, TransferState::CONFIRMED);
}

TEST(Matching, PendingEntriesConfirmNothing) {
    for (const std::string_view status : {"PDNG", "FUTR", "INFO"}) {
        const auto report = on_payer({payment()}, entry({.status = status, .details = detail({})}));
        EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::PENDING});
        EXPECT_EQ(report.transfers[0].state, TransferState::PENDING);
    }
}

TEST(Matching, OnlyWhatLooksLikeOursIsAnUnknownReference) {
    const auto unknown = detail({.end_to_end_id = "E2E-00000000000000000000000000"});
    auto report = on_payer({payment()}, entry({.amount = "3.00", .details = unknown}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::UNKNOWN_REFERENCE});
    EXPECT_EQ(report.transfers[0].state, TransferState::NOT_FOUND);
    report = on_payer({payment()}, entry({.details = detail({.end_to_end_id = "NOTPROVIDED"})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::UNKNOWN_REFERENCE});  // amount and account fit
    report =
        on_payee({payment()}, entry({.amount = "3.00",
                                     .direction = "CRDT",
                                     .details = detail({.end_to_end_id = "NOTPROVIDED",
                                                        .remittance = "<Strd><CdtrRefInf><Ref>RF18539007547034</Ref>"
                                                                      "</CdtrRefInf></Strd>"})}));
    EXPECT_EQ(names_of(report.items[0].findings), Findings{Finding::UNKNOWN_REFERENCE});
    report = on_payer({payment()}, entry({.amount = "3.00", .details = detail({.end_to_end_id = "RENT-APRIL"})}));
    EXPECT_EQ(report.items[0].level, Level::NONE);
    EXPECT_TRUE(report.items[0].findings.empty());
}

std::string balance(std::string_view code, std::string_view amount) {
    return fmt::format(
        "<Bal><Tp><CdOrPrtry><Cd>{}</Cd></CdOrPrtry></Tp><Amt Ccy=\"EUR\">{}</Amt><CdtDbtInd>CRDT</CdtDbtInd>"
        "<Dt><Dt>2026-04-02</Dt></Dt></Bal>",
        code, amount);
}

TEST(Matching, BalancesAndEntriesMustAddUp) {
    const auto with = [&](std::string_view closing, const std::string& entries) {
        return on_payer({payment()}, balance("OPBD", "500.00") + balance("CLBD", closing) + entries);
    };
    const auto forward = entry({.details = detail({})});
    EXPECT_TRUE(with("400.00", forward).statements[0].findings.empty());
    EXPECT_EQ(names_of(with("400.01", forward).statements[0].findings), Findings{Finding::SUM_MISMATCH});
    EXPECT_TRUE(with("500.00", entry({.status = "PDNG"})).statements[0].findings.empty());
    // A reversal's own direction, and the reversed booking's direction, as some banks write it.
    EXPECT_TRUE(
        with("500.00", forward + entry({.direction = "CRDT", .reversal = "true"})).statements[0].findings.empty());
    EXPECT_TRUE(with("500.00", forward + entry({.direction = "DBIT", .reference = "B2", .reversal = "true"}))
                    .statements[0]
                    .findings.empty());
}

TEST(Matching, AMissingStatementIsNamed) {
    const auto numbered = [](int number) {
        return document("053", kPayer, "", fmt::format("<ElctrncSeqNb>{}</ElctrncSeqNb>", number));
    };
    auto report = match_texts({payment()}, {numbered(9), numbered(7), numbered(8)});
    for (const auto& statement : report.statements) EXPECT_TRUE(statement.findings.empty());
    report = match_texts({payment()}, {numbered(7), numbered(9)});
    EXPECT_EQ(names_of(report.statements[1].findings), Findings{Finding::STATEMENT_GAP});
    auto second = document("053", kPayer, balance("OPBD", "400.01"));
    second.replace(second.find("S-053"), 5, "S-xxx");
    report = match_texts({payment()}, {document("053", kPayer, balance("CLBD", "400.00")), second});
    EXPECT_EQ(names_of(report.statements[1].findings), Findings{Finding::STATEMENT_GAP});
}

TEST(Matching, ExpectedPaymentsNeedIdentifiersOfTheirOwn) {
    EXPECT_EQ(match(std::vector{payment(), payment()}, {}).error().code, Code::invalid_argument);
    auto without = payment();
    without.end_to_end_id = "NOTPROVIDED";
    EXPECT_FALSE(match(std::vector{without}, {}));
    EXPECT_EQ(match_texts({payment()}, {}).transfers[0].state, TransferState::NOT_FOUND);
}

}  // namespace
}  // namespace tally::gateway::payments
