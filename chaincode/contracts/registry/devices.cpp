#include "chaincode/contracts/registry/devices.h"

#include <algorithm>
#include <set>

#include "chaincode/contracts/registry/collections.h"
#include "chaincode/contracts/registry/consent.h"
#include "chaincode/contracts/registry/entry.h"
#include "chaincode/contracts/registry/permission.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/contracts/registry/trust.h"
#include "chaincode/records/vitro_block.h"
#include "crypto/meter_key.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::int64_t kDefaultSkew_s = 300;
constexpr std::size_t kMaxListedErrors = 20;

bool is_node_id(std::string_view id) {
    const auto node = from_hex(id);
    return node && node->size() == kVitroNodeBytes && to_hex(*node) == id;
}

std::string_view signed_by(const Device& device) { return is_vitro(device) ? "IoT blocks" : "OCMF readings"; }

Status check_ocmf(const Device& device, const crypto::PublicKey& key) {
    if (!device.schemas.empty())
        return fail(Code::invalid_argument, "\"schemas\" must be empty: OCMF readings name their registers themselves");
    if (key.algorithm() != crypto::Algorithm::p256)
        return fail(Code::unsupported, "an OCMF meter signs with a key on secp256r1 (P-256)");
    return crypto::check_unpublished(key);
}

Status check_profile(const Device& device, const crypto::PublicKey& key) {
    if (device.profile == kProfileRecord || device.profile == kProfileOcmf) {
        // Or it would be taken from the meter that has it as its serial.
        if (is_node_id(device.id)) {
            return fail(Code::invalid_argument, "\"id\" is \"{}\"; 18 hexadecimal digits are a Vitro device's node id",
                        device.id);
        }
        if (device.profile == kProfileOcmf) return check_ocmf(device, key);
        if (device.schemas.empty())
            return fail(Code::invalid_argument, "\"schemas\" is empty; records need one to follow");
        return {};
    }
    if (!is_vitro(device)) {
        return fail(Code::invalid_argument, "\"profile\" is \"{}\"; it must be {}, {}, {} or {}",
                    device.profile.substr(0, 64), kProfileRecord, kProfileVitro1, kProfileVitro2, kProfileOcmf);
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
    if (arguments.public_key && arguments.profile == kProfileOcmf) return crypto::meter_key_from(*arguments.public_key);
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
    device.grace_s = in.grace_s.value_or(in.keepalive_interval_s / 4);
    device.max_skew_s = in.max_skew_s.value_or(kDefaultSkew_s);
    device.late_arrival_s = in.late_arrival_s;
    device.location = in.location;
    device.residency = in.residency;
    device.collection = in.collection;
    if (in.collection && device.profile != kProfileRecord) {
        return fail(Code::invalid_argument, "\"collection\" is for devices that sign records; \"{}\" signs {}",
                    device.id, signed_by(device));
    }
    if (in.collection) {
        TRY(check_assignable(stub, *in.collection));
        TRY(remember_assignment(stub, in.id, *in.collection));
    }
    device.registered_ms = device.effective_ms = stub.time_ms();
    if (TRY(stub.get(device_key(in.id))))
        return fail(Code::already_exists, "the device \"{}\" is registered already", in.id);
    const auto key = TRY(presented_key(stub, in));
    TRY(check_profile(device, key));
    if (signs_statements(device)) {
        TRY(check_possession(stub, key, device.id, in.proof));
    } else if (in.proof) {
        return fail(Code::invalid_argument, "\"proof\" is for devices that sign records; \"{}\" signs {}", device.id,
                    signed_by(device));
    }
    device.key = to_base64(key.spki());
    return device;
}

// " (dev-7)", for a message about a row.
std::string named(const json::value& row) {
    const auto* id = row.is_object() ? row.get_object().if_contains("id") : nullptr;
    if (id == nullptr || !id->is_string()) return "";
    return fmt::format(" ({})", std::string_view(id->get_string()).substr(0, kMaxIdentifier));
}

Result<DeviceSummary> add_device(Stub& stub, const RegisterDevice& arguments) {
    auto device = TRY(make_device(stub, arguments));
    const bool pending = !signs_statements(device) && TRY(needs_consent(stub, device));
    auto summary = TRY(pending ? request_consent(stub, device) : enter_device(stub, device, summary_of(device)));
    summary.pending = pending;
    return summary;
}

}  // namespace

Result<SchemaRegistered> register_schema(Stub& stub, const RegisterSchema& in) {
    TRY(may_register(stub));
    std::set<std::string_view> names;
    for (const auto& field : in.fields) {
        if (!names.insert(field.name).second)
            return fail(Code::invalid_argument, "the field \"{}\" is there twice", field.name);
    }
    const SchemaName name{in.id, in.version};
    if (TRY(stub.get(schema_key(name))))
        return fail(Code::already_exists, "the schema {} is registered already; add a version", text_of(name));
    TRY(put_document(stub, schema_key(name),
                     Schema{in.id, in.version, stub.caller().organization, in.fields, stub.time_ms()}));
    SchemaRegistered registered{text_of(name)};
    emit(stub, "schema_registered", registered);
    return registered;
}

Result<DeviceSummary> register_device(Stub& stub, const RegisterDevice& arguments) {
    TRY(may_register(stub));
    return add_device(stub, arguments);
}

Result<Imported> import_devices(Stub& stub, const ImportDevices& arguments) {
    TRY(may_register(stub));
    std::vector<std::string> errors;
    std::size_t refused = 0;
    Imported imported{static_cast<std::int64_t>(arguments.devices.size()), 0};
    auto code = Code::invalid_argument;
    for (std::size_t row = 0; row < arguments.devices.size(); ++row) {
        const auto device = from_json<RegisterDevice>(arguments.devices[row]);
        const auto added = device ? add_device(stub, *device) : Result<DeviceSummary>(std::unexpected(device.error()));
        if (added) {
            imported.pending += *added->pending ? 1 : 0;
            continue;
        }
        if (refused++ == 0) code = added.error().code;
        if (errors.size() < kMaxListedErrors)
            errors.push_back(
                fmt::format("row {}{}: {}", row + 1, named(arguments.devices[row]), added.error().message));
    }
    if (refused == 0) return imported;
    return fail(code, "nothing is imported, {} of {} devices are refused: {}{}", refused, arguments.devices.size(),
                fmt::join(errors, "; "), refused > errors.size() ? "; ..." : "");
}

Result<SchemasAdded> add_schemas(Stub& stub, const AddSchemas& in) {
    auto device = TRY(find_device(stub, in.device));
    TRY(may_operate(stub, device));
    if (device.retired_ms) return fail(refusals::device_retired, "the device \"{}\" is retired", device.id);
    if (!signs_statements(device)) {
        return fail(Code::invalid_argument, "\"{}\" signs {}, which follow no schema", device.id, signed_by(device));
    }
    for (const auto& name : in.schemas) {
        (void)TRY(find_schema(stub, TRY(parse_schema_name(name))));
        if (std::ranges::find(device.schemas, name) != device.schemas.end())
            return fail(Code::already_exists, "the device \"{}\" has the schema {} already", device.id, name);
        device.schemas.push_back(name);
    }
    if (device.schemas.size() > kMaxSchemas) {
        return fail(Code::too_large, "the device \"{}\" would have {} schemas; {} are allowed", device.id,
                    device.schemas.size(), kMaxSchemas);
    }
    SchemasAdded added{device.id, device.schemas};
    TRY(save_device(stub, device, "schemas_added", to_json(added)));
    emit(stub, "schemas_added", added);
    return added;
}

}  // namespace tally::chaincode::registry
