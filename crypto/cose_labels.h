#pragma once
// The COSE header labels that are read, and the two halves of reading headers. For this room's own sources only.

#include "crypto/cose.h"

namespace tally::crypto {

inline constexpr std::int64_t kLabelAlgorithm = 1;
inline constexpr std::int64_t kLabelCritical = 2;
inline constexpr std::int64_t kLabelContentType = 3;
inline constexpr std::int64_t kLabelKid = 4;
inline constexpr std::int64_t kLabelX5chain = 33;
inline constexpr std::int64_t kLabelVds = 395;
inline constexpr std::int64_t kLabelVdp = 396;
inline constexpr std::int64_t kLabelChannel = -70001;
inline constexpr std::int64_t kLabelBlockNumber = -70002;
inline constexpr std::int64_t kLabelBlockHash = -70003;
inline constexpr std::int64_t kLabelTreeSize = -70004;
inline constexpr std::int64_t kLabelState = -70005;

inline constexpr std::uint64_t kMaxLabels = 64;

// Adds the labels it finds to `labels`.
[[nodiscard]] Result<CoseHeaders> decode_protected(ByteView encoded, std::vector<std::int64_t>& labels,
                                                   std::span<const std::int64_t> understood);
[[nodiscard]] Status check_unprotected(ByteView encoded, std::span<const std::int64_t> protected_labels);

}  // namespace tally::crypto
