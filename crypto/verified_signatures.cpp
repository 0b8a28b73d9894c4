#include <algorithm>
#include <mutex>
#include <unordered_set>

#include "crypto/batch_signature.h"

namespace tally::crypto {

struct VerifiedSignatures::Shard {
    std::mutex mutex;
    std::unordered_set<Hash> young;
    std::unordered_set<Hash> old;
};

VerifiedSignatures::VerifiedSignatures(std::size_t capacity)
    : generation_size_(std::max<std::size_t>(1, capacity / (2 * kShards))),
      shards_(std::make_unique<Shard[]>(kShards)) {}

VerifiedSignatures::~VerifiedSignatures() = default;

VerifiedSignatures::Shard& VerifiedSignatures::shard_of(const Hash& entry) const {
    return shards_[entry.bytes[31] % kShards];
}

bool VerifiedSignatures::contains(const Hash& entry) const {
    Shard& shard = shard_of(entry);
    bool found = false;
    {
        const std::lock_guard lock(shard.mutex);
        found = shard.young.contains(entry) || shard.old.contains(entry);
    }
    (found ? hits_ : misses_).fetch_add(1, std::memory_order_relaxed);
    return found;
}

void VerifiedSignatures::insert(const Hash& entry) {
    Shard& shard = shard_of(entry);
    std::unordered_set<Hash> forgotten;  // freed outside the lock
    const std::lock_guard lock(shard.mutex);
    if (shard.young.size() >= generation_size_) {
        forgotten.swap(shard.old);
        shard.old.swap(shard.young);
    }
    shard.young.insert(entry);
}

}  // namespace tally::crypto
