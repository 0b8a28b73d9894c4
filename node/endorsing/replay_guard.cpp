#include "node/endorsing/replay_guard.h"

namespace tally::node {

Status ReplayGuard::admit(const chaincode::SignedProposal& proposal) {
    const auto key = crypto::sha256({proposal.cose.headers.x5chain.front(), proposal.proposal.nonce});
    if (seen_.find_or_insert(key, proposal.id) == proposal.id) return {};
    return fail(Code::proposal_replayed, "the nonce {} was used for another proposal", to_hex(proposal.proposal.nonce));
}

}  // namespace tally::node
