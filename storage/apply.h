#pragma once
// What a block does to the world state: the serial part of validation, and a pure function of (block, state).
//
// Transactions are taken in order. One that passed its signature checks is still invalid when its id is used up, when
// something it read has changed, or when a counter would cross its bound. Valid ones are visible to those behind them.

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "storage/model/transaction.h"
#include "storage/state_reader.h"

namespace tally::storage {

// A transaction after the parallel checks (format, signatures, policy).
struct CheckedTransaction {
    TransactionId id;
    ValidationCode code = ValidationCode::VALID;
    Simulation simulation;  // meaningful only when code is VALID
};

// A key's new value; `value` is none for a delete. In block order: a key may occur more than once.
struct StateUpdate {
    StateKey key;
    std::optional<Bytes> value;
    Version version;
};

struct BlockEffects {
    std::vector<ValidationCode> codes;
    std::vector<StateUpdate> updates;
};

// `known` tells whether a transaction on the ledger has used an id up (uses_id). Fails only when reading the state
// does.
[[nodiscard]] Result<BlockEffects> apply_block(std::uint64_t number, std::span<const CheckedTransaction> transactions,
                                               const StateReader& state,
                                               const std::function<Result<bool>(const TransactionId&)>& known);

// The digest that a RangeRead carries; `add` in key order.
class RangeDigest {
  public:
    void add(std::string_view key, const Version& version);
    [[nodiscard]] crypto::Hash finish() { return hasher_.finish(); }

  private:
    crypto::Sha256 hasher_;
};

// A counter's stored form: the decimal text of an int64.
[[nodiscard]] Result<std::int64_t> counter_value(ByteView stored);
[[nodiscard]] Bytes counter_bytes(std::int64_t value);

}  // namespace tally::storage
