#include "chaincode/contracts/billing/compute.h"

#include <algorithm>
#include <map>

#include "chaincode/contracts/billing/corrections.h"
#include "chaincode/contracts/billing/payable.h"
#include "chaincode/contracts/billing/period.h"
#include "chaincode/contracts/billing/refusals.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/json/strict_json.h"

namespace tally::chaincode::billing {
namespace {

constexpr std::size_t kMostUnprepared = 500;  // devices whose items one transaction computes

enum class Days { all_final, those_that_are };

Status check_all_final(const MeteredDevice& device, std::span<const data::SettledDay> days) {
    auto expected = device.from;
    for (const auto& day : days) {
        if (day.day < device.from || day.day >= device.until) continue;
        if (day.day != expected) break;
        expected = expected.plus_days(1);
    }
    if (expected >= device.until) return {};
    return fail(refusals::days_open, "{} of {} is not FINAL", expected.text(), device.id);
}

std::vector<VersionDays> versions_of(const BillingPeriod& period) {
    std::vector<VersionDays> out;
    for (const auto& segment : period.segments) out.push_back({segment.version, segment.from, segment.until});
    return out;
}

Item empty_item(const BillingPeriod& period, std::string_view name) {
    Item item;
    item.agreement = period.agreement.id;
    item.from = period.from;
    item.item = name;
    item.versions = versions_of(period);
    return item;
}

Result<Item> item_of_days(const BillingPeriod& period, const std::string& device,
                          const std::vector<data::SettledDay>& days) {
    auto item = empty_item(period, device);
    item.lines = TRY(price_device(period.segments, period.calendar, device, days));
    for (const auto& day : days)
        item.days.push_back({day.day, day.content_id, day.match, day.revision, data::cited_readings(day)});
    TRY(add_taken(period.segments, days, item.taken));
    return item;
}

Result<Item> device_item(Stub& stub, const BillingPeriod& period, const MeteredDevice& device, Days which) {
    auto days = TRY(final_days(stub, period, device.id));
    if (which == Days::all_final) TRY(check_all_final(device, days));
    std::erase_if(days, [&](const data::SettledDay& day) { return day.day < device.from || day.day >= device.until; });
    return item_of_days(period, device.id, days);
}

Status add_all(std::vector<Taken>& taken, const std::vector<Taken>& more) {
    for (const auto& each : more) {
        auto found = std::ranges::find(taken, each.field, &Taken::field);
        if (found == taken.end()) {
            taken.push_back(each);
            continue;
        }
        for (std::size_t i = 0; i < each.quantities.size(); ++i)
            found->quantities[i] = TRY(found->quantities[i].plus(each.quantities[i]));
    }
    return {};
}

crypto::Hash hash_of(const Item& item) { return crypto::sha256(to_bytes(json_text(to_json(item)))); }

// Adds items to an invoice, one after the other, in the order of their names.
class Assembly {
  public:
    explicit Assembly(const BillingPeriod& period) : period_(period), sum_(period.terms()) {}

    [[nodiscard]] Status add(const Item& item) { return add(item, hash_of(item)); }
    // `hash`: of the item's text.
    [[nodiscard]] Status add(const Item& item, const crypto::Hash& hash) {
        for (const auto& line : item.lines) TRY(sum_.add(line));
        lines_ += static_cast<std::int64_t>(item.lines.size());
        days_ += static_cast<std::int64_t>(item.days.size());
        hash_.update(hash.view());
        return {};
    }
    [[nodiscard]] Status take(const std::vector<Taken>& more) { return add_all(taken_, more); }
    [[nodiscard]] const std::vector<Taken>& taken() const { return taken_; }

    [[nodiscard]] Result<Invoice> finish(Stub& stub, std::int64_t number, std::int64_t devices) {
        Invoice out;
        out.agreement = period_.agreement.id;
        out.number = number;
        out.from = period_.from;
        out.until = period_.until;
        out.versions = versions_of(period_);
        const auto& terms = period_.terms();
        out.currency = terms.currency;
        out.devices = devices;
        out.days = days_;
        out.lines = lines_;
        out.items = hash_.finish().hex();
        out.totals = TRY(sum_.totals());
        const auto today = date_at(stub.time_ms() / 1000, terms.zone);
        out.due = today.plus_days(terms.payment_days);
        out.disputable_until = today.plus_days(terms.dispute_days);
        out.timeline.push_back({InvoiceState::COMPUTED, stub.caller().organization, stub.time_ms(),
                                stub.transaction_id().hex(), std::nullopt, std::nullopt});
        return out;
    }

  private:
    const BillingPeriod& period_;
    Sum sum_;
    std::vector<Taken> taken_;
    std::int64_t lines_ = 0;
    std::int64_t days_ = 0;
    crypto::Sha256 hash_;
};

// With the SHA-256 of its text, which is on the ledger as it is hashed.
struct HashedItem {
    Item item;
    crypto::Hash hash;
};

// An item that was computed ahead, unless the terms have been amended since.
Result<std::optional<HashedItem>> stored_item(Stub& stub, const BillingPeriod& period, std::string_view name) {
    const auto text = TRY(stub.get(item_key(period.agreement.id, period.from, name)));
    if (!text) return std::nullopt;
    auto item = TRY(read_document<Item>(*text, "an item of an invoice"));
    if (item.versions != versions_of(period)) return std::nullopt;
    return HashedItem{std::move(item), crypto::sha256(as_bytes(*text))};
}

Status put_item(Stub& stub, const Item& item) {
    return put_document(stub, item_key(item.agreement, item.from, item.item), item);
}

struct Assembled {
    Invoice invoice;
    std::vector<Item> fresh;  // that are to be stored
    std::vector<Taken> taken;
};

Result<Assembled> assemble(Stub& stub, const BillingPeriod& period, std::int64_t number, Days which,
                           Corrections corrections) {
    std::vector<HashedItem> device_items;
    Assembled out;
    Assembly assembly(period);
    const auto devices = TRY(metered_devices(stub, period));
    for (const auto& device : devices) {
        auto known = TRY(stored_item(stub, period, device.id));
        if (!known && out.fresh.size() == kMostUnprepared && which == Days::all_final)
            return fail(Code::too_large, "more than {} devices: compute the items of some ahead (prepare)",
                        kMostUnprepared);
        if (!known) {
            auto item = TRY(device_item(stub, period, device, which));
            const auto hash = hash_of(item);
            out.fresh.push_back(item);
            known = HashedItem{std::move(item), hash};
        }
        TRY(assembly.take(known->item.taken));
        device_items.push_back(std::move(*known));
    }
    TRY(assembly.take(corrections.taken));
    auto of_none = empty_item(period, kNoDevice);
    of_none.lines = TRY(price_agreement(period.segments, period.calendar, assembly.taken()));
    if (!corrections.lines.empty()) {
        auto item = empty_item(period, kCorrections);
        item.lines = std::move(corrections.lines);
        TRY(assembly.add(item));
        out.fresh.push_back(std::move(item));
    }
    TRY(assembly.add(of_none));
    out.fresh.push_back(std::move(of_none));
    for (const auto& each : device_items) TRY(assembly.add(each.item, each.hash));
    out.taken = assembly.taken();
    out.invoice = TRY(assembly.finish(stub, number, static_cast<std::int64_t>(devices.size())));
    return out;
}

Status check_turn(const BillingPeriod& period) {
    if (period.agreement.state != agreement::AgreementState::ACTIVE)
        return fail(refusals::wrong_state, "the agreement {} is suspended", period.agreement.id);
    const auto next = period.agreement.billed_until.value_or(period.versions.front().terms.from);
    if (period.from == next) return {};
    return fail(refusals::out_of_order, "the next invoice of {} begins on {}, not on {}", period.agreement.id,
                next.text(), period.from.text());
}

}  // namespace

Result<Prepared> prepare(Stub& stub, const Prepare& in) {
    const auto period = TRY(billing_period(stub, in.agreement, in.day));
    Prepared out;
    for (const auto& id : in.devices) {
        const auto device = TRY(metered_device(stub, period, id));
        if (!device)
            return fail(Code::invalid_argument, "{} is not metered in the period from {} on", id, period.from.text());
        if (TRY(stored_item(stub, period, id))) {
            ++out.already;
            continue;
        }
        TRY(put_item(stub, TRY(device_item(stub, period, *device, Days::all_final))));
        ++out.items;
    }
    return out;
}

Result<Invoice> compute(Stub& stub, const OfPeriod& in) {
    const auto period = TRY(billing_period(stub, in.agreement, in.day));
    const auto key = invoice_key(in.agreement, period.from);
    if (auto known = TRY(get_document<Invoice>(stub, key, "an invoice"))) return std::move(*known);
    TRY(check_turn(period));
    if (const auto end = beginning_of(period.until, period.terms().zone); stub.time_ms() / 1000 < end)
        return fail(refusals::days_open, "the period ends on {}", period.until.text());
    auto progress = TRY(get_document<Progress>(stub, composite_key({"progress", in.agreement}), "billing's progress"))
                        .value_or(Progress{});
    auto corrections = TRY(correct(stub, period, progress));
    auto assembled = TRY(assemble(stub, period, progress.invoices + 1, Days::all_final, std::move(corrections)));
    for (const auto& item : assembled.fresh) TRY(put_item(stub, item));
    TRY(put_taken(stub, in.agreement, period.from, assembled.taken));
    ++progress.invoices;
    TRY(put_document(stub, composite_key({"progress", in.agreement}), progress));
    TRY(put_document(stub, key, assembled.invoice));
    TRY(agreement::api::mark_billed(stub, {in.agreement, period.until}));
    const auto& invoice = assembled.invoice;
    emit(stub, "invoice_computed", event_of(stub, invoice));
    return std::move(assembled.invoice);
}

Result<Invoice> preview(Stub& stub, const OfPeriod& in) {
    const auto period = TRY(billing_period(stub, in.agreement, in.day));
    const auto key = invoice_key(in.agreement, period.from);
    if (auto known = TRY(get_document<Invoice>(stub, key, "an invoice"))) return std::move(*known);
    auto progress = TRY(get_document<Progress>(stub, composite_key({"progress", in.agreement}), "billing's progress"))
                        .value_or(Progress{});
    auto assembled = TRY(assemble(stub, period, progress.invoices + 1, Days::those_that_are, {}));
    return std::move(assembled.invoice);
}

namespace {

void note(ExaminedInvoice& out, data::CheckKind kind, std::optional<std::string> device, const std::string& expected,
          const std::string& found) {
    auto count = std::ranges::find(out.checks, kind, &data::CheckCount::check);
    if (count == out.checks.end()) count = out.checks.insert(out.checks.end(), {kind, 0, 0});
    ++count->made;
    if (expected == found) return;
    ++count->failed;
    out.findings.push_back({kind, std::move(device), std::nullopt, expected, found});
}

// The item from the days that it cites, as they became FINAL. Days that became FINAL later are in corrections.
Result<Item> item_again(Stub& stub, const BillingPeriod& period, const Item& stored) {
    auto days = TRY(final_days(stub, period, stored.item));
    std::erase_if(days, [&](const data::SettledDay& day) {
        return std::ranges::find(stored.days, day.day, &CitedDay::day) == stored.days.end();
    });
    return item_of_days(period, stored.item, days);
}

}  // namespace

Result<ExaminedInvoice> examine(Stub& stub, const ExaminePeriod& in) {
    using data::CheckKind;
    const auto period = TRY(billing_period(stub, in.agreement, in.day));
    ExaminedInvoice out;
    const auto devices = TRY(metered_devices(stub, period));
    for (const auto& device : devices) out.devices.push_back({device.id, device.from, device.until});
    const auto invoice = TRY(get_document<Invoice>(stub, invoice_key(in.agreement, period.from), "an invoice"));
    if (!invoice) return out;
    out.items = invoice->items;
    std::vector<std::string> names{std::string(kCorrections), std::string(kNoDevice)};
    for (const auto& device : devices) names.push_back(device.id);
    Assembly assembly(period);
    for (const auto& name : names) {
        const auto key = item_key(in.agreement, period.from, name);
        const auto item = TRY(get_document<Item>(stub, key, "an item of an invoice"));
        if (!item) continue;  // a device whose first days came later is in a correction
        TRY(assembly.add(*item));
        const auto device = std::ranges::find(devices, name, &MeteredDevice::id);
        if (device == devices.end() || (in.device && in.device != name)) continue;
        note(out, CheckKind::ITEM, name, hash_of(TRY(item_again(stub, period, *item))).hex(), hash_of(*item).hex());
    }
    const auto again = TRY(assembly.finish(stub, invoice->number, invoice->devices));
    note(out, CheckKind::INVOICE, std::nullopt, "items " + again.items, "items " + invoice->items);
    note(out, CheckKind::INVOICE, std::nullopt, json_text(to_json(again.totals)), json_text(to_json(invoice->totals)));
    return out;
}

Result<std::vector<Line>> lines_of(Stub& stub, const BillingPeriod& period) {
    std::vector<Line> lines;
    std::vector<Taken> taken;
    const auto devices = TRY(metered_devices(stub, period));
    if (devices.size() > kMostUnprepared)
        return fail(Code::too_large, "{} devices; {} can be compared in one transaction", devices.size(),
                    kMostUnprepared);
    for (const auto& device : devices) {
        auto item = TRY(device_item(stub, period, device, Days::all_final));
        std::ranges::move(item.lines, std::back_inserter(lines));
        TRY(add_all(taken, item.taken));
    }
    std::ranges::move(TRY(price_agreement(period.segments, period.calendar, taken)), std::back_inserter(lines));
    return lines;
}

}  // namespace tally::chaincode::billing
