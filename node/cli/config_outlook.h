#pragma once
// What a change of the configuration would mean, for who is about to propose or to approve it: what will be needed from
// then on, and whether it is there now. Pure.

#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "node/channel/channel_config.h"

namespace tally::node::cli {

struct Outlook {
    std::vector<std::string> needed;    // approvals, quorum of orderers, endorsements, versions; what stays is left out
    std::vector<std::string> warnings;  // what is not there for it now
};

// `node`: what a node of the channel says of itself and its peers (GET /v1/node).
[[nodiscard]] Outlook outlook_of(const ChannelConfig& now, const ChannelConfig& next, const boost::json::object& node);

}  // namespace tally::node::cli
