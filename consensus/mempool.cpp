#include "consensus/mempool.h"

namespace tally::consensus {

Status Mempool::add(Bytes transaction, std::int64_t now_ms) {
    if (transaction.empty()) return fail(Code::invalid_argument, "an empty transaction");
    if (transaction.size() > limits_.absolute_max_bytes) {
        return fail(Code::too_large, "the transaction has {} bytes where {} are allowed", transaction.size(),
                    limits_.absolute_max_bytes);
    }
    if (bytes_ + transaction.size() > capacity_bytes_) {
        return fail(Code::busy, "{} bytes of transactions are waiting for a block; try again", bytes_);
    }
    bytes_ += transaction.size();
    waiting_.push_back({std::move(transaction), now_ms});
    return {};
}

bool Mempool::ready(std::int64_t now_ms, bool idle) const {
    if (waiting_.empty()) return false;
    return idle || waiting_.size() >= limits_.max_messages || bytes_ >= limits_.preferred_bytes ||
           now_ms - waiting_.front().since_ms >= limits_.timeout_ms;
}

storage::Batch Mempool::cut() {
    storage::Batch batch;
    std::uint64_t size = 0;
    while (!waiting_.empty() && batch.size() < limits_.max_messages) {
        auto& next = waiting_.front().transaction;
        if (!batch.empty() && size + next.size() > limits_.preferred_bytes) break;
        size += next.size();
        bytes_ -= next.size();
        batch.push_back(std::move(next));
        waiting_.pop_front();
    }
    return batch;
}

std::optional<std::int64_t> Mempool::deadline_ms() const {
    if (waiting_.empty()) return std::nullopt;
    return waiting_.front().since_ms + limits_.timeout_ms;
}

}  // namespace tally::consensus
