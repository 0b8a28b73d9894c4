#pragma once
// From what the ledger says is due to a payment order, and to what statements are then expected to show. Pure.
//
// The order and the expectation have the same identifiers, as both come from the payments' names (references.h): a
// statement can be matched on a computer that has not exported the order. For a payment in a later attempt give the
// earlier attempts' expectations too, so that money that arrives late under the old identifier is recognised.

#include <span>

#include "gateway/payments/matching.h"
#include "gateway/payments/pain001.h"

namespace tally::gateway::payments {

struct DuePayment {
    PaymentName name;
    Business payee;
    Decimal amount;
    std::string currency;
    std::string number;  // of the invoice or bill, for people
};
TALLY_FIELDS(DuePayment, (name, "what is paid, to whom, in which attempt"), (payee, "its business in the terms"),
             (amount, "that is its part"), (currency, "ISO 4217"), (number, "of the invoice or bill, for people"))

// All payments are in one file, and its MsgId is of all of them. write_pain001 checks what is in it. invalid_argument:
// a payment's name is incomplete.
[[nodiscard]] Result<PaymentOrder> order_of(const Business& debtor, std::span<const DuePayment> due,
                                            std::int64_t created_ms, Date execution);

// What statements are expected to show of an order's payments. `debtor_iban`: the payer's.
[[nodiscard]] std::vector<ExpectedPayment> expected_of(const std::string& debtor_iban, std::span<const DuePayment> due);

// "solar-1 2026-03-01 Grid", "solar-1 bill 2026/17 Grid"; with "attempt 2" from the second attempt on.
[[nodiscard]] std::string transfer_name(const PaymentName& name);

}  // namespace tally::gateway::payments
