#include "chaincode/contracts/registry/queries.h"

namespace tally::chaincode::registry {
namespace {

DeviceView view_of(Device device, std::int64_t now_ms) {
    DeviceView view{std::move(device), {}};
    const auto now = status_at(view, now_ms);
    if (view.effective_ms > now_ms && now != view.status)
        view.scheduled = ScheduledStatus{view.status, view.effective_ms};
    view.status = now;
    return view;
}

}  // namespace

Result<DeviceView> get_device(Stub& stub, const OneDevice& in) {
    return view_of(TRY(find_device(stub, in.id)), stub.time_ms());
}

Result<DevicePage> list_devices(Stub& stub, const ListDevices& in) {
    const auto organization = in.organization.value_or(stub.caller().organization);
    auto pager = in.shard ? Pager({"shard", organization, *in.shard}) : Pager({"device"});
    if (in.after) pager.from(*in.after + '\0');
    if (in.through) pager.before(*in.through + '\0');
    DevicePage page;
    page.next = TRY(pager.read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        auto device = in.shard ? TRY(find_device(stub, last_part(entry.key)))
                               : TRY(read_document<Device>(entry.value, "a device"));
        if (in.status && status_at(device, stub.time_ms()) != *in.status) return false;
        if (in.organization && device.organization != *in.organization) return false;
        page.devices.push_back(view_of(std::move(device), stub.time_ms()));
        return true;
    }));
    return page;
}

Result<Schema> get_schema(Stub& stub, const GetSchema& in) { return find_schema(stub, {in.id, in.version}); }

Result<SchemaPage> list_schemas(Stub& stub, const ListSchemas& in) {
    const auto pager = in.id ? Pager({"schema", *in.id}) : Pager({"schema"});
    SchemaPage page;
    page.next = TRY(pager.read(stub, in, [&](const KeyValue& entry) -> Result<bool> {
        page.schemas.push_back(TRY(read_document<Schema>(entry.value, "a schema")));
        return true;
    }));
    return page;
}

}  // namespace tally::chaincode::registry
