#pragma once
// Who may do what in the registry, and no other file says it. Roles are declared with the functions
// (registry.cpp); here is which organization's. Failures: permission_denied.

#include "chaincode/contracts/registry/model.h"

namespace tally::chaincode::registry {

// Register devices, schemas, anchors and rules: for one's own organization.
[[nodiscard]] Status may_register(const Stub& stub);
// Change a device's status or key, or report on it: the organization that operates it.
[[nodiscard]] Status may_operate(const Stub& stub, const Device& device);

}  // namespace tally::chaincode::registry
