#pragma once
// What a node knows of itself and of its peers: for `GET /v1/node`, readiness and the metrics.
//
// A node is ready when it hears a quorum of the channel's orderers and its ledger is not far behind the highest block
// that any of them claims. What peers say of themselves is theirs to say: it serves to see who is behind, and a liar
// among the orderers can make this node call itself not ready, never ready.
//
// Threads: any. The sources must outlive it, and the metrics must not be read after it is gone.

#include <functional>
#include <optional>

#include "gateway/backend.h"
#include "node/config/node_config.h"
#include "node/net/network.h"
#include "node/operations/metrics.h"
#include "node/roles/current_membership.h"
#include "storage/chain.h"

namespace tally::consensus {
struct Observation;
}

namespace tally::node {

struct NodeSources {
    const NodeConfig& config;
    const CurrentMembership& membership;
    const storage::Chain& ledger;
    std::function<std::optional<consensus::Observation>()> observe;  // none: this node does not order, or not yet
    std::function<std::vector<PeerTraffic>()> traffic;               // empty: no other nodes
    std::function<std::uint64_t()> strangers;
};

class NodeStatus {
  public:
    explicit NodeStatus(NodeSources sources) : sources_(std::move(sources)) {}

    // docs/operations.md has the fields.
    [[nodiscard]] boost::json::object describe() const;
    // `health` first: what is not well is not ready.
    [[nodiscard]] gateway::Health ready(gateway::Health health) const;
    void add_gauges(Metrics& metrics) const;

  private:
    struct Seen;
    [[nodiscard]] Seen look() const;
    [[nodiscard]] std::string not_ready_because(const Seen& seen) const;

    NodeSources sources_;
};

}  // namespace tally::node
