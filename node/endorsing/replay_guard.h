#pragma once
// Nonces that were seen lately: a creator who uses a nonce for two different proposals is refused. A replay of one and
// the same proposal is harmless, as its transaction id is on the ledger. Bounded: two generations. Safe from any
// thread.

#include <mutex>
#include <unordered_map>

#include "chaincode/proposal.h"

namespace tally::node {

class ReplayGuard {
  public:
    explicit ReplayGuard(std::size_t generation_size = 100'000) : generation_size_(generation_size) {}

    // proposal_replayed when this creator used this nonce for another proposal.
    [[nodiscard]] Status admit(const chaincode::SignedProposal& proposal);

  private:
    const std::size_t generation_size_;
    std::mutex mutex_;
    std::unordered_map<crypto::Hash, storage::TransactionId> young_;
    std::unordered_map<crypto::Hash, storage::TransactionId> old_;
};

}  // namespace tally::node
