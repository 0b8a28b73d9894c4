#pragma once
// The blocks of a channel in their order, however they are kept: with everything that follows from them (ledger.h), or
// alone (block_store.h). Reading is safe from any thread.

#include <optional>

#include "storage/model/block.h"

namespace tally::storage {

struct Tip {
    BlockNumber number = 0;
    crypto::Hash hash;
    std::int64_t time_ms = 0;
    std::uint64_t epoch = 0;
    std::uint64_t view = 0;
    std::uint64_t log_size = 0;  // of the transaction log; 0 where none is kept

    template <class A>
    void serialize(A& a) {
        a(number, hash, time_ms, epoch, view, log_size);
    }
};

class Chain {
  public:
    virtual ~Chain() = default;
    [[nodiscard]] virtual std::optional<Tip> tip() const = 0;
    [[nodiscard]] virtual Result<Block> block(BlockNumber number) const = 0;
    [[nodiscard]] virtual Result<Block> block_header(BlockNumber number) const = 0;  // with metadata, without batches
    [[nodiscard]] virtual Status sync() = 0;  // what was appended survives a power loss
};

}  // namespace tally::storage
