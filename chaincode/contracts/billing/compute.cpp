#include "chaincode/contracts/billing/compute.h"

#include <algorithm>

#include "chaincode/contracts/billing/assembly.h"
#include "chaincode/contracts/billing/corrections.h"
#include "chaincode/contracts/billing/payable.h"
#include "chaincode/contracts/billing/period.h"
#include "chaincode/contracts/billing/refusals.h"
#include "chaincode/contracts/data/settle_figures.h"
#include "chaincode/json/strict_json.h"

namespace tally::chaincode::billing {
namespace {

Status put_item(Stub& stub, const Item& item) {
    return put_document(stub, item_key(item.agreement, item.from, item.item), item);
}

}  // namespace

Result<Prepared> prepare(Stub& stub, const Prepare& in) {
    const auto period = TRY(billing_period(stub, in.agreement, in.day));
    return prepare_each(stub, period, in.devices, [&](const MeteredDevice& device) -> Result<bool> {
        if (TRY(stored_item(stub, period, device.id))) return false;
        TRY(put_item(stub, TRY(device_item(stub, period, device, Days::all_final))));
        return true;
    });
}

Result<Invoice> compute(Stub& stub, const OfPeriod& in) {
    const auto period = TRY(billing_period(stub, in.agreement, in.day));
    const auto key = invoice_key(in.agreement, period.from);
    if (auto known = TRY(get_document<Invoice>(stub, key, "an invoice"))) return std::move(*known);
    TRY(check_turn(stub, period));
    auto progress = TRY(get_document<Progress>(stub, composite_key({"progress", in.agreement}), "billing's progress"))
                        .value_or(Progress{});
    auto corrections = TRY(correct(stub, period, progress));
    TRY(store_corrections(stub, in.agreement, corrections));
    auto assembled = TRY(assemble(stub, period, progress.invoices + 1, Days::all_final, std::move(corrections)));
    for (const auto& item : assembled.items) TRY(put_item(stub, item));
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
    // The invoice as a whole has all devices.
    const bool is_whole = !in.through;
    const auto is_asked_for = [&](const std::string& id) {
        return (!in.device || *in.device == id) && (!in.after || id > *in.after);
    };
    const auto devices = TRY(metered_devices(stub, period, is_whole ? DevicePart{} : DevicePart{in.after, in.through}));
    for (const auto& device : devices) {
        if (is_asked_for(device.id)) out.devices.push_back({device.id, device.from, device.until});
    }
    const auto invoice = TRY(get_document<Invoice>(stub, invoice_key(in.agreement, period.from), "an invoice"));
    if (!invoice || invoice->sealed) return out;  // of a sealed one the ledger has no lines
    out.items = invoice->items;
    std::vector<std::string> names;
    if (is_whole) names = {std::string(kCorrections), std::string(kNoDevice)};
    for (const auto& device : devices) names.push_back(device.id);
    Assembly assembly(period);
    for (const auto& name : names) {
        const auto key = item_key(in.agreement, period.from, name);
        const auto item = TRY(get_document<Item>(stub, key, "an item of an invoice"));
        if (!item) continue;  // a device whose first days came later is in a correction
        TRY(assembly.add(*item));
        const auto device = std::ranges::find(devices, name, &MeteredDevice::id);
        if (device == devices.end() || !is_asked_for(name)) continue;
        note(out, CheckKind::ITEM, name, hash_of(TRY(item_again(stub, period, *item))).hex(), hash_of(*item).hex());
    }
    if (!is_whole) return out;
    const auto again = TRY(assembly.finish(stub, invoice->number, invoice->devices));
    note(out, CheckKind::INVOICE, std::nullopt, "items " + again.items, "items " + invoice->items);
    note(out, CheckKind::INVOICE, std::nullopt, json_text(to_json(again.totals)), json_text(to_json(invoice->totals)));
    return out;
}

}  // namespace tally::chaincode::billing
