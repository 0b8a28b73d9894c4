#pragma once
// What other contracts may ask about records and settled days.

#include "chaincode/callee.h"
#include "chaincode/contracts/data/examine_answers.h"
#include "chaincode/contracts/data/settle_answers.h"

namespace tally::chaincode::data::api {

inline constexpr Callee<Settled, SettledPage> settled{"data", "settled"};
inline constexpr Callee<OfAgreement, SettledDevices> settled_devices{"data", "settled_devices"};
inline constexpr Callee<OfDevices, FirstDays> first_days{"data", "first_days"};
inline constexpr Callee<Examine, Examined> examine{"data", "examine"};
inline constexpr Callee<RevisionsFrom, Revisions> revisions{"data", "revisions"};
// At a node of a keeper alone (opened.h).
inline constexpr Callee<Settled, SettledPage> opened_days{"data", "opened_days"};
inline constexpr Callee<RevisionsFrom, Revisions> opened_revisions{"data", "opened_revisions"};

}  // namespace tally::chaincode::data::api
