#pragma once
// A device's status: set by who operates it, or by the rules of automatic suspension.
//
// ACTIVE -> SUSPENDED -> ACTIVE (with a repair record) -> ...; RETIRED from either, and final. A status takes effect at
// the transaction's time or later. While a device is suspended, periods that touch the suspension are refused for good;
// earlier periods stay publishable, and so do those that begin after a reinstatement.

#include "chaincode/contracts/registry/answers.h"

namespace tally::chaincode::registry {

[[nodiscard]] Result<StatusChange> set_status(Stub& stub, const SetStatus& arguments);
[[nodiscard]] Result<Rules> set_rules(Stub& stub, const Rules& rules);
[[nodiscard]] Result<Rules> get_rules(Stub& stub, const OfOrganization& arguments);
// Suspends an ACTIVE device that has missed as many keep-alives as its operator's rules say.
[[nodiscard]] Result<SilenceJudged> suspend_silent(Stub& stub, const SuspendSilent& in);
[[nodiscard]] Result<IncidentReported> report_incident(Stub& stub, const ReportIncident& arguments);

}  // namespace tally::chaincode::registry
