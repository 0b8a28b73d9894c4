#pragma once
// What the terms' lines of a service provider give for a period's FINAL days, as they are known now: its bill is
// compared with that. For many devices it is computed ahead, in parts; what a revision has changed since is computed
// again.

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/contracts/billing/period.h"
#include "chaincode/stub.h"

namespace tally::chaincode::billing {

// The period with the tariff lines of the provider, its days as their last revisions have them: a bill that comes late
// knows what came late. wrong_party: the provider is no SP.
[[nodiscard]] Result<BillingPeriod> provider_period(Stub& stub, const OfPeriod& in, const std::string& provider);

// Computes the lines of some devices ahead, so that the comparison of a bill for many devices fits into a transaction.
[[nodiscard]] Result<Prepared> prepare_bill(Stub& stub, const PrepareBill& in);

// The lines of all devices, and those that are of none. days_open names the first day that is not FINAL; too_large:
// more than kMostUnprepared devices are not computed ahead.
[[nodiscard]] Result<std::vector<Line>> provided_lines(Stub& stub, const BillingPeriod& period,
                                                       const std::string& provider);

}  // namespace tally::chaincode::billing
