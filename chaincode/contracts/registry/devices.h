#pragma once
// Putting devices and schemas on the ledger. Failures: those of arguments, already_exists, not_found (a schema), and
// those of trust.h.

#include "chaincode/contracts/registry/arguments.h"

namespace tally::chaincode::registry {

[[nodiscard]] Result<json::value> register_schema(Stub& stub, const RegisterSchema& arguments);
// The summary of the device, and whether it is pending: it then waits for another organization's consent (consent.h).
[[nodiscard]] Result<json::value> register_device(Stub& stub, const RegisterDevice& arguments);
[[nodiscard]] Result<json::value> import_devices(Stub& stub, const ImportDevices& arguments);

// A new epoch: signed by the old key (attachment 0, see records/key_rotation.h), or certified anew. The new key is
// proven as at a registration (records/possession.h).
[[nodiscard]] Result<json::value> rotate_key(Stub& stub, const RotateKey& arguments);
[[nodiscard]] Result<json::value> recertify(Stub& stub, const RotateKey& arguments);

}  // namespace tally::chaincode::registry
