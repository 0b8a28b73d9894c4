#pragma once
// Token buckets by key: `per_second` requests on average, `burst` at once. From any thread.
//
// Memory is bounded: full buckets are evicted first. If there are still too many, all are cleared: a flood of keys
// resets limits but refuses nobody.

#include <chrono>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

namespace tally::gateway {

struct Rate {
    double per_second = 0;
    double burst = 0;
};

class RateLimiter {
  public:
    using Clock = std::chrono::steady_clock;
    explicit RateLimiter(Rate rate, std::size_t max_keys = 1 << 16) : rate_(rate), max_keys_(max_keys) {}

    // Takes one token. Nothing when there was one, else the seconds (at least 1) after which there will be.
    [[nodiscard]] std::optional<unsigned> take(const std::string& key, Clock::time_point now);

  private:
    struct Bucket {
        double tokens = 0;
        Clock::time_point filled;
    };
    void make_room(Clock::time_point now);
    [[nodiscard]] double tokens_at(const Bucket& bucket, Clock::time_point now) const;

    const Rate rate_;
    const std::size_t max_keys_;
    std::mutex mutex_;
    std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace tally::gateway
