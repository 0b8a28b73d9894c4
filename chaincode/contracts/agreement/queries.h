#pragma once
// What parties and other contracts ask about agreements. Members of other organizations get permission_denied, in
// the same words whether the agreement exists or not.

#include "chaincode/contracts/agreement/answers.h"

namespace tally::chaincode::agreement {

// Everything that is wrong with terms. Anyone may ask; nothing is stored.
[[nodiscard]] Result<Problems> check(Stub& stub, const Check& in);
[[nodiscard]] Result<Agreement> get(Stub& stub, const OneAgreement& in);
[[nodiscard]] Result<Version> get_version(Stub& stub, const OneVersion& in);
[[nodiscard]] Result<AgreementPage> list(Stub& stub, const ListAgreements& in);
// The version in force on a day; agreement_not_open outside the agreement's days.
[[nodiscard]] Result<TermsInForce> terms_on(Stub& stub, const TermsOn& in);

}  // namespace tally::chaincode::agreement
