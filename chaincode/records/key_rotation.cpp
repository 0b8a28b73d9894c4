#include "chaincode/records/key_rotation.h"

#include "crypto/cbor.h"

namespace tally::chaincode {
namespace {

constexpr std::size_t kMaxBytes = 4096;

}  // namespace

Result<KeyRotation> decode_key_rotation(ByteView message) {
    const auto cose = TRY(crypto::Sign1::decode(message, kMaxBytes));
    if (cose.headers.content_type != kRotationContentType) {
        return fail(Code::malformed, "the key rotation's content type is \"{}\", not \"{}\"",
                    cose.headers.content_type.substr(0, 64), kRotationContentType);
    }
    crypto::CborReader reader(cose.payload, "the key rotation");
    KeyRotation rotation;
    if (reader.array() != 4) reader.fault(Code::malformed, "an array of 4 is expected");
    if (reader.uint() != 1) reader.fault(Code::unsupported, "only format version 1 is known");
    rotation.device = reader.text();
    rotation.epoch = reader.integer();
    rotation.new_key = to_bytes(reader.bytes());
    TRY(reader.finish());
    if (cose.headers.kid != rotation.device) return fail(Code::malformed, "the key rotation names two devices");
    return rotation;
}

Bytes sign_key_rotation(const crypto::PrivateKey& old_key, std::string_view channel, const KeyRotation& rotation) {
    crypto::CborWriter payload;
    payload.array(4).uint(1).text(rotation.device).integer(rotation.epoch).bytes(rotation.new_key);
    crypto::Sign1Options options;
    options.headers.content_type = kRotationContentType;
    options.headers.kid = rotation.device;
    options.external_aad = as_bytes(channel);
    return crypto::sign1(old_key, payload.view(), options);
}

}  // namespace tally::chaincode
