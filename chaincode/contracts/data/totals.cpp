#include "chaincode/contracts/data/totals.h"

#include "chaincode/records/identifier.h"
#include "storage/apply.h"

namespace tally::chaincode::data {
namespace {

constexpr std::string_view kCounters[] = {"daily", "interval", "keepalive", "rows", "bytes"};

std::string_view counter_of(RecordKind kind) {
    switch (kind) {
        case RecordKind::DAILY: return "daily";
        case RecordKind::INTERVAL: return "interval";
        case RecordKind::KEEPALIVE: break;
    }
    return "keepalive";
}

}  // namespace

Status check_device_or_shard(const std::optional<std::string>& device, const std::optional<std::string>& shard) {
    if (device.has_value() == shard.has_value())
        return fail(Code::invalid_argument, "either \"device\" or \"shard\" must be there");
    return check_identifier(device ? *device : *shard, device ? "\"device\"" : "\"shard\"");
}

Status count(Stub& stub, const StoredRecord& record) {
    for (const auto& [scope, name] : {std::pair("device", &record.device), std::pair("shard", &record.shard)}) {
        TRY(stub.increment(composite_key({"total", scope, *name, counter_of(record.kind)}), 1, 0));
        TRY(stub.increment(composite_key({"total", scope, *name, "rows"}), record.rows, 0));
        TRY(stub.increment(composite_key({"total", scope, *name, "bytes"}), record.bytes, 0));
    }
    return {};
}

Result<json::value> totals(Stub& stub, const Totals& arguments) {
    TRY(check_device_or_shard(arguments.device, arguments.shard));
    const std::string_view scope = arguments.device ? "device" : "shard";
    const auto& name = arguments.device ? *arguments.device : *arguments.shard;
    json::object out{{scope, name}};
    for (const auto counter : kCounters) {
        const auto value = TRY(stub.get(composite_key({"total", scope, name, counter})));
        out.emplace(counter, value ? TRY(storage::counter_value(as_bytes(*value))) : 0);
    }
    return out;
}

}  // namespace tally::chaincode::data
