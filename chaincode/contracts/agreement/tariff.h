#pragma once
// Prices: what a quantity, a day, a message costs. Part of an agreement's terms; billing/pricing.h computes with them.
//
// A price is for `base` units of what it prices: "0.2345" with base "1000" is a price per kWh of a field in Wh, "12.90"
// with base "100000" one per 100 kWh. Prices have any number of decimals; an amount is rounded once, on its line.

#include <optional>
#include <string>
#include <vector>

#include "chaincode/calendar.h"
#include "chaincode/decimal.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::agreement {

enum class LineKind {
    QUANTITY,      // of a field: its consumption times the price
    PEAK,          // of a field: the highest reading of the period times the price
    FEE,           // for time that passes
    TRAFFIC,       // for what the device sent
    MINIMUM_TAKE,  // of a field: what was taken less than the quantity is paid all the same
    MAXIMUM_TAKE,  // of a field: what was taken beyond the quantity costs the price more (or less)
};
BOOST_DESCRIBE_ENUM(LineKind, QUANTITY, PEAK, FEE, TRAFFIC, MINIMUM_TAKE, MAXIMUM_TAKE)

// What a FEE is for. YEAR_BY_DAYS is a year's fee, paid for each day as one part of the year's 365 or 366;
// YEAR_BY_365 as one part of 365 always; YEAR_BY_MONTHS as a twelfth for each month.
enum class FeePer { DAY, MONTH, YEAR_BY_DAYS, YEAR_BY_365, YEAR_BY_MONTHS };
BOOST_DESCRIBE_ENUM(FeePer, DAY, MONTH, YEAR_BY_DAYS, YEAR_BY_365, YEAR_BY_MONTHS)

enum class TrafficUnit { MESSAGE, BYTE, SAMPLE };
BOOST_DESCRIBE_ENUM(TrafficUnit, MESSAGE, BYTE, SAMPLE)

// Categories of EN 16931 (UNCL 5305).
enum class TaxCategory { S, Z, E, AE, K, G, O, L, M };
BOOST_DESCRIBE_ENUM(TaxCategory, S, Z, E, AE, K, G, O, L, M)

struct Tax {
    TaxCategory category = TaxCategory::S;
    Decimal percent;
    std::optional<std::string> reason;
};
TALLY_FIELDS(Tax,
             (category,
              "of EN 16931: S standard, Z zero, E exempt, AE reverse charge, K intra-community, G "
              "export, O not subject, L and M Canary Islands and Ceuta"),
             (percent, "of the amount before tax"), (reason, "why none is due", .form = &kStatement))

// Graduated: what lies between this tier's beginning and the next one's costs this tier's price. The first begins at 0.
struct Tier {
    Decimal from;
    Decimal price;
};
TALLY_FIELDS(Tier, (from, "the tier's beginning, which belongs to it"), (price, "for each `base` in this tier"))

enum class Weekday { MON, TUE, WED, THU, FRI, SAT, SUN };
BOOST_DESCRIBE_ENUM(Weekday, MON, TUE, WED, THU, FRI, SAT, SUN)

// A part of each local day, by the wall clock: [from_minute, to_minute).
struct Window {
    std::string name;
    std::vector<Weekday> days;  // empty: each
    std::int64_t from_minute = 0;
    std::int64_t to_minute = 1440;
};
TALLY_FIELDS(Window, (name, "of the window, for example \"peak\"", .form = &kIdentifier),
             (days, "MON to SUN; empty means each", .max = 7),
             (from_minute, "of the local day: 07:00 is 420", .min = 0, .max = 1439),
             (to_minute, "of the local day; not included", .min = 1, .max = 1440))

// The price rises (or falls) by a percentage each year.
struct Escalator {
    Decimal percent;
    Date first;  // it rises the first time on this day, and again each year
};
TALLY_FIELDS(Escalator, (percent, "by which the price changes each year"),
             (first, "the first day of the first change; 29 February is 1 March in other years"))

struct TariffLine {
    std::string name;
    LineKind kind = LineKind::QUANTITY;
    std::optional<std::string> field;
    std::optional<std::string> window;  // only what was measured in it; the terms declare windows
    std::optional<FeePer> per;
    std::optional<bool> each_device;
    std::optional<TrafficUnit> counts;
    std::optional<Decimal> quantity;  // of a minimum or maximum take, for each period
    std::optional<Decimal> base;
    std::vector<Tier> prices;
    std::optional<Escalator> escalator;
    Tax tax;
    std::optional<std::string> provider;
};
TALLY_FIELDS(TariffLine, (name, "what an invoice calls it", .min = 1, .max = 100), (kind, "what is priced"),
             (field, "of QUANTITY, PEAK, MINIMUM_TAKE and MAXIMUM_TAKE: the billed field", .form = &kIdentifier),
             (window, "of QUANTITY: only what was measured in this window", .form = &kIdentifier),
             (per, "of FEE: the time that it is for"), (each_device, "of FEE: for each device; false or none: once"),
             (counts, "of TRAFFIC: what is counted"),
             (quantity, "of MINIMUM_TAKE and MAXIMUM_TAKE: of the field, in each billing period"),
             (base, "the price is for so many units (default 1)"),
             (prices, "one tier, or several that rise; the first begins at 0", .min = 1, .max = 50),
             (escalator, "the prices change each year"), (tax, "on this line"),
             (provider, "an SP whose bill this line checks; it is not on the agreement's invoice",
              .form = &kOrganization))

}  // namespace tally::chaincode::agreement
