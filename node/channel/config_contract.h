#pragma once
// The contract `config`: where admins propose and approve another configuration of the channel.
//
//   config/channel                              the configuration, JSON; written by a configuration update alone
//   config/proposal NUL org NUL hash            who has proposed what, for which base
//   config/owner NUL hash                       the organization that has proposed it
//   config/text NUL hash                        the proposed configuration
//   config/approval NUL hash NUL org NUL name   who approves it, until when, and in which transaction
//
// The contract only collects: config_update.h decides. An organization has a bounded number of open proposals; those
// that are void since the configuration has changed are removed when it proposes again.

#include "chaincode/contract.h"

namespace tally::node {

[[nodiscard]] chaincode::Contract config_contract();

// What a proposal has gathered: ids of the approving transactions.
struct ConfigProposal {
    std::string config;  // JSON
    std::vector<storage::TransactionId> approvals;
};
// not_found when nothing with this hash is proposed.
[[nodiscard]] Result<ConfigProposal> read_config_proposal(const storage::StateReader& state, const crypto::Hash& hash);

}  // namespace tally::node
