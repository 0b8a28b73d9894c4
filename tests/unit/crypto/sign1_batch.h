#pragma once
// COSE messages under one batch signature, as members may send them. A node makes none.

#include "crypto/batch_signature.h"
#include "crypto/cose.h"

namespace tally::crypto::test {

inline std::vector<Bytes> sign1_batch(const PrivateKey& key, std::span<const ByteView> payloads,
                                      CoseHeaders headers = {}) {
    headers.alg = cose_algorithm(key.algorithm(), true);
    const Bytes protected_bytes = headers.encode();
    std::vector<Bytes> signed_bytes;
    for (const ByteView payload : payloads) signed_bytes.push_back(sig_structure(protected_bytes, {}, payload));
    const auto signatures = sign_batch(key, std::vector<ByteView>(signed_bytes.begin(), signed_bytes.end()));
    std::vector<Bytes> messages;
    for (std::size_t i = 0; i < payloads.size(); ++i)
        messages.push_back(encode_sign1(protected_bytes, {}, &payloads[i], signatures[i]));
    return messages;
}

}  // namespace tally::crypto::test
