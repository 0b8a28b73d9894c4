#pragma once
// One run of one seed, from the start to silence.

#include "tests/simulation/cluster.h"

namespace tally::simulation {

struct Outcome {
    std::string violation;  // empty: none
    std::uint64_t fingerprint = 0;
    std::uint64_t events = 0;
    std::uint64_t messages = 0;
    storage::BlockNumber blocks = 0;
    std::int64_t virtual_ms = 0;
    std::int64_t converged_after_ms = 0;  // of calm
    Coverage coverage;
};

[[nodiscard]] Outcome run(const Shape& shape, std::uint64_t seed, bool traced = false);

}  // namespace tally::simulation
