#include "chaincode/records/possession.h"

#include "crypto/cbor.h"

namespace tally::chaincode {
namespace {

constexpr std::size_t kMaxBytes = 4096;

}  // namespace

Result<Possession> decode_possession(ByteView message) {
    const auto cose = TRY(crypto::Sign1::decode(message, kMaxBytes));
    if (cose.headers.content_type != kPossessionContentType) {
        return fail(Code::malformed, "the proof of possession's content type is \"{}\", not \"{}\"",
                    cose.headers.content_type.substr(0, 64), kPossessionContentType);
    }
    crypto::CborReader reader(cose.payload, "the proof of possession");
    Possession stated;
    if (reader.array() != 3) reader.fault(Code::malformed, "an array of 3 is expected");
    if (reader.uint() != 1) reader.fault(Code::unsupported, "only format version 1 is known");
    stated.organization = reader.text();
    stated.device = reader.text();
    TRY(reader.finish());
    if (cose.headers.kid != stated.device) return fail(Code::malformed, "the proof of possession names two devices");
    return stated;
}

Bytes sign_possession(const crypto::PrivateKey& key, std::string_view channel, const Possession& stated) {
    crypto::CborWriter payload;
    payload.array(3).uint(1).text(stated.organization).text(stated.device);
    crypto::Sign1Options options;
    options.headers.content_type = kPossessionContentType;
    options.headers.kid = stated.device;
    options.external_aad = as_bytes(channel);
    return crypto::sign1(key, payload.view(), options);
}

Status verify_possession(ByteView message, const crypto::PublicKey& key, std::string_view channel,
                         const Possession& expected) {
    const auto stated = TRY(decode_possession(message));
    if (stated != expected) {
        return fail(Code::bad_signature, "it was made for \"{}\" of {}, not for \"{}\" of {}",
                    stated.device.substr(0, 64), stated.organization.substr(0, 64), expected.device,
                    expected.organization);
    }
    const auto cose = TRY(crypto::Sign1::decode(message, kMaxBytes));
    if (const auto verified = cose.verify(key, as_bytes(channel)); !verified) {
        return fail(Code::bad_signature, "it is not signed by the key that is registered, for the channel \"{}\": {}",
                    channel, verified.error().message);
    }
    return {};
}

}  // namespace tally::chaincode
