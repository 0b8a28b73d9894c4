#include "chaincode/contracts/billing/period.h"

#include <algorithm>
#include <map>
#include <span>

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/billing/refusals.h"
#include "chaincode/contracts/data/api.h"
#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/api.h"
#include "chaincode/contracts/registry/refusals.h"

namespace tally::chaincode::billing {
namespace {

bool names(const agreement::Scope& scope, const std::string& device) {
    return scope.devices.empty() || std::ranges::find(scope.devices, device) != scope.devices.end();
}

using Devices = std::map<std::string, MeteredDevice>;

// Adds those of the devices that are metered in the segment. A device is first metered when it is registered, or on its
// first FINAL day if that is earlier; who was registered before the segment begins is not asked for that day.
Status add_metered(Stub& stub, const BillingPeriod& period, const Segment& segment,
                   std::span<const registry::DeviceView* const> devices, Devices& out) {
    const auto& zone = period.terms().zone;
    const auto registered = [&](const registry::DeviceView& device) {
        return date_at(device.registered_ms / 1000, zone);
    };
    data::OfDevices late;
    late.agreement = period.agreement.id;
    for (const auto* device : devices) {
        if (registered(*device) > segment.from) late.devices.push_back(device->id);
    }
    data::FirstDays first;
    if (!late.devices.empty()) first = TRY(data::api::first_days(stub, late));
    if (first.days.size() != late.devices.size())
        return fail(Code::corrupt, "of {} devices, the first days of {} are known", late.devices.size(),
                    first.days.size());
    auto next = first.days.begin();
    for (const auto* device : devices) {
        auto from = registered(*device);
        if (from > segment.from) {
            from = std::min(from, next->value_or(from));
            ++next;
        }
        from = std::max(from, segment.from);
        auto until = segment.until;
        if (device->retired_ms) until = std::min(until, date_at(*device->retired_ms / 1000, zone));
        if (from >= until) continue;
        auto& metered = out.try_emplace(device->id, MeteredDevice{device->id, from, until}).first->second;
        metered.from = std::min(metered.from, from);
        metered.until = std::max(metered.until, until);
    }
    return {};
}

Status check_in_the_clear(const BillingPeriod& period, std::span<const data::SettledDay> days) {
    if (period.figures != Figures::in_the_clear) return {};
    const auto committed = std::ranges::find(days, data::Match::COMMITTED, &data::SettledDay::match);
    if (committed == days.end()) return {};
    return fail(refusals::sealed_figures, "the figures of {} on {} are a commitment", committed->device,
                committed->day.text());
}

}  // namespace

Result<BillingPeriod> billing_period(Stub& stub, const std::string& id, Date day,
                                     const std::optional<std::string>& provider) {
    BillingPeriod out;
    out.agreement = TRY(agreement::api::get(stub, {id}));
    for (const auto number : out.agreement.in_force)
        agreement::keep_lines_of(out.versions.emplace_back(TRY(agreement::api::get_version(stub, {id, number}))).terms,
                                 provider);
    if (out.versions.empty())
        return fail(agreement::refusals::not_open, "no version of {} is signed by all parties", id);
    const auto end = agreement::end_of(out.agreement, out.versions.back().terms);
    out.calendar = period_of(out.versions.back().terms.period, day);
    out.from = std::max(out.calendar.from, out.versions.front().terms.from);
    out.until = end ? std::min(out.calendar.until, *end) : out.calendar.until;
    if (day < out.from || day >= out.until)
        return fail(agreement::refusals::not_open, "the agreement {} is not in force on {}", id, day.text());
    for (std::size_t i = 0; i < out.versions.size(); ++i) {
        const auto& version = out.versions[i];
        const auto next = i + 1 < out.versions.size() ? out.versions[i + 1].terms.from : out.until;
        const auto from = std::max(out.from, version.terms.from);
        const auto until = std::min(out.until, next);
        if (from < until) out.segments.push_back({version.version, from, until, &version.terms});
    }
    return out;
}

Result<std::vector<MeteredDevice>> metered_devices(Stub& stub, const BillingPeriod& period, const DevicePart& part) {
    Devices devices;
    for (const auto& segment : period.segments) {
        for (const auto& scope : segment.terms->scope) {
            registry::ListDevices list;
            list.organization = agreement::operator_of(*segment.terms);
            list.shard = scope.shard;
            list.after = part.after;
            list.through = part.through;
            list.limit = kLargestPage;
            do {
                const auto page = TRY(registry::api::list_devices(stub, list));
                std::vector<const registry::DeviceView*> named;
                for (const auto& device : page.devices) {
                    if (names(scope, device.id)) named.push_back(&device);
                }
                TRY(add_metered(stub, period, segment, named, devices));
                list.cursor = page.next;
            } while (list.cursor);
        }
    }
    std::vector<MeteredDevice> out;
    for (auto& [id, device] : devices) out.push_back(std::move(device));
    return out;
}

Result<std::optional<MeteredDevice>> metered_device(Stub& stub, const BillingPeriod& period, const std::string& id) {
    const auto device = registry::api::get_device(stub, {id});
    if (!device && device.error().code == registry::refusals::unknown_device) return std::nullopt;
    if (!device) return std::unexpected(device.error());
    const registry::DeviceView* const one[] = {&*device};
    Devices devices;
    for (const auto& segment : period.segments) {
        if (device->organization != agreement::operator_of(*segment.terms)) continue;
        for (const auto& scope : segment.terms->scope) {
            if (scope.shard == device->shard && names(scope, id)) TRY(add_metered(stub, period, segment, one, devices));
        }
    }
    if (devices.empty()) return std::nullopt;
    return std::move(devices.begin()->second);
}

Result<std::vector<data::SettledDay>> final_days(Stub& stub, const BillingPeriod& period, const std::string& device) {
    std::vector<data::SettledDay> days;
    data::Settled wanted;
    wanted.agreement = period.agreement.id;
    wanted.device = device;
    wanted.from = period.from;
    wanted.to = period.until;
    wanted.limit = kLargestPage;
    if (period.revised) wanted.revised = true;
    const auto& source = period.figures == Figures::opened ? data::api::opened_days : data::api::settled;
    do {
        auto page = TRY(source(stub, wanted));
        std::ranges::move(page.days, std::back_inserter(days));
        wanted.cursor = page.next;
    } while (wanted.cursor);
    std::erase_if(days, [&](const data::SettledDay& day) { return day.settled_ms > period.known_until_ms; });
    TRY(check_in_the_clear(period, days));
    return days;
}

Result<std::vector<data::SettledDay>> revisions_from(Stub& stub, const BillingPeriod& period, std::int64_t number,
                                                     std::int64_t most) {
    data::RevisionsFrom wanted;
    wanted.agreement = period.agreement.id;
    wanted.number = number;
    wanted.limit = most;
    const auto& source = period.figures == Figures::opened ? data::api::opened_revisions : data::api::revisions;
    auto found = TRY(source(stub, wanted)).revisions;
    TRY(check_in_the_clear(period, found));
    return found;
}

}  // namespace tally::chaincode::billing
