#include "tests/simulation/world.h"

#include <algorithm>
#include <cstdio>

namespace tally::simulation {

namespace {

constexpr std::uint64_t kMostEvents = 20'000'000;

}  // namespace

void World::after(std::int64_t delay_us, std::function<void()> what) {
    queue_.push_back({now_us_ + std::max<std::int64_t>(delay_us, 0), planned_++, std::move(what)});
    std::push_heap(queue_.begin(), queue_.end(), later);
}

bool World::run_until(std::int64_t time_us, const std::function<bool()>& done) {
    while (!queue_.empty() && queue_.front().time_us <= time_us) {
        std::pop_heap(queue_.begin(), queue_.end(), later);
        auto next = std::move(queue_.back());
        queue_.pop_back();
        now_us_ = next.time_us;
        if (++events_ > kMostEvents) violated("the run goes on and on: {} events", events_);
        next.what();
        if (done && done()) return true;
    }
    now_us_ = std::max(now_us_, time_us);
    return false;
}

void World::print(const std::string& line) const {
    std::printf("%10.3f  %s\n", static_cast<double>(now_us_) / 1000.0, line.c_str());
}

}  // namespace tally::simulation
