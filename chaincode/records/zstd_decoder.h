#pragma once
// The blocks of a Zstandard frame (RFC 8878 section 3.1.1.2). A reader of our own: whether a record is valid must not
// depend on what the library of the day lets pass (docs/security.md). Pure; from any thread.

#include "crypto/bytes.h"

namespace tally::chaincode::zstd {

// The blocks that follow a frame's header; no checksum follows them. True when they give exactly as many bytes as
// `out` has, and nothing follows the last block; no match reaches back further than `window` bytes.
[[nodiscard]] bool decode_blocks(ByteView blocks, std::uint64_t window, std::span<std::uint8_t> out);

}  // namespace tally::chaincode::zstd
