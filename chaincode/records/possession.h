#pragma once
// A device's statement (device_statement.h) that it has a key, made for the organization that registers it: signed by
// that key, content type application/tally-registration+cbor, payload [1, organization, device]. It names the
// organization, so that another one cannot use it. Pure.

#include "chaincode/records/purposes.h"
#include "crypto/cose.h"

namespace tally::chaincode {

struct Possession {
    std::string organization;
    std::string device;

    friend bool operator==(const Possession&, const Possession&) = default;
};

// Failures: malformed, unsupported, too_large.
[[nodiscard]] Result<Possession> decode_possession(ByteView message);
[[nodiscard]] Bytes sign_possession(const crypto::PrivateKey& key, std::string_view channel, const Possession& stated);

// Whether the message is signed by the key, for the channel, and states this. Those of decoding, and bad_signature.
[[nodiscard]] Status verify_possession(ByteView message, const crypto::PublicKey& key, std::string_view channel,
                                       const Possession& expected);

}  // namespace tally::chaincode
