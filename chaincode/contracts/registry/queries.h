#pragma once
// Asking the registry. Failures: unknown_device, not_found, invalid_argument (a cursor, a limit).

#include "chaincode/contracts/registry/arguments.h"

namespace tally::chaincode::registry {

[[nodiscard]] Result<json::value> get_device(Stub& stub, const OneDevice& arguments);
[[nodiscard]] Result<json::value> list_devices(Stub& stub, const ListDevices& arguments);
[[nodiscard]] Result<json::value> get_schema(Stub& stub, const GetSchema& arguments);
[[nodiscard]] Result<json::value> list_schemas(Stub& stub, const ListSchemas& arguments);
// Registry changes, incidents and records of one device, by the time of their transactions.
[[nodiscard]] Result<json::value> timeline(Stub& stub, const Timeline& arguments);

}  // namespace tally::chaincode::registry
