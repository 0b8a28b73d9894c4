#include "chaincode/contracts/billing/sealed.h"

#include <algorithm>

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/billing/assembly.h"
#include "chaincode/contracts/billing/corrections.h"
#include "chaincode/contracts/billing/payable.h"
#include "chaincode/contracts/billing/refusals.h"

namespace tally::chaincode::billing {
namespace {

using data::SettledDay;

std::string progress_key(const std::string& agreement) { return composite_key({"progress", agreement}); }

bool is_committed(const SettledDay& day) { return day.match == data::Match::COMMITTED; }

// The days of a device on which it is metered. All are FINAL.
struct CountedDays {
    Date from;
    Date until;
    std::int64_t days = 0;
    bool has_commitment = false;
};
BOOST_DESCRIBE_STRUCT(CountedDays, (), (from, until, days, has_commitment))

std::string counted_key(const BillingPeriod& period, const std::string& device) {
    return composite_key({"counted", period.agreement.id, period.from.text(), device});
}

// What was counted ahead; none when the device is metered on other days by now.
Result<std::optional<CountedDays>> counted_ahead(Stub& stub, const BillingPeriod& period, const MeteredDevice& device) {
    auto known = TRY(get_document<CountedDays>(stub, counted_key(period, device.id), "a count of days"));
    if (known && (known->from != device.from || known->until != device.until)) known.reset();
    return known;
}

// days_open: not all are FINAL.
Result<CountedDays> count_days_of(Stub& stub, const BillingPeriod& period, const MeteredDevice& device) {
    const auto days = TRY(final_days(stub, period, device.id));
    TRY(check_all_final(device, days));
    CountedDays out{device.from, device.until};
    for (const auto& day : days) {
        if (day.day < device.from || day.day >= device.until) continue;
        ++out.days;
        out.has_commitment = out.has_commitment || is_committed(day);
    }
    return out;
}

// Of all devices, how many days are FINAL. Fails unless all are, and one at least is a commitment.
Result<std::int64_t> count_days(Stub& stub, const BillingPeriod& period, const std::vector<MeteredDevice>& devices,
                                bool corrections_need_it) {
    std::int64_t count = 0;
    std::size_t counted_now = 0;
    bool any = corrections_need_it;
    for (const auto& device : devices) {
        auto counted = TRY(counted_ahead(stub, period, device));
        if (!counted && ++counted_now > kMostUnprepared)
            return fail(Code::too_large, "more than {} devices are not prepared: call billing.prepare_seal first",
                        kMostUnprepared);
        if (!counted) counted = TRY(count_days_of(stub, period, device));
        count += counted->days;
        any = any || counted->has_commitment;
    }
    if (any) return count;
    return fail(refusals::wrong_state, "no day of the period from {} on is a commitment: its invoice is computed",
                period.from.text());
}

}  // namespace

Result<OpenedInvoice> open_invoice(Stub& stub, const OfPeriod& in) {
    auto period = TRY(billing_period(stub, in.agreement, in.day));
    period.figures = Figures::opened;
    const auto known = TRY(get_document<Invoice>(stub, invoice_key(in.agreement, period.from), "an invoice"));
    if (known && !known->sealed)
        return fail(refusals::wrong_state, "the invoice of {} from {} on is in the clear: billing.get", in.agreement,
                    period.from.text());
    Corrections corrections;
    std::int64_t number = 0;
    if (known) {
        period.known_until_ms = known->timeline.front().time_ms;
        corrections = TRY(correct_again(stub, period, *known->sealed));
        number = known->number;
    } else {
        TRY(check_turn(stub, period));
        auto progress =
            TRY(get_document<Progress>(stub, progress_key(in.agreement), "billing's progress")).value_or(Progress{});
        corrections = TRY(correct(stub, period, progress));
        number = progress.invoices + 1;
    }
    const auto which = known ? Days::those_that_are : Days::all_final;
    auto assembled = TRY(assemble(stub, period, number, which, std::move(corrections)));
    auto& invoice = assembled.invoice;
    std::ranges::sort(assembled.items, {}, &Item::item);
    return OpenedInvoice{invoice.agreement,
                         invoice.number,
                         invoice.from,
                         invoice.until,
                         std::move(invoice.currency),
                         std::move(invoice.versions),
                         invoice.devices,
                         invoice.days,
                         std::move(invoice.totals),
                         std::move(assembled.items)};
}

Result<Prepared> prepare_seal(Stub& stub, const Prepare& in) {
    auto period = TRY(billing_period(stub, in.agreement, in.day));
    period.figures = Figures::not_needed;
    return prepare_each(stub, period, in.devices, [&](const MeteredDevice& device) -> Result<bool> {
        if (TRY(counted_ahead(stub, period, device))) return false;
        TRY(put_document(stub, counted_key(period, device.id), TRY(count_days_of(stub, period, device))));
        return true;
    });
}

Result<Invoice> seal(Stub& stub, const Commitment& in) {
    auto period = TRY(billing_period(stub, in.agreement, in.day));
    period.figures = Figures::not_needed;
    const auto& caller = stub.caller().organization;
    if (agreement::operator_of(period.terms()) != caller)
        return fail(agreement::refusals::wrong_party, "{} is not OPERATOR of {}", caller, in.agreement);
    const auto key = invoice_key(in.agreement, period.from);
    if (auto known = TRY(get_document<Invoice>(stub, key, "an invoice"))) {
        if (known->sealed && known->sealed->commitment == in.commitment) return std::move(*known);
        return fail(Code::already_exists, "the invoice of {} from {} on is there", in.agreement, period.from.text());
    }
    TRY(check_turn(stub, period));
    auto progress =
        TRY(get_document<Progress>(stub, progress_key(in.agreement), "billing's progress")).value_or(Progress{});
    const auto due = TRY(revisions_due(stub, period, progress));
    const auto devices = TRY(metered_devices(stub, period));
    auto invoice = new_invoice(stub, period, ++progress.invoices);
    // Silence will agree, so who seals must not choose a moment that leaves no time.
    if (period.terms().dispute_days > 0) invoice.disputable_until = invoice.disputable_until.plus_days(1);
    invoice.devices = static_cast<std::int64_t>(devices.size());
    invoice.days = TRY(count_days(stub, period, devices, due.need_sealing));
    invoice.sealed = Sealed{in.commitment, {caller}, due.revisions};
    TRY(store_billed(stub, in.agreement, due.revisions));
    TRY(put_document(stub, progress_key(in.agreement), progress));
    TRY(put_document(stub, key, invoice));
    TRY(agreement::api::mark_billed(stub, {in.agreement, period.until}));
    emit(stub, "invoice_computed", event_of(stub, invoice));
    return invoice;
}

Result<Invoice> agree(Stub& stub, const Commitment& in) {
    const auto period = TRY(billing_period(stub, in.agreement, in.day));
    auto invoice = TRY(find_invoice(stub, in.agreement, period.from));
    const auto& caller = stub.caller().organization;
    if (!agreement::is_party(period.terms(), caller))
        return fail(agreement::refusals::wrong_party, "{} is no party of {}", caller, in.agreement);
    if (!invoice.sealed)
        return fail(refusals::wrong_state, "the invoice of {} from {} on is in the clear: nobody need agree to it",
                    in.agreement, period.from.text());
    auto& sealed = *invoice.sealed;
    if (sealed.commitment != in.commitment)
        return fail(refusals::wrong_commitment, "the invoice of {} from {} on is sealed with {}, not with {}",
                    in.agreement, period.from.text(), sealed.commitment, in.commitment);
    if (std::ranges::find(sealed.agreed_by, caller) != sealed.agreed_by.end())
        return fail(Code::already_exists, "{} has agreed to it", caller);
    sealed.agreed_by.push_back(caller);
    TRY(add_step(stub, invoice, invoice.state, "agrees to the sealed invoice", std::nullopt));
    TRY(put_document(stub, invoice_key(in.agreement, invoice.from), invoice));
    emit(stub, "invoice_changed", event_of(stub, invoice));
    return invoice;
}

}  // namespace tally::chaincode::billing
