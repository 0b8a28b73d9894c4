#pragma once
// What a block does to the world state: the serial part of validation, and a pure function of (block, state).
//
// Before it, each transaction was judged alone against the state before the block (check_reads, and that its id is not
// used up). Here transactions are taken in order. One that was good so far is still invalid when an earlier one of the
// block has its id or has changed what it read, or when a counter would cross its bound.

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

// Whether everything that was read is in this state as it was: VALID, MVCC_READ_CONFLICT or PHANTOM_READ_CONFLICT.
// Fails only when reading the state does. From any thread, if `state` allows that.
[[nodiscard]] Result<ValidationCode> check_reads(const ReadWriteSet& set, const StateReader& state);

// `state` is the state before the block, against which the reads of every VALID transaction were checked. Fails only
// when reading it does.
[[nodiscard]] Result<BlockEffects> apply_block(std::uint64_t number, std::span<const CheckedTransaction> transactions,
                                               const StateReader& state);

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
