#pragma once
// Why the audit contract refuses.

#include "chaincode/refusal.h"

namespace tally::chaincode::audit::refusals {

inline constexpr Refusal no_run{{"unknown_audit", Kind::conflict},
                                "The agreement has no audit run of this id.",
                                "List them: tally call audit list. Make one: tally agreement audit."};

}  // namespace tally::chaincode::audit::refusals
