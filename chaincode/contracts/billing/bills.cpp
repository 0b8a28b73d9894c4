#include "chaincode/contracts/billing/bills.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/audit/api.h"
#include "chaincode/contracts/billing/payable.h"
#include "chaincode/contracts/billing/period.h"
#include "chaincode/contracts/billing/provided.h"
#include "chaincode/contracts/billing/rational.h"
#include "chaincode/contracts/billing/refusals.h"

namespace tally::chaincode::billing {
namespace {

using agreement::PartyRole;

constexpr std::size_t kMostVariances = 1000;  // with a device

// A provider's tariff line with its tax, and the device; none for what is of no device.
using Place = std::tuple<std::string, std::string, std::string>;

Place place_of(const std::string& name, const std::optional<std::string>& device, const agreement::Tax& tax) {
    return {name, device.value_or(""), json_text(to_json(tax))};
}

struct BilledFigures {
    Decimal quantity;
    Decimal amount;
};

Status add(BilledFigures& to, const Decimal& quantity, const Decimal& amount) {
    to.quantity = TRY(to.quantity.plus(quantity));
    to.amount = TRY(to.amount.plus(amount));
    return {};
}

using PlacedFigures = std::map<Place, BilledFigures>;

// What the terms' lines of the provider give for the period's FINAL days.
Result<PlacedFigures> agreed_figures(Stub& stub, const BillingPeriod& period, const std::string& provider) {
    PlacedFigures out;
    for (const auto& line : TRY(provided_lines(stub, period, provider)))
        TRY(add(out[place_of(line.name, line.device, line.tax)], line.quantity, line.amount));
    return out;
}

// A bill's line without a device is for all devices of which the bill has no line with this name and tax. What is not
// billed is one line too, where it is of too many devices.
Result<PlacedFigures> as_billed(const PlacedFigures& agreed, const PlacedFigures& billed) {
    PlacedFigures out;
    for (const auto& [place, figures] : agreed) {
        const auto& [name, device, tax] = place;
        const Place of_all{name, "", tax};
        const bool has_own = billed.contains(place) || (!billed.contains(of_all) && agreed.size() <= kMostVariances);
        TRY(add(out[has_own ? place : of_all], figures.quantity, figures.amount));
    }
    return out;
}

Result<Verdict> verdict_on(const Variance& variance, const Decimal& tolerance_percent) {
    if (variance.difference == Decimal() && variance.billed_quantity == variance.metered_quantity)
        return Verdict::EXACT;
    const auto within = [&](const Decimal& billed, const Decimal& agreed) {
        const Rational difference = abs(Rational(rational_of(billed) - rational_of(agreed)));
        return difference * 100 <= abs(rational_of(agreed)) * rational_of(tolerance_percent);
    };
    if (within(variance.billed_amount, variance.agreed_amount) &&
        within(variance.billed_quantity, variance.metered_quantity))
        return Verdict::WITHIN_TOLERANCE;
    const bool more = variance.difference > Decimal() ||
                      (variance.difference == Decimal() && variance.billed_quantity > variance.metered_quantity);
    return more ? Verdict::TOO_MUCH : Verdict::TOO_LITTLE;
}

Result<std::vector<Variance>> compare(const std::vector<BillLine>& lines, const PlacedFigures& of_devices,
                                      const Decimal& tolerance_percent) {
    PlacedFigures billed;
    for (const auto& line : lines)
        TRY(add(billed[place_of(line.name, line.device, line.tax)], line.quantity, line.amount));
    auto agreed = TRY(as_billed(of_devices, billed));
    std::vector<Variance> out;
    const auto start = [](const Place& place) {
        Variance variance;
        variance.name = std::get<0>(place);
        if (!std::get<1>(place).empty()) variance.device = std::get<1>(place);
        return variance;
    };
    for (const auto& [place, figures] : billed) {
        auto variance = start(place);
        variance.billed_quantity = figures.quantity;
        variance.billed_amount = figures.amount;
        const auto found = agreed.find(place);
        if (found != agreed.end()) {
            variance.metered_quantity = found->second.quantity;
            variance.agreed_amount = found->second.amount;
        }
        variance.difference = TRY(variance.billed_amount.minus(variance.agreed_amount));
        variance.verdict = found == agreed.end() ? Verdict::NOT_AGREED : TRY(verdict_on(variance, tolerance_percent));
        if (found != agreed.end()) agreed.erase(found);
        out.push_back(std::move(variance));
    }
    for (const auto& [place, figures] : agreed) {
        if (figures.amount == Decimal() && figures.quantity == Decimal()) continue;
        auto variance = start(place);
        variance.metered_quantity = figures.quantity;
        variance.agreed_amount = figures.amount;
        variance.difference = TRY(Decimal().minus(figures.amount));
        // A rebate that is left out makes the bill too high.
        variance.verdict = variance.difference > Decimal() ? Verdict::TOO_MUCH : Verdict::NOT_BILLED;
        out.push_back(std::move(variance));
    }
    return out;
}

// A provider may ask for less than was agreed.
bool is_acceptable(Verdict verdict) { return verdict != Verdict::TOO_MUCH && verdict != Verdict::NOT_AGREED; }

Status check_lines(const PostBill& in, int decimals) {
    for (std::size_t i = 0; i < in.lines.size(); ++i) {
        if (in.lines[i].amount.decimals() > decimals)
            return fail(Code::invalid_argument, "lines[{}].amount, {}, has more than the {} decimals of the currency",
                        i, in.lines[i].amount.text(), decimals);
    }
    return {};
}

Result<Totals> totals_of(const PostBill& in, const std::string& provider, const agreement::Terms& terms) {
    auto own = terms;
    own.payees = {{provider, TRY(Decimal::of(100, 0))}};
    own.cash_rounding.reset();
    Sum sum(own);
    for (const auto& each : in.lines) {
        Line line;
        line.amount = each.amount;
        line.tax = each.tax;
        TRY(sum.add(line));
    }
    auto totals = TRY(sum.totals());
    if (totals.payable != in.total)
        return fail(refusals::wrong_amount, "the bill's total is {}; its lines and their taxes are {} together",
                    in.total.text(), totals.payable.text());
    return totals;
}

struct Posted {
    BillingPeriod period;
    Bill bill;
};

Result<Posted> posted(Stub& stub, const OfPeriod& in, const std::string& provider) {
    Posted out;
    out.period = TRY(billing_period(stub, in.agreement, in.day));
    out.bill = TRY(find_bill(stub, in.agreement, out.period.from, provider));
    return out;
}

// A number is of one bill: payments are named by it.
Status claim_number(Stub& stub, const PostBill& in, Date period) {
    const auto key = composite_key({"number", in.agreement, stub.caller().organization, in.number});
    const auto known = TRY(stub.get(key));
    if (known && *known != period.text())
        return fail(Code::already_exists, "the bill of the period from {} on has the number {}", *known, in.number);
    return stub.put(key, period.text());
}

Status put(Stub& stub, const Bill& bill) {
    TRY(put_document(stub, bill_key(bill.agreement, bill.from, bill.provider), bill));
    emit(stub, "invoice_changed", event_of(stub, bill, bill.provider));
    return {};
}

// An audit that found nothing wrong on the days of the bill.
Result<audit::Run> check_audit(Stub& stub, const Bill& bill, const std::string& id) {
    auto run = TRY(audit::api::get(stub, {bill.agreement, id}));
    if (run.from > bill.from || run.until < bill.until)
        return fail(refusals::not_authorized,
                    "the audit {} is of the days from {} until before {}; the bill is of {} until before {}", id,
                    run.from.text(), run.until.text(), bill.from.text(), bill.until.text());
    // A part may have no device. When the bill was posted it had none either.
    const bool is_part_of_none = run.verdict == audit::Verdict::EMPTY && (run.after || run.through) &&
                                 run.time_ms >= bill.timeline.back().time_ms;
    if (run.verdict != audit::Verdict::PASSED && run.verdict != audit::Verdict::GAPS && !is_part_of_none)
        return fail(refusals::not_authorized, "the audit {} has the verdict {}", id, enum_name(run.verdict));
    return run;
}

// The audits are of all devices together, or of each that the bill names.
Status check_audits(Stub& stub, const Bill& bill, const std::vector<std::string>& ids) {
    std::vector<audit::Run> runs;
    for (const auto& id : ids) runs.push_back(TRY(check_audit(stub, bill, id)));
    std::vector<const audit::RunAudit*> parts;
    for (const auto& run : runs) parts.push_back(&run);
    const bool is_of_some =
        std::ranges::any_of(runs, [](const auto& run) { return run.verdict != audit::Verdict::EMPTY; });
    if (is_of_some && audit::leave_no_device_out(parts)) return {};
    for (const auto& line : bill.lines) {
        if (!line.device)
            return fail(refusals::not_authorized, "\"{}\" is for all devices: the audits leave some out", line.name);
        if (std::ranges::none_of(runs, [&](const auto& run) { return run.device == line.device; }))
            return fail(refusals::not_authorized,
                        "\"{}\" is of {}: none of the audits is of it, and they are not of all", line.name,
                        *line.device);
    }
    return {};
}

// What the bill was compared with is still so.
Status check_unrevised(Stub& stub, const BillingPeriod& period, const Bill& bill) {
    if (!bill.revisions) return {};
    const auto since = TRY(revised_since(stub, period, *bill.revisions + 1));
    if (since.empty()) return {};
    return fail(refusals::not_authorized,
                "days of {} were corrected since the bill was posted: its provider withdraws it and posts it again",
                since.begin()->first);
}

}  // namespace

Result<Bill> post_bill(Stub& stub, const PostBill& in) {
    const auto& provider = stub.caller().organization;
    const auto period = TRY(provider_period(stub, in, provider));
    const auto& terms = period.terms();
    auto known = TRY(get_document<Bill>(stub, bill_key(in.agreement, period.from, provider), "a provider's bill"));
    if (known && known->state != InvoiceState::WITHDRAWN)
        return fail(Code::already_exists, "{} has posted its bill {} for this period; withdraw it first", provider,
                    known->number);
    TRY(check_lines(in, agreement::decimals_of_currency(terms.currency).value_or(2)));
    const auto today = date_at(stub.time_ms() / 1000, terms.zone);
    if (today < period.until) return fail(refusals::days_open, "the period ends on {}", period.until.text());
    TRY(claim_number(stub, in, period.from));
    Bill bill;
    if (known) bill.timeline = std::move(known->timeline);
    bill.agreement = in.agreement;
    bill.from = period.from;
    bill.until = period.until;
    bill.currency = terms.currency;
    bill.totals = TRY(totals_of(in, provider, terms));
    bill.due = today.plus_days(terms.payment_days);
    bill.disputable_until = today.plus_days(terms.dispute_days);
    bill.provider = provider;
    bill.number = in.number;
    bill.issued = in.issued;
    bill.lines = in.lines;
    bill.revisions = TRY(revisions_now(stub, period));
    bill.variances = TRY(compare(in.lines, TRY(agreed_figures(stub, period, provider)),
                                 terms.bill_tolerance_percent.value_or(Decimal())));
    bill.within_tolerance =
        std::ranges::all_of(bill.variances, [](const Variance& each) { return is_acceptable(each.verdict); });
    TRY(add_step(stub, bill, InvoiceState::POSTED, in.number));
    TRY(put(stub, bill));
    return bill;
}

Result<Bill> authorize_bill(Stub& stub, const AuthorizeBill& in) {
    auto of = TRY(posted(stub, in, in.provider));
    auto& bill = of.bill;
    const auto& caller = stub.caller().organization;
    if (!agreement::has_role(of.period.terms(), caller, PartyRole::RC) &&
        !agreement::has_role(of.period.terms(), caller, PartyRole::DV))
        return fail(agreement::refusals::wrong_party, "{} is not RC or DV of {}", caller, in.agreement);
    if (bill.state != InvoiceState::POSTED)
        return fail(refusals::wrong_state, "the bill is {}; this needs POSTED", enum_name(bill.state));
    const auto wrong =
        std::ranges::find_if(bill.variances, [](const auto& each) { return !is_acceptable(each.verdict); });
    if (wrong != bill.variances.end())
        return fail(refusals::not_authorized, "\"{}\"{}{} is {}: {} {} is billed, {} is agreed", wrong->name,
                    wrong->device ? " of " : "", wrong->device.value_or(""), enum_name(wrong->verdict),
                    wrong->billed_amount.text(), bill.currency, wrong->agreed_amount.text());
    TRY(check_unrevised(stub, of.period, bill));
    TRY(check_audits(stub, bill, in.audits));
    bill.audits = in.audits;
    TRY(add_step(stub, bill, InvoiceState::AUTHORIZED, std::nullopt));
    TRY(put(stub, bill));
    return std::move(bill);
}

Result<Bill> withdraw_bill(Stub& stub, const WithdrawBill& in) {
    auto of = TRY(posted(stub, in, stub.caller().organization));
    auto& bill = of.bill;
    using enum InvoiceState;
    // What was ordered may be paid, and must not be posted anew.
    const auto state = bill.state == DISPUTED ? bill.disputed_from.value_or(DISPUTED) : bill.state;
    const bool was_ordered = std::ranges::find(bill.timeline, PAYMENT_INITIATED, &Step::state) != bill.timeline.end();
    if ((state != POSTED && state != AUTHORIZED && state != EXPIRED) || was_ordered || !bill.paid.empty())
        return fail(refusals::wrong_state, "the bill is {}; it can be withdrawn before its payment is ordered",
                    enum_name(bill.state));
    TRY(add_step(stub, bill, WITHDRAWN, in.reason));
    TRY(put(stub, bill));
    return std::move(bill);
}

Result<Bill> get_bill(Stub& stub, const OneBill& in) { return TRY(posted(stub, in, in.provider)).bill; }

Result<BillPage> bills(Stub& stub, const ListBills& in) {
    TRY(agreement::api::get(stub, {in.agreement}));
    BillPage page;
    page.next = TRY(Pager({"bill", in.agreement}).read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        auto bill = TRY(read_document<Bill>(entry.value, "a provider's bill"));
        if (in.state && bill.state != *in.state) return false;
        page.bills.push_back(std::move(bill));
        return true;
    }));
    return page;
}

}  // namespace tally::chaincode::billing
