#include "gateway/rest/rate_limiter.h"

#include <algorithm>
#include <cmath>

namespace tally::gateway {

double RateLimiter::tokens_at(const Bucket& bucket, Clock::time_point now) const {
    const double seconds = std::chrono::duration<double>(now - bucket.filled).count();
    return std::min(rate_.burst, bucket.tokens + std::max(0.0, seconds) * rate_.per_second);
}

std::optional<unsigned> RateLimiter::take(const std::string& key, Clock::time_point now) {
    const std::lock_guard lock(mutex_);
    auto found = buckets_.find(key);
    if (found == buckets_.end()) {
        if (buckets_.size() >= max_keys_) make_room(now);
        found = buckets_.emplace(key, Bucket{rate_.burst, now}).first;
    }
    auto& bucket = found->second;
    bucket.tokens = tokens_at(bucket, now);
    bucket.filled = now;
    if (bucket.tokens >= 1) {
        bucket.tokens -= 1;
        return std::nullopt;
    }
    const double wait = rate_.per_second > 0 ? (1 - bucket.tokens) / rate_.per_second : 60;
    return static_cast<unsigned>(std::clamp(std::ceil(wait), 1.0, 3600.0));
}

void RateLimiter::make_room(Clock::time_point now) {
    std::erase_if(buckets_, [&](const auto& entry) { return tokens_at(entry.second, now) >= rate_.burst; });
    if (buckets_.size() >= max_keys_) buckets_.clear();
}

}  // namespace tally::gateway
