#include "crypto/batch_signature.h"
#include "crypto/bounded_cache.h"

namespace tally::crypto {

VerifiedSignatures::VerifiedSignatures(std::size_t capacity) {
    for (auto& part : parts_) part = std::make_unique<BoundedSet>(capacity / kParts);
}

VerifiedSignatures::~VerifiedSignatures() = default;

BoundedSet& VerifiedSignatures::part_of(const Hash& entry) const { return *parts_[entry.bytes[31] % kParts]; }

bool VerifiedSignatures::contains(const Hash& entry) const {
    const bool found = part_of(entry).contains(entry);
    if (found) hits_.fetch_add(1, std::memory_order_relaxed);
    return found;
}

void VerifiedSignatures::insert(const Hash& entry) { part_of(entry).insert(entry, {}); }

}  // namespace tally::crypto
