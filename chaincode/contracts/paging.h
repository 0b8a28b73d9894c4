#pragma once
// How every query pages: `limit` entries at most, `next` in the answer while more remain, and the next call's `cursor`.
// A cursor is opaque to callers and stays good while the ledger grows. A query that filters also ends its page when it
// has looked at kMostLookedAt entries: such a page may have few entries, or none, and its `next` leads on.

#include <optional>
#include <string>

#include "chaincode/stub.h"

namespace tally::chaincode {

// Of entries that are read for one page: each may cost another read, and the sum stays below a query's limit of keys.
inline constexpr std::size_t kMostLookedAt = 10'000;

// invalid_argument unless 1 <= limit <= most; `usual` when there is none.
[[nodiscard]] Result<std::size_t> page_limit(const std::optional<std::int64_t>& limit, std::size_t usual,
                                             std::size_t most);

// The key behind every key that starts with `key` and NUL, and behind `key` itself: where a scan goes on.
[[nodiscard]] std::string just_behind(std::string_view key);

// The last part of a composite key.
[[nodiscard]] std::string_view last_part(std::string_view key);

// The number in a padded part (see padded); numbers that are not negative. None when it is no such number.
[[nodiscard]] std::optional<std::int64_t> unpadded(std::string_view part);

}  // namespace tally::chaincode
