#pragma once
// What earlier invoices would have been, had they known what became known since: correction lines, each the difference
// of two lines that are rounded for themselves. Priced by the terms of the day that is corrected, with the effect on
// tiers and takes.

#include "chaincode/contracts/billing/model.h"
#include "chaincode/contracts/billing/period.h"

namespace tally::chaincode::billing {

struct TakenOf {
    Date from;  // of the period
    std::vector<Taken> taken;
};

struct Corrections {
    std::vector<Line> lines;
    std::vector<Taken> taken;      // what the corrected days of this very period have more (or less)
    std::vector<TakenOf> retaken;  // of earlier periods
    std::vector<BilledRevision> revisions;
};
// For the revisions that no invoice has and whose days are before `period`'s end; moves `progress` on. A revision of a
// day of this very period is taken too: the period's own items have the day as it became FINAL. Stores nothing.
[[nodiscard]] Result<Corrections> correct(Stub& stub, const BillingPeriod& period, Progress& progress);
// The corrections of an invoice that is sealed, again.
[[nodiscard]] Result<Corrections> correct_again(Stub& stub, const BillingPeriod& period, const Sealed& sealed);
// The revisions that correct() would take, for an invoice that is to be sealed.
struct DueRevisions {
    std::vector<BilledRevision> revisions;
    bool need_sealing = false;  // one is a commitment, or corrects an invoice that is sealed
};
[[nodiscard]] Result<DueRevisions> revisions_due(Stub& stub, const BillingPeriod& period, Progress& progress);

// From now on these revisions are what was billed.
[[nodiscard]] Status store_billed(Stub& stub, const std::string& agreement,
                                  const std::vector<BilledRevision>& revisions);
[[nodiscard]] Status store_corrections(Stub& stub, const std::string& agreement, const Corrections& corrections);
[[nodiscard]] Status put_taken(Stub& stub, const std::string& agreement, Date from, const std::vector<Taken>& taken);

}  // namespace tally::chaincode::billing
