#pragma once
// What the terms' lines of a service provider give for a period's FINAL days, as they are known now: its bill is
// compared with that. For many devices it is computed ahead, in parts; what a revision has changed since is computed
// again.

#include <map>

#include "chaincode/contracts/billing/answers.h"
#include "chaincode/contracts/billing/period.h"
#include "chaincode/stub.h"

namespace tally::chaincode::billing {

// The period with the tariff lines of the provider, its days as their last revisions have them: a bill that comes late
// knows what came late. wrong_party: the provider is no SP.
[[nodiscard]] Result<BillingPeriod> provider_period(Stub& stub, const OfPeriod& in, const std::string& provider);

// How many revisions of FINAL days the agreement has.
[[nodiscard]] Result<std::int64_t> revisions_now(Stub& stub, const BillingPeriod& period);
// Of each device that has a revision of a day of the period from this number on, the last one's number.
[[nodiscard]] Result<std::map<std::string, std::int64_t>> revised_since(Stub& stub, const BillingPeriod& period,
                                                                        std::int64_t number);

// By the provider or the OPERATOR: computes the lines of some devices ahead, so that the comparison of a bill for many
// devices fits into a transaction.
[[nodiscard]] Result<Prepared> prepare_bill(Stub& stub, const PrepareBill& in);

// The lines of all devices, and those that are of none. days_open names the first day that is not FINAL; too_large:
// more than kMostUnprepared devices are not computed ahead.
[[nodiscard]] Result<std::vector<Line>> provided_lines(Stub& stub, const BillingPeriod& period,
                                                       const std::string& provider);

}  // namespace tally::chaincode::billing
