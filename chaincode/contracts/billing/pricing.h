#pragma once
// What metered days cost under an agreement's terms: the lines of an invoice. A pure function; every endorser computes
// it, and so does who verifies an invoice years later.
//
// Exact rational arithmetic; each line's amount is rounded once, to the currency's smallest unit, by the terms' mode:
//
//   amount = quantity x price / base
//
// A billing period is cut into segments where another version of the terms begins, and into parts where an escalator
// changes a price. Tiers are graduated: a device's quantity of the period fills them from 0 up, one line for each tier,
// and what an earlier segment used of them is used. A fee for a part of a month is paid by the month's days, a fee for
// a year by its days, by 365 or by its months (agreement::FeePer). A peak, a minimum and a maximum take of a segment
// that is shorter than its period count for its part of the period's days. Failures: invalid_argument (an amount of
// more than 18 digits).

#include <span>
#include <vector>

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/data/settle_answers.h"

namespace tally::chaincode::billing {

struct Line {
    std::string name;
    agreement::LineKind kind = agreement::LineKind::QUANTITY;
    std::int64_t version = 1;
    std::optional<std::string> device;
    std::optional<std::string> field;
    std::optional<std::string> window;
    std::optional<std::int64_t> tier;
    Date from;
    Date until;
    Decimal quantity;
    std::string unit;
    Decimal price;
    Decimal base;
    Decimal amount;
    agreement::Tax tax;
    std::optional<Date> corrects;
};
TALLY_FIELDS(Line, (name, "of the tariff line"), (kind, "what is priced"), (version, "of the terms"),
             (device, "whose quantity it is"), (field, "that was measured"), (window, "in which it was measured"),
             (tier, "which one of several, from 1 on"), (from, "the first day"), (until, "the end date, exclusive"),
             (quantity, "that is priced"), (unit, "of the quantity: the field's, or days, months, messages, ..."),
             (price, "for each base"), (base, "the price is for so many units"),
             (amount, "quantity x price / base, rounded once"), (tax, "on this line"),
             (corrects, "the first day of the billing period that this line corrects"))

// A part of a period in which one version of the terms holds.
struct Segment {
    std::int64_t version = 1;
    Date from;
    Date until;
    const agreement::Terms* terms = nullptr;
};

// A billing period that is not clipped by the agreement's first or last day.
struct PeriodDays {
    Date from;
    Date until;
};

// The lines of one device: `days` are its FINAL days of the period, in order; days outside the segments are left out.
[[nodiscard]] Result<std::vector<Line>> price_device(std::span<const Segment> segments, const PeriodDays& period,
                                                     const std::string& device, std::span<const data::SettledDay> days);

// What all devices together have taken: of each field, the billed quantity in each segment.
struct Taken {
    std::string field;
    std::vector<Decimal> quantities;  // one for each segment
};
TALLY_FIELDS(Taken, (field, "of the agreement"), (quantities, "billed, in each segment of the period"))

[[nodiscard]] Status add_taken(std::span<const Segment> segments, std::span<const data::SettledDay> days,
                               std::vector<Taken>& taken);

// The lines that are of no device: fees, minimum and maximum takes.
[[nodiscard]] Result<std::vector<Line>> price_agreement(std::span<const Segment> segments, const PeriodDays& period,
                                                        std::span<const Taken> taken);

struct TaxTotal {
    agreement::Tax tax;
    Decimal taxable;
    Decimal amount;
};
TALLY_FIELDS(TaxTotal, (tax, "category and rate"), (taxable, "the sum of the lines' amounts"), (amount, "of the tax"))

struct Share {
    std::string organization;
    Decimal percent;
    Decimal amount;
};
TALLY_FIELDS(Share, (organization, "that is paid"), (percent, "of the amount"),
             (amount, "the shares are the payable amount together; the largest remainders get the last units"))

struct Totals {
    Decimal net;
    std::vector<TaxTotal> taxes;
    Decimal gross;
    Decimal rounding;
    Decimal payable;
    std::vector<Share> shares;
};
TALLY_FIELDS(Totals, (net, "the sum of the lines"), (taxes, "by category and rate"), (gross, "net and taxes"),
             (rounding, "by which cash rounding changes it"), (payable, "what is paid"), (shares, "of the payees"))

// Adds lines of an invoice, and computes its totals.
class Sum {
  public:
    explicit Sum(const agreement::Terms& terms);
    [[nodiscard]] Status add(const Line& line);
    [[nodiscard]] Result<Totals> totals() const;

  private:
    const agreement::Terms& terms_;
    int decimals_;
    Decimal net_;
    std::vector<TaxTotal> taxes_;
};

// The calendar period that a day lies in.
[[nodiscard]] PeriodDays period_of(agreement::Period period, Date day);

}  // namespace tally::chaincode::billing
