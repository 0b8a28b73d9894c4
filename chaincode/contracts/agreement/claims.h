#pragma once
// Which agreement bills which field of which device on which days: at most one. An agreement claims its devices when
// its last party signs, and again with each further version.

#include "chaincode/contracts/agreement/model.h"

namespace tally::chaincode::agreement {

// device_taken when another agreement bills something of `terms` on one of the days from their first to `until`.
[[nodiscard]] Status check_unclaimed(Stub& stub, const std::string& id, const Terms& terms, std::optional<Date> until);
// Claims what `terms` bill, from their first day to `until`. Days before stay as they are.
[[nodiscard]] Status claim(Stub& stub, const std::string& id, const Terms& terms, std::optional<Date> until);
// No claim of the agreement reaches beyond `until`.
[[nodiscard]] Status end_claims(Stub& stub, const std::string& id, const Terms& terms, Date until);

}  // namespace tally::chaincode::agreement
