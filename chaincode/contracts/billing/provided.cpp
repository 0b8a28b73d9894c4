#include "chaincode/contracts/billing/provided.h"

#include <algorithm>
#include <map>

#include "chaincode/contracts/agreement/refusals.h"
#include "chaincode/contracts/billing/assembly.h"
#include "chaincode/contracts/data/api.h"

namespace tally::chaincode::billing {
namespace {

// A device's lines as they were known when the agreement had so many revisions.
struct ProvidedLines {
    std::int64_t revisions = 0;
    Date from;
    Date until;
    std::vector<VersionDays> versions;
    std::vector<Line> lines;
    std::vector<Taken> taken;
};
BOOST_DESCRIBE_STRUCT(ProvidedLines, (), (revisions, from, until, versions, lines, taken))

std::string provided_key(const BillingPeriod& period, const std::string& provider, const std::string& device) {
    return composite_key({"provided", period.agreement.id, period.from.text(), provider, device});
}

// What was computed ahead for a device of the period; none when its days or the terms have changed since.
Result<std::optional<ProvidedLines>> lines_ahead(Stub& stub, const BillingPeriod& period, const std::string& provider,
                                                 const MeteredDevice& device) {
    const auto key = provided_key(period, provider, device.id);
    auto known = TRY(get_document<ProvidedLines>(stub, key, "lines that were computed ahead"));
    if (known && (known->versions != versions_of(period) || known->from != device.from || known->until != device.until))
        known.reset();
    return known;
}

}  // namespace

Result<std::map<std::string, std::int64_t>> revised_since(Stub& stub, const BillingPeriod& period,
                                                          std::int64_t number) {
    std::map<std::string, std::int64_t> out;
    data::RevisionsFrom wanted;
    wanted.agreement = period.agreement.id;
    wanted.number = number;
    for (bool more = true; more;) {
        const auto page = TRY(data::api::revisions(stub, wanted));
        for (const auto& day : page.revisions) {
            if (day.day >= period.from && day.day < period.until) out[day.device] = day.revision.value_or(0);
        }
        wanted.number += static_cast<std::int64_t>(page.revisions.size());
        more = !page.revisions.empty() && wanted.number <= page.last;
    }
    return out;
}

Result<std::int64_t> revisions_now(Stub& stub, const BillingPeriod& period) {
    data::RevisionsFrom wanted;
    wanted.agreement = period.agreement.id;
    wanted.limit = 1;
    return TRY(data::api::revisions(stub, wanted)).last;
}

Result<BillingPeriod> provider_period(Stub& stub, const OfPeriod& in, const std::string& provider) {
    auto period = TRY(billing_period(stub, in.agreement, in.day, provider));
    if (!agreement::has_role(period.terms(), provider, agreement::PartyRole::SP))
        return fail(agreement::refusals::wrong_party, "{} is no SP of {}", provider, in.agreement);
    period.revised = true;
    return period;
}

Result<Prepared> prepare_bill(Stub& stub, const PrepareBill& in) {
    const auto period = TRY(provider_period(stub, in, in.provider));
    const auto& caller = stub.caller().organization;
    if (caller != in.provider && caller != agreement::operator_of(period.terms()))
        return fail(agreement::refusals::wrong_party, "{} is neither {} nor OPERATOR of {}", caller, in.provider,
                    in.agreement);
    const auto revisions = TRY(revisions_now(stub, period));
    return prepare_each(stub, period, in.devices, [&](const MeteredDevice& device) -> Result<bool> {
        const auto known = TRY(lines_ahead(stub, period, in.provider, device));
        if (known && known->revisions == revisions) return false;
        auto item = TRY(device_item(stub, period, device, Days::all_final));
        TRY(put_document(stub, provided_key(period, in.provider, device.id),
                         ProvidedLines{revisions, device.from, device.until, std::move(item.versions),
                                       std::move(item.lines), std::move(item.taken)}));
        return true;
    });
}

Result<std::vector<Line>> provided_lines(Stub& stub, const BillingPeriod& period, const std::string& provider) {
    const auto devices = TRY(metered_devices(stub, period));
    std::map<std::string, ProvidedLines> ahead;
    auto oldest = INT64_MAX;
    for (const auto& device : devices) {
        if (devices.size() <= kMostUnprepared) break;  // all are computed now
        auto known = TRY(lines_ahead(stub, period, provider, device));
        if (!known) continue;
        oldest = std::min(oldest, known->revisions);
        ahead.emplace(device.id, std::move(*known));
    }
    if (!ahead.empty()) {
        for (const auto& [device, number] : TRY(revised_since(stub, period, oldest + 1))) {
            const auto known = ahead.find(device);
            if (known != ahead.end() && number > known->second.revisions) ahead.erase(known);
        }
    }
    if (devices.size() - ahead.size() > kMostUnprepared)
        return fail(Code::too_large,
                    "{} devices are not prepared, and one bill takes at most {}: call billing.prepare_bill first",
                    devices.size() - ahead.size(), kMostUnprepared);
    std::vector<Line> lines;
    std::vector<Taken> taken;
    const auto add = [&](std::vector<Line>& more, const std::vector<Taken>& more_taken) {
        std::ranges::move(more, std::back_inserter(lines));
        return add_all(taken, more_taken);
    };
    for (const auto& device : devices) {
        if (const auto known = ahead.find(device.id); known != ahead.end()) {
            TRY(add(known->second.lines, known->second.taken));
            continue;
        }
        auto item = TRY(device_item(stub, period, device, Days::all_final));
        TRY(add(item.lines, item.taken));
    }
    std::ranges::move(TRY(price_agreement(period.segments, period.calendar, taken)), std::back_inserter(lines));
    return lines;
}

}  // namespace tally::chaincode::billing
