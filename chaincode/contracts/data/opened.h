#pragma once
// FINAL days whose figures are commitments (Match::COMMITTED), with the figures that follow from the readings which a
// collection keeps: what they would be, had the device signed its figures in the clear.
//
// Queries, for a node of a keeper: only its store has the openings. For the agreement's parties. An opening is checked
// against the commitment that the device has signed, so a keeper cannot change a figure.
// Failures: figures_withheld (this node does not have the opening, or it was erased), those of settled and revisions.

#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

// As settled(); days with figures in the clear are as they are.
[[nodiscard]] Result<SettledPage> opened_days(Stub& stub, const Settled& in);
// As revisions().
[[nodiscard]] Result<Revisions> opened_revisions(Stub& stub, const RevisionsFrom& in);

}  // namespace tally::chaincode::data
