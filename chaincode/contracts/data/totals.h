#pragma once
// Counters per device and per shard. Publishing increments them without reading, so it never conflicts over them.

#include "chaincode/contracts/data/arguments.h"
#include "chaincode/contracts/data/model.h"

namespace tally::chaincode::data {

[[nodiscard]] Status count(Stub& stub, const StoredRecord& record);
// {daily, interval, keepalive, rows, bytes}
[[nodiscard]] Result<json::value> totals(Stub& stub, const Totals& arguments);

// invalid_argument unless exactly one of them is given; checks its characters.
[[nodiscard]] Status check_device_or_shard(const std::optional<std::string>& device,
                                           const std::optional<std::string>& shard);

}  // namespace tally::chaincode::data
