#pragma once
// A node's part in one channel: the roles that its configuration names, on that channel's ledger, wired together.
//
//   gateway -> Submitter -> Endorser                         (worker pool)
//                        -> Ordering -> Committer -> ledger  (one thread each)
//
// open reads and checks everything and serves nothing; start works; stop drains, closes the database and seals it.
// Every call from one thread, the owner's, but those of `api`.

#include <memory>
#include <stop_token>
#include <string>

#include "gateway/http/handler.h"
#include "node/config/node_config.h"
#include "node/config/node_identities.h"
#include "node/metrics/metrics.h"

namespace tally::node {

class ChannelNode {
  public:
    // The error names what is wrong: configuration, certificates, a damaged ledger, a directory in use.
    [[nodiscard]] static Result<std::unique_ptr<ChannelNode>> open(NodeConfig config, NodeIdentities identities);
    ~ChannelNode();

    [[nodiscard]] Status start();
    void stop();  // after the server that calls `api` has stopped

    [[nodiscard]] std::size_t peers() const;  // the channel's other nodes
    [[nodiscard]] std::string channel() const;
    [[nodiscard]] gateway::Handler* api() const;  // null when the node has no HTTPS address
    [[nodiscard]] Metrics& metrics() const;
    // Whether it is a member of the channel now; always true while the channel does not name this node.
    [[nodiscard]] Status check_member(const Identity& identity) const;
    [[nodiscard]] bool names_orderer(const crypto::PublicKey& key) const;
    // Puts this channel's newest checkpoint on the root channel, in this node's organization's name, unless it is
    // there. The first call opens this channel on the root channel. False: that is under way, and the checkpoint
    // can follow soon.
    [[nodiscard]] bool anchor_on(ChannelNode& root) const;
    // Does what is due under the agreements that this node's organization operates (node/settling), at once and then
    // when it is due, until `stop`. Nothing without a gateway.
    void settle(std::stop_token stop) const;
    // Fetches and removes the readings that this node keeps for collections, until `stop`. Nothing without a gateway.
    void keep(std::stop_token stop) const;
    // Puts the days' figures of telemetry onto the ledger, until `stop`. Nothing without telemetry.
    void store_telemetry(std::stop_token stop) const;
    // Does what becomes of devices that ask to be registered, until `stop`. Nothing where none may ask.
    void admit(std::stop_token stop) const;

  private:
    struct Parts;
    explicit ChannelNode(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace tally::node
