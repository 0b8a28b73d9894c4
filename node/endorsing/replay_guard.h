#pragma once
// Nonces that were seen lately: a creator who uses a nonce for two different proposals is refused. A replay of one and
// the same proposal is harmless, as its transaction id is on the ledger. Bounded. Safe from any thread.

#include "chaincode/proposal.h"
#include "crypto/bounded_cache.h"

namespace tally::node {

class ReplayGuard {
  public:
    explicit ReplayGuard(std::size_t remembered = 200'000) : seen_(remembered) {}

    // proposal_replayed when this creator used this nonce for another proposal.
    [[nodiscard]] Status admit(const chaincode::SignedProposal& proposal);

  private:
    crypto::BoundedCache<storage::TransactionId> seen_;
};

}  // namespace tally::node
