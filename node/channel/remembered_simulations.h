#pragma once
// Simulations that this node has computed itself when it endorsed them, so that it need not run them again when they
// come back in a block. A remembered result counts for the same simulation under the same configuration, once what it
// has read is as it was: every read of a writing function is recorded, so the run would give the same.
//
// Bounded: each organization has a share of its own, so one that has much endorsed and submits nothing evicts only its
// own entries. An evicted entry costs a run. Safe from any thread.

#include <map>
#include <mutex>
#include <string>

#include "crypto/bounded_cache.h"

namespace tally::node {

class RememberedSimulations {
  public:
    explicit RememberedSimulations(std::size_t share = 20'000) : share_(share) {}

    // `organization`: of the proposal's creator. `config`: hash of the configuration in force. `simulation`: encoded.
    void add(const std::string& organization, const crypto::Hash& config, ByteView simulation);
    [[nodiscard]] bool contains(const std::string& organization, const crypto::Hash& config, ByteView simulation) const;

  private:
    const std::size_t share_;
    mutable std::mutex mutex_;
    std::map<std::string, crypto::BoundedSet, std::less<>> shares_;
};

}  // namespace tally::node
