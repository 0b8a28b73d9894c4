#pragma once
// Transactions that wait for a block, and when a block is cut. Opaque bytes; pure: time is an argument.
//
// A batch is cut when `max_messages` or `preferred_bytes` wait, when the oldest has waited `timeout_ms`, and at once
// when nothing is in flight: an idle chain answers in network time. Thread: the owner's.

#include <cstdint>
#include <deque>
#include <optional>

#include "crypto/bytes.h"
#include "storage/model/block.h"

namespace tally::consensus {

struct BatchLimits {
    std::uint32_t max_messages = 4000;
    std::uint64_t preferred_bytes = 4U << 20;
    std::uint64_t absolute_max_bytes = 16U << 20;  // one transaction, and so one batch, is never larger
    std::int64_t timeout_ms = 250;
};

class Mempool {
  public:
    Mempool(BatchLimits limits, std::uint64_t capacity_bytes) : limits_(limits), capacity_bytes_(capacity_bytes) {}

    // invalid_argument when it is empty; too_large beyond absolute_max_bytes; busy when the capacity is used up (the
    // transaction was not taken).
    [[nodiscard]] Status add(Bytes transaction, std::int64_t now_ms);
    [[nodiscard]] bool ready(std::int64_t now_ms, bool idle) const;
    // The oldest transactions, in order, up to the preferred size; at least one unless the pool is empty.
    [[nodiscard]] storage::Batch cut();
    // When ready() will turn true without another event; none when it already is or nothing waits.
    [[nodiscard]] std::optional<std::int64_t> deadline_ms() const;

    void set_limits(BatchLimits limits) { limits_ = limits; }  // for what is cut from now on

    [[nodiscard]] std::size_t count() const { return waiting_.size(); }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

  private:
    struct Waiting {
        Bytes transaction;
        std::int64_t since_ms;
    };
    BatchLimits limits_;
    std::uint64_t capacity_bytes_;
    std::uint64_t bytes_ = 0;
    std::deque<Waiting> waiting_;
};

}  // namespace tally::consensus
