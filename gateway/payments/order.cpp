#include "gateway/payments/order.h"

namespace tally::gateway::payments {
namespace {

std::vector<PaymentName> names_of(std::span<const DuePayment> due) {
    std::vector<PaymentName> out;
    for (const auto& each : due) out.push_back(each.name);
    return out;
}

}  // namespace

Result<PaymentOrder> order_of(const Business& debtor, std::span<const DuePayment> due, std::int64_t created_ms,
                              Date execution) {
    PaymentOrder out;
    const auto names = names_of(due);
    for (const auto& name : names) {
        const auto checked = check_name(name);
        if (!checked) return std::unexpected(checked.error().within(transfer_name(name)));
    }
    out.message_id = message_id(names);
    out.batch_id = batch_id(names);
    out.created_ms = created_ms;
    out.debtor = debtor;
    out.execution = execution;
    for (const auto& each : due) {
        out.transfers.push_back({each.payee, each.amount, each.currency, end_to_end_id(each.name), uetr(each.name),
                                 creditor_reference(each.name), each.number});
    }
    return out;
}

std::vector<ExpectedPayment> expected_of(const std::string& debtor_iban, std::span<const DuePayment> due) {
    std::vector<ExpectedPayment> out;
    const auto names = names_of(due);
    const auto message = message_id(names);
    const auto batch = batch_id(names);
    for (const auto& each : due) {
        ExpectedPayment payment;
        payment.transfer = transfer_name(each.name);
        payment.end_to_end_id = end_to_end_id(each.name);
        payment.uetr = uetr(each.name);
        payment.message_id = message;
        payment.batch_id = batch;
        payment.creditor_reference = creditor_reference(each.name);
        payment.numbers = {each.number};
        payment.amount = each.amount;
        payment.currency = each.currency;
        payment.debtor_iban = debtor_iban;
        payment.creditor_iban = each.payee.iban.value_or("");
        out.push_back(std::move(payment));
    }
    return out;
}

std::string transfer_name(const PaymentName& name) {
    auto out = name.agreement;
    if (name.invoice) out += " " + name.invoice->text();
    if (name.bill) out += " bill " + name.bill->number;
    out += " " + name.payee;
    if (name.attempt > 1) out += fmt::format(" attempt {}", name.attempt);
    return out;
}

}  // namespace tally::gateway::payments
