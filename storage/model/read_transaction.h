#pragma once
// Transactions and simulations, read from bytes of any origin: every list has a bound, which is checked before the list
// is decoded. More elements are malformed for every reader alike, so the bounds are part of each verdict. Pure.

#include "storage/model/archive.h"
#include "storage/model/transaction.h"

namespace tally::storage {

// More than any policy of a channel can want.
inline constexpr std::size_t kMaxEndorsements = 256;
// Events, reads, ranges, writes and increments of one simulation together.
inline constexpr std::size_t kMaxSimulationElements = 200'000;

// malformed, with a sentence that begins with `what`.
[[nodiscard]] inline Result<Transaction> read_transaction(ByteView bytes, std::string_view what) {
    return decode<Transaction>(bytes, what, kMaxEndorsements);
}
[[nodiscard]] inline Result<Simulation> read_simulation(ByteView bytes, std::string_view what) {
    return decode<Simulation>(bytes, what, kMaxSimulationElements);
}

}  // namespace tally::storage
