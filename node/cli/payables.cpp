#include "node/cli/payables.h"

#include <algorithm>

#include "gateway/invoices/document.h"

namespace tally::node::cli {

namespace agreement = chaincode::agreement;
namespace billing = chaincode::billing;
namespace payments = gateway::payments;
using billing::InvoiceState;
using chaincode::Date;
using chaincode::Decimal;

namespace {

constexpr std::int64_t kPage = 1000;

bool begins_attempt(InvoiceState state) {
    return state == InvoiceState::PAYMENT_REJECTED || state == InvoiceState::PAYMENT_RETURNED;
}

payments::PaymentName name_of(const ToPay& each, const std::string& channel, const std::string& payee) {
    payments::PaymentName name;
    name.channel = channel;
    name.agreement = each.payable.agreement;
    if (each.provider)
        name.bill = payments::BillName{*each.provider, each.number};
    else
        name.invoice = each.payable.from;
    name.payee = payee;
    name.attempt = each.attempt();
    return name;
}

Result<const agreement::Business*> business_of(const agreement::Terms& terms, const std::string& organization) {
    const auto* business = agreement::business_of(terms, organization);
    if (business != nullptr) return business;
    return fail(Code::invalid_argument,
                "the terms have no business details of {}: amend them ([parties.business] with name, town, country, "
                "iban)",
                organization);
}

// Each payee that is paid by transfer.
template <class Visit>
Status each_transfer(const std::vector<ToPay>& payables, Visit&& visit) {
    for (std::size_t i = 0; i < payables.size(); ++i) {
        for (const auto& share : payables[i].payable.totals.shares) {
            if (share.amount > Decimal()) TRY(visit(i, payables[i], share));
        }
    }
    return {};
}

Result<std::vector<payments::PaymentName>> names_of(const std::vector<ToPay>& payables, const std::string& channel) {
    std::vector<payments::PaymentName> names;
    TRY(each_transfer(payables, [&](std::size_t, const ToPay& each, const billing::Share& share) -> Status {
        names.push_back(name_of(each, channel, share.organization));
        return payments::check_name(names.back());
    }));
    return names;
}

}  // namespace

std::string ToPay::name() const {
    return provider ? fmt::format("bill {} of {}", number, *provider) : fmt::format("invoice {}", number);
}

std::int64_t ToPay::attempt() const {
    return 1 + std::ranges::count_if(payable.timeline, [](const auto& step) { return begins_attempt(step.state); });
}

std::int64_t ToPay::since_ms() const {
    std::int64_t since = 0;
    for (const auto& step : payable.timeline) {
        const bool payable_since = begins_attempt(step.state) || step.state == InvoiceState::COMPUTED ||
                                   step.state == InvoiceState::POSTED || step.state == InvoiceState::AUTHORIZED;
        if (payable_since) since = step.time_ms;
    }
    return since;
}

Result<std::vector<ToPay>> find_payables(ContractCalls& calls, const PayablesOf& wanted) {
    std::vector<ToPay> out;
    const auto keep = [&](const billing::Payable& payable) {
        return !wanted.day || (payable.from <= *wanted.day && *wanted.day < payable.until);
    };
    billing::ListInvoices invoices;
    invoices.agreement = wanted.agreement;
    invoices.limit = kPage;
    if (!wanted.provider) {
        TRY(ask_all<billing::InvoicePage>(calls, "billing", "list", invoices, [&](const auto& page) {
            for (const auto& each : page.invoices) {
                if (keep(each))
                    out.push_back(
                        {each, std::nullopt, gateway::invoices::document_number(each.agreement, each.number), {}});
            }
        }));
    }
    billing::ListBills bills;
    bills.agreement = wanted.agreement;
    bills.limit = kPage;
    TRY(ask_all<billing::BillPage>(calls, "billing", "bills", bills, [&](const auto& page) {
        for (const auto& each : page.bills) {
            if (keep(each) && (!wanted.provider || *wanted.provider == each.provider) &&
                each.state != InvoiceState::WITHDRAWN)
                out.push_back({each, each.provider, each.number, {}});
        }
    }));
    std::ranges::stable_sort(out, {}, [](const ToPay& each) { return each.payable.from; });
    for (auto& each : out) {
        const agreement::TermsOn on{wanted.agreement, each.payable.until.plus_days(-1)};
        each.terms = TRY(ask<agreement::TermsInForce>(calls, "agreement", "terms_on", on)).terms;
    }
    return out;
}

Result<payments::PaymentOrder> order_for(const std::vector<ToPay>& payables, const std::string& channel,
                                         const std::string& debtor, Date execution) {
    if (payables.empty()) return fail(Code::not_found, "nothing is to be paid");
    payments::PaymentOrder order;
    const auto names = TRY(names_of(payables, channel));
    order.message_id = payments::message_id(names);
    order.batch_id = payments::batch_id(names);
    order.debtor = *TRY(business_of(payables.back().terms, debtor));
    order.execution = execution;
    for (const auto& each : payables) order.created_ms = std::max(order.created_ms, each.since_ms());
    TRY(each_transfer(payables, [&](std::size_t, const ToPay& each, const billing::Share& share) -> Status {
        const auto name = name_of(each, channel, share.organization);
        order.transfers.push_back({*TRY(business_of(each.terms, share.organization)), share.amount,
                                   each.payable.currency, payments::end_to_end_id(name), payments::uetr(name),
                                   payments::creditor_reference(name), each.name()});
        return {};
    }));
    return order;
}

Result<std::vector<payments::ExpectedPayment>> expected_payments(const std::vector<ToPay>& payables,
                                                                 const std::string& channel,
                                                                 const std::string& debtor) {
    std::vector<payments::ExpectedPayment> out;
    TRY(each_transfer(payables, [&](std::size_t i, const ToPay& each, const billing::Share& share) -> Status {
        const auto name = name_of(each, channel, share.organization);
        payments::ExpectedPayment expected;
        expected.transfer = fmt::format("{}/{}", i, share.organization);
        expected.end_to_end_id = payments::end_to_end_id(name);
        expected.uetr = payments::uetr(name);
        expected.creditor_reference = payments::creditor_reference(name);
        if (each.number.size() >= 4) expected.numbers.push_back(each.number);
        expected.amount = share.amount;
        expected.currency = each.payable.currency;
        expected.debtor_iban = TRY(business_of(each.terms, debtor))->iban.value_or("");
        expected.creditor_iban = TRY(business_of(each.terms, share.organization))->iban.value_or("");
        out.push_back(std::move(expected));
        return {};
    }));
    return out;
}

}  // namespace tally::node::cli
