#include "chaincode/contracts/registry/model.h"

#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/refusals.h"

namespace tally::chaincode::registry {

const TextForm kSummary{"^(sum|mean|max|last)$", [](std::string_view text, std::string_view what) -> Status {
                            if (text == "sum" || text == "mean" || text == "max" || text == "last") return {};
                            return fail(Code::invalid_argument, "{} is \"{}\"; it must be one of sum, mean, max, last",
                                        what, text.substr(0, 64));
                        }};

DeviceStatus status_at(const Device& device, std::int64_t time_ms) {
    if (device.retired_ms && time_ms >= *device.retired_ms) return DeviceStatus::RETIRED;
    for (const auto& suspension : device.suspensions) {
        if (time_ms >= suspension.from_ms && (!suspension.to_ms || time_ms < *suspension.to_ms))
            return DeviceStatus::SUSPENDED;
    }
    return DeviceStatus::ACTIVE;
}

bool is_vitro(const Device& device) { return device.profile == kProfileVitro1 || device.profile == kProfileVitro2; }

bool signs_statements(const Device& device) { return device.profile == kProfileRecord; }

Result<crypto::PublicKey> key_of(const Device& device) {
    return crypto::PublicKey::from_spki(TRY(from_base64(device.key)));
}

std::string device_key(std::string_view id) { return composite_key({"device", id}); }

std::string shard_key(const Device& device) {
    return composite_key({"shard", device.organization, device.shard, device.id});
}

Result<Device> find_device(Stub& stub, std::string_view id) {
    if (!check_identifier(id, ""))
        return fail(refusals::unknown_device, "\"{}\" is no device's id", id.substr(0, kMaxIdentifier));
    auto device = TRY(get_document<Device>(stub, device_key(id), "a device"));
    if (!device) return fail(refusals::unknown_device, "no device \"{}\" is registered", id);
    return std::move(*device);
}

Change change_by(const Stub& stub, std::string_view kind, json::value details) {
    const auto& caller = stub.caller();
    return {std::string(kind), stub.time_ms(), stub.transaction_id().hex(), caller.organization + "/" + caller.name,
            std::move(details)};
}

Status save_device(Stub& stub, Device& device, std::string_view change, json::value details) {
    device.change = change_by(stub, change, std::move(details));
    return put_document(stub, device_key(device.id), device);
}

Result<SchemaName> parse_schema_name(std::string_view text) {
    const auto at = text.find('@');
    const auto version = at == std::string_view::npos ? std::nullopt : unpadded(text.substr(at + 1));
    if (!version || *version < 1)
        return fail(Code::invalid_argument, "\"{}\" is no schema; write id@version", text.substr(0, 80));
    TRY(check_identifier(text.substr(0, at), "a schema's id"));
    return SchemaName{std::string(text.substr(0, at)), *version};
}

std::string text_of(const SchemaName& name) { return fmt::format("{}@{}", name.id, name.version); }

std::string schema_key(const SchemaName& name) { return composite_key({"schema", name.id, padded(name.version)}); }

Result<Schema> find_schema(Stub& stub, const SchemaName& name) {
    auto schema = TRY(get_document<Schema>(stub, schema_key(name), "a schema"));
    if (!schema) return fail(Code::not_found, "no schema {} is registered", text_of(name));
    return std::move(*schema);
}

}  // namespace tally::chaincode::registry
