#pragma once
// What a run is about, and what its seed draws.

#include <string_view>

#include "tests/simulation/node.h"

namespace tally::simulation {

// Which faults a run has. Each but none and network has those of crash too.
//   none       a calm network
//   network    loss, delay, repetition, partitions, clocks that differ
//   crash      and nodes that crash, slow disks, a lost disk
//   byzantine  and Byzantine members
//   members    and sealing batches that add and remove members
//   all        and both
enum class Faults : std::uint8_t { none, network, crash, byzantine, members, all };

// The kind of a run; the seed draws the rest.
struct Shape {
    std::size_t members = 4;
    consensus::FaultModel model = consensus::FaultModel::byzantine;
    Faults faults = Faults::all;
    std::size_t excess_liars = 0;  // Byzantine members beyond what the protocol lives with

    [[nodiscard]] bool bad_network() const { return faults != Faults::none; }
    [[nodiscard]] bool crashes() const { return faults != Faults::none && faults != Faults::network; }
    [[nodiscard]] bool byzantine() const {
        return model == consensus::FaultModel::byzantine && (faults == Faults::byzantine || faults == Faults::all);
    }
    [[nodiscard]] bool membership() const { return faults == Faults::members || faults == Faults::all; }
};

[[nodiscard]] std::string_view faults_name(Faults faults);
[[nodiscard]] std::optional<Faults> faults_named(std::string_view name);
// The command that shows everything that happens in a run.
[[nodiscard]] std::string replay_command(const Shape& shape, std::uint64_t seed);

struct Scenario {
    std::size_t spares = 0;  // nodes that are no members at first
    std::set<NodeId> liars;  // Byzantine
    NodeSettings nodes;      // for all, but for the clock
    Weather weather;
    std::int64_t turbulence_us = 0;  // how long faults happen
    std::int64_t fault_every_us = 0;
    std::int64_t submit_every_us = 0;
    bool disk_loss = false;      // one member loses its log
    bool status_liars = false;   // the Byzantine lie about status: as many of them as beside a lost disk are too many
    bool whole_cluster = false;  // all crash at once, now and then
    bool slow_disks = false;
};

[[nodiscard]] Scenario draw(const Shape& shape, Random& random);
// How many members of a committee may be Byzantine.
[[nodiscard]] std::size_t tolerated(consensus::FaultModel model, std::size_t members);

}  // namespace tally::simulation
