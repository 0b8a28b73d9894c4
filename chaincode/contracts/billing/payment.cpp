#include "chaincode/contracts/billing/payment.h"

#include <algorithm>

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/billing/period.h"
#include "chaincode/contracts/billing/refusals.h"

namespace tally::chaincode::billing {
namespace {

using agreement::PartyRole;

constexpr std::size_t kMostSteps = 200;

// An invoice, and the terms at its end.
struct Open {
    BillingPeriod period;
    Invoice invoice;

    [[nodiscard]] const agreement::Terms& terms() const { return period.terms(); }
};

Result<Open> open(Stub& stub, const OfPeriod& in) {
    Open out;
    out.period = TRY(billing_period(stub, in.agreement, in.day));
    auto invoice = TRY(get_document<Invoice>(stub, invoice_key(in.agreement, out.period.from), "an invoice"));
    if (!invoice)
        return fail(refusals::no_invoice, "no invoice of {} is computed for the period from {} on", in.agreement,
                    out.period.from.text());
    out.invoice = std::move(*invoice);
    return out;
}

Status need_role(Stub& stub, const Open& open, std::initializer_list<PartyRole> roles) {
    std::string names;
    for (const auto role : roles) {
        if (agreement::has_role(open.terms(), stub.caller().organization, role)) return {};
        names += (names.empty() ? "" : " or ") + std::string(enum_name(role));
    }
    return fail(agreement::refusals::wrong_party, "{} is not {} of {}", stub.caller().organization, names,
                open.invoice.agreement);
}

Status need_state(const Invoice& invoice, std::initializer_list<InvoiceState> states) {
    if (std::ranges::find(states, invoice.state) != states.end()) return {};
    std::string names;
    for (const auto state : states) names += (names.empty() ? "" : " or ") + std::string(enum_name(state));
    return fail(refusals::wrong_state, "the invoice of {} from {} on is {}; this needs {}", invoice.agreement,
                invoice.from.text(), enum_name(invoice.state), names);
}

Date today(Stub& stub, const Open& open) { return date_at(stub.time_ms() / 1000, open.terms().zone); }

Result<Invoice> step(Stub& stub, Invoice& invoice, InvoiceState state, std::optional<std::string> remark,
                     std::optional<Payment> payment = std::nullopt) {
    if (invoice.timeline.size() >= kMostSteps)
        return fail(Code::too_large, "the invoice has taken {} steps, the most that are kept", kMostSteps);
    invoice.state = state;
    invoice.timeline.push_back({state, stub.caller().organization, stub.time_ms(), stub.transaction_id().hex(),
                                std::move(remark), std::move(payment)});
    TRY(put_document(stub, invoice_key(invoice.agreement, invoice.from), invoice));
    emit(stub, "invoice_changed",
         InvoiceEvent{invoice.agreement, invoice.from, state, stub.caller().organization, invoice.totals.payable,
                      invoice.currency});
    return std::move(invoice);
}

Status add_name(std::vector<std::string>& names, const std::string& name, std::string_view what) {
    if (std::ranges::find(names, name) != names.end()) return fail(Code::already_exists, "{} has {} it", name, what);
    names.push_back(name);
    return {};
}

}  // namespace

Result<Invoice> notify(Stub& stub, const Remarked& in) {
    auto of = TRY(open(stub, in));
    TRY(need_role(stub, of, {PartyRole::OPERATOR}));
    TRY(need_state(of.invoice, {InvoiceState::COMPUTED}));
    return step(stub, of.invoice, InvoiceState::NOTIFIED, in.remark);
}

Result<Invoice> initiate(Stub& stub, const Remarked& in) {
    auto of = TRY(open(stub, in));
    TRY(need_role(stub, of, {PartyRole::RC, PartyRole::DV}));
    TRY(need_state(of.invoice, {InvoiceState::NOTIFIED, InvoiceState::PAYMENT_REJECTED, InvoiceState::PAYMENT_RETURNED,
                                InvoiceState::EXPIRED}));
    return step(stub, of.invoice, InvoiceState::PAYMENT_INITIATED, in.remark);
}

Result<Invoice> reject(Stub& stub, const Because& in) {
    auto of = TRY(open(stub, in));
    TRY(need_role(stub, of, {PartyRole::DV}));
    TRY(need_state(of.invoice, {InvoiceState::PAYMENT_INITIATED}));
    return step(stub, of.invoice, InvoiceState::PAYMENT_REJECTED, in.reason);
}

Result<Invoice> confirm(Stub& stub, const Confirm& in) {
    auto of = TRY(open(stub, in));
    auto& invoice = of.invoice;
    TRY(need_role(stub, of, {PartyRole::DV}));
    TRY(need_state(invoice, {InvoiceState::PAYMENT_INITIATED, InvoiceState::NOTIFIED, InvoiceState::EXPIRED}));
    if (in.payment.currency != invoice.currency || in.payment.amount != invoice.totals.payable)
        return fail(refusals::wrong_amount, "{} {} was booked; the invoice is of {} {}", in.payment.amount.text(),
                    in.payment.currency, invoice.totals.payable.text(), invoice.currency);
    if (in.payment.date > today(stub, of))
        return fail(Code::invalid_argument, "the booking's date, {}, has not come", in.payment.date.text());
    // One booking pays once.
    const auto booking = crypto::sha256(to_bytes(in.payment.statement + '\n' + in.payment.reference)).hex();
    const auto key = composite_key({"booking", booking});
    if (const auto other = TRY(stub.get(key)))
        return fail(Code::already_exists, "the booking {} has paid an invoice of {}", in.payment.reference, *other);
    TRY(stub.put(key, invoice.agreement));
    return step(stub, invoice, InvoiceState::PAYMENT_CONFIRMED, std::nullopt, in.payment);
}

Result<Invoice> take_back(Stub& stub, const Because& in) {
    auto of = TRY(open(stub, in));
    TRY(need_role(stub, of, {PartyRole::DV}));
    TRY(need_state(of.invoice, {InvoiceState::PAYMENT_CONFIRMED, InvoiceState::RECEIVED, InvoiceState::FINAL}));
    of.invoice.received_by.clear();
    of.invoice.confirmed_by.clear();
    return step(stub, of.invoice, InvoiceState::PAYMENT_RETURNED, in.reason);
}

Result<Invoice> receive(Stub& stub, const Remarked& in) {
    auto of = TRY(open(stub, in));
    auto& invoice = of.invoice;
    const auto& caller = stub.caller().organization;
    TRY(need_state(invoice, {InvoiceState::PAYMENT_CONFIRMED}));
    const auto& shares = invoice.totals.shares;
    if (std::ranges::find(shares, caller, &Share::organization) == shares.end())
        return fail(agreement::refusals::wrong_party, "{} is no payee of {}", caller, invoice.agreement);
    TRY(add_name(invoice.received_by, caller, "received"));
    const bool all = invoice.received_by.size() == shares.size();
    return step(stub, invoice, all ? InvoiceState::RECEIVED : InvoiceState::PAYMENT_CONFIRMED, in.remark);
}

Result<Invoice> confirm_final(Stub& stub, const Remarked& in) {
    auto of = TRY(open(stub, in));
    auto& invoice = of.invoice;
    TRY(need_state(invoice, {InvoiceState::RECEIVED}));
    TRY(add_name(invoice.confirmed_by, stub.caller().organization, "confirmed"));
    const auto op = agreement::operator_of(of.terms());
    const bool by_operator = std::ranges::find(invoice.confirmed_by, op) != invoice.confirmed_by.end();
    const bool enough = static_cast<std::int64_t>(invoice.confirmed_by.size()) >= of.terms().confirmations;
    return step(stub, invoice, by_operator && enough ? InvoiceState::FINAL : InvoiceState::RECEIVED, in.remark);
}

Result<Invoice> dispute(Stub& stub, const Because& in) {
    auto of = TRY(open(stub, in));
    auto& invoice = of.invoice;
    TRY(need_state(invoice, {InvoiceState::COMPUTED, InvoiceState::NOTIFIED, InvoiceState::PAYMENT_INITIATED,
                             InvoiceState::PAYMENT_REJECTED, InvoiceState::PAYMENT_CONFIRMED,
                             InvoiceState::PAYMENT_RETURNED, InvoiceState::RECEIVED, InvoiceState::EXPIRED}));
    const auto day = today(stub, of);
    if (day >= invoice.disputable_until)
        return fail(refusals::deadline, "the invoice could be disputed until {}", invoice.disputable_until.text());
    invoice.dispute = Dispute{stub.caller().organization, in.reason,
                              day.plus_days(std::max<std::int64_t>(of.terms().dispute_days, 1)), invoice.state};
    return step(stub, invoice, InvoiceState::DISPUTED, in.reason);
}

Result<Invoice> settle_dispute(Stub& stub, const Because& in) {
    auto of = TRY(open(stub, in));
    auto& invoice = of.invoice;
    TRY(need_state(invoice, {InvoiceState::DISPUTED}));
    const auto dispute = invoice.dispute.value_or(Dispute{});
    if (dispute.by != stub.caller().organization && today(stub, of) < dispute.until)
        return fail(refusals::deadline, "{} disputes it, and may settle it before {}; others may from then on",
                    dispute.by, dispute.until.text());
    invoice.dispute.reset();
    return step(stub, invoice, dispute.before, in.reason);
}

Result<Invoice> expire(Stub& stub, const OfPeriod& in) {
    auto of = TRY(open(stub, in));
    TRY(need_state(of.invoice, {InvoiceState::COMPUTED, InvoiceState::NOTIFIED, InvoiceState::PAYMENT_INITIATED,
                                InvoiceState::PAYMENT_REJECTED, InvoiceState::PAYMENT_RETURNED}));
    if (today(stub, of) <= of.invoice.due)
        return fail(refusals::deadline, "the invoice is due on {}", of.invoice.due.text());
    return step(stub, of.invoice, InvoiceState::EXPIRED, std::nullopt);
}

Result<Invoice> get(Stub& stub, const OfPeriod& in) { return TRY(open(stub, in)).invoice; }

Result<InvoicePage> list(Stub& stub, const ListInvoices& in) {
    TRY(agreement::api::get(stub, {in.agreement}));
    InvoicePage page;
    page.next = TRY(Pager({"invoice", in.agreement}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        auto invoice = TRY(read_document<Invoice>(entry.value, "an invoice"));
        if (in.state && invoice.state != *in.state) return false;
        page.invoices.push_back(std::move(invoice));
        return true;
    }));
    return page;
}

Result<ItemPage> items(Stub& stub, const ItemsOf& in) {
    const auto of = TRY(open(stub, {in.agreement, in.day}));
    ItemPage page;
    page.next = TRY(Pager({"item", in.agreement, of.invoice.from.text()})
                        .read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
                            page.items.push_back(TRY(read_document<Item>(entry.value, "an item of an invoice")));
                            return true;
                        }));
    return page;
}

}  // namespace tally::chaincode::billing
