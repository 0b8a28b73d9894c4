#pragma once
// The nodes of a channel as the network between them knows them.

#include <vector>

#include "node/channel/channel_config.h"
#include "node/network/node_network.h"

namespace tally::node {

// In the order of the configuration. An orderer's number is its place among the orderers; the other nodes follow.
[[nodiscard]] std::vector<ChannelPeer> nodes_of(const ChannelConfig& config);

}  // namespace tally::node
