#pragma once
// Putting devices and schemas on the ledger. Failures: those of arguments, already_exists, not_found (a schema), and
// those of trust.h.

#include "chaincode/contracts/registry/answers.h"

namespace tally::chaincode::registry {

[[nodiscard]] Result<SchemaRegistered> register_schema(Stub& stub, const RegisterSchema& arguments);
// The summary of the device, and whether it is pending: it then waits for another organization's consent (consent.h).
[[nodiscard]] Result<DeviceSummary> register_device(Stub& stub, const RegisterDevice& arguments);
[[nodiscard]] Result<Imported> import_devices(Stub& stub, const ImportDevices& arguments);
// A meter that begins to show one more decimal goes on under its id, with another version of its schema.
[[nodiscard]] Result<SchemasAdded> add_schemas(Stub& stub, const AddSchemas& arguments);

// A new epoch: signed by the old key (attachment 0, see records/key_rotation.h), or certified anew. The new key is
// proven as at a registration (records/possession.h).
[[nodiscard]] Result<KeyRotated> rotate_key(Stub& stub, const RotateKey& arguments);
[[nodiscard]] Result<KeyRotated> recertify(Stub& stub, const RotateKey& arguments);

}  // namespace tally::chaincode::registry
