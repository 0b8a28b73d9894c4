#include "node/endorsing/replay_guard.h"

namespace tally::node {

Status ReplayGuard::admit(const chaincode::SignedProposal& proposal) {
    const auto key = crypto::sha256({proposal.cose.headers.x5chain.front(), proposal.proposal.nonce});
    const std::lock_guard lock(mutex_);
    for (const auto* generation : {&young_, &old_}) {
        const auto found = generation->find(key);
        if (found == generation->end()) continue;
        if (found->second == proposal.id) return {};
        return fail(Code::proposal_replayed, "the nonce {} was used for another proposal",
                    to_hex(proposal.proposal.nonce));
    }
    if (young_.size() >= generation_size_) {
        old_ = std::move(young_);
        young_.clear();
    }
    young_.emplace(key, proposal.id);
    return {};
}

}  // namespace tally::node
