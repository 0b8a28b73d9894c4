#pragma once
// What other contracts may ask about agreements.

#include "chaincode/callee.h"
#include "chaincode/contracts/agreement/answers.h"

namespace tally::chaincode::agreement::api {

inline constexpr Callee<OneAgreement, Agreement> get{"agreement", "get"};
inline constexpr Callee<OneVersion, Version> get_version{"agreement", "get_version"};
inline constexpr Callee<TermsOn, TermsInForce> terms_on{"agreement", "terms_on"};
inline constexpr Callee<MarkBilled, Nothing> mark_billed{"agreement", "mark_billed"};

}  // namespace tally::chaincode::agreement::api
