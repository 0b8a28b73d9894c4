#pragma once
// Looks at every vote and every certificate that anybody lets out, and counts for itself.
//
// One notarized and one finalized id per view, no nullification beside a finalization: over the votes that were sent,
// whether or not anybody made a certificate of them. No vote of a member that keeps the rules against an earlier one of
// its own, over all its lives. No certificate, from such a member, that proves nothing.

#include <map>
#include <optional>
#include <set>

#include "tests/simulation/speaker.h"

namespace tally::simulation {

class VoteChecker {
  public:
    // `liars` may vote against themselves.
    VoteChecker(World& world, const Keys& keys, const Epochs& epochs, std::set<NodeId> liars)
        : world_(world), keys_(keys), epochs_(epochs), liars_(std::move(liars)) {}

    void sending(const Speaker& speaker, const consensus::Message& message);
    // In a message, a log or a delivery of a node that keeps the rules.
    void certificate_of_correct(const Speaker& speaker, const consensus::QuorumCertificate& certificate);
    // The finalized id of a view must be the id of the block that was delivered for it.
    void delivered(const storage::BlockHeader& header, const consensus::Hash& hash) const;
    // From now on it counts among the faulty (it lost its disk in the byzantine model).
    void excuse(NodeId node) { liars_.insert(node); }
    [[nodiscard]] bool excused(NodeId node) const { return liars_.contains(node); }

  private:
    struct Own {
        std::optional<consensus::Hash> notarized;
        std::optional<consensus::Hash> finalized;
        bool nullified = false;
    };
    struct Ballot {
        std::map<consensus::Member, Own> own;
        std::map<std::pair<consensus::VoteKind, consensus::Hash>, std::set<consensus::Member>> voters;
        std::optional<consensus::Hash> notarized;
        std::optional<consensus::Hash> finalized;
        bool nullified = false;
    };
    void vote(const Membership& membership, const consensus::Vote& vote);
    void against_itself(Own& own, const consensus::Vote& vote, NodeId node) const;
    void certified(Ballot& ballot, const consensus::Vote& vote);
    [[nodiscard]] bool signed_by(const Membership& membership, consensus::Member signer, consensus::VoteKind kind,
                                 consensus::Epoch epoch, consensus::View view, const consensus::Hash& id,
                                 ByteView signature) const;

    World& world_;
    const Keys& keys_;
    const Epochs& epochs_;
    std::set<NodeId> liars_;
    std::map<std::pair<consensus::Epoch, consensus::View>, Ballot> ballots_;
};

}  // namespace tally::simulation
