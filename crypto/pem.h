#pragma once
// PEM (RFC 7468): DER between BEGIN and END lines. Text around the blocks is ignored, as tools put explanations there;
// inside a block everything must be base64. Failures are malformed and name the label. Pure; from any thread.

#include <string>
#include <string_view>
#include <vector>

#include "crypto/bytes.h"

namespace tally::crypto {

struct PemBlock {
    std::string_view label;  // borrows the text
    Bytes der;
};

inline constexpr std::size_t kMaxPemBytes = 1 << 20;

[[nodiscard]] Result<std::vector<PemBlock>> decode_pem(std::string_view text);
// The only block with that label; blocks with other labels may stand beside it.
[[nodiscard]] Result<Bytes> decode_pem(std::string_view text, std::string_view label);
[[nodiscard]] std::string encode_pem(std::string_view label, ByteView der);

}  // namespace tally::crypto
