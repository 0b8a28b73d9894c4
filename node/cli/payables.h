#pragma once
// What is to be paid under an agreement: its invoices and its providers' bills, and the transfers that pay them.

#include <filesystem>

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/billing/answers.h"
#include "gateway/payments/order.h"
#include "node/settling/contract_calls.h"

namespace tally::node::cli {

// One invoice or bill.
struct ToPay {
    chaincode::billing::Payable payable;
    std::optional<std::string> provider;  // of a bill
    std::string number;                   // of the document
    chaincode::agreement::Terms terms;    // at the period's end
    std::optional<std::string> sealed;    // the commitment of a sealed invoice, whose totals are in its file alone

    [[nodiscard]] std::string name() const;  // for people
    [[nodiscard]] bool is_paid(const std::string& payee) const;
    // Of the order that pays the payee, or has paid it: 1, and one more after each rejection or return.
    [[nodiscard]] std::int64_t attempt(const std::string& payee) const;
    // The message id of the order that last had it; empty: none had.
    [[nodiscard]] std::string ordered_by() const;
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

// Totals of sealed invoices, from their files. wrong_commitment: a file is of none of these. Nothing is paid of an
// invoice whose file is not there: that is the error.
[[nodiscard]] Status open_sealed(std::vector<ToPay>& payables, const std::vector<std::filesystem::path>& files);

// The order that pays what is not paid of these from the debtor's account. Nothing is left out: what cannot be paid is
// the error.
[[nodiscard]] Result<gateway::payments::PaymentOrder> order_for(const std::vector<ToPay>& payables,
                                                                const std::string& channel, const std::string& debtor,
                                                                chaincode::Date execution);
// A payment, whether made or to be made, as statements should show it.
struct ExpectedTransfer {
    std::size_t payable = 0;  // its index
    std::string payee;
    gateway::payments::ExpectedPayment expected;
};
[[nodiscard]] Result<std::vector<ExpectedTransfer>> expected_payments(const std::vector<ToPay>& payables,
                                                                      const std::string& channel,
                                                                      const std::string& debtor);

}  // namespace tally::node::cli
