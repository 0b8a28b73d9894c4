#include "chaincode/records/possession.h"

#include "chaincode/records/device_statement.h"

namespace tally::chaincode {
namespace {

constexpr StatementKind kPossession{"the proof of possession", kPossessionContentType, 3};

}  // namespace

Result<Possession> decode_possession(ByteView message) {
    Possession stated;
    TRY(decode_statement(message, kPossession, [&](crypto::CborReader& reader) {
        stated.organization = reader.text();
        stated.device = reader.text();
        return stated.device;
    }));
    return stated;
}

Bytes sign_possession(const crypto::PrivateKey& key, std::string_view channel, const Possession& stated) {
    return sign_statement(key, channel, kPossession, stated.device,
                          [&](crypto::CborWriter& payload) { payload.text(stated.organization).text(stated.device); });
}

Status verify_possession(ByteView message, const crypto::PublicKey& key, std::string_view channel,
                         const Possession& expected) {
    const auto stated = TRY(decode_possession(message));
    if (stated != expected) {
        return fail(Code::bad_signature, "it was made for \"{}\" of {}, not for \"{}\" of {}",
                    stated.device.substr(0, 64), stated.organization.substr(0, 64), expected.device,
                    expected.organization);
    }
    const auto cose = TRY(crypto::Sign1::decode(message, kMaxStatementBytes));
    if (const auto verified = cose.verify(key, as_bytes(channel)); !verified) {
        return fail(Code::bad_signature, "it is not signed by the key that is registered, for the channel \"{}\": {}",
                    channel, verified.error().message);
    }
    return {};
}

}  // namespace tally::chaincode
