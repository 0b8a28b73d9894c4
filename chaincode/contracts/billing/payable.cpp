#include "chaincode/contracts/billing/payable.h"

#include "chaincode/contracts/billing/refusals.h"

namespace tally::chaincode::billing {
namespace {

constexpr std::size_t kMostSteps = 200;

}  // namespace

Result<Invoice> find_invoice(Stub& stub, const std::string& agreement, Date from) {
    auto invoice = TRY(get_document<Invoice>(stub, invoice_key(agreement, from), "an invoice"));
    if (invoice) return std::move(*invoice);
    return fail(refusals::no_invoice, "no invoice of {} is computed for the period from {} on", agreement, from.text());
}

Result<Bill> find_bill(Stub& stub, const std::string& agreement, Date from, const std::string& provider) {
    auto bill = TRY(get_document<Bill>(stub, bill_key(agreement, from, provider), "a provider's bill"));
    if (bill) return std::move(*bill);
    return fail(refusals::no_invoice, "{} has posted no bill under {} for the period from {} on", provider, agreement,
                from.text());
}

Status add_step(Stub& stub, Payable& payable, InvoiceState state, std::optional<std::string> remark,
                std::optional<Payment> payment) {
    if (payable.timeline.size() >= kMostSteps)
        return fail(Code::too_large, "it has taken {} steps, the most that are kept", kMostSteps);
    payable.state = state;
    payable.timeline.push_back({state, stub.caller().organization, stub.time_ms(), stub.transaction_id().hex(),
                                std::move(remark), std::move(payment)});
    return {};
}

InvoiceEvent event_of(Stub& stub, const Payable& payable, std::optional<std::string> provider) {
    return {payable.agreement,          payable.from,           std::move(provider), payable.state,
            stub.caller().organization, payable.totals.payable, payable.currency};
}

}  // namespace tally::chaincode::billing
