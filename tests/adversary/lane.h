#pragma once
// What a gateway that is an orderer too can order: transactions that no endorser saw and no other orderer admitted, in
// a batch of its own lane; and endorsements that it asks for and does not use as it should.

#include <string>
#include <vector>

#include "crypto/key.h"
#include "node/network/node_network.h"

namespace tally::node {

// One batch with these transactions, the first of a life that begins now; sealing: meant to change the configuration.
[[nodiscard]] consensus::BatchPtr batch_of(const crypto::PrivateKey& orderer, const std::string& channel,
                                           std::vector<Bytes> transactions, bool sealing);

// What this node answers to a client's proposal: writes NODE.simulation, NODE.certificate and NODE.signature into the
// folder.
[[nodiscard]] Status keep_endorsement(NodeNetwork& network, const std::string& node, const Bytes& proposal,
                                      const std::string& folder);

// "accepted", or the code and text of the refusal.
[[nodiscard]] std::string submit_to(NodeNetwork& network, const std::string& node, std::vector<Bytes> transactions,
                                    bool configuration);

}  // namespace tally::node
