#pragma once
// Who may ask, and what the state answers. Admission judges a proposal before anything is executed for it; evaluation
// runs a query on the newest state. Safe from any thread.

#include <boost/json/value.hpp>

#include "chaincode/execute.h"
#include "chaincode/proposal.h"
#include "node/channel/current_membership.h"
#include "node/channel/invocation.h"
#include "node/endorsing/replay_guard.h"
#include "storage/ledger.h"

namespace tally::node {

class Evaluator {
  public:
    // `kept`: the series that this node keeps for collections; null: it keeps none.
    Evaluator(const storage::Ledger& ledger, const CurrentMembership& membership, crypto::VerifiedSignatures& memo,
              const storage::KeptSeries* kept = nullptr)
        : ledger_(ledger), membership_(membership), memo_(memo), kept_(kept) {}

    // The caller, when channel, age, certificate, signature and nonce are good. `now_ms` is the local clock: it only
    // refuses early what committers would refuse by the block's time.
    [[nodiscard]] Result<chaincode::Caller> admit(const chaincode::SignedProposal& proposal,
                                                  const Membership& membership, std::int64_t now_ms);
    // Evaluates a proposal; nothing is written. The answer's JSON text.
    [[nodiscard]] Result<std::string> evaluate(const chaincode::SignedProposal& proposal, std::int64_t now_ms);
    // A query of a caller that the gateway has identified: its JSON text, or the JSON.
    [[nodiscard]] Result<std::string> query_text(const chaincode::Caller& caller, std::string contract,
                                                 std::string function, std::string arguments,
                                                 std::int64_t now_ms) const;
    [[nodiscard]] Result<boost::json::value> query(const chaincode::Caller& caller, std::string contract,
                                                   std::string function, std::string arguments,
                                                   std::int64_t now_ms) const;

  private:
    template <class Evaluate>
    [[nodiscard]] auto queried(const chaincode::Caller& caller, std::string contract, std::string function,
                               std::string arguments, std::int64_t now_ms, Evaluate&& evaluate) const;

    const storage::Ledger& ledger_;
    const CurrentMembership& membership_;
    crypto::VerifiedSignatures& memo_;
    const storage::KeptSeries* kept_;
    ReplayGuard replays_;
};

}  // namespace tally::node
