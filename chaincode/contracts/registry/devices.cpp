#include "chaincode/contracts/registry/devices.h"

#include <algorithm>
#include <array>
#include <set>

#include "chaincode/contracts/registry/consent.h"
#include "chaincode/contracts/registry/entry.h"
#include "chaincode/contracts/registry/permission.h"
#include "chaincode/contracts/registry/trust.h"
#include "chaincode/records/identifier.h"
#include "chaincode/records/vitro_block.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::int64_t kDefaultSkew_s = 300;
constexpr std::int64_t kLongestInterval_s = 366LL * 86'400;
constexpr std::size_t kMaxImport = 1000;
constexpr std::size_t kMaxListedErrors = 20;
constexpr std::size_t kMaxSchemas = 16;

Status check_range(std::string_view name, std::int64_t value, std::int64_t least, std::int64_t most) {
    if (value >= least && value <= most) return {};
    return fail(Code::invalid_argument, "\"{}\" is {}; {} to {} are allowed", name, value, least, most);
}

bool is_node_id(std::string_view id) {
    const auto node = from_hex(id);
    return node && node->size() == kVitroNodeBytes && to_hex(*node) == id;
}

Status check_profile(const Device& device, const crypto::PublicKey& key) {
    if (device.profile == kProfileRecord) {
        // Or it would be taken from the meter that has it as its serial.
        if (is_node_id(device.id)) {
            return fail(Code::invalid_argument, "\"id\" is \"{}\"; 18 hexadecimal digits are a Vitro device's node id",
                        device.id);
        }
        if (device.schemas.empty())
            return fail(Code::invalid_argument, "\"schemas\" is empty; records need one to follow");
        return {};
    }
    if (device.profile != kProfileVitro1 && device.profile != kProfileVitro2) {
        return fail(Code::invalid_argument, "\"profile\" is \"{}\"; it must be {}, {} or {}",
                    device.profile.substr(0, 64), kProfileRecord, kProfileVitro1, kProfileVitro2);
    }
    if (!is_node_id(device.id)) {
        return fail(Code::invalid_argument,
                    "\"id\" of a Vitro device is its node id: 18 hexadecimal digits, lower case");
    }
    if (key.algorithm() != crypto::Algorithm::p256)
        return fail(Code::bad_key, "a Vitro device signs with a key on P-256");
    return {};
}

Result<crypto::PublicKey> presented_key(Stub& stub, const RegisterDevice& arguments) {
    if (arguments.public_key.has_value() == !arguments.certificate_chain.empty()) {
        return fail(Code::invalid_argument, "either \"public_key\" or \"certificate_chain\" must be there");
    }
    if (arguments.public_key) return parse_public_key(*arguments.public_key);
    const auto chain = TRY(parse_chain(arguments.certificate_chain));
    if (chain.front().subject().common_name != arguments.id) {
        return fail(Code::invalid_argument, "the certificate is for \"{}\", not for the device",
                    chain.front().subject().common_name.substr(0, 64));
    }
    TRY(check_chain(stub, stub.caller().organization, chain));
    return chain.front().public_key();
}

Result<Device> make_device(Stub& stub, const RegisterDevice& in) {
    TRY(check_identifier(in.id, "\"id\""));
    TRY(check_identifier(in.shard, "\"shard\""));
    TRY(check_range("polling_interval_s", in.polling_interval_s, 1, kLongestPeriod_s));
    TRY(check_range("keepalive_interval_s", in.keepalive_interval_s, 1, kLongestInterval_s));
    const auto grace_s = in.grace_s.value_or(in.keepalive_interval_s / 4);
    const auto skew_s = in.max_skew_s.value_or(kDefaultSkew_s);
    TRY(check_range("grace_s", grace_s, 0, kLongestInterval_s));
    TRY(check_range("max_skew_s", skew_s, 0, 86'400));
    if (in.late_arrival_s) TRY(check_range("late_arrival_s", *in.late_arrival_s, 0, 100 * kLongestInterval_s));
    if (in.location.value_or("").size() > kMaxReason) return fail(Code::invalid_argument, "\"location\" is too long");
    if (in.residency) TRY(check_identifier(*in.residency, "\"residency\""));
    if (in.schemas.size() > kMaxSchemas)
        return fail(Code::invalid_argument, "\"schemas\" has more than {} entries", kMaxSchemas);
    for (const auto& schema : in.schemas) (void)TRY(find_schema(stub, TRY(parse_schema_name(schema))));

    Device device;
    device.id = in.id;
    device.organization = stub.caller().organization;
    device.shard = in.shard;
    device.profile = in.profile.value_or(std::string(kProfileRecord));
    device.certificate_chain = in.certificate_chain;
    device.schemas = in.schemas;
    device.polling_interval_s = in.polling_interval_s;
    device.keepalive_interval_s = in.keepalive_interval_s;
    device.grace_s = grace_s;
    device.max_skew_s = skew_s;
    device.late_arrival_s = in.late_arrival_s;
    device.location = in.location;
    device.residency = in.residency;
    device.registered_ms = device.effective_ms = stub.time_ms();
    if (TRY(stub.get(device_key(in.id))))
        return fail(Code::already_exists, "the device \"{}\" is registered already", in.id);
    const auto key = TRY(presented_key(stub, in));
    TRY(check_profile(device, key));
    if (!is_vitro(device)) {
        TRY(check_possession(stub, key, device.id, in.proof));
    } else if (in.proof) {
        return fail(Code::invalid_argument, "\"proof\" is for devices that sign records; \"{}\" signs IoT blocks",
                    device.id);
    }
    device.key = to_base64(key.spki());
    return device;
}

Result<json::object> add_device(Stub& stub, const RegisterDevice& arguments) {
    auto device = TRY(make_device(stub, arguments));
    const bool pending = is_vitro(device) && TRY(needs_consent(stub, device));
    auto summary = TRY(pending ? request_consent(stub, device) : enter_device(stub, device, summary_of(device)));
    summary.emplace("pending", pending);
    return summary;
}

}  // namespace

Result<json::value> register_schema(Stub& stub, const RegisterSchema& arguments) {
    static constexpr auto kSummaries = std::to_array<std::string_view>({"sum", "mean", "max", "last"});
    TRY(may_register(stub));
    TRY(check_identifier(arguments.id, "\"id\""));
    TRY(check_range("version", arguments.version, 1, 1'000'000));
    TRY(check_range("fields", static_cast<std::int64_t>(arguments.fields.size()), 1, kMaxFields));
    std::set<std::string> names;
    for (const auto& field : arguments.fields) {
        TRY(check_identifier(field.name, "a field's name"));
        TRY(check_unit(field.unit, fmt::format("the unit of \"{}\"", field.name)));
        TRY(check_range("scale", field.scale, -kMaxScale, kMaxScale));
        if (!names.insert(field.name).second)
            return fail(Code::invalid_argument, "the field \"{}\" is there twice", field.name);
        if (field.summary && std::find(kSummaries.begin(), kSummaries.end(), *field.summary) == kSummaries.end()) {
            return fail(Code::invalid_argument, "the summary of \"{}\" must be one of {}", field.name,
                        fmt::join(kSummaries, ", "));
        }
    }
    const SchemaName name{arguments.id, arguments.version};
    if (TRY(stub.get(schema_key(name)))) {
        return fail(Code::already_exists, "the schema {}@{} is registered already; add a version", name.id,
                    name.version);
    }
    TRY(put_document(stub, schema_key(name),
                     Schema{name.id, name.version, stub.caller().organization, arguments.fields, stub.time_ms()}));
    json::object out{{"schema", fmt::format("{}@{}", name.id, name.version)}};
    stub.emit("schema_registered", out);
    return out;
}

Result<json::value> register_device(Stub& stub, const RegisterDevice& arguments) {
    TRY(may_register(stub));
    return TRY(add_device(stub, arguments));
}

Result<json::value> import_devices(Stub& stub, const ImportDevices& arguments) {
    TRY(may_register(stub));
    TRY(check_range("devices", static_cast<std::int64_t>(arguments.devices.size()), 1, kMaxImport));
    std::vector<std::string> errors;
    std::size_t refused = 0, pending = 0;
    auto code = Code::invalid_argument;
    for (std::size_t row = 0; row < arguments.devices.size(); ++row) {
        const auto device = from_json<RegisterDevice>(arguments.devices[row]);
        const auto added = device ? add_device(stub, *device) : Result<json::object>(std::unexpected(device.error()));
        if (added) {
            pending += added->at("pending").as_bool() ? 1 : 0;
            continue;
        }
        if (refused++ == 0) code = added.error().code;
        const auto id = device ? fmt::format(" ({})", device->id.substr(0, kMaxIdentifier)) : "";
        if (errors.size() < kMaxListedErrors)
            errors.push_back(fmt::format("row {}{}: {}", row + 1, id, added.error().message));
    }
    if (refused > 0) {
        return fail(code, "nothing is imported, {} of {} devices are refused: {}{}", refused, arguments.devices.size(),
                    fmt::join(errors, "; "), refused > errors.size() ? "; ..." : "");
    }
    return json::object{{"devices", arguments.devices.size()}, {"pending", pending}};
}

}  // namespace tally::chaincode::registry
