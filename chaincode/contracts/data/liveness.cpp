#include "chaincode/contracts/data/model.h"
#include "chaincode/contracts/data/queries.h"
#include "chaincode/contracts/data/totals.h"

namespace tally::chaincode::data {
namespace {

Result<std::optional<StoredRecord>> newest(Stub& stub, std::string_view device,
                                           const std::pair<std::string, std::string>& keys) {
    const auto page = TRY(stub.range(keys.first, keys.second, {.limit = 1, .reverse = true}));
    if (page.entries.empty()) return std::nullopt;
    return TRY(record_at(stub, device, page.entries[0]));
}

// NEVER_HEARD; ALIVE within the keep-alive interval; LATE within its grace; then SILENT.
std::string_view state_of(const std::optional<StoredRecord>& last, std::int64_t silent_ms, std::int64_t interval_s,
                          std::int64_t grace_s) {
    if (!last) return "NEVER_HEARD";
    if (silent_ms <= interval_s * 1000) return "ALIVE";
    return silent_ms <= (interval_s + grace_s) * 1000 ? "LATE" : "SILENT";
}

Result<json::object> liveness_of(Stub& stub, const json::object& device) {
    const std::string id(std::string_view(device.at("id").as_string()));
    const auto interval_s = device.at("keepalive_interval_s").as_int64();
    const auto grace_s = device.at("grace_s").as_int64();
    const auto last = TRY(newest(stub, id, children_of({"log", id})));
    const auto silent_ms =
        std::max<std::int64_t>(stub.time_ms() - (last ? last->received_ms : device.at("registered_ms").as_int64()), 0);
    json::object out{{"device", id},
                     {"status", device.at("status")},
                     {"state", state_of(last, silent_ms, interval_s, grace_s)},
                     {"silent_s", silent_ms / 1000},
                     {"missed_keepalives", std::max<std::int64_t>(silent_ms - grace_s * 1000, 0) / (interval_s * 1000)},
                     {"keepalive_interval_s", interval_s},
                     {"grace_s", grace_s}};
    if (!last) return out;
    out.emplace("last_received_ms", last->received_ms);
    out.emplace("last_kind", to_json(last->kind));
    out.emplace("last_sequence", last->sequence);
    for (const auto& [kind, name] :
         {std::pair(RecordKind::KEEPALIVE, "last_keepalive_end"), std::pair(RecordKind::INTERVAL, "last_interval_end"),
          std::pair(RecordKind::DAILY, "last_daily_end")}) {
        const auto record = TRY(newest(stub, id, children_of({"end", id, enum_name(kind)})));
        out.emplace(name, record ? json::value(record->to) : json::value(nullptr));
    }
    return out;
}

}  // namespace

Result<json::value> liveness(Stub& stub, const Liveness& arguments) {
    const auto subject = TRY(subject_of(stub, arguments.device, arguments.shard, arguments.organization));
    if (subject.is_device) {
        const auto device = TRY(stub.call("registry", "get_device", json::object{{"id", subject.name}}));
        return TRY(liveness_of(stub, device.as_object()));
    }
    json::object asked{{"shard", subject.name}, {"organization", subject.organization}};
    if (arguments.limit) asked.emplace("limit", *arguments.limit);
    if (arguments.cursor) asked.emplace("cursor", *arguments.cursor);
    const auto page = TRY(stub.call("registry", "list_devices", asked));
    json::array list;
    for (const auto& device : page.at("devices").as_array()) list.push_back(TRY(liveness_of(stub, device.as_object())));
    json::object out{{"shard", subject.name}, {"organization", subject.organization}, {"devices", std::move(list)}};
    if (const auto* next = page.as_object().if_contains("next")) out.emplace("next", *next);
    return out;
}

}  // namespace tally::chaincode::data
