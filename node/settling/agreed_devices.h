#pragma once
// An agreement's terms in force, now or on other days, and the devices that they name.

#include "chaincode/contracts/agreement/model.h"
#include "chaincode/contracts/registry/answers.h"
#include "node/settling/contract_calls.h"

namespace tally::node {

[[nodiscard]] Result<std::vector<chaincode::agreement::Version>> agreed_versions(ContractCalls& calls,
                                                                                 const std::string& agreement);
// Of any of the versions, in the order of their ids: the devices of its operator in the shards of its scope, or those
// that the scope names.
[[nodiscard]] Result<std::vector<chaincode::registry::DeviceView>> agreed_devices(
    ContractCalls& calls, const std::vector<chaincode::agreement::Version>& versions);

}  // namespace tally::node
