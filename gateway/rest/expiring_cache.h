#pragma once
// Answers that stay true for a while, by the hash of the question. Bounded: the oldest go first. From any thread.

#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "crypto/hash.h"

namespace tally::gateway {

template <class Value>
class ExpiringCache {
  public:
    explicit ExpiringCache(std::size_t capacity) : capacity_(capacity) {}

    [[nodiscard]] std::optional<Value> find(const crypto::Hash& key, std::int64_t now_ms) const {
        const std::lock_guard lock(mutex_);
        const auto found = entries_.find(key);
        if (found == entries_.end() || now_ms >= found->second.until_ms) return std::nullopt;
        return found->second.value;
    }

    void insert(const crypto::Hash& key, Value value, std::int64_t until_ms) {
        const std::lock_guard lock(mutex_);
        const bool fresh = entries_.insert_or_assign(key, Entry{std::move(value), until_ms}).second;
        if (!fresh) return;
        order_.push_back(key);
        if (order_.size() <= capacity_) return;
        entries_.erase(order_.front());
        order_.pop_front();
    }

  private:
    struct Entry {
        Value value;
        std::int64_t until_ms = 0;
    };
    const std::size_t capacity_;
    mutable std::mutex mutex_;
    std::unordered_map<crypto::Hash, Entry> entries_;
    std::deque<crypto::Hash> order_;
};

}  // namespace tally::gateway
