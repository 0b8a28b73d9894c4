#include "tests/simulation/vote_checker.h"

namespace tally::simulation {

using namespace consensus;

bool VoteChecker::signed_by(const Membership& membership, Member signer, VoteKind kind, Epoch epoch, View view,
                            const Hash& id, ByteView signature) const {
    return signer < membership.members.size() &&
           keys_.verify(membership.members[signer], vote_statement(kChannel, kind, epoch, view, id), signature);
}

void VoteChecker::sending(const Speaker& speaker, const Message& message) {
    for (const auto* v : votes_in(message)) {
        const auto* membership = epochs_.of(v->epoch);
        const auto good =
            membership != nullptr && signed_by(*membership, v->signer, v->kind, v->epoch, v->view, v->id, v->signature);
        if (good) {
            vote(*membership, *v);
        } else if (speaker.correct) {
            violated("node {} sends a vote whose signature is false: e{} v{}", speaker.node, v->epoch, v->view);
        }
    }
    for (const auto* certificate : certificates_in(message)) {
        if (speaker.correct) {
            certificate_of_correct(speaker, *certificate);
            continue;
        }
        const auto* membership = epochs_.of(certificate->epoch);
        const auto& c = *certificate;
        for (std::size_t i = 0; membership != nullptr && i < std::min(c.signers.size(), c.signatures.size()); ++i) {
            if (signed_by(*membership, c.signers[i], c.kind, c.epoch, c.view, c.id, c.signatures[i])) {
                vote(*membership, {c.kind, c.epoch, c.view, c.id, c.signers[i], {}});
            }
        }
    }
}

void VoteChecker::certificate_of_correct(const Speaker& speaker, const QuorumCertificate& c) {
    const auto* membership = epochs_.of(c.epoch);
    if (membership == nullptr) violated("node {} has a certificate of the unknown epoch {}", speaker.node, c.epoch);
    const std::set<Member> distinct(c.signers.begin(), c.signers.end());
    if (distinct.size() != c.signers.size() || c.signers.size() != c.signatures.size() ||
        distinct.size() < epochs_.quorum(*membership)) {
        violated("node {} has a certificate of {} signers for e{} v{} where {} are needed", speaker.node,
                 distinct.size(), c.epoch, c.view, epochs_.quorum(*membership));
    }
    for (std::size_t i = 0; i < c.signers.size(); ++i) {
        if (!signed_by(*membership, c.signers[i], c.kind, c.epoch, c.view, c.id, c.signatures[i])) {
            violated("node {} has a certificate for e{} v{} that member {} did not sign", speaker.node, c.epoch, c.view,
                     c.signers[i]);
        }
        vote(*membership, {c.kind, c.epoch, c.view, c.id, c.signers[i], {}});
    }
}

void VoteChecker::vote(const Membership& membership, const Vote& vote) {
    auto& ballot = ballots_[{vote.epoch, vote.view}];
    if (!ballot.voters[{vote.kind, vote.id}].insert(vote.signer).second) return;
    const auto node = membership.members[vote.signer];
    if (!liars_.contains(node)) against_itself(ballot.own[vote.signer], vote, node);
    if (ballot.voters[{vote.kind, vote.id}].size() == epochs_.quorum(membership)) certified(ballot, vote);
}

void VoteChecker::against_itself(Own& own, const Vote& vote, NodeId node) const {
    const auto differs = [&](const std::optional<Hash>& earlier) { return earlier && *earlier != vote.id; };
    const auto against = [&](const char* what) {
        violated("node {} votes against itself in e{} v{}: {}", node, vote.epoch, vote.view, what);
    };
    switch (vote.kind) {
        case VoteKind::notarize:
            if (differs(own.notarized)) against("notarize twice");
            own.notarized = vote.id;
            break;
        case VoteKind::nullify:
            if (own.finalized) against("nullify after finalize");
            own.nullified = true;
            break;
        case VoteKind::finalize:
            if (differs(own.finalized)) against("finalize twice");
            if (own.nullified) against("finalize after nullify");
            own.finalized = vote.id;
            break;
    }
}

void VoteChecker::certified(Ballot& ballot, const Vote& vote) {
    switch (vote.kind) {
        case VoteKind::notarize:
            if (ballot.notarized) violated("two blocks are notarized in e{} v{}", vote.epoch, vote.view);
            ballot.notarized = vote.id;
            world_.count("view notarized");
            if (ballot.nullified) world_.count("view notarized and nullified");
            break;
        case VoteKind::nullify:
            ballot.nullified = true;
            world_.count("view nullified");
            if (ballot.notarized) world_.count("view notarized and nullified");
            break;
        case VoteKind::finalize:
            if (ballot.finalized) violated("two blocks are finalized in e{} v{}", vote.epoch, vote.view);
            ballot.finalized = vote.id;
            world_.count("view finalized");
            break;
    }
    if (ballot.finalized && ballot.nullified) violated("e{} v{} is finalized and nullified", vote.epoch, vote.view);
    if (ballot.finalized && ballot.notarized && *ballot.finalized != *ballot.notarized) {
        violated("e{} v{} is finalized with another block than was notarized", vote.epoch, vote.view);
    }
}

void VoteChecker::delivered(const storage::BlockHeader& header, const Hash& hash) const {
    const auto found = ballots_.find({header.epoch, header.view});
    if (found == ballots_.end()) return;
    if (found->second.finalized && *found->second.finalized != hash) {
        violated("block {} is delivered where another one of e{} v{} is final", header.number, header.epoch,
                 header.view);
    }
}

}  // namespace tally::simulation
