#include "chaincode/records/key_rotation.h"

#include "chaincode/records/device_statement.h"

namespace tally::chaincode {
namespace {

constexpr StatementKind kRotation{"the key rotation", kRotationContentType, 4};

}  // namespace

Result<KeyRotation> decode_key_rotation(ByteView message) {
    KeyRotation rotation;
    TRY(decode_statement(message, kRotation, [&](crypto::CborReader& reader) {
        rotation.device = reader.text();
        rotation.epoch = reader.integer();
        rotation.new_key = to_bytes(reader.bytes());
        return rotation.device;
    }));
    return rotation;
}

Bytes sign_key_rotation(const crypto::PrivateKey& old_key, std::string_view channel, const KeyRotation& rotation) {
    return sign_statement(old_key, channel, kRotation, rotation.device, [&](crypto::CborWriter& payload) {
        payload.text(rotation.device).integer(rotation.epoch).bytes(rotation.new_key);
    });
}

}  // namespace tally::chaincode
