#include "chaincode/contracts/registry/queries.h"

#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/permission.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::size_t kUsualPage = 100, kLargestPage = 1000;

// The device as people want it: the status in force now, and what is to come.
json::object device_json(const Device& device, std::int64_t now_ms) {
    auto out = to_json(device).get_object();
    const auto now = status_at(device, now_ms);
    out["status"] = to_json(now);
    if (device.effective_ms > now_ms && now != device.status) {
        out["scheduled"] = json::object{{"status", to_json(device.status)}, {"effective_ms", device.effective_ms}};
    }
    return out;
}

}  // namespace

Result<json::value> get_device(Stub& stub, const OneDevice& arguments) {
    return device_json(TRY(find_device(stub, arguments.id)), stub.time_ms());
}

Result<json::value> list_devices(Stub& stub, const ListDevices& arguments) {
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    if (arguments.shard) TRY(check_identifier(*arguments.shard, "\"shard\""));
    if (arguments.organization) TRY(check_organization(*arguments.organization));
    if (arguments.cursor) TRY(check_identifier(*arguments.cursor, "\"cursor\""));
    const auto organization = arguments.organization.value_or(stub.caller().organization);
    auto [start, end] =
        arguments.shard ? children_of({"shard", organization, *arguments.shard}) : children_of({"device"});
    if (arguments.cursor) start = just_behind(start + *arguments.cursor);
    json::array devices;
    std::string last;
    bool more = true;
    std::size_t looked_at = 0;
    while (more && devices.size() < limit && looked_at < kMostLookedAt) {
        const auto page = TRY(stub.range(start, end, {.limit = kUsualPage}));
        looked_at += page.entries.size();
        more = page.more;
        for (const auto& entry : page.entries) {
            if (devices.size() == limit) {
                more = true;
                break;
            }
            last = last_part(entry.key);
            start = just_behind(entry.key);
            const auto device =
                arguments.shard ? TRY(find_device(stub, last)) : TRY(read_document<Device>(entry.value, "a device"));
            if (arguments.status && status_at(device, stub.time_ms()) != *arguments.status) continue;
            if (arguments.organization && device.organization != *arguments.organization) continue;
            devices.push_back(device_json(device, stub.time_ms()));
        }
    }
    json::object out{{"devices", std::move(devices)}};
    if (more) out.emplace("next", last);
    return out;
}

Result<json::value> get_schema(Stub& stub, const GetSchema& arguments) {
    TRY(check_identifier(arguments.id, "\"id\""));
    return to_json(TRY(find_schema(stub, {arguments.id, arguments.version})));
}

Result<json::value> list_schemas(Stub& stub, const ListSchemas& arguments) {
    const auto limit = TRY(page_limit(arguments.limit, kUsualPage, kLargestPage));
    if (arguments.id) TRY(check_identifier(*arguments.id, "\"id\""));
    auto [start, end] = arguments.id ? children_of({"schema", *arguments.id}) : children_of({"schema"});
    if (arguments.cursor) {
        const auto after = schema_key(TRY(parse_schema_name(*arguments.cursor)));
        if (after >= start) start = just_behind(after);
    }
    const auto page = TRY(stub.range(start, end, {.limit = limit}));
    json::array schemas;
    std::string last;
    for (const auto& entry : page.entries) {
        const auto schema = TRY(read_document<Schema>(entry.value, "a schema"));
        last = fmt::format("{}@{}", schema.id, schema.version);
        schemas.push_back(to_json(schema));
    }
    json::object out{{"schemas", std::move(schemas)}};
    if (page.more) out.emplace("next", last);
    return out;
}

}  // namespace tally::chaincode::registry
