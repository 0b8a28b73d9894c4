#pragma once
// What is to be paid under an agreement: its invoices and its providers' bills, and the transfers that pay them.

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/billing/answers.h"
#include "gateway/payments/matching.h"
#include "gateway/payments/pain001.h"
#include "node/settling/contract_calls.h"

namespace tally::node::cli {

// One invoice or bill.
struct ToPay {
    chaincode::billing::Payable payable;
    std::optional<std::string> provider;  // of a bill
    std::string number;                   // of the document
    chaincode::agreement::Terms terms;    // at the period's end

    [[nodiscard]] std::string name() const;  // for people
    // 1, and one more after each rejection or return.
    [[nodiscard]] std::int64_t attempt() const;
    // When it became payable this time, by the ledger.
    [[nodiscard]] std::int64_t since_ms() const;
};

struct PayablesOf {
    std::string agreement;
    std::optional<chaincode::Date> day;   // of this period alone
    std::optional<std::string> provider;  // this provider's bills alone
};
// All of them, by period: the invoice before the bills.
[[nodiscard]] Result<std::vector<ToPay>> find_payables(ContractCalls& calls, const PayablesOf& wanted);

// The order that pays these from the debtor's account. Nothing is left out: what cannot be paid is the error.
[[nodiscard]] Result<gateway::payments::PaymentOrder> order_for(const std::vector<ToPay>& payables,
                                                                const std::string& channel, const std::string& debtor,
                                                                chaincode::Date execution);
// The payments of that order as statements should show them; each is named "<index of payable>/<payee>".
[[nodiscard]] Result<std::vector<gateway::payments::ExpectedPayment>> expected_payments(
    const std::vector<ToPay>& payables, const std::string& channel, const std::string& debtor);

}  // namespace tally::node::cli
