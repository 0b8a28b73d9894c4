#pragma once
// A billing period of an agreement: its versions and its devices.

#include <deque>

#include "chaincode/contracts/agreement/api.h"
#include "chaincode/contracts/billing/pricing.h"
#include "chaincode/stub.h"

namespace tally::chaincode::billing {

// How the figures of days are had that are commitments (data::Match::COMMITTED).
enum class Figures {
    in_the_clear,  // not at all: sealed_figures
    opened,        // from the readings that a collection keeps: in queries, at a node of a keeper
    not_needed,    // the days count, and their figures do not
};

// Moves, and is not copied: segments point at the versions' terms.
struct BillingPeriod {
    PeriodDays calendar;  // the month, quarter or year
    Date from;            // of it, the agreement's days
    Date until;
    agreement::Agreement agreement;
    std::deque<agreement::Version> versions;
    std::vector<Segment> segments;
    Figures figures = Figures::in_the_clear;
    std::int64_t known_until_ms = INT64_MAX;  // days that became FINAL later are left out
    bool revised = false;                     // days as their last revisions have them

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
// In the order of their ids; a part of them has only ids after `after`, up to `through`.
struct DevicePart {
    std::optional<std::string> after;
    std::optional<std::string> through;
};
[[nodiscard]] Result<std::vector<MeteredDevice>> metered_devices(Stub& stub, const BillingPeriod& period,
                                                                 const DevicePart& part = {});
// The same of one device, which costs as much however many there are; none: it is not metered.
[[nodiscard]] Result<std::optional<MeteredDevice>> metered_device(Stub& stub, const BillingPeriod& period,
                                                                  const std::string& device);
// The device's FINAL days of the period, as they became FINAL, or as their last revisions have them. sealed_figures,
// figures_withheld.
[[nodiscard]] Result<std::vector<data::SettledDay>> final_days(Stub& stub, const BillingPeriod& period,
                                                               const std::string& device);

// Revisions of FINAL days from a number on, with figures as those of the period's days.
[[nodiscard]] Result<std::vector<data::SettledDay>> revisions_from(Stub& stub, const BillingPeriod& period,
                                                                   std::int64_t number, std::int64_t most);

}  // namespace tally::chaincode::billing
