#pragma once
// Virtual time, the queue of what is going to happen, chance, and the trace of a run.
//
// Nothing in a run looks at a real clock, at addresses or at the order of a hash table: a run is a function of its
// seed. What happens is mixed into a fingerprint, so that two runs of a seed can be compared; with a trace it is also
// printed. A checker that finds something wrong throws Violation, which ends the run.

#include <fmt/format.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tests/simulation/random.h"

namespace tally::simulation {

constexpr std::int64_t kMillisecond = 1000;  // in microseconds of virtual time
constexpr std::int64_t kSecond = 1000 * kMillisecond;

struct Violation {
    std::string what;
};

template <class... Args>
[[noreturn]] void violated(fmt::format_string<Args...> format, Args&&... args) {
    throw Violation{fmt::format(format, std::forward<Args>(args)...)};
}

// How often a run took each branch that is worth knowing about.
using Coverage = std::map<std::string, std::uint64_t>;

class World {
  public:
    World(std::uint64_t seed, bool traced) : random(seed), traced_(traced) {}
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    Random random;
    Coverage coverage;

    [[nodiscard]] std::int64_t now_us() const { return now_us_; }
    // Things of one time happen in the order in which they were planned.
    void after(std::int64_t delay_us, std::function<void()> what);
    // Until that time, or until `done` holds after something has happened. True when it does.
    bool run_until(std::int64_t time_us, const std::function<bool()>& done = {});

    void count(const char* branch) { ++coverage[branch]; }
    void mix(std::uint64_t value) {
        fingerprint_ = (fingerprint_ ^ value) * 0x9e3779b97f4a7c15U + (fingerprint_ >> 29U);
    }
    [[nodiscard]] std::uint64_t fingerprint() const { return fingerprint_; }
    [[nodiscard]] std::uint64_t events() const { return events_; }
    [[nodiscard]] bool traced() const { return traced_; }
    template <class... Args>
    void note(fmt::format_string<Args...> format, Args&&... args) {
        if (traced_) print(fmt::format(format, std::forward<Args>(args)...));
    }

  private:
    struct Planned {
        std::int64_t time_us;
        std::uint64_t order;
        std::function<void()> what;
    };
    static bool later(const Planned& a, const Planned& b) {
        return a.time_us != b.time_us ? a.time_us > b.time_us : a.order > b.order;
    }
    void print(const std::string& line) const;

    bool traced_;
    std::int64_t now_us_ = 0;
    std::uint64_t planned_ = 0;
    std::uint64_t events_ = 0;
    std::uint64_t fingerprint_ = 0;
    std::vector<Planned> queue_;  // a heap, the earliest on top
};

}  // namespace tally::simulation
