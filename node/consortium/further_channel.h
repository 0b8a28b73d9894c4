#pragma once
// A further channel of a consortium: of some of its organizations, on the nodes that they have.
//
//   channels/NAME/channel.json, genesis.block
//   nodes/NODE/data-NAME/, and a table [[channels]] in its node.toml
//   organizations/ORG/members/MEMBER/profile-NAME.toml

#include <filesystem>
#include <string>
#include <vector>

#include "node/channel/channel_config.h"

namespace tally::node {

struct NewChannel {
    std::filesystem::path directory;  // the consortium's
    std::string name;
    std::vector<std::string> organizations;  // empty: all
    std::filesystem::path config;            // the root channel as it is now; empty: as its genesis block says
    std::string residency;                   // where its data may lie; empty: as the root channel says
};

struct MadeChannel {
    ChannelConfig config;
    std::vector<std::filesystem::path> nodes;     // folders of those that take part, once they are started again
    std::vector<std::filesystem::path> profiles;  // of the members
};

// already_exists when there is such a channel; not_found names an organization that is not in the root channel.
[[nodiscard]] Result<MadeChannel> create_channel(const NewChannel& options);

}  // namespace tally::node
