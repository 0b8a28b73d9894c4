#include "tests/simulation/cluster.h"

#include "tests/simulation/byzantine.h"

namespace tally::simulation {

namespace {

std::vector<NodeId> first_members(const Shape& shape) {
    std::vector<NodeId> members;
    for (NodeId node = 0; node < shape.members; ++node) members.push_back(node);
    return members;
}

}  // namespace

Cluster::Cluster(World& world, const Shape& shape, std::uint64_t seed)
    : world_(world),
      shape_(shape),
      keys_(seed),
      scenario_(draw(shape, world.random)),
      checkers_(world, keys_, shape.model, {0, first_members(shape)}, scenario_.liars),
      network_(world, shape.members * 2 + scenario_.spares,
               [this](Place from, Place to, const MessagePtr& message) { nodes_[to]->receive(from, message); }),
      around_{world,
              keys_,
              checkers_,
              shape.model,
              first_members(shape),
              [this](Place from, NodeId to, const MessagePtr& message) {
                  for (const auto place : places_of_[to]) {
                      if (place != from) network_.send(from, place, message);
                  }
              },
              [this](Place place) { return node_at_[place]; }} {
    auto& random = world.random;
    const auto add = [&](NodeId node) {
        auto settings = scenario_.nodes;
        settings.clock_ahead_ms = random.between(-900, 900);
        if (shape.bad_network() && random.chance(5)) settings.clock_ahead_ms *= 10;
        const auto place = static_cast<Place>(nodes_.size());
        node_at_.push_back(node);
        places_of_[node].push_back(place);
        nodes_.push_back(std::make_unique<Node>(around_, place, node, settings));
    };
    places_of_.resize(shape.members + scenario_.spares);
    for (NodeId node = 0; node < places_of_.size(); ++node) add(node);
    for (const auto liar : scenario_.liars) {
        auto behaviour = scenario_.status_liars ? make_lying_about_status(random.chance(50)) : draw_behaviour(random);
        world.note("node {} is Byzantine: {}", liar, behaviour != nullptr ? behaviour->name() : "twins");
        nodes_[liar]->turn_faulty();
        if (behaviour != nullptr) {
            world.count(behaviour->name());
            nodes_[liar]->behave(std::move(behaviour));
        } else {
            world.count("twins");
            add(liar);
            nodes_.back()->turn_faulty();
        }
    }
}

void Cluster::start() {
    network_.set_weather(scenario_.weather);
    for (auto& node : nodes_) node->start();
}

void Cluster::turbulence() {
    const auto end = world_.now_us() + scenario_.turbulence_us;
    keep_submitting();
    while (world_.now_us() < end) {
        world_.run_until(std::min(end, world_.now_us() + world_.random.between(1, 2 * scenario_.fault_every_us)));
        fault();
    }
    turbulent_ = false;
}

void Cluster::keep_submitting() {
    if (!turbulent_) return;
    const auto burst = world_.random.chance(10) ? 10 : 1;
    for (int i = 0; i < burst; ++i) submit_somewhere();
    world_.after(world_.random.between(1, 2 * scenario_.submit_every_us), [this] { keep_submitting(); });
}

void Cluster::submit_somewhere() { submit_to(*world_.random.pick(nodes_)); }

void Cluster::submit_to(Node& node) {
    if (!node.correct() && serial_ % 8 == 0)
        return node.submit({to_bytes(fmt::format("no change {}", serial_++))}, true);
    storage::Batch batch;
    const auto count = world_.random.between(1, 3);
    for (std::int64_t i = 0; i < count; ++i) {
        auto text = fmt::format("transaction {} of node {}", serial_++, node.id());
        text.resize(text.size() + world_.random.below(60), '.');
        batch.push_back(to_bytes(text));
    }
    node.submit(std::move(batch), false);
}

void Cluster::fault() {
    auto& random = world_.random;
    if (shape_.bad_network()) {
        switch (random.below(6)) {
            case 0: partition(); break;
            case 1: cut_links(); break;
            case 2: network_.heal(); break;
            case 3: random.pick(nodes_)->step(consensus::Backlog{random.chance(30)}); break;
            default: break;
        }
    }
    if (shape_.crashes()) {
        switch (random.below(8)) {
            case 0:
            case 1:
            case 2: crash_one(); break;
            case 3: crash_all(); break;
            case 4: lose_one_disk(); break;
            case 5: slow_one_disk(); break;
            default: break;
        }
    }
    if (shape_.membership() && random.chance(30)) change_members();
}

void Cluster::partition() {
    std::vector<bool> side(nodes_.size() * 2 + 2);
    for (auto&& one : side) one = world_.random.chance(50);
    side.resize(shape_.members * 2 + scenario_.spares);
    world_.note("the network parts");
    network_.partition(side);
    heal_for(3 * kSecond);
}

void Cluster::cut_links() {
    const auto count = world_.random.between(1, 4);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto from = static_cast<Place>(world_.random.below(nodes_.size()));
        const auto to = static_cast<Place>(world_.random.below(nodes_.size()));
        world_.note("{} no longer reaches {}", from, to);
        network_.cut(from, to);
    }
    heal_for(2 * kSecond);
}

void Cluster::heal_for(std::int64_t most_us) {
    world_.after(world_.random.between(1, most_us), [this] {
        world_.note("the network heals");
        network_.heal();
    });
}

void Cluster::restart_later(Place place, std::int64_t most_us) {
    world_.after(world_.random.between(1, most_us), [this, place] {
        if (turbulent_ && !nodes_[place]->running()) nodes_[place]->start();
    });
}

void Cluster::crash_one() {
    const auto place = static_cast<Place>(world_.random.below(nodes_.size()));
    world_.count("crash");
    nodes_[place]->crash();
    restart_later(place, world_.random.chance(50) ? 100 * kMillisecond : 2 * kSecond);
}

void Cluster::crash_all() {
    if (!scenario_.whole_cluster) return;
    world_.count("crash of the whole cluster");
    for (auto& node : nodes_) {
        node->crash();
        restart_later(node->place(), kSecond);
    }
}

void Cluster::lose_one_disk() {
    if (!scenario_.disk_loss || disk_lost_) return;
    const auto place = static_cast<Place>(world_.random.below(shape_.members));
    auto& node = *nodes_[place];
    if (!node.correct() || !node.is_member()) return;
    disk_lost_ = true;
    world_.count(scenario_.status_liars ? "a disk lost beside liars" : "disk lost");
    node.crash();
    node.lose_disk(world_.random.chance(50));
    restart_later(place, kSecond);
}

void Cluster::slow_one_disk() {
    if (!scenario_.slow_disks) return;
    auto& node = *world_.random.pick(nodes_);
    auto settings = node.settings();
    settings.disk.slow_percent = world_.random.chance(50) ? world_.random.below(60) : 0;
    node.set_settings(settings);
}

void Cluster::change_members() {
    auto& random = world_.random;
    auto members = checkers_.epochs.last().members;
    std::vector<NodeId> outside;
    for (NodeId node = 0; node < places_of_.size(); ++node) {
        if (std::ranges::find(members, node) == members.end()) outside.push_back(node);
    }
    if (!outside.empty() && random.chance(60)) members.push_back(random.pick(outside));
    if (members.size() > 1 && random.chance(60)) {
        members.erase(members.begin() + static_cast<std::ptrdiff_t>(random.below(members.size())));
    }
    std::size_t liars = 0;
    for (const auto member : members) liars += checkers_.votes.excused(member) ? 1 : 0;
    if (disk_lost_ || scenario_.disk_loss) ++liars;
    if (liars > tolerated(shape_.model, members.size()) || members.size() < 3) return;
    auto& node = *random.pick(nodes_);
    if (!node.correct()) return;
    node.submit({sealing_transaction(keys_, serial_++, members)}, true);
}

void Cluster::calm() {
    auto& random = world_.random;
    network_.heal();
    network_.set_weather({});
    std::vector<Place> sound;
    std::vector<Place> rest;
    for (auto& node : nodes_) {
        if (!node->correct()) continue;
        (node->lost_disk() ? rest : sound).push_back(node->place());
    }
    random.shuffle(sound);
    const auto needed = shape_.membership() ? sound.size() : checkers_.epochs.quorum(checkers_.epochs.last());
    const auto spare = sound.size() - std::min(needed, sound.size());
    const auto chosen = std::min<std::size_t>(sound.size(), needed + random.below(spare + 1));
    healed_.assign(sound.begin(), sound.begin() + static_cast<std::ptrdiff_t>(chosen));
    if (shape_.membership() || scenario_.status_liars || random.chance(50))
        healed_.insert(healed_.end(), rest.begin(), rest.end());
    for (auto& node : nodes_) {
        const auto stays = std::ranges::find(healed_, node->place()) != healed_.end() || !node->correct();
        if (!stays) node->crash();
        auto settings = node->settings();
        settings.disk.slow_percent = 0;
        settings.clock_ahead_ms = std::clamp<std::int64_t>(settings.clock_ahead_ms, -900, 900);
        node->set_settings(settings);
        if (stays && !node->running()) node->start();
        if (stays) node->step(consensus::Backlog{false});
    }
    world_.note("calm: the healed are at {}", fmt::join(healed_, ","));
    for (const auto place : healed_) submit_to(*nodes_[place]);
}

void Cluster::stop_liars() {
    for (auto& node : nodes_) {
        if (!node->correct()) node->crash();
    }
}

bool Cluster::converged() { return what_is_missing().empty(); }

std::string Cluster::what_is_missing() {
    for (const auto place : healed_) {
        auto& node = *nodes_[place];
        if (node.ledger().tip().header.number != checkers_.chain.height()) {
            return fmt::format("node {} is at block {} of {}", node.id(), node.ledger().tip().header.number,
                               checkers_.chain.height());
        }
        if (node.membership() != node.ledger().tip().next) return fmt::format("node {} is in an old epoch", node.id());
        if (!node.waiting().empty()) {
            return fmt::format("{} transactions of node {} are not final, the first: {}", node.waiting().size(),
                               node.id(), as_text(*node.waiting().begin()).substr(0, 30));
        }
    }
    return {};
}

}  // namespace tally::simulation
