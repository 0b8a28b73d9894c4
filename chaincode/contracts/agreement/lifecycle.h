#pragma once
// How terms come into force, change and end. Every function is called by a member of a party.

#include "chaincode/contracts/agreement/answers.h"

namespace tally::chaincode::agreement {

// Proposes an agreement; the proposer has signed it by that. already_exists, terms_invalid.
[[nodiscard]] Result<Version> propose(Stub& stub, const Propose& in);
// Proposes other terms. Their first day must not be billed yet, and must be after the first day of the last version.
[[nodiscard]] Result<Version> amend(Stub& stub, const Propose& in);
// Signs a version. The last signature puts it into force.
[[nodiscard]] Result<Version> sign(Stub& stub, const Sign& in);
// Takes a version back that is not signed by all; its proposer may.
[[nodiscard]] Result<Version> withdraw(Stub& stub, const OneVersion& in);
// A payee's part goes to another member, when that one signs too. The other parties have agreed to it by
// payees_assignable.
[[nodiscard]] Result<Version> transfer(Stub& stub, const Transfer& in);
// No invoice is computed until the same organization resumes it.
[[nodiscard]] Result<Agreement> suspend(Stub& stub, const Reasoned& in);
[[nodiscard]] Result<Agreement> resume(Stub& stub, const OneAgreement& in);
// Gives notice: notice_days must lie between today and the end.
[[nodiscard]] Result<Agreement> end(Stub& stub, const End& in);
// The billing contract's word that invoices are computed for the days before `until`.
[[nodiscard]] Result<Nothing> mark_billed(Stub& stub, const MarkBilled& in);

}  // namespace tally::chaincode::agreement
