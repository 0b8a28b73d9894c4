#pragma once
// The Byzantine members by name. Each has a core that keeps the rules, from which it knows what would be right, and its
// own key only.
//
//   silent                  sends nothing
//   equivocating leader     proposes two blocks in its views, to different members, and votes for both
//   voting for everything   notarize, nullify and finalize for whatever is proposed
//   forking leader          proposes behind a block that is not the last one, as if the later views had been nullified
//   stale-voting            sends old votes and certificates again, its new ones late, and votes in other views
//   withholding batches     sends its batches to few, answers few fetches, and makes two batches for one position
//   withholding certificates  keeps its votes to itself, makes certificates of the others' and releases them late
//   lying about status      claims views, epochs and lanes that are not so, and votes for everything half of the time
//   proposing garbage       all kinds of messages with something wrong in them
//   two-faced               two nodes with one key (Twins): the cluster makes these

#include "tests/simulation/node.h"

namespace tally::simulation {

// None: two-faced.
[[nodiscard]] std::unique_ptr<Behaviour> draw_behaviour(Random& random);

[[nodiscard]] std::unique_ptr<Behaviour> make_silent();
[[nodiscard]] std::unique_ptr<Behaviour> make_equivocating_leader();
[[nodiscard]] std::unique_ptr<Behaviour> make_voting_for_everything();
[[nodiscard]] std::unique_ptr<Behaviour> make_forking_leader();
[[nodiscard]] std::unique_ptr<Behaviour> make_stale_voting();
[[nodiscard]] std::unique_ptr<Behaviour> make_withholding_batches();
[[nodiscard]] std::unique_ptr<Behaviour> make_withholding_certificates();
[[nodiscard]] std::unique_ptr<Behaviour> make_lying_about_status(bool votes_for_everything);
[[nodiscard]] std::unique_ptr<Behaviour> make_proposing_garbage();

// A vote of this node in its present epoch; none when it is no member.
[[nodiscard]] std::optional<consensus::Vote> signed_vote(Node& node, consensus::VoteKind kind, consensus::View view,
                                                         const consensus::Hash& id);
// All other members.
[[nodiscard]] std::vector<NodeId> others(const Node& node);
template <class Body>
[[nodiscard]] MessagePtr message_of(Body body) {
    return std::make_shared<const consensus::Message>(std::move(body));
}

}  // namespace tally::simulation
