#pragma once
// The chunks of a snapshot's file (snapshot_file.h), which says what they mean. For its two sources only.

#include <cstdint>
#include <string_view>

namespace tally::storage {

inline constexpr std::string_view kSnapshotMagic = "tally-snapshot-1";
inline constexpr std::size_t kChunkHead = 5;  // kind and length
inline constexpr std::size_t kChunkBytes = 1U << 20;
inline constexpr std::size_t kMaxChunkBytes = 64U << 20;

enum class Chunk : std::uint8_t { head = 1, block, state, log, end };

}  // namespace tally::storage
