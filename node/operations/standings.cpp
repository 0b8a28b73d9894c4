#include "node/operations/standings.h"

#include <algorithm>
#include <set>

namespace tally::node {
namespace {

constexpr std::uint64_t kLevelBlocks = 3;

}  // namespace

Standings standings_of(const ChannelConfig& config, const std::string& self, const Standing& own,
                       const std::vector<PeerTraffic>& peers) {
    Standings out;
    out.of_node.emplace(self, own);
    for (const auto& peer : peers) {
        if (peer.standing) out.of_node.emplace(peer.id, *peer.standing);
    }
    std::vector<std::uint64_t> claims;
    for (const auto& orderer : config.orderers) {
        const auto found = out.of_node.find(orderer.id);
        claims.push_back(found == out.of_node.end() ? 0 : found->second.height);
    }
    const auto enough = consensus::blocking_set(config.model(), claims.size());
    std::sort(claims.begin(), claims.end(), std::greater());
    out.highest = std::max(own.height, claims[enough - 1]);
    return out;
}

bool left_behind(const Standings& standings, const ChannelConfig& config, const std::string& self) {
    const auto height = standings.of_node.at(self).height;
    if (height >= standings.highest) return false;
    return std::none_of(config.orderers.begin(), config.orderers.end(), [&](const OrdererConfig& orderer) {
        const auto found = standings.of_node.find(orderer.id);
        return found != standings.of_node.end() && found->second.height > height &&
               found->second.kept_from <= height + 1;
    });
}

void put_first_who_is_current(std::vector<NodeEntry>& nodes, const Standings& standings,
                              const std::vector<PeerTraffic>& peers) {
    std::set<std::string> current;
    for (const auto& peer : peers) {
        const bool near = peer.standing && standings.behind(peer.standing->height) <= kLevelBlocks;
        if (near && peer.is_there()) current.insert(peer.id);
    }
    std::stable_partition(nodes.begin(), nodes.end(), [&](const NodeEntry& node) { return current.contains(node.id); });
}

}  // namespace tally::node
