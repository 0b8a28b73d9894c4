#pragma once
// Where settled days are in the state (settle.h lists the keys), and how they are read.

#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

[[nodiscard]] std::string cloud_key(std::string_view device, std::int64_t start);
[[nodiscard]] std::string settled_key(const std::string& agreement, const std::string& device, Date day);
[[nodiscard]] std::string settling_key(const std::string& agreement, const std::string& device);
[[nodiscard]] std::string revision_key(const std::string& agreement, std::int64_t number);
// The number of the day's last revision.
[[nodiscard]] std::string revised_key(const std::string& agreement, const std::string& device, Date day);

[[nodiscard]] Result<std::int64_t> number_at(Stub& stub, const std::string& key);  // 0: there is none
// The last revision of a FINAL day; the day itself when there is none.
[[nodiscard]] Result<SettledDay> last_revision(Stub& stub, SettledDay day);
// A FINAL day, or the last revision of it; none when the day is not FINAL.
[[nodiscard]] Result<std::optional<SettledDay>> latest_of(Stub& stub, const OfDay& in);
// The day before as it was known when `day`, FINAL or a revision, was stored.
[[nodiscard]] Result<std::optional<SettledDay>> day_before_as_known(Stub& stub, const SettledDay& day);

}  // namespace tally::chaincode::data
