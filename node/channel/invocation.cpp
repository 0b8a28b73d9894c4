#include "node/channel/invocation.h"

namespace tally::node {

chaincode::Invocation invocation_of(const chaincode::SignedProposal& in, chaincode::Caller caller,
                                    const Membership& membership) {
    const auto& proposal = in.proposal;
    return {in.id,
            proposal.channel,
            proposal.contract,
            proposal.function,
            proposal.arguments,
            proposal.attachments,
            proposal.created_ms,
            std::move(caller),
            membership.config().organization_ids()};
}

}  // namespace tally::node
