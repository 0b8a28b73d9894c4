#pragma once
// Twins (Bano et al., 2021): four members, of which one lives twice, with one key and two minds, each of which keeps
// the rules. In each of the first views the network is parted in some way; then it is whole. Every scenario is a lie
// that a Byzantine member can tell about what it saw and voted for, and all of them together can be gone through.

#include <array>
#include <string>
#include <vector>

#include "tests/simulation/node.h"

namespace tally::simulation {

constexpr std::size_t kTwinPlaces = 5;  // the four members, and the other life of one of them
constexpr std::size_t kTwinRounds = 3;

// By place: who is in the same set hears each other.
using Parting = std::array<std::uint8_t, kTwinPlaces>;

struct TwinScenario {
    NodeId twin = 0;  // the member that lives twice
    std::array<Parting, kTwinRounds> rounds{};
};

// All ways to part the places into sets: 52, of which 16 have two sets at most.
[[nodiscard]] std::vector<Parting> partings(std::size_t most_sets);
// Until one returns false.
void each_twin_scenario(NodeId twin, std::size_t most_sets, const std::function<bool(const TwinScenario&)>& visit);
[[nodiscard]] std::string described(const TwinScenario& scenario);
// What the checkers found, or that the three correct members did not make everything final in the whole network; empty:
// nothing.
[[nodiscard]] std::string run_twins(const TwinScenario& scenario, bool traced = false);

}  // namespace tally::simulation
