#pragma once
// The first byte of a CBOR item (RFC 8949, section 3): major types, and the simple values that we take.

#include <cstdint>

namespace tally::crypto::cbor {

inline constexpr std::uint8_t kUint = 0, kNegative = 1, kBytes = 2, kText = 3, kArray = 4, kMap = 5, kTag = 6;
inline constexpr std::uint8_t kFalse = 0xf4, kTrue = 0xf5, kNull = 0xf6;

}  // namespace tally::crypto::cbor
