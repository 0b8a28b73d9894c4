#pragma once
// The heights of the channel's nodes as each reports its own (network/network.h, Standing), and the channel's height
// that follows from them. Pure.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "node/channel/channel_config.h"
#include "node/network/network.h"

namespace tally::node {

struct Standings {
    std::map<std::string, Standing> of_node;  // of the nodes that have reported one, and of this node
    // The block that the channel has reached: this node's own, or a higher one that a blocking set of orderers claims
    // (f+1 of 3f+1). So f false claims cannot change the result; claims of nodes that do not order do not count.
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
