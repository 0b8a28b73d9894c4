#include "node/ordering/channel_nodes.h"

#include <algorithm>

namespace tally::node {

std::vector<ChannelPeer> nodes_of(const ChannelConfig& config) {
    std::vector<ChannelPeer> nodes;
    auto behind = static_cast<consensus::Member>(config.orderers.size());
    for (const auto& node : config.nodes) {
        const auto orderer = std::ranges::find(config.orderers, node.id, &OrdererConfig::id);
        const auto member = orderer == config.orderers.end()
                                ? behind++
                                : static_cast<consensus::Member>(orderer - config.orderers.begin());
        nodes.push_back({{node.id, node.address, node.transport_key}, member});
    }
    return nodes;
}

}  // namespace tally::node
