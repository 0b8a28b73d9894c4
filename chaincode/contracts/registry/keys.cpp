#include "chaincode/contracts/registry/devices.h"
#include "chaincode/contracts/registry/entry.h"
#include "chaincode/contracts/registry/permission.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/contracts/registry/trust.h"
#include "chaincode/records/key_rotation.h"
#include "crypto/meter_key.h"

namespace tally::chaincode::registry {
namespace {

constexpr std::size_t kMaxEpochs = 256;

Result<Device> device_to_change(Stub& stub, std::string_view id) {
    auto device = TRY(find_device(stub, id));
    TRY(may_operate(stub, device));
    if (device.retired_ms) return fail(refusals::device_retired, "the device \"{}\" is retired", device.id);
    if (device.previous_keys.size() >= kMaxEpochs)
        return fail(Code::too_large, "the device \"{}\" has had {} keys", device.id, kMaxEpochs);
    return device;
}

Result<KeyRotated> begin_epoch(Stub& stub, Device& device, const crypto::PublicKey& key, const RotateKey& arguments) {
    TRY(check_possession(stub, key, device.id, arguments.proof));
    TRY(claim_key(stub, device, key));
    device.previous_keys.push_back({device.epoch, device.key, stub.time_ms(), arguments.compromised.value_or(false)});
    ++device.epoch;
    device.key = to_base64(key.spki());
    device.certificate_chain = arguments.certificate_chain;
    KeyRotated rotated{device.id, device.epoch, key.fingerprint().hex(), arguments.compromised.value_or(false)};
    TRY(save_device(stub, device, "key_rotated", to_json(rotated)));
    emit(stub, "key_rotated", rotated);
    return rotated;
}

Result<crypto::PublicKey> certified_key(Stub& stub, const Device& device, const RotateKey& arguments) {
    const auto chain = TRY(parse_chain(arguments.certificate_chain));
    if (chain.front().subject().common_name != device.id) {
        return fail(Code::invalid_argument, "the certificate is for \"{}\", not for the device",
                    chain.front().subject().common_name.substr(0, 64));
    }
    TRY(check_chain(stub, device.organization, chain));
    return chain.front().public_key();
}

Status check_algorithm(const Device& device, const crypto::PublicKey& key) {
    if (device.profile == kProfileOcmf) TRY(crypto::check_unpublished(key));
    if (key.only_certifies() || (!signs_statements(device) && key.algorithm() != crypto::Algorithm::p256)) {
        return fail(Code::bad_key, "the new key's algorithm is not one that \"{}\" can sign with", device.id);
    }
    return {};
}

}  // namespace

Result<KeyRotated> rotate_key(Stub& stub, const RotateKey& arguments) {
    auto device = TRY(device_to_change(stub, arguments.device));
    const auto rotation = TRY(decode_key_rotation(stub.attachments()[0]));
    if (rotation.device != device.id || rotation.epoch != device.epoch + 1) {
        return fail(Code::conflict, "the rotation is for epoch {} of \"{}\"; epoch {} of \"{}\" is next",
                    rotation.epoch, rotation.device.substr(0, 64), device.epoch + 1, device.id);
    }
    const auto old_key = TRY(key_of(device));
    if (const auto verified = stub.verify_attachment(old_key, 0, kRotationContentType); !verified) {
        return fail(Code::bad_signature, "the new key is not signed by the key of epoch {} for the channel \"{}\": {}",
                    device.epoch, stub.channel(), verified.error().message);
    }
    const auto key = TRY(crypto::PublicKey::from_spki(rotation.new_key));
    TRY(check_algorithm(device, key));
    if (!device.certificate_chain.empty() || !arguments.certificate_chain.empty()) {
        if (TRY(certified_key(stub, device, arguments)) != key) {
            return fail(Code::bad_key, "the certificate chain is not that of the new key");
        }
    }
    return begin_epoch(stub, device, key, arguments);
}

Result<KeyRotated> recertify(Stub& stub, const RotateKey& arguments) {
    auto device = TRY(device_to_change(stub, arguments.device));
    const auto key = TRY(certified_key(stub, device, arguments));
    TRY(check_algorithm(device, key));
    if (to_base64(key.spki()) != device.key) return begin_epoch(stub, device, key, arguments);
    // The same key with a younger certificate: the epoch goes on.
    device.certificate_chain = arguments.certificate_chain;
    KeyRotated renewed{device.id, device.epoch, key.fingerprint().hex(), {}};
    TRY(save_device(stub, device, "certificate_renewed", to_json(renewed)));
    emit(stub, "certificate_renewed", renewed);
    return renewed;
}

}  // namespace tally::chaincode::registry
