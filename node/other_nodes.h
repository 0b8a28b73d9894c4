#pragma once
// The channel's other nodes, as this one asks them: for endorsements, for attestations of answers, and for signatures
// on checkpoints. Any thread; what it borrows must outlive it.

#include <string>
#include <vector>

#include "node/channel_store.h"
#include "node/endorsing/attester.h"
#include "node/endorsing/submitter.h"
#include "node/network/node_network.h"
#include "node/operations/standings.h"

namespace tally::node {

class OtherNodes {
  public:
    // `self`: this node's id. `network`: none when this node is the channel's only one.
    OtherNodes(std::string self, const ChannelStore& store, NodeNetwork* network)
        : self_(std::move(self)), store_(store), network_(network) {}

    // The channel's endorsers but this node: first one of each other organization (nodes at the channel's height before
    // the rest), then their other nodes. `own_organization`: of an endorser that is asked before them; empty: none is.
    [[nodiscard]] std::vector<EndorsementSource> endorsers(const std::string& own_organization) const;
    // The same nodes, in the same order, as those that attest.
    [[nodiscard]] std::vector<AttestationSource> attesters(const std::string& own_organization) const;
    // Asks the other committers for their signatures on the checkpoint of this height, and waits for them.
    void gather_signatures(storage::BlockNumber block) const;

    [[nodiscard]] bool are_there() const { return network_ != nullptr; }
    [[nodiscard]] std::vector<PeerTraffic> traffic() const;
    [[nodiscard]] std::uint64_t strangers() const;
    [[nodiscard]] Standings standings() const;  // of this node and the others

  private:
    [[nodiscard]] std::vector<NodeEntry> ranked_endorsers(const std::string& own_organization) const;
    [[nodiscard]] EndorsementSource source_at(const NodeEntry& node) const;
    [[nodiscard]] AttestationSource attester_at(const NodeEntry& node) const;

    const std::string self_;
    const ChannelStore& store_;
    NodeNetwork* const network_;
};

}  // namespace tally::node
