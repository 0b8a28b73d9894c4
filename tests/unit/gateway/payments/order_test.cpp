#include "gateway/payments/order.h"

#include <gtest/gtest.h>

#include "chaincode/json/reflect.h"
#include "tests/unit/gateway/payments/statement_text.h"

namespace tally::gateway::payments {
namespace {

using test::kOther;
using test::kPayee;
using test::kPayer;

Business business(std::string name, std::string_view iban) {
    Business out;
    out.name = std::move(name);
    out.town = "Wien";
    out.country = "AT";
    out.iban = std::string(iban);
    return out;
}

DuePayment due(std::string payee, std::string_view iban, std::string_view amount, std::int64_t attempt = 1) {
    return {{"main", "solar-1", Date::parse("2026-03-01").value(), std::nullopt, payee, attempt},
            business(payee, iban),
            Decimal::parse(amount).value(),
            "EUR",
            "solar-1-3"};
}

// What the bank would write: the exported order's own identifiers as a statement's.
std::string statement_of(const PaymentOrder& order) {
    std::string entries;
    for (const auto& each : order.transfers) {
        const auto amount = each.amount.text();
        entries +=
            test::entry({.amount = amount,
                         .reference = each.payee.name,
                         .details = test::detail({.end_to_end_id = each.end_to_end_id, .creditor = *each.payee.iban})});
    }
    return test::document("053", kPayer, entries);
}

TEST(PaymentOrders, WhatWasOrderedIsWhatIsExpected) {
    const std::vector all{due("Solar", kPayee, "78.61"), due("Grid", kOther, "52.40")};
    const auto order =
        order_of(business("City", kPayer), all, 1'775'001'600'000, Date::parse("2026-04-15").value()).value();
    EXPECT_TRUE(write_pain001(order));
    const std::vector files{read_statements(statement_of(order), "bank.xml").value()};
    const auto report = match(expected_of(std::string(kPayer), all), files).value();
    ASSERT_EQ(report.transfers.size(), 2);
    for (const auto& each : report.transfers) {
        EXPECT_EQ(each.state, TransferState::CONFIRMED);
        EXPECT_EQ(each.level, Level::EXACT);
    }
    EXPECT_EQ(report.transfers[1].transfer, "solar-1 2026-03-01 Grid");
    const auto as_json = chaincode::to_json(report).as_object();
    EXPECT_EQ(as_json.at("transfers").at(0).at("state"), "CONFIRMED");
    EXPECT_EQ(as_json.at("transfers").at(0).at("booking").at("amount"), "78.61");
    EXPECT_EQ(as_json.at("items").at(1).at("level"), "EXACT");
}

TEST(PaymentOrders, ALaterAttemptIsAnotherPaymentOfTheSameDebt) {
    const std::vector first{due("Solar", kPayee, "78.61")};
    const std::vector second{due("Solar", kPayee, "78.61", 2)};
    const auto debtor = business("City", kPayer);
    const auto day = Date::parse("2026-04-15").value();
    const auto a = order_of(debtor, first, 0, day).value();
    const auto b = order_of(debtor, second, 0, day).value();
    EXPECT_NE(a.message_id, b.message_id);
    EXPECT_NE(a.batch_id, b.batch_id);
    EXPECT_NE(a.transfers[0].end_to_end_id, b.transfers[0].end_to_end_id);
    EXPECT_EQ(a.transfers[0].creditor_reference, b.transfers[0].creditor_reference);
    EXPECT_EQ(transfer_name(second[0].name), "solar-1 2026-03-01 Solar attempt 2");
    auto nameless = first;
    nameless[0].name.channel.clear();
    EXPECT_FALSE(order_of(debtor, nameless, 0, day));
}

}  // namespace
}  // namespace tally::gateway::payments
