#pragma once
// A proposal as a contract is invoked with it.

#include "chaincode/execute.h"
#include "chaincode/proposal.h"
#include "node/channel/membership.h"

namespace tally::node {

// On a channel of this membership.
[[nodiscard]] chaincode::Invocation invocation_of(const chaincode::SignedProposal& proposal, chaincode::Caller caller,
                                                  const Membership& membership);

}  // namespace tally::node
