#include "tests/simulation/network.h"

namespace tally::simulation {

Network::Network(World& world, std::size_t places, Receive receive)
    : world_(world), places_(places), receive_(std::move(receive)), open_(places * places, true) {}

void Network::send(Place from, Place to, MessagePtr message) {
    if (!connected(from, to) || world_.random.chance(weather_.loss_percent)) return;
    arrive_later(from, to, message);
    if (world_.random.chance(weather_.repeat_percent)) arrive_later(from, to, message);
}

void Network::arrive_later(Place from, Place to, const MessagePtr& message) {
    auto& random = world_.random;
    const auto delay = random.chance(weather_.straggler_percent)
                           ? random.between(weather_.delay_min_us, weather_.straggler_us)
                           : random.between(weather_.delay_min_us, weather_.delay_max_us);
    world_.after(delay, [this, from, to, message] { receive_(from, to, message); });
}

void Network::partition(const std::vector<bool>& side) {
    for (Place from = 0; from < places_; ++from) {
        for (Place to = 0; to < places_; ++to) {
            if (side[from] != side[to]) cut(from, to);
        }
    }
}

}  // namespace tally::simulation
