#pragma once
// What is asked at the edge, by this node's clock, of what a client wants: that a member of the channel made the
// proposal lately and signed it. Endorsers ask it before they simulate, and an orderer before it takes a transaction,
// at the node where it enters; whether that is well endorsed is the committers' to judge.
//
// Safe from any thread. Every signature is checked once and remembered in `memo` (which may be null): a node that has
// endorsed or will validate the transaction pays once.

#include "chaincode/proposal.h"
#include "crypto/batch_signature.h"
#include "node/channel/membership.h"

namespace tally::node {

// Who wants it. wrong_channel, proposal_expired, unauthenticated, bad_signature or a certificate_* code.
[[nodiscard]] Result<chaincode::Caller> check_proposal(const chaincode::SignedProposal& proposal,
                                                       const Membership& membership, std::int64_t now_ms,
                                                       crypto::VerifiedSignatures* memo);

// Of an encoded transaction; also malformed or invalid_argument. None, and nothing is asked, where the channel's
// configuration says that orderers take anything.
[[nodiscard]] Result<std::optional<chaincode::Caller>> admit_transaction(ByteView transaction,
                                                                         const Membership& membership,
                                                                         std::int64_t now_ms,
                                                                         crypto::VerifiedSignatures* memo);

}  // namespace tally::node
