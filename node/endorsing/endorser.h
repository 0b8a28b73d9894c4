#pragma once
// The endorser: admits a proposal, simulates it on the newest state, signs the simulation and remembers it for the
// committer of this node. Writes nothing. Safe from any thread.

#include "node/channel/current_identity.h"
#include "node/channel/remembered_simulations.h"
#include "node/endorsing/evaluator.h"
#include "node/metrics/metrics.h"

namespace tally::node {

struct Endorsed {
    Bytes simulation;     // encoded storage::Simulation; empty in brief
    crypto::Hash digest;  // SHA-256 of it
    storage::Endorsement endorsement;

    template <class A>
    void serialize(A& a) {
        a(simulation, digest, endorsement);
    }
};

class Endorser {
  public:
    Endorser(CurrentIdentity identity, const storage::Ledger& ledger, const CurrentMembership& membership,
             Evaluator& evaluator, crypto::VerifiedSignatures& memo, RememberedSimulations& remembered,
             Metrics& metrics);

    // Fails with the admission's error or the contract's refusal.
    [[nodiscard]] Result<Endorsed> endorse(const chaincode::SignedProposal& proposal, std::int64_t now_ms);
    [[nodiscard]] std::string name() const;
    [[nodiscard]] std::string organization() const;

  private:
    CurrentIdentity identity_;
    const storage::Ledger& ledger_;
    const CurrentMembership& membership_;
    Evaluator& evaluator_;
    crypto::VerifiedSignatures& memo_;
    RememberedSimulations& remembered_;
    Metrics& metrics_;
};

}  // namespace tally::node
