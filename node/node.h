#pragma once
// A node: the roles that its configuration names, on one channel's ledger, wired together.
//
//   gateway -> Submitter -> Endorser                        (worker pool)
//                        -> Orderer -> Committer -> ledger  (one thread each)
//
// open reads and checks everything and serves nothing; start serves; stop closes the intake, drains, closes the
// database and seals it. Every call from one thread, the owner's.

#include <atomic>
#include <memory>

#include "node/config/node_config.h"

namespace tally::node {

class Node {
  public:
    // The error names what is wrong: configuration, certificates, a damaged ledger, a directory in use.
    [[nodiscard]] static Result<std::unique_ptr<Node>> open(NodeConfig config);
    ~Node();

    [[nodiscard]] Status start();
    void stop();
    [[nodiscard]] std::uint16_t gateway_port() const;
    // Reads the gateway's TLS certificate again; running connections keep theirs.
    [[nodiscard]] Status reload();

  private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

}  // namespace tally::node
