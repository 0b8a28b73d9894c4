#include "chaincode/contracts/registry/entry.h"

#include "chaincode/records/possession.h"

namespace tally::chaincode::registry {

Status check_possession(const Stub& stub, const crypto::PublicKey& key, std::string_view device,
                        const std::optional<std::string>& proof) {
    const auto& organization = stub.caller().organization;
    if (!proof) {
        return fail(Code::invalid_argument,
                    "\"proof\" is missing: \"{}\" must sign with its key that {} registers it on the channel \"{}\"",
                    device, organization, stub.channel());
    }
    const auto message = from_base64(*proof);
    if (!message) return fail(Code::invalid_argument, "the \"proof\" of \"{}\" is not base64", device);
    const auto verified = verify_possession(*message, key, stub.channel(), {organization, std::string(device)});
    if (!verified) {
        return std::unexpected(
            verified.error().within(fmt::format("the proof that \"{}\" has its key does not hold", device)));
    }
    return {};
}

Status claim_key(Stub& stub, const Device& device, const crypto::PublicKey& key) {
    const auto fingerprint = key.fingerprint().hex();
    const auto proven = composite_key({"key", fingerprint});
    const auto unproven = composite_key({"vitrokey", device.organization, fingerprint});
    for (const auto& index : {proven, unproven}) {
        if (TRY(stub.get(index)))
            return fail(Code::already_exists, "the key for \"{}\" is, or was, a device's", device.id);
    }
    return stub.put(signs_statements(device) ? proven : unproven, device.id);
}

DeviceSummary summary_of(const Device& device) {
    return {device.id, device.shard, device.organization, device.profile, {}, {}, {}};
}

Result<DeviceSummary> enter_device(Stub& stub, Device& device, DeviceSummary summary) {
    TRY(claim_key(stub, device, TRY(key_of(device))));
    TRY(save_device(stub, device, "registered", to_json(summary)));
    TRY(stub.put(shard_key(device), "1"));
    emit(stub, "device_registered", summary);
    return summary;
}

}  // namespace tally::chaincode::registry
