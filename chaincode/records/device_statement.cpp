#include "chaincode/records/device_statement.h"

namespace tally::chaincode {

Status decode_statement(ByteView message, const StatementKind& kind,
                        const std::function<std::string(crypto::CborReader&)>& read) {
    const auto cose = TRY(crypto::Sign1::decode(message, kMaxStatementBytes));
    if (cose.headers.content_type != kind.content_type) {
        return fail(Code::malformed, "{}'s content type is \"{}\", not \"{}\"", kind.name,
                    cose.headers.content_type.substr(0, 64), kind.content_type);
    }
    crypto::CborReader reader(cose.payload, std::string(kind.name));
    if (reader.array() != kind.elements)
        reader.fault(Code::malformed, fmt::format("an array of {} is expected", kind.elements));
    if (reader.uint() != 1) reader.fault(Code::unsupported, "only format version 1 is known");
    const auto device = read(reader);
    TRY(reader.finish());
    if (cose.headers.kid != device) return fail(Code::malformed, "{} names two devices", kind.name);
    return {};
}

Bytes sign_statement(const crypto::PrivateKey& key, std::string_view channel, const StatementKind& kind,
                     const std::string& device, const std::function<void(crypto::CborWriter&)>& write) {
    crypto::CborWriter payload;
    payload.array(kind.elements).uint(1);
    write(payload);
    crypto::Sign1Options options;
    options.headers.content_type = kind.content_type;
    options.headers.kid = device;
    options.external_aad = as_bytes(channel);
    return crypto::sign1(key, payload.view(), options);
}

}  // namespace tally::chaincode
