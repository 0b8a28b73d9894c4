#include "chaincode/contracts/billing/period.h"

#include <algorithm>
#include <map>

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/data/api.h"
#include "chaincode/contracts/registry/api.h"

namespace tally::chaincode::billing {
namespace {

constexpr std::int64_t kPage = 1000;

bool names(const agreement::Scope& scope, const std::string& device) {
    return scope.devices.empty() || std::ranges::find(scope.devices, device) != scope.devices.end();
}

// When the device is first metered under the agreement.
Result<Date> first_day(Stub& stub, const BillingPeriod& period, const registry::DeviceView& device) {
    const auto registered = date_at(device.registered_ms / 1000, period.terms().zone);
    data::Settled first;
    first.agreement = period.agreement.id;
    first.device = device.id;
    first.limit = 1;
    const auto page = TRY(data::api::settled(stub, first));
    return page.days.empty() ? registered : std::min(registered, page.days.front().day);
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

Result<std::vector<MeteredDevice>> metered_devices(Stub& stub, const BillingPeriod& period) {
    std::map<std::string, MeteredDevice> devices;
    for (const auto& segment : period.segments) {
        for (const auto& scope : segment.terms->scope) {
            registry::ListDevices list;
            list.organization = agreement::operator_of(*segment.terms);
            list.shard = scope.shard;
            list.limit = kPage;
            do {
                const auto page = TRY(registry::api::list_devices(stub, list));
                for (const auto& device : page.devices) {
                    if (!names(scope, device.id)) continue;
                    const auto from = std::max(segment.from, TRY(first_day(stub, period, device)));
                    auto until = segment.until;
                    if (device.retired_ms)
                        until = std::min(until, date_at(*device.retired_ms / 1000, period.terms().zone));
                    if (from >= until) continue;
                    auto& metered = devices.try_emplace(device.id, MeteredDevice{device.id, from, until}).first->second;
                    metered.from = std::min(metered.from, from);
                    metered.until = std::max(metered.until, until);
                }
                list.cursor = page.next;
            } while (list.cursor);
        }
    }
    std::vector<MeteredDevice> out;
    for (auto& [id, device] : devices) out.push_back(std::move(device));
    return out;
}

Result<std::vector<data::SettledDay>> final_days(Stub& stub, const BillingPeriod& period, const std::string& device) {
    std::vector<data::SettledDay> days;
    data::Settled wanted;
    wanted.agreement = period.agreement.id;
    wanted.device = device;
    wanted.from = period.from;
    wanted.to = period.until;
    wanted.limit = kPage;
    do {
        auto page = TRY(data::api::settled(stub, wanted));
        std::ranges::move(page.days, std::back_inserter(days));
        wanted.cursor = page.next;
    } while (wanted.cursor);
    return days;
}

}  // namespace tally::chaincode::billing
