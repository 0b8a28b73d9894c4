#include "node/cli/payables.h"

#include <algorithm>
#include <map>

#include "chaincode/contracts/billing/refusals.h"
#include "chaincode/contracts/paging.h"
#include "gateway/invoices/document.h"
#include "node/channel/sealed_invoice.h"
#include "storage/files.h"

namespace tally::node::cli {

namespace agreement = chaincode::agreement;
namespace billing = chaincode::billing;
namespace payments = gateway::payments;
using billing::InvoiceState;
using chaincode::Date;
using chaincode::Decimal;

namespace {

bool begins_attempt(InvoiceState state) {
    return state == InvoiceState::PAYMENT_REJECTED || state == InvoiceState::PAYMENT_RETURNED;
}

Result<const agreement::Business*> business_of(const agreement::Terms& terms, const std::string& organization) {
    const auto* business = agreement::business_of(terms, organization);
    if (business != nullptr) return business;
    return fail(Code::invalid_argument,
                "the terms have no business details of {}: amend them ([parties.business] with name, town, country, "
                "iban)",
                organization);
}

enum class Which { all, unpaid };

// Each payee that is paid by transfer.
template <class Visit>
Status each_transfer(const std::vector<ToPay>& payables, Which which, Visit&& visit) {
    for (std::size_t i = 0; i < payables.size(); ++i) {
        for (const auto& share : payables[i].payable.totals.shares) {
            const bool skipped = which == Which::unpaid && payables[i].is_paid(share.organization);
            if (share.amount > Decimal() && !skipped) TRY(visit(i, payables[i], share));
        }
    }
    return {};
}

Result<payments::DuePayment> due_of(const ToPay& each, const std::string& channel, const billing::Share& share) {
    payments::DuePayment due;
    due.name.channel = channel;
    due.name.agreement = each.payable.agreement;
    if (each.provider)
        due.name.bill = payments::BillName{*each.provider, each.number};
    else
        due.name.invoice = each.payable.from;
    due.name.payee = share.organization;
    due.name.attempt = each.attempt(share.organization);
    due.payee = *TRY(business_of(each.terms, share.organization));
    due.amount = share.amount;
    due.currency = each.payable.currency;
    due.number = each.number;
    return due;
}

}  // namespace

std::string ToPay::name() const {
    return provider ? fmt::format("bill {} of {}", number, *provider) : fmt::format("invoice {}", number);
}

bool ToPay::is_paid(const std::string& payee) const {
    if (sealed) {  // its payees are paid together
        const auto state =
            payable.state == InvoiceState::DISPUTED ? payable.disputed_from.value_or(payable.state) : payable.state;
        return state == InvoiceState::PAYMENT_CONFIRMED || state == InvoiceState::RECEIVED ||
               state == InvoiceState::FINAL;
    }
    return std::ranges::find(payable.paid, payee, &billing::Booking::payee) != payable.paid.end();
}

std::int64_t ToPay::attempt(const std::string& payee) const {
    std::int64_t now = 1;
    std::int64_t paid_by = 1;
    for (const auto& step : payable.timeline) {
        if (begins_attempt(step.state)) ++now;
        if (sealed && step.state == InvoiceState::PAYMENT_CONFIRMED) paid_by = now;
        const bool pays = step.payment && std::ranges::find(step.payment->bookings, payee, &billing::Booking::payee) !=
                                              step.payment->bookings.end();
        if (pays) paid_by = now;
    }
    return is_paid(payee) ? paid_by : now;
}

std::string ToPay::ordered_by() const {
    std::string out;
    for (const auto& step : payable.timeline) {
        if (step.state == InvoiceState::PAYMENT_INITIATED) out = step.remark.value_or("");
    }
    return out;
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
    invoices.limit = chaincode::kLargestPage;
    if (!wanted.provider) {
        TRY(ask_all<billing::InvoicePage>(calls, "billing", "list", invoices, [&](const auto& page) {
            for (const auto& each : page.invoices) {
                if (keep(each))
                    out.push_back(
                        {each, std::nullopt, gateway::invoices::document_number(each.agreement, each.number), {}, {}});
                if (keep(each) && each.sealed) out.back().sealed = each.sealed->commitment;
            }
        }));
    }
    billing::ListBills bills;
    bills.agreement = wanted.agreement;
    bills.limit = chaincode::kLargestPage;
    TRY(ask_all<billing::BillPage>(calls, "billing", "bills", bills, [&](const auto& page) {
        for (const auto& each : page.bills) {
            if (keep(each) && (!wanted.provider || *wanted.provider == each.provider) &&
                each.state != InvoiceState::WITHDRAWN)
                out.push_back({each, each.provider, each.number, {}, {}});
        }
    }));
    std::ranges::stable_sort(out, {}, [](const ToPay& each) { return each.payable.from; });
    for (auto& each : out) {
        const agreement::TermsOn on{wanted.agreement, each.payable.until.plus_days(-1)};
        each.terms = TRY(ask<agreement::TermsInForce>(calls, "agreement", "terms_on", on)).terms;
    }
    return out;
}

Status open_sealed(std::vector<ToPay>& payables, const std::vector<std::filesystem::path>& files) {
    std::map<std::string, const ToPay*> open;
    for (const auto& each : payables) {
        if (each.sealed) open.emplace(*each.sealed, &each);
    }
    for (const auto& file : files) {
        const auto sealed = read_sealed_invoice(TRY(storage::read_file(file)));
        if (!sealed) return std::unexpected(sealed.error().within(file.string()));
        const auto commitment = sealed->commitment().hex();
        if (open.erase(commitment) == 0)
            return fail(billing::refusals::wrong_commitment, "{}: no invoice that is meant is sealed with {}",
                        file.string(), commitment);
        const auto place = std::ranges::find(payables, commitment, &ToPay::sealed);
        place->payable.totals = sealed->invoice.totals;
    }
    if (open.empty()) return {};
    return fail(Code::invalid_argument, "{} is sealed: name its file (--sealed FILE)", open.begin()->second->name());
}

Result<payments::PaymentOrder> order_for(const std::vector<ToPay>& payables, const std::string& channel,
                                         const std::string& debtor, Date execution) {
    if (payables.empty()) return fail(Code::not_found, "nothing is to be paid");
    std::int64_t created_ms = 0;
    for (const auto& each : payables) created_ms = std::max(created_ms, each.since_ms());
    std::vector<payments::DuePayment> due;
    TRY(each_transfer(payables, Which::unpaid,
                      [&](std::size_t, const ToPay& each, const billing::Share& share) -> Status {
                          due.push_back(TRY(due_of(each, channel, share)));
                          return {};
                      }));
    return payments::order_of(*TRY(business_of(payables.back().terms, debtor)), due, created_ms, execution);
}

Result<std::vector<ExpectedTransfer>> expected_payments(const std::vector<ToPay>& payables, const std::string& channel,
                                                        const std::string& debtor) {
    // What was ordered together has the identifiers of one message.
    struct Order {
        std::string debtor_iban;
        std::vector<payments::DuePayment> due;
        std::vector<std::size_t> payables;
    };
    std::map<std::string, Order> orders;
    TRY(each_transfer(payables, Which::all,
                      [&](std::size_t i, const ToPay& each, const billing::Share& share) -> Status {
                          auto& order = orders[each.ordered_by()];
                          order.debtor_iban = TRY(business_of(each.terms, debtor))->iban.value_or("");
                          order.due.push_back(TRY(due_of(each, channel, share)));
                          order.payables.push_back(i);
                          return {};
                      }));
    std::vector<ExpectedTransfer> out;
    for (const auto& [message_id, order] : orders) {
        auto expected = payments::expected_of(order.debtor_iban, order.due);
        for (std::size_t i = 0; i < expected.size(); ++i) {
            if (!message_id.empty()) expected[i].message_id = message_id;
            out.push_back({order.payables[i], order.due[i].name.payee, std::move(expected[i])});
        }
    }
    return out;
}

}  // namespace tally::node::cli
