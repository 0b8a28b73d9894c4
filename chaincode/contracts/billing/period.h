#pragma once
// A billing period of an agreement: its versions and its devices.

#include <deque>

#include "chaincode/contracts/agreement/api.h"
#include "chaincode/contracts/billing/pricing.h"
#include "chaincode/stub.h"

namespace tally::chaincode::billing {

// Moves, and is not copied: segments point at the versions' terms.
struct BillingPeriod {
    PeriodDays calendar;  // the month, quarter or year
    Date from;            // of it, the agreement's days
    Date until;
    agreement::Agreement agreement;
    std::deque<agreement::Version> versions;
    std::vector<Segment> segments;

    BillingPeriod() = default;
    BillingPeriod(BillingPeriod&&) = default;
    BillingPeriod& operator=(BillingPeriod&&) = default;
    [[nodiscard]] const agreement::Terms& terms() const { return *segments.back().terms; }
};

// The period that a day lies in. agreement_not_open when the agreement is not in force on the day; its parties alone
// may ask. The terms have the tariff lines of the agreement's invoice alone, or of the provider's bill.
[[nodiscard]] Result<BillingPeriod> billing_period(Stub& stub, const std::string& agreement, Date day,
                                                   const std::optional<std::string>& provider = std::nullopt);

// Of a device, the days of the period that must be FINAL: from its registration on, or from its first FINAL day if that
// is earlier, until it is retired, in segments that cover it. Empty: it is not metered in this period.
struct MeteredDevice {
    std::string id;
    Date from;
    Date until;
};
[[nodiscard]] Result<std::vector<MeteredDevice>> metered_devices(Stub& stub, const BillingPeriod& period);
// The same of one device, which costs as much however many there are; none: it is not metered.
[[nodiscard]] Result<std::optional<MeteredDevice>> metered_device(Stub& stub, const BillingPeriod& period,
                                                                  const std::string& device);
// The device's FINAL days of the period, as they became FINAL.
[[nodiscard]] Result<std::vector<data::SettledDay>> final_days(Stub& stub, const BillingPeriod& period,
                                                               const std::string& device);

}  // namespace tally::chaincode::billing
