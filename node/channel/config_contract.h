#pragma once
// The contract `config`: where admins propose and approve another configuration of the channel.
//
//   config/channel                         the configuration, JSON; written by a configuration update alone
//   config/proposal NUL hash               what is proposed
//   config/approval NUL hash NUL org NUL name   who approves it, and in which transaction
//
// The contract only collects: config_update.h decides.

#include "chaincode/contract.h"

namespace tally::node {

[[nodiscard]] chaincode::Contract config_contract();

// Every contract of a node: the metering contracts, and those about the channel itself.
[[nodiscard]] const chaincode::ContractSet& node_contracts();

// What a proposal has gathered: ids of the approving transactions, in order.
struct ConfigProposal {
    std::string config;  // JSON
    std::vector<storage::TransactionId> approvals;
};
// not_found when nothing with this hash is proposed.
[[nodiscard]] Result<ConfigProposal> read_config_proposal(const storage::StateReader& state, const crypto::Hash& hash);

}  // namespace tally::node
