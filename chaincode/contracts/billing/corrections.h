#pragma once
// What earlier invoices would have been, had they known what became known since: correction lines, each the difference
// of two lines that are rounded for themselves. Priced by the terms of the day that is corrected, with the effect on
// tiers and takes.

#include "chaincode/contracts/billing/model.h"
#include "chaincode/contracts/billing/period.h"

namespace tally::chaincode::billing {

struct Corrections {
    std::vector<Line> lines;
    std::vector<Taken> taken;  // what the corrected days of this very period have more (or less)
};
// For the revisions that no invoice has and whose days are before `period`'s end; moves `progress` on. A revision of a
// day of this very period is taken too: the period's own items have the day as it became FINAL.
[[nodiscard]] Result<Corrections> correct(Stub& stub, const BillingPeriod& period, Progress& progress);
[[nodiscard]] Status put_taken(Stub& stub, const std::string& agreement, Date from, const std::vector<Taken>& taken);

}  // namespace tally::chaincode::billing
