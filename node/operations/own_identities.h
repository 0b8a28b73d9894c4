#pragma once
// This node's identities in one of its channels: whether the channel accepts them, and when they end. Any thread; what
// it borrows must outlive it.

#include "node/channel/current_membership.h"
#include "node/config/node_identities.h"
#include "node/operations/expiry.h"
#include "storage/ledger.h"

namespace tally::node {

class OwnIdentities {
  public:
    // `ledger`: none on a node that only orders.
    OwnIdentities(const NodeConfig& config, const NodeIdentities& identities, const CurrentMembership& membership,
                  const storage::Ledger* ledger)
        : config_(config), identities_(identities), membership_(membership), ledger_(ledger) {}

    // Whether the channel accepts it now. A channel that does not name this node yet accepts any.
    [[nodiscard]] Status check_member(const Identity& identity) const;
    // Whether the node may start with it: also when it, its authority or a revocation list is out of date by the
    // configuration that the node has so far, as the blocks that it fetches may mend that. The log says so then.
    [[nodiscard]] Status check_start(const Identity& identity) const;
    // Of the node, of the channel's organizations and, with a ledger, of their devices.
    [[nodiscard]] std::vector<Expiry> expiries() const;
    // Why what this node signs does not count now; empty when it counts.
    [[nodiscard]] std::string void_because() const;

  private:
    const NodeConfig& config_;
    const NodeIdentities& identities_;
    const CurrentMembership& membership_;
    const storage::Ledger* const ledger_;
};

}  // namespace tally::node
