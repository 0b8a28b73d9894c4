#pragma once
// Counters per device and per (organization, shard). Publishing increments them without reading, so it never conflicts
// over them.

#include "chaincode/contracts/data/answers.h"
#include "chaincode/contracts/data/arguments.h"

namespace tally::chaincode::data {

[[nodiscard]] Status count(Stub& stub, const StoredRecord& record);
// A record that corrects another one counts in corrections and bytes alone.
[[nodiscard]] Result<TotalsView> totals(Stub& stub, const Totals& arguments);

// What a query is about: a device, or an organization's shard.
struct Subject {
    bool is_device = false;
    std::string name;
    std::string organization;  // of a shard: the caller's unless another is named
};
// invalid_argument unless exactly one of them is given, an organization with a shard alone; checks their characters.
[[nodiscard]] Result<Subject> subject_of(const Stub& stub, const std::optional<std::string>& device,
                                         const std::optional<std::string>& shard,
                                         const std::optional<std::string>& organization);

}  // namespace tally::chaincode::data
