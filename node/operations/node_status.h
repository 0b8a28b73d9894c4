#pragma once
// What a node knows of itself and of its peers: for `GET /v1/node`, readiness and the metrics.
//
// A node is ready when its program knows what the next block needs, its disk has room, it hears a quorum of the
// channel's orderers, its ledger is not far behind the block that they have reached (standings.h), its certificates
// count now (they, their authorities and lists may have expired), and, if it orders, it may vote. What a peer says of
// its own height is not proved: it serves to see who is behind.
//
// Threads: any. The sources must outlive it, and the metrics must not be read after it is gone.

#include <functional>
#include <optional>

#include "gateway/backend.h"
#include "node/channel/current_membership.h"
#include "node/config/node_config.h"
#include "node/metrics/metrics.h"
#include "node/network/network.h"
#include "node/operations/expiry.h"
#include "storage/chain.h"

namespace tally::consensus {
struct Observation;
}

namespace tally::node {

struct Following;

struct NodeSources {
    const NodeConfig& config;
    const CurrentMembership& membership;
    const storage::Chain& ledger;
    std::function<std::optional<consensus::Observation>()> observe;  // none: this node does not order, or not yet
    std::function<std::vector<PeerTraffic>()> traffic;               // empty: no other nodes
    std::function<std::uint64_t()> strangers;
    std::function<std::optional<Following>()> following;  // none: it orders itself
    std::function<bool()> disk_is_full;
    std::function<std::optional<Error>()> stopped;  // why it goes no further in the chain (needs_upgrade)
    ExpiryWatch::Read expiries;
    std::function<std::string()> void_because;  // why this node's signatures do not count now; empty: they do
};

class NodeStatus {
  public:
    explicit NodeStatus(NodeSources sources) : sources_(std::move(sources)), expiry_(sources_.expiries) {}

    // docs/operations.md has the fields.
    [[nodiscard]] boost::json::object describe() const;
    // The details of `health`, and whether clients should be sent here.
    [[nodiscard]] gateway::Health ready(gateway::Health health) const;
    void add_gauges(Metrics& metrics) const;
    // Called every second or so: tells the log once that only a snapshot helps this node, and what expires.
    void watch();

  private:
    struct Seen;
    void add_peer_gauges(Metrics& metrics) const;
    [[nodiscard]] Seen look() const;
    [[nodiscard]] std::string not_ready_because(const Seen& seen) const;

    NodeSources sources_;
    ExpiryWatch expiry_;
    bool left_behind_ = false;  // as the log has it
};

}  // namespace tally::node
