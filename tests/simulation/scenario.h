#pragma once
// What a run is about, and what its seed draws.

#include "tests/simulation/node.h"

namespace tally::simulation {

// The kind of a run; the seed draws the rest.
struct Shape {
    std::size_t members = 4;
    consensus::FaultModel model = consensus::FaultModel::byzantine;
    bool bad_network = true;
    bool crashes = true;
    bool byzantine = false;
    bool membership = false;       // sealing batches that add and remove members
    std::size_t excess_liars = 0;  // Byzantine members beyond what the protocol lives with
};

struct Scenario {
    std::size_t spares = 0;  // nodes that are no members at first
    std::set<NodeId> liars;  // Byzantine
    NodeSettings nodes;      // for all, but for the clock
    Weather weather;
    std::int64_t turbulence_us = 0;  // how long faults happen
    std::int64_t fault_every_us = 0;
    std::int64_t submit_every_us = 0;
    bool disk_loss = false;      // one member loses its log
    bool whole_cluster = false;  // all crash at once, now and then
    bool slow_disks = false;
};

[[nodiscard]] Scenario draw(const Shape& shape, Random& random);
// How many members of a committee may be Byzantine.
[[nodiscard]] std::size_t tolerated(consensus::FaultModel model, std::size_t members);

}  // namespace tally::simulation
