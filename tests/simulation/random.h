#pragma once
// The one source of chance of a run: xoshiro256** (Blackman and Vigna), seeded through splitmix64. The same seed gives
// the same numbers on every machine, which the standard library's distributions do not promise.

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace tally::simulation {

class Random {
  public:
    explicit Random(std::uint64_t seed) {
        for (auto& word : state_) {
            seed += 0x9e3779b97f4a7c15U;
            auto z = seed;
            z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
            z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
            word = z ^ (z >> 31U);
        }
    }
    std::uint64_t next() {
        const auto result = rotate(state_[1] * 5, 7) * 9;
        const auto t = state_[1] << 17U;
        state_[2] ^= state_[0];
        state_[3] ^= state_[1];
        state_[1] ^= state_[2];
        state_[0] ^= state_[3];
        state_[2] ^= t;
        state_[3] = rotate(state_[3], 45);
        return result;
    }
    // 0 <= result < bound; bound > 0.
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    // Both ends included.
    std::int64_t between(std::int64_t low, std::int64_t high) {
        return low + static_cast<std::int64_t>(below(static_cast<std::uint64_t>(high - low) + 1));
    }
    bool chance(std::uint64_t percent) { return below(100) < percent; }
    template <class T>
    const T& pick(const std::vector<T>& from) {
        return from[below(from.size())];
    }
    template <class T>
    void shuffle(std::vector<T>& values) {
        for (std::size_t i = values.size(); i > 1; --i) std::swap(values[i - 1], values[below(i)]);
    }

  private:
    static std::uint64_t rotate(std::uint64_t value, unsigned by) { return (value << by) | (value >> (64U - by)); }
    std::array<std::uint64_t, 4> state_{};
};

}  // namespace tally::simulation
