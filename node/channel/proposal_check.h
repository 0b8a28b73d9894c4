#pragma once
// Checks on a client's proposal when it arrives, by this node's clock: a member of the channel has signed it, and it is
// not too old. Endorsers check before they simulate, and an orderer before it accepts a transaction, at the node where
// the transaction enters. The endorsements are checked by the committers alone.
//
// Safe from any thread. Every signature is checked once and remembered in `memo` (which may be null): a node that has
// endorsed or will validate the transaction pays once.

#include "chaincode/proposal.h"
#include "crypto/batch_signature.h"
#include "node/channel/membership.h"

namespace tally::node {

// The caller who has signed it. wrong_channel, proposal_expired, unauthenticated, bad_signature or a certificate_*
// code.
[[nodiscard]] Result<chaincode::Caller> check_proposal(const chaincode::SignedProposal& proposal,
                                                       const Membership& membership, std::int64_t now_ms,
                                                       crypto::VerifiedSignatures* memo);

// The same for a proposal on its way to the orderers. None, and nothing is checked, where the channel's configuration
// says that orderers accept any bytes.
[[nodiscard]] Result<std::optional<chaincode::Caller>> admit_proposal(const chaincode::SignedProposal& proposal,
                                                                      const Membership& membership, std::int64_t now_ms,
                                                                      crypto::VerifiedSignatures* memo);
// The same for an encoded transaction; also malformed or invalid_argument.
[[nodiscard]] Result<std::optional<chaincode::Caller>> admit_transaction(ByteView transaction,
                                                                         const Membership& membership,
                                                                         std::int64_t now_ms,
                                                                         crypto::VerifiedSignatures* memo);

}  // namespace tally::node
