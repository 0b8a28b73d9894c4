#include "chaincode/contracts/registry/status.h"

#include "chaincode/contracts/registry/permission.h"
#include "chaincode/contracts/registry/refusals.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::size_t kMaxSuspensions = 256;

std::string incidents_key(std::string_view device) { return composite_key({"incidents", device}); }

Status suspend(Device& device, std::int64_t from_ms, std::string_view reason) {
    if (device.status == DeviceStatus::SUSPENDED)
        return fail(Code::conflict, "the device \"{}\" is suspended already", device.id);
    if (device.suspensions.size() >= kMaxSuspensions) {
        return fail(Code::too_large, "the device \"{}\" was suspended {} times; retire it", device.id, kMaxSuspensions);
    }
    device.suspensions.push_back({from_ms, std::nullopt, std::string(reason)});
    return {};
}

Status reinstate(Stub& stub, Device& device, std::int64_t from_ms, const std::optional<Repair>& repair) {
    if (device.status == DeviceStatus::ACTIVE)
        return fail(Code::conflict, "the device \"{}\" is active already", device.id);
    if (!repair) return fail(Code::invalid_argument, "\"repair\" is missing: a suspended device needs a repair record");
    auto& suspension = device.suspensions.back();
    if (from_ms <= suspension.from_ms) {
        device.suspensions.pop_back();  // it never took effect
    } else {
        suspension.to_ms = from_ms;
    }
    device.repair = repair;
    if (TRY(stub.get(incidents_key(device.id)))) {
        TRY(put_document(stub, incidents_key(device.id), Incidents{{}, change_by(stub, "incidents_cleared", nullptr)}));
    }
    return {};
}

Result<StatusChange> change_status(Stub& stub, Device& device, DeviceStatus status, std::int64_t effective_ms,
                                   std::string_view reason, const std::optional<Repair>& repair) {
    if (device.retired_ms)
        return fail(refusals::device_retired, "the device \"{}\" is retired, and that is final", device.id);
    switch (status) {
        case DeviceStatus::SUSPENDED: TRY(suspend(device, effective_ms, reason)); break;
        case DeviceStatus::ACTIVE: TRY(reinstate(stub, device, effective_ms, repair)); break;
        case DeviceStatus::RETIRED: device.retired_ms = effective_ms; break;
    }
    StatusChange change{device.id, device.organization, device.shard, device.status,
                        status,    std::string(reason), effective_ms, {}};
    if (status == DeviceStatus::ACTIVE) change.repair = repair;
    device.status = status;
    device.effective_ms = effective_ms;
    device.reason = reason;
    TRY(save_device(stub, device, "status_changed", to_json(change)));
    emit(stub, "status_changed", change);
    return change;
}

// The counter of a kind, in Rules and in Counts.
template <class Counters>
std::int64_t& counter_of(Counters& counters, IncidentKind kind) {
    switch (kind) {
        case IncidentKind::MISSED_KEEPALIVE: return counters.missed_keepalives;
        case IncidentKind::BAD_SIGNATURE: return counters.bad_signatures;
        case IncidentKind::CLOCK_SKEW: return counters.clock_skews;
        case IncidentKind::OUT_OF_RANGE: break;
    }
    return counters.out_of_range;
}

Result<Rules> rules_of(Stub& stub, std::string_view organization) {
    return TRY(get_document<Rules>(stub, composite_key({"rules", organization}), "the rules")).value_or(Rules{});
}

}  // namespace

Result<StatusChange> set_status(Stub& stub, const SetStatus& arguments) {
    auto device = TRY(find_device(stub, arguments.device));
    TRY(may_operate(stub, device));
    const auto effective_ms = arguments.effective_time_ms.value_or(stub.time_ms());
    if (effective_ms < stub.time_ms()) {
        return fail(Code::invalid_argument, "\"effective_time_ms\" is {}, which is past: a status is never retroactive",
                    effective_ms);
    }
    return change_status(stub, device, arguments.status, effective_ms, arguments.reason, arguments.repair);
}

Result<Rules> set_rules(Stub& stub, const Rules& rules) {
    TRY(may_register(stub));
    TRY(put_document(stub, composite_key({"rules", stub.caller().organization}), rules));
    emit(stub, "rules_changed", rules);
    return rules;
}

Result<Rules> get_rules(Stub& stub, const OfOrganization& arguments) { return rules_of(stub, arguments.organization); }

Result<IncidentReported> report_incident(Stub& stub, const ReportIncident& in) {
    auto device = TRY(find_device(stub, in.device));
    TRY(may_operate(stub, device));
    auto incidents =
        TRY(get_document<Incidents>(stub, incidents_key(device.id), "the incidents")).value_or(Incidents{});
    auto& total = counter_of(incidents.counts, in.kind);
    if (__builtin_add_overflow(total, in.count, &total))
        return fail(Code::invalid_argument, "\"count\" is out of range");
    IncidentReported reported{device.id, in.kind, in.count, total, in.evidence, {}};
    incidents.change = change_by(stub, "incident_reported", to_json(reported));
    TRY(put_document(stub, incidents_key(device.id), incidents));
    emit(stub, "incident_reported", reported);

    auto rules = TRY(rules_of(stub, device.organization));
    const auto threshold = counter_of(rules, in.kind);
    reported.suspended = threshold > 0 && total >= threshold && device.status == DeviceStatus::ACTIVE;
    if (*reported.suspended) {
        const auto reason = fmt::format("automatic: {} incidents of {} reach the threshold of {}", total,
                                        enum_name(in.kind), threshold);
        TRY(change_status(stub, device, DeviceStatus::SUSPENDED, stub.time_ms(), reason, std::nullopt));
    }
    return reported;
}

Result<SilenceJudged> suspend_silent(Stub& stub, const SuspendSilent& in) {
    auto device = TRY(find_device(stub, in.device));
    SilenceJudged out;
    const auto since_ms = std::max({in.silent_since_ms, device.registered_ms, device.effective_ms});
    const auto silent_ms = stub.time_ms() - since_ms - device.grace_s * 1000;
    out.missed_keepalives = std::max<std::int64_t>(silent_ms, 0) / (device.keepalive_interval_s * 1000);
    const auto threshold = TRY(rules_of(stub, device.organization)).missed_keepalives;
    const bool active = !device.retired_ms && device.status == DeviceStatus::ACTIVE;
    out.suspended = active && threshold > 0 && out.missed_keepalives >= threshold;
    if (!out.suspended) return out;
    const auto reason =
        fmt::format("automatic: {} missed keep-alives reach the threshold of {}", out.missed_keepalives, threshold);
    TRY(change_status(stub, device, DeviceStatus::SUSPENDED, stub.time_ms(), reason, std::nullopt));
    return out;
}

}  // namespace tally::chaincode::registry
