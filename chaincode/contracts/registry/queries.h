#pragma once
// Asking the registry. Failures: unknown_device, not_found, invalid_argument (a cursor, a limit).

#include "chaincode/contracts/registry/answers.h"

namespace tally::chaincode::registry {

[[nodiscard]] Result<DeviceView> get_device(Stub& stub, const OneDevice& arguments);
[[nodiscard]] Result<DevicePage> list_devices(Stub& stub, const ListDevices& arguments);
[[nodiscard]] Result<Schema> get_schema(Stub& stub, const GetSchema& arguments);
[[nodiscard]] Result<SchemaPage> list_schemas(Stub& stub, const ListSchemas& arguments);
// Registry changes, incidents and records of one device, by the time of their transactions.
[[nodiscard]] Result<TimelinePage> timeline(Stub& stub, const Timeline& arguments);

}  // namespace tally::chaincode::registry
