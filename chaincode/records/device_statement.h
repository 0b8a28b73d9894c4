#pragma once
// What a device says of its keys, in the form that all such statements have: COSE_Sign1, external_aad the channel, kid
// the device, a content type for each kind, payload a CBOR array whose first element is the format's version, 1. Pure.

#include <functional>

#include "crypto/cbor.h"
#include "crypto/cose.h"

namespace tally::chaincode {

struct StatementKind {
    std::string_view name;  // for messages: "the key rotation"
    std::string_view content_type;
    std::size_t elements = 0;  // of the array, the version included
};

inline constexpr std::size_t kMaxStatementBytes = 4096;

// `read` reads the elements that follow the version and returns the device that they name. Failures: malformed,
// unsupported, too_large. The signature is not checked.
[[nodiscard]] Status decode_statement(ByteView message, const StatementKind& kind,
                                      const std::function<std::string(crypto::CborReader&)>& read);
// `write` writes the elements that follow the version.
[[nodiscard]] Bytes sign_statement(const crypto::PrivateKey& key, std::string_view channel, const StatementKind& kind,
                                   const std::string& device, const std::function<void(crypto::CborWriter&)>& write);

}  // namespace tally::chaincode
