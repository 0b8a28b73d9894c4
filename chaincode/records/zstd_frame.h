#pragma once
// One Zstandard frame (RFC 8878) and nothing else: the content's size is declared, there is no dictionary and no
// checksum, and the input is this one frame alone. Decoders that keep a window need at most kMaxWindowBytes.
//
// Frames are written by libzstd and read by zstd_decoder.h. Pure; from any thread. decompress_frame allocates the
// declared size, which is checked first, and a block of 128 KiB. Failures: malformed, too_large; the sentence begins
// with `what`.

#include <cstddef>
#include <string_view>

#include "crypto/bytes.h"
#include "crypto/error.h"

namespace tally::chaincode {

inline constexpr std::size_t kMaxWindowBytes = 8U << 20;  // what RFC 8878 asks every decoder to support

[[nodiscard]] Bytes compress_frame(ByteView content);
[[nodiscard]] Result<Bytes> decompress_frame(ByteView frame, std::size_t max_bytes, std::string_view what);

}  // namespace tally::chaincode
