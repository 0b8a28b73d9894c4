#include "tests/simulation/twins.h"

#include <algorithm>

namespace tally::simulation {
namespace {

constexpr std::size_t kMembers = 4;
constexpr std::int64_t kParted = 10 * kSecond;  // who is still in one of the rounds then would be alone for ever
constexpr std::int64_t kPatience = 120 * kSecond;

// The view that a message is about, else the one in which its sender is.
consensus::View round_of(const consensus::Message& message, const Node& sender) {
    if (const auto* votes = std::get_if<consensus::VoteMessage>(&message); votes != nullptr && !votes->votes.empty())
        return votes->votes.front().view;
    if (const auto* proposal = std::get_if<consensus::ProposalMessage>(&message)) return proposal->proposal.header.view;
    return sender.has_core() ? sender.observe().view : 1;
}

class Twins {
  public:
    Twins(const TwinScenario& scenario, bool traced)
        : scenario_(scenario),
          world_(1, traced),
          keys_(1),
          checkers_(world_, keys_, consensus::FaultModel::byzantine, {0, {0, 1, 2, 3}}, {scenario.twin}),
          around_{world_,
                  keys_,
                  checkers_,
                  consensus::FaultModel::byzantine,
                  {0, 1, 2, 3},
                  [this](Place from, NodeId to, const MessagePtr& message) { post(from, to, message); },
                  [this](Place place) { return node_at(place); }} {
        NodeSettings settings;
        for (Place place = 0; place < kTwinPlaces; ++place) {
            nodes_.push_back(std::make_unique<Node>(around_, place, node_at(place), settings));
            if (node_at(place) == scenario.twin) nodes_.back()->turn_faulty();
        }
    }
    void run() {
        for (auto& node : nodes_) node->start();
        for (auto& node : nodes_) node->submit({to_bytes(fmt::format("of place {}", node->place()))}, false);
        if (!world_.run_until(kPatience, [this] { return converged(); })) violated("no convergence");
    }

  private:
    [[nodiscard]] NodeId node_at(Place place) const { return place < kMembers ? place : scenario_.twin; }
    [[nodiscard]] bool reaches(Place from, Place to, const consensus::Message& message) const {
        const auto round = round_of(message, *nodes_[from]);
        if (round > kTwinRounds || world_.now_us() > kParted) return true;
        return scenario_.rounds[round - 1][from] == scenario_.rounds[round - 1][to];
    }
    void post(Place from, NodeId to, const MessagePtr& message) {
        for (Place place = 0; place < kTwinPlaces; ++place) {
            if (node_at(place) != to || place == from) continue;
            if (!reaches(from, place, *message)) continue;
            world_.after(kMillisecond, [this, from, place, message] { nodes_[place]->receive(from, message); });
        }
    }
    [[nodiscard]] bool converged() {
        for (auto& node : nodes_) {
            if (!node->correct()) continue;
            if (!node->waiting().empty() || node->ledger().tip().header.number != checkers_.chain.height())
                return false;
        }
        return true;
    }

    TwinScenario scenario_;
    World world_;
    Keys keys_;
    Checkers checkers_;
    Surroundings around_;
    std::vector<std::unique_ptr<Node>> nodes_;
};

void add_partings(Parting& parting, std::size_t place, std::uint8_t sets, std::size_t most, std::vector<Parting>& out) {
    if (place == kTwinPlaces) return out.push_back(parting);
    for (std::uint8_t set = 0; set <= sets && set < most; ++set) {
        parting[place] = set;
        add_partings(parting, place + 1, std::max<std::uint8_t>(sets, set + 1), most, out);
    }
}

}  // namespace

std::vector<Parting> partings(std::size_t most_sets) {
    std::vector<Parting> all;
    Parting parting{};
    add_partings(parting, 0, 0, most_sets, all);
    return all;
}

void each_twin_scenario(NodeId twin, std::size_t most_sets, const std::function<bool(const TwinScenario&)>& visit) {
    const auto all = partings(most_sets);
    for (const auto& first : all) {
        for (const auto& second : all) {
            for (const auto& third : all) {
                if (!visit({twin, {first, second, third}})) return;
            }
        }
    }
}

std::string described(const TwinScenario& scenario) {
    std::string text = fmt::format("member {} twice (places {} and 4)", scenario.twin, scenario.twin);
    for (const auto& parting : scenario.rounds) text += fmt::format(", {}", fmt::join(parting, ""));
    return text;
}

std::string run_twins(const TwinScenario& scenario, bool traced) {
    try {
        Twins twins(scenario, traced);
        twins.run();
    } catch (const Violation& violation) {
        return violation.what;
    }
    return {};
}

}  // namespace tally::simulation
