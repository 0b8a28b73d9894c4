#include "chaincode/contracts/billing/payment.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>
#include <variant>

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/billing/payable.h"
#include "chaincode/contracts/billing/period.h"
#include "chaincode/contracts/billing/refusals.h"

namespace tally::chaincode::billing {
namespace {

using agreement::PartyRole;

// What is paid, and the terms at its end.
struct Open {
    BillingPeriod period;
    std::variant<Invoice, Bill> document;
    std::string name;  // for messages

    [[nodiscard]] const agreement::Terms& terms() const { return period.terms(); }
    [[nodiscard]] Payable& payable() {
        return std::visit([](auto& each) -> Payable& { return each; }, document);
    }
    // None: its amounts are on the ledger.
    [[nodiscard]] const Sealed* sealed() const {
        const auto* invoice = std::get_if<Invoice>(&document);
        return invoice != nullptr && invoice->sealed ? &*invoice->sealed : nullptr;
    }
};

Result<Open> open(Stub& stub, const OfPayable& in) {
    Open out;
    out.period = TRY(billing_period(stub, in.agreement, in.day));
    const auto from = out.period.from;
    if (in.provider) {
        out.document = TRY(find_bill(stub, in.agreement, from, *in.provider));
        out.name = fmt::format("the bill of {} under {} from {} on", *in.provider, in.agreement, from.text());
    } else {
        out.document = TRY(find_invoice(stub, in.agreement, from));
        out.name = fmt::format("the invoice of {} from {} on", in.agreement, from.text());
    }
    return out;
}

Status need_role(Stub& stub, const Open& open, std::initializer_list<PartyRole> roles) {
    std::string names;
    for (const auto role : roles) {
        if (agreement::has_role(open.terms(), stub.caller().organization, role)) return {};
        names += (names.empty() ? "" : " or ") + std::string(enum_name(role));
    }
    return fail(agreement::refusals::wrong_party, "{} is not {} of {}", stub.caller().organization, names,
                open.period.agreement.id);
}

// By the terms of the period: who is named in a mere proposal may read, and nothing else.
Status need_party(Stub& stub, const Open& open) {
    const auto& caller = stub.caller().organization;
    for (const auto& segment : open.period.segments) {
        if (agreement::is_party(*segment.terms, caller)) return {};
    }
    return fail(agreement::refusals::wrong_party, "{} is no party of {}", caller, open.period.agreement.id);
}

Status need_state(Open& open, std::initializer_list<InvoiceState> states) {
    const auto state = open.payable().state;
    if (std::ranges::find(states, state) != states.end()) return {};
    std::string names;
    for (const auto each : states) names += (names.empty() ? "" : " or ") + std::string(enum_name(each));
    return fail(refusals::wrong_state, "{} is {}; this needs {}", open.name, enum_name(state), names);
}

Date today(Stub& stub, const Open& open) { return date_at(stub.time_ms() / 1000, open.terms().zone); }

Result<Payable> step(Stub& stub, Open& open, InvoiceState state, std::optional<std::string> remark,
                     std::optional<Payment> payment = std::nullopt) {
    auto& payable = open.payable();
    TRY(add_step(stub, payable, state, std::move(remark), std::move(payment)));
    std::optional<std::string> provider;
    if (auto* bill = std::get_if<Bill>(&open.document)) {
        provider = bill->provider;
        TRY(put_document(stub, bill_key(bill->agreement, bill->from, bill->provider), *bill));
    } else {
        TRY(put_document(stub, invoice_key(payable.agreement, payable.from), std::get<Invoice>(open.document)));
    }
    emit(stub, "invoice_changed", event_of(stub, payable, provider));
    return payable;
}

Status add_name(std::vector<std::string>& names, const std::string& name, std::string_view what) {
    if (std::ranges::find(names, name) != names.end()) return fail(Code::already_exists, "{} has {} it", name, what);
    names.push_back(name);
    return {};
}

bool is_paid(const Payable& payable, const std::string& payee) {
    return std::ranges::find(payable.paid, payee, &Booking::payee) != payable.paid.end();
}

// Who is paid. Of a sealed invoice nobody can tell who has no part.
std::vector<std::string> payees_of(Open& open) {
    std::vector<std::string> out;
    if (open.sealed() != nullptr) {
        for (const auto& payee : open.terms().payees) out.push_back(payee.organization);
        return out;
    }
    for (const auto& share : open.payable().totals.shares) {
        if (share.amount > Decimal()) out.push_back(share.organization);
    }
    return out;
}

// One booking pays once. Of the DV that attests it: nobody uses up the bookings of others by an agreement of its own.
Status use_booking(Stub& stub, const Payable& payable, const std::string& digest) {
    const auto key = composite_key({"booking", stub.caller().organization, digest});
    if (TRY(stub.get(key))) return fail(Code::already_exists, "the booking {} has been used to pay", digest);
    return stub.put(key, payable.agreement);
}

// Each payee that is still to be paid has one booking of just its part; none has paid anything before.
Status check_bookings(Stub& stub, const Payable& payable, const Payment& payment) {
    if (payment.currency != payable.currency)
        return fail(refusals::wrong_amount, "{} was booked; {} is to be paid", payment.currency, payable.currency);
    for (const auto& share : payable.totals.shares) {
        const auto count = std::ranges::count(payment.bookings, share.organization, &Booking::payee);
        const auto wanted = share.amount > Decimal() && !is_paid(payable, share.organization) ? 1 : 0;
        if (count != wanted)
            return fail(refusals::wrong_amount, "there are {} bookings for {}, which is still to be paid {} {}", count,
                        share.organization, wanted == 1 ? share.amount.text() : "0", payable.currency);
    }
    for (const auto& booking : payment.bookings) {
        const auto share = std::ranges::find(payable.totals.shares, booking.payee, &Share::organization);
        if (share == payable.totals.shares.end()) return fail(refusals::wrong_amount, "{} is no payee", booking.payee);
        if (booking.amount != share->amount)
            return fail(refusals::wrong_amount, "{} {} was booked for {}; its part is {}", booking.amount.text(),
                        payment.currency, booking.payee, share->amount.text());
        const auto used =
            use_booking(stub, payable, crypto::sha256(to_bytes(booking.account + '\n' + booking.reference)).hex());
        if (!used && used.error().code == Code::already_exists)
            return fail(Code::already_exists, "the booking {} of {} has been used to pay", booking.reference,
                        booking.account);
        TRY(used);
    }
    return {};
}

// Silence agrees when the time for disputes is over; who has disputed it must agree. Terms without such a time give
// nobody a way to object, so there silence says nothing.
Status check_agreed(Stub& stub, Open& open, const Sealed& sealed) {
    const auto& payable = open.payable();
    const bool is_over = open.terms().dispute_days > 0 && today(stub, open) >= payable.disputable_until;
    for (const auto& party : open.terms().parties) {
        const auto& name = party.organization;
        const bool must = agreement::has_role(open.terms(), name, PartyRole::RC) ||
                          agreement::has_role(open.terms(), name, PartyRole::DV);
        if (!must || std::ranges::find(sealed.agreed_by, name) != sealed.agreed_by.end()) continue;
        const bool disputed = std::ranges::find(payable.disputes, name, &Dispute::by) != payable.disputes.end();
        if (is_over && !disputed) continue;
        return fail(refusals::wrong_state, "{} is sealed, and {} {}", open.name, name,
                    disputed ? "has disputed it and not agreed to it"
                    : open.terms().dispute_days > 0
                        ? fmt::format("has not agreed to it; its silence will count from {} on",
                                      payable.disputable_until.text())
                        : "has not agreed to it");
    }
    return {};
}

}  // namespace

Result<Payable> notify(Stub& stub, const Remarked& in) {
    auto of = TRY(open(stub, in));
    TRY(need_role(stub, of, {PartyRole::OPERATOR}));
    TRY(need_state(of, {InvoiceState::COMPUTED}));
    if (const auto* sealed = of.sealed()) TRY(check_agreed(stub, of, *sealed));
    // Where nothing is to be paid nobody waits for a bank.
    return step(stub, of, payees_of(of).empty() ? InvoiceState::RECEIVED : InvoiceState::NOTIFIED, in.remark);
}

Result<Payable> initiate(Stub& stub, const Remarked& in) {
    auto of = TRY(open(stub, in));
    TRY(need_role(stub, of, {PartyRole::RC, PartyRole::DV}));
    TRY(need_state(of, {InvoiceState::NOTIFIED, InvoiceState::AUTHORIZED, InvoiceState::PAYMENT_REJECTED,
                        InvoiceState::PAYMENT_RETURNED, InvoiceState::EXPIRED}));
    return step(stub, of, InvoiceState::PAYMENT_INITIATED, in.remark);
}

Result<Payable> reject(Stub& stub, const Because& in) {
    auto of = TRY(open(stub, in));
    TRY(need_role(stub, of, {PartyRole::DV}));
    TRY(need_state(of, {InvoiceState::PAYMENT_INITIATED}));
    return step(stub, of, InvoiceState::PAYMENT_REJECTED, in.reason);
}

Result<Payable> confirm(Stub& stub, const Confirm& in) {
    auto of = TRY(open(stub, in));
    auto& payable = of.payable();
    TRY(need_role(stub, of, {PartyRole::DV}));
    TRY(need_state(of, {InvoiceState::PAYMENT_INITIATED, InvoiceState::NOTIFIED, InvoiceState::EXPIRED}));
    if (of.sealed() != nullptr)
        return fail(refusals::sealed_figures, "{} is sealed: what was booked must not be in a block; attest_paid",
                    of.name);
    for (const auto& booking : in.payment.bookings) {
        if (booking.date > today(stub, of))
            return fail(Code::invalid_argument, "the date of the booking {}, {}, has not come", booking.reference,
                        booking.date.text());
    }
    TRY(check_bookings(stub, payable, in.payment));
    payable.paid.insert(payable.paid.end(), in.payment.bookings.begin(), in.payment.bookings.end());
    return step(stub, of, InvoiceState::PAYMENT_CONFIRMED, std::nullopt, in.payment);
}

Result<Payable> attest_paid(Stub& stub, const AttestPaid& in) {
    auto of = TRY(open(stub, {{in.agreement, in.day}, std::nullopt}));
    TRY(need_role(stub, of, {PartyRole::DV}));
    TRY(need_state(of, {InvoiceState::PAYMENT_INITIATED, InvoiceState::NOTIFIED, InvoiceState::EXPIRED}));
    if (of.sealed() == nullptr)
        return fail(refusals::wrong_state, "{} is in the clear: its bookings are attested with confirm", of.name);
    for (const auto& booking : in.bookings) TRY(use_booking(stub, of.payable(), booking));
    return step(stub, of, InvoiceState::PAYMENT_CONFIRMED, "statement " + in.statement);
}

// The other payees keep their parts, and are in no further order.
Result<Payable> take_back(Stub& stub, const TakeBack& in) {
    auto of = TRY(open(stub, in));
    auto& payable = of.payable();
    TRY(need_role(stub, of, {PartyRole::DV}));
    TRY(need_state(of, {InvoiceState::PAYMENT_CONFIRMED, InvoiceState::RECEIVED, InvoiceState::FINAL}));
    for (const auto& payee : in.payees) {
        if (of.sealed() == nullptr && !is_paid(payable, payee))
            return fail(Code::invalid_argument, "{} has not been paid", payee);
        if (const auto all = payees_of(of); std::ranges::find(all, payee) == all.end())
            return fail(Code::invalid_argument, "{} is no payee", payee);
        std::erase_if(payable.paid, [&](const Booking& booking) { return booking.payee == payee; });
        std::erase(payable.received_by, payee);
    }
    payable.confirmed_by.clear();
    return step(stub, of, InvoiceState::PAYMENT_RETURNED, in.reason);
}

Result<Payable> receive(Stub& stub, const Remarked& in) {
    auto of = TRY(open(stub, in));
    auto& payable = of.payable();
    const auto& caller = stub.caller().organization;
    TRY(need_state(of, {InvoiceState::PAYMENT_CONFIRMED}));
    const auto payees = payees_of(of);
    const auto& shares = payable.totals.shares;
    const bool has_part = std::ranges::find(shares, caller, &Share::organization) != shares.end() ||
                          std::ranges::find(payees, caller) != payees.end();
    if (!has_part) return fail(agreement::refusals::wrong_party, "{} is no payee of {}", caller, payable.agreement);
    TRY(add_name(payable.received_by, caller, "received"));
    const bool all = std::ranges::all_of(payees, [&](const std::string& payee) {
        return std::ranges::find(payable.received_by, payee) != payable.received_by.end();
    });
    return step(stub, of, all ? InvoiceState::RECEIVED : InvoiceState::PAYMENT_CONFIRMED, in.remark);
}

Result<Payable> confirm_final(Stub& stub, const Remarked& in) {
    auto of = TRY(open(stub, in));
    auto& payable = of.payable();
    TRY(need_party(stub, of));
    TRY(need_state(of, {InvoiceState::RECEIVED}));
    TRY(add_name(payable.confirmed_by, stub.caller().organization, "confirmed"));
    const auto op = agreement::operator_of(of.terms());
    const bool by_operator = std::ranges::find(payable.confirmed_by, op) != payable.confirmed_by.end();
    const bool enough = static_cast<std::int64_t>(payable.confirmed_by.size()) >= of.terms().confirmations;
    return step(stub, of, by_operator && enough ? InvoiceState::FINAL : InvoiceState::RECEIVED, in.remark);
}

// Each party may dispute once, also while another party's dispute is open. So a party cannot use up the right of
// another one, and cannot block the payment with dispute after dispute.
Result<Payable> dispute(Stub& stub, const Because& in) {
    auto of = TRY(open(stub, in));
    auto& payable = of.payable();
    const auto& caller = stub.caller().organization;
    TRY(need_party(stub, of));
    TRY(need_state(
        of, {InvoiceState::COMPUTED, InvoiceState::NOTIFIED, InvoiceState::POSTED, InvoiceState::AUTHORIZED,
             InvoiceState::PAYMENT_INITIATED, InvoiceState::PAYMENT_REJECTED, InvoiceState::PAYMENT_CONFIRMED,
             InvoiceState::PAYMENT_RETURNED, InvoiceState::RECEIVED, InvoiceState::EXPIRED, InvoiceState::DISPUTED}));
    const auto day = today(stub, of);
    if (day >= payable.disputable_until)
        return fail(refusals::deadline, "the invoice could be disputed until {}", payable.disputable_until.text());
    if (std::ranges::find(payable.disputes, caller, &Dispute::by) != payable.disputes.end())
        return fail(Code::already_exists, "{} has disputed it", caller);
    payable.disputes.push_back(
        {caller, in.reason, day.plus_days(std::max<std::int64_t>(of.terms().dispute_days, 1)), true});
    if (payable.state != InvoiceState::DISPUTED) payable.disputed_from = payable.state;
    return step(stub, of, InvoiceState::DISPUTED, in.reason);
}

Result<Payable> settle_dispute(Stub& stub, const Because& in) {
    auto of = TRY(open(stub, in));
    auto& payable = of.payable();
    TRY(need_state(of, {InvoiceState::DISPUTED}));
    const auto day = today(stub, of);
    bool settled = false;
    for (auto& dispute : payable.disputes) {
        const bool ends = dispute.open && (dispute.by == stub.caller().organization || day >= dispute.until);
        if (ends) dispute.open = false;
        settled = settled || ends;
    }
    const auto left = std::ranges::find(payable.disputes, true, &Dispute::open);
    if (!settled && left != payable.disputes.end())
        return fail(refusals::deadline, "{} disputes it, and may settle it before {}; others may from then on",
                    left->by, left->until.text());
    if (left != payable.disputes.end()) return step(stub, of, InvoiceState::DISPUTED, in.reason);
    return step(stub, of, std::exchange(payable.disputed_from, std::nullopt).value_or(InvoiceState::COMPUTED),
                in.reason);
}

// What is ordered does not expire: the bank may be paying it, and it must not be in another order.
Result<Payable> expire(Stub& stub, const OfPayable& in) {
    auto of = TRY(open(stub, in));
    TRY(need_state(of, {InvoiceState::COMPUTED, InvoiceState::NOTIFIED, InvoiceState::AUTHORIZED,
                        InvoiceState::PAYMENT_REJECTED, InvoiceState::PAYMENT_RETURNED}));
    if (today(stub, of) <= of.payable().due)
        return fail(refusals::deadline, "the invoice is due on {}", of.payable().due.text());
    return step(stub, of, InvoiceState::EXPIRED, std::nullopt);
}

Result<Invoice> get(Stub& stub, const OfPeriod& in) {
    const auto period = TRY(billing_period(stub, in.agreement, in.day));
    return find_invoice(stub, in.agreement, period.from);
}

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
    const auto invoice = TRY(get(stub, {in.agreement, in.day}));
    ItemPage page;
    page.next = TRY(
        Pager({"item", in.agreement, invoice.from.text()}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
            page.items.push_back(TRY(read_document<Item>(entry.value, "an item of an invoice")));
            return true;
        }));
    return page;
}

}  // namespace tally::chaincode::billing
