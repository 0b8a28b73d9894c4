#include "chaincode/contracts/data/model.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/registry/api.h"

namespace tally::chaincode::data {
namespace {

Result<std::optional<StoredRecord>> newest(Stub& stub, std::string_view device,
                                           const std::pair<std::string, std::string>& keys) {
    const auto page = TRY(stub.range(keys.first, keys.second, {.limit = 1, .reverse = true}));
    if (page.entries.empty()) return std::nullopt;
    return TRY(record_at(stub, device, page.entries[0]));
}

LivenessState state_of(bool heard, std::int64_t silent_ms, const registry::DeviceView& device) {
    if (!heard) return LivenessState::NEVER_HEARD;
    if (silent_ms <= device.keepalive_interval_s * 1000) return LivenessState::ALIVE;
    return silent_ms <= (device.keepalive_interval_s + device.grace_s) * 1000 ? LivenessState::LATE
                                                                              : LivenessState::SILENT;
}

// The end of the newest record of a kind.
Result<std::optional<std::int64_t>> last_end(Stub& stub, std::string_view device, RecordKind kind) {
    const auto record = TRY(newest(stub, device, children_of({"end", device, enum_name(kind)})));
    return record ? std::optional(record->to) : std::nullopt;
}

Result<DeviceLiveness> liveness_of(Stub& stub, const registry::DeviceView& device) {
    const auto last = TRY(newest(stub, device.id, children_of({"log", device.id})));
    const auto since_ms = last ? last->received_ms : device.registered_ms;
    const auto silent_ms = std::max<std::int64_t>(stub.time_ms() - since_ms, 0);
    DeviceLiveness out;
    out.device = device.id;
    out.status = device.status;
    out.state = state_of(last.has_value(), silent_ms, device);
    out.silent_s = silent_ms / 1000;
    out.missed_keepalives =
        std::max<std::int64_t>(silent_ms - device.grace_s * 1000, 0) / (device.keepalive_interval_s * 1000);
    out.keepalive_interval_s = device.keepalive_interval_s;
    out.grace_s = device.grace_s;
    if (!last) return out;
    out.last_received_ms = last->received_ms;
    out.last_kind = last->kind;
    out.last_sequence = last->sequence;
    out.last_keepalive_end = TRY(last_end(stub, device.id, RecordKind::KEEPALIVE));
    out.last_interval_end = TRY(last_end(stub, device.id, RecordKind::INTERVAL));
    out.last_daily_end = TRY(last_end(stub, device.id, RecordKind::DAILY));
    return out;
}

}  // namespace

Result<DeviceLiveness> liveness(Stub& stub, const OfDevice& arguments) {
    return liveness_of(stub, TRY(registry::api::get_device(stub, {arguments.device})));
}

Result<SilenceReported> report_silence(Stub& stub, const Silence& in) {
    const auto later = TRY(stub.range(log_key(in.device, in.last_received_ms + 1, 0),
                                      children_of({"log", in.device}).second, {.limit = 1}));
    if (!later.entries.empty())
        return fail(Code::conflict, "{} has published a record after {}: ask again when it was last heard", in.device,
                    in.last_received_ms);
    const auto judged = TRY(registry::api::suspend_silent(stub, {in.device, in.last_received_ms}));
    return SilenceReported{in.device, judged.missed_keepalives, judged.suspended};
}

Result<LivenessPage> shard_liveness(Stub& stub, const OfShard& arguments) {
    LivenessPage page{arguments.shard, arguments.organization.value_or(stub.caller().organization), {}, {}};
    registry::ListDevices wanted;
    wanted.shard = page.shard;
    wanted.organization = page.organization;
    wanted.limit = arguments.limit;
    wanted.cursor = arguments.cursor;
    const auto devices = TRY(registry::api::list_devices(stub, wanted));
    for (const auto& device : devices.devices) page.devices.push_back(TRY(liveness_of(stub, device)));
    page.next = devices.next;
    return page;
}

}  // namespace tally::chaincode::data
