#pragma once
// tally device sign | publish

#include "chaincode/records/device_record.h"
#include "gateway/device_sdk/device_key.h"
#include "node/cli/commands.h"
#include "node/cli/member_client.h"

namespace tally::node::cli {

void add_device_sign(CLI::App& device, Choice& choice);
void add_device_publish(CLI::App& device, Choice& choice);

// "name@version"; the version is 1 where none is given.
[[nodiscard]] std::pair<std::string, std::int64_t> schema_parts(const std::string& schema);
[[nodiscard]] Result<std::vector<chaincode::Field>> fetch_schema(MemberClient& member, const std::string& schema);
// The schemas that the device may publish in, kept in its folder too. Those of the folder where the node does not say.
[[nodiscard]] Result<std::vector<gateway::device_sdk::KnownSchema>> learn_schemas(
    MemberClient& member, gateway::device_sdk::DeviceKey& device);

}  // namespace tally::node::cli
