#pragma once
// Where the channel's nodes stand, as each of them says of itself (network/network.h, Standing), and what may be
// believed of it. Pure.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "node/channel/channel_config.h"
#include "node/network/network.h"

namespace tally::node {

struct Standings {
    std::map<std::string, Standing> of_node;  // of whoever said something, and of this node
    // The block that the channel has reached: this node's own, or a higher one that so many orderers claim that they
    // cannot all be lying (a blocking set; what others claim does not count). So a few liars can neither make a node
    // believe that it is behind nor that it is not.
    std::uint64_t highest = 0;

    [[nodiscard]] std::uint64_t behind(std::uint64_t height) const { return highest - std::min(height, highest); }
};

[[nodiscard]] Standings standings_of(const ChannelConfig& config, const std::string& self, const Standing& own,
                                     const std::vector<PeerTraffic>& peers);

// The channel is further, and every orderer that is ahead of this node has removed the block that it needs next: a
// snapshot is the only way on.
[[nodiscard]] bool left_behind(const Standings& standings, const ChannelConfig& config, const std::string& self);

// The nodes that are there and within a few blocks of the channel's height go before the others.
void put_first_who_is_current(std::vector<NodeEntry>& nodes, const Standings& standings,
                              const std::vector<PeerTraffic>& peers);

}  // namespace tally::node
