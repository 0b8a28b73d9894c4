#pragma once
// A cache from a hash to a value, bounded in entries: it keeps at least the newest half of `capacity` and never more
// than `capacity`. Entries live in two generations; when the young one is full it becomes the old one, and the old one
// is evicted. Safe from any thread.

#include <algorithm>
#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <utility>
#include <variant>

#include "crypto/hash.h"

namespace tally::crypto {

template <class Value>
class BoundedCache {
  public:
    explicit BoundedCache(std::size_t capacity) : generation_size_(std::max<std::size_t>(1, capacity / 2)) {}

    [[nodiscard]] std::optional<Value> find(const Hash& key) const {
        const std::lock_guard lock(mutex_);
        const auto* found = at(key);
        return found == nullptr ? std::nullopt : std::optional(*found);
    }
    [[nodiscard]] bool contains(const Hash& key) const {
        const std::lock_guard lock(mutex_);
        return at(key) != nullptr;
    }
    // Replaces the value that is there.
    void insert(const Hash& key, Value value) {
        Generation evicted;  // freed without the lock
        const std::lock_guard lock(mutex_);
        put(key, std::move(value), evicted);
    }
    // The value that is there; if there is none, inserts `value` and returns it.
    [[nodiscard]] Value find_or_insert(const Hash& key, Value value) {
        Generation evicted;
        const std::lock_guard lock(mutex_);
        if (const auto* found = at(key)) return *found;
        put(key, value, evicted);
        return value;
    }

  private:
    using Generation = std::unordered_map<Hash, Value>;

    // Both under the mutex.
    [[nodiscard]] const Value* at(const Hash& key) const {
        for (const auto* generation : {&young_, &old_}) {
            if (const auto found = generation->find(key); found != generation->end()) return &found->second;
        }
        return nullptr;
    }
    void put(const Hash& key, Value value, Generation& evicted) {
        if (young_.size() >= generation_size_) {
            evicted.swap(old_);
            old_.swap(young_);
        }
        young_.insert_or_assign(key, std::move(value));
    }

    const std::size_t generation_size_;
    mutable std::mutex mutex_;
    Generation young_, old_;
};

// Hashes alone.
using BoundedSet = BoundedCache<std::monostate>;

// A bounded cache of values that are good until a time.
template <class Value>
class ExpiringCache {
  public:
    explicit ExpiringCache(std::size_t capacity) : entries_(capacity) {}

    [[nodiscard]] std::optional<Value> find(const Hash& key, std::int64_t now_ms) const {
        auto found = entries_.find(key);
        if (!found || now_ms >= found->until_ms) return std::nullopt;
        return std::move(found->value);
    }
    void insert(const Hash& key, Value value, std::int64_t until_ms) {
        entries_.insert(key, {std::move(value), until_ms});
    }

  private:
    struct Entry {
        Value value;
        std::int64_t until_ms = 0;
    };
    BoundedCache<Entry> entries_;
};

}  // namespace tally::crypto
