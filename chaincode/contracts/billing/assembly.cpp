#include "chaincode/contracts/billing/assembly.h"

#include <algorithm>

#include "chaincode/contracts/billing/refusals.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/json/strict_json.h"

namespace tally::chaincode::billing {

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

namespace {

Item empty_item(const BillingPeriod& period, std::string_view name) {
    Item item;
    item.agreement = period.agreement.id;
    item.from = period.from;
    item.item = name;
    item.versions = versions_of(period);
    return item;
}

}  // namespace

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

Status Assembly::add(const Item& item, const crypto::Hash& hash) {
    for (const auto& line : item.lines) TRY(sum_.add(line));
    lines_ += static_cast<std::int64_t>(item.lines.size());
    days_ += static_cast<std::int64_t>(item.days.size());
    hash_.update(hash.view());
    return {};
}

Result<Invoice> Assembly::finish(Stub& stub, std::int64_t number, std::int64_t devices) {
    auto out = new_invoice(stub, period_, number);
    out.devices = devices;
    out.days = days_;
    out.lines = lines_;
    out.items = hash_.finish().hex();
    out.totals = TRY(sum_.totals());
    return out;
}

Invoice new_invoice(Stub& stub, const BillingPeriod& period, std::int64_t number) {
    Invoice out;
    out.agreement = period.agreement.id;
    out.number = number;
    out.from = period.from;
    out.until = period.until;
    out.versions = versions_of(period);
    const auto& terms = period.terms();
    out.currency = terms.currency;
    const auto today = date_at(stub.time_ms() / 1000, terms.zone);
    out.due = today.plus_days(terms.payment_days);
    out.disputable_until = today.plus_days(terms.dispute_days);
    out.timeline.push_back({InvoiceState::COMPUTED, stub.caller().organization, stub.time_ms(),
                            stub.transaction_id().hex(), std::nullopt, std::nullopt});
    return out;
}

Result<std::optional<HashedItem>> stored_item(Stub& stub, const BillingPeriod& period, std::string_view name) {
    const auto text = TRY(stub.get(item_key(period.agreement.id, period.from, name)));
    if (!text) return std::nullopt;
    auto item = TRY(read_document<Item>(*text, "an item of an invoice"));
    if (item.versions != versions_of(period)) return std::nullopt;
    return HashedItem{std::move(item), crypto::sha256(as_bytes(*text))};
}

Result<Assembled> assemble(Stub& stub, const BillingPeriod& period, std::int64_t number, Days which,
                           Corrections corrections) {
    std::vector<HashedItem> device_items;
    Assembled out;
    Assembly assembly(period);
    const auto devices = TRY(metered_devices(stub, period));
    for (const auto& device : devices) {
        auto known = TRY(stored_item(stub, period, device.id));
        const bool is_for_a_transaction = which == Days::all_final && period.figures == Figures::in_the_clear;
        if (!known && out.items.size() == kMostUnprepared && is_for_a_transaction)
            return fail(Code::too_large, "more than {} devices: compute the items of some ahead (prepare)",
                        kMostUnprepared);
        if (!known) {
            auto item = TRY(device_item(stub, period, device, which));
            if (item.days.empty() && period.known_until_ms != INT64_MAX) continue;  // it joined later
            const auto hash = hash_of(item);
            out.items.push_back(item);
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
        out.items.push_back(std::move(item));
    }
    TRY(assembly.add(of_none));
    out.items.push_back(std::move(of_none));
    for (const auto& each : device_items) TRY(assembly.add(each.item, each.hash));
    out.taken = assembly.taken();
    out.invoice = TRY(assembly.finish(stub, number, static_cast<std::int64_t>(device_items.size())));
    return out;
}

Status check_turn(Stub& stub, const BillingPeriod& period) {
    if (period.agreement.state != agreement::AgreementState::ACTIVE)
        return fail(refusals::wrong_state, "the agreement {} is suspended", period.agreement.id);
    const auto next = period.agreement.billed_until.value_or(period.versions.front().terms.from);
    if (period.from != next)
        return fail(refusals::out_of_order, "the next invoice of {} begins on {}, not on {}", period.agreement.id,
                    next.text(), period.from.text());
    if (const auto end = beginning_of(period.until, period.terms().zone); stub.time_ms() / 1000 < end)
        return fail(refusals::days_open, "the period ends on {}", period.until.text());
    return {};
}

}  // namespace tally::chaincode::billing
