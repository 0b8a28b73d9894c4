#pragma once
// A device's statement (device_statement.h) that from now on another key is its own: signed by the old key, content
// type application/tally-key-rotation+cbor, payload [1, device, epoch, new key (SPKI)]. The epoch is the new one, so
// that a statement counts once. Pure. Failures: malformed, unsupported, too_large.

#include "chaincode/records/purposes.h"
#include "crypto/cose.h"

namespace tally::chaincode {

struct KeyRotation {
    std::string device;
    std::int64_t epoch = 0;
    Bytes new_key;  // SubjectPublicKeyInfo
};

[[nodiscard]] Result<KeyRotation> decode_key_rotation(ByteView message);
[[nodiscard]] Bytes sign_key_rotation(const crypto::PrivateKey& old_key, std::string_view channel,
                                      const KeyRotation& rotation);

}  // namespace tally::chaincode
