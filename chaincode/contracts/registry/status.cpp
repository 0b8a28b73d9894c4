#include "chaincode/contracts/registry/status.h"

#include "chaincode/contracts/registry/permission.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::size_t kMaxSuspensions = 256;
constexpr std::int64_t kMaxIncidents = 1'000'000;

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
    if (repair->repaired_by) TRY(check_statement(*repair->repaired_by, "\"repair.repaired_by\""));
    TRY(check_statement(repair->statement, "\"repair.statement\""));
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

Status change_status(Stub& stub, Device& device, DeviceStatus status, std::int64_t effective_ms,
                     std::string_view reason, const std::optional<Repair>& repair) {
    if (device.retired_ms)
        return fail(Code::device_retired, "the device \"{}\" is retired, and that is final", device.id);
    switch (status) {
        case DeviceStatus::SUSPENDED: TRY(suspend(device, effective_ms, reason)); break;
        case DeviceStatus::ACTIVE: TRY(reinstate(stub, device, effective_ms, repair)); break;
        case DeviceStatus::RETIRED: device.retired_ms = effective_ms; break;
    }
    const auto before = device.status;
    device.status = status;
    device.effective_ms = effective_ms;
    device.reason = reason;
    json::object details{{"device", device.id},         {"organization", device.organization},
                         {"shard", device.shard},       {"from", to_json(before)},
                         {"to", to_json(status)},       {"reason", device.reason},
                         {"effective_ms", effective_ms}};
    if (repair && status == DeviceStatus::ACTIVE) details.emplace("repair", to_json(*repair));
    TRY(save_device(stub, device, "status_changed", details));
    stub.emit("status_changed", details);
    return {};
}

std::int64_t& counter_of(Rules& rules, IncidentKind kind) {
    switch (kind) {
        case IncidentKind::MISSED_KEEPALIVE: return rules.missed_keepalives;
        case IncidentKind::BAD_SIGNATURE: return rules.bad_signatures;
        case IncidentKind::CLOCK_SKEW: return rules.clock_skews;
        case IncidentKind::OUT_OF_RANGE: break;
    }
    return rules.out_of_range;
}

Result<Rules> rules_of(Stub& stub, std::string_view organization) {
    return TRY(get_document<Rules>(stub, composite_key({"rules", organization}), "the rules")).value_or(Rules{});
}

}  // namespace

Result<json::value> set_status(Stub& stub, const SetStatus& arguments) {
    auto device = TRY(find_device(stub, arguments.device));
    TRY(may_operate(stub, device));
    TRY(check_statement(arguments.reason, "\"reason\""));
    const auto effective_ms = arguments.effective_time_ms.value_or(stub.time_ms());
    if (effective_ms < stub.time_ms()) {
        return fail(Code::invalid_argument, "\"effective_time_ms\" is {}, which is past: a status is never retroactive",
                    effective_ms);
    }
    if (effective_ms > kLastSecond * 1000) return fail(Code::invalid_argument, "\"effective_time_ms\" is out of range");
    TRY(change_status(stub, device, arguments.status, effective_ms, arguments.reason, arguments.repair));
    return device.change.details;
}

Result<json::value> set_rules(Stub& stub, const SetRules& arguments) {
    TRY(may_register(stub));
    const Rules rules{arguments.missed_keepalives, arguments.bad_signatures, arguments.clock_skews,
                      arguments.out_of_range};
    for (const auto threshold :
         {rules.missed_keepalives, rules.bad_signatures, rules.clock_skews, rules.out_of_range}) {
        if (threshold < 0 || threshold > kMaxIncidents) {
            return fail(Code::invalid_argument, "a threshold of {}; 0 to {} are allowed", threshold, kMaxIncidents);
        }
    }
    TRY(put_document(stub, composite_key({"rules", stub.caller().organization}), rules));
    stub.emit("rules_changed", to_json(rules));
    return to_json(rules);
}

Result<json::value> get_rules(Stub& stub, const OfOrganization& arguments) {
    return to_json(TRY(rules_of(stub, arguments.organization)));
}

Result<json::value> report_incident(Stub& stub, const ReportIncident& arguments) {
    auto device = TRY(find_device(stub, arguments.device));
    TRY(may_operate(stub, device));
    if (arguments.count < 1 || arguments.count > kMaxIncidents) {
        return fail(Code::invalid_argument, "\"count\" is {}; 1 to {} are allowed", arguments.count, kMaxIncidents);
    }
    if (arguments.evidence) TRY(check_statement(*arguments.evidence, "\"evidence\""));
    auto incidents =
        TRY(get_document<Incidents>(stub, incidents_key(device.id), "the incidents")).value_or(Incidents{});
    auto& counter = counter_of(incidents.counts, arguments.kind);
    if (__builtin_add_overflow(counter, arguments.count, &counter))
        return fail(Code::invalid_argument, "\"count\" is out of range");
    const auto total = counter;
    json::object details{
        {"device", device.id}, {"kind", to_json(arguments.kind)}, {"count", arguments.count}, {"total", total}};
    if (arguments.evidence) details.emplace("evidence", *arguments.evidence);
    incidents.change = change_by(stub, "incident_reported", details);
    TRY(put_document(stub, incidents_key(device.id), incidents));
    stub.emit("incident_reported", details);

    auto rules = TRY(rules_of(stub, device.organization));
    const auto threshold = counter_of(rules, arguments.kind);
    const bool suspends = threshold > 0 && total >= threshold && device.status == DeviceStatus::ACTIVE;
    if (suspends) {
        const auto reason = fmt::format("automatic: {} incidents of {} reach the threshold of {}", total,
                                        enum_name(arguments.kind), threshold);
        TRY(change_status(stub, device, DeviceStatus::SUSPENDED, stub.time_ms(), reason, std::nullopt));
    }
    details.emplace("suspended", suspends);
    return details;
}

}  // namespace tally::chaincode::registry
