#pragma once
// A node: its part in each of its channels (channel_node.h), and the one HTTPS server in front of them.
//
// The first channel is the root; the further ones lie under /channels/NAME and whose checkpoints go onto
// the root channel at intervals. Every call from one thread, the owner's.

#include <memory>

#include "node/config/node_config.h"

namespace tally::node {

class Node {
  public:
    // The error names what is wrong: configuration, certificates, a damaged ledger, a directory in use.
    [[nodiscard]] static Result<std::unique_ptr<Node>> open(NodeConfig config);
    ~Node();

    [[nodiscard]] Status start();
    // Closes the intake, drains, closes the databases and seals them.
    void stop();
    [[nodiscard]] std::uint16_t gateway_port() const;
    // Reads all certificates again; their keys stay. Running connections keep the TLS certificate that they have, and
    // what cannot be taken over leaves the old one in use: the first reason is the result, and the log has all.
    [[nodiscard]] Status reload();

  private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace tally::node
