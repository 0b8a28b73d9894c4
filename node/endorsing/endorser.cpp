#include "node/endorsing/endorser.h"

#include "node/threads/stopwatch.h"
#include "storage/model/archive.h"

namespace tally::node {

Endorser::Endorser(CurrentIdentity identity, const storage::Ledger& ledger, const CurrentMembership& membership,
                   Evaluator& evaluator, crypto::VerifiedSignatures& memo, RememberedSimulations& remembered,
                   Metrics& metrics)
    : identity_(std::move(identity)),
      ledger_(ledger),
      membership_(membership),
      evaluator_(evaluator),
      memo_(memo),
      remembered_(remembered),
      metrics_(metrics) {}

Result<Endorsed> Endorser::endorse(const chaincode::SignedProposal& proposal, std::int64_t now) {
    const Stopwatch watch;
    const auto membership = membership_.get();
    const auto caller = TRY(evaluator_.admit(proposal, *membership, now));
    const auto simulation =
        TRY(chaincode::simulate(membership->contracts(), *ledger_.state(), invocation_of(proposal, caller, *membership),
                                &memo_, membership->rules().execution));
    Endorsed out{storage::encode(simulation), {}, {}};
    out.digest = crypto::sha256(out.simulation);
    remembered_.add(caller.organization, membership->config_hash(), out.simulation);
    const auto statement = storage::endorsement_statement(proposal.proposal.channel, out.digest);
    out.endorsement = {identity_.certificate().der(), identity_.key.sign(statement)};
    crypto::remember_signature(identity_.key.public_key(), crypto::sha256(statement), out.endorsement.signature, memo_);
    metrics_.stage(Stage::endorse, watch.seconds());
    return out;
}

std::string Endorser::organization() const { return identity_.certificate().subject().organization; }

std::string Endorser::name() const {
    const auto certificate = identity_.certificate();
    const auto& subject = certificate.subject();
    return fmt::format("{} of {}", subject.common_name, subject.organization);
}

}  // namespace tally::node
