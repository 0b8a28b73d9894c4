#pragma once
// The nodes of a run with the network between them, and the faults that befall them.

#include "tests/simulation/scenario.h"

namespace tally::simulation {

class Cluster {
  public:
    Cluster(World& world, const Shape& shape, std::uint64_t seed);

    void start();
    // Load and faults, until the scenario's turbulence is over.
    void turbulence();
    // Heals a set that suffices and stops the rest of the correct nodes for good. Liars go on.
    void calm();
    void stop_liars();
    // Everything that was accepted by the healed is final at all of them.
    [[nodiscard]] bool converged();
    [[nodiscard]] std::string what_is_missing();

    [[nodiscard]] Checkers& checkers() { return checkers_; }
    [[nodiscard]] const Scenario& scenario() const { return scenario_; }
    [[nodiscard]] std::size_t healed() const { return healed_.size(); }
    [[nodiscard]] std::size_t size() const { return nodes_.size(); }

  private:
    void fault();
    void partition();
    void cut_links();
    void crash_one();
    void crash_all();
    void lose_one_disk();
    void slow_one_disk();
    void change_members();
    void restart_later(Place place, std::int64_t most_us);
    void keep_submitting();
    void submit_somewhere();
    void submit_to(Node& node);
    void heal_for(std::int64_t most_us);

    World& world_;
    Shape shape_;
    Keys keys_;
    Scenario scenario_;
    Checkers checkers_;
    Network network_;
    Surroundings around_;
    std::vector<NodeId> node_at_;                // by place
    std::vector<std::vector<Place>> places_of_;  // by node
    std::vector<std::unique_ptr<Node>> nodes_;   // by place
    std::vector<Place> healed_;
    bool turbulent_ = true;
    bool disk_lost_ = false;
    std::uint64_t serial_ = 0;
};

}  // namespace tally::simulation
