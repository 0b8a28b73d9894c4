#pragma once
// An agreement's terms: the document that every party signs. Its hash is that of its canonical JSON, so two parties
// that sign the same hash have signed the same terms.
//
// Nothing outside the terms and the ledger decides what is billed: the time zone's shifts are in them
// (chaincode/calendar.h), and so are the windows, the tolerances and the roundings.

#include <optional>
#include <string>
#include <vector>

#include "chaincode/contracts/agreement/business.h"
#include "chaincode/contracts/agreement/tariff.h"
#include "crypto/hash.h"

namespace tally::chaincode::agreement {

enum class PartyRole {
    OPERATOR,  // runs the devices
    RC,        // resource consumption: uses what is metered, and is billed
    DV,        // data verification: verifies data, pays and attests payments
    SP,        // service provider
};
BOOST_DESCRIBE_ENUM(PartyRole, OPERATOR, RC, DV, SP)

struct Party {
    std::string organization;
    PartyRole role = PartyRole::SP;
    std::optional<Business> business;
};
TALLY_FIELDS(Party, (organization, "a member of the channel", .form = &kOrganization),
             (role, "OPERATOR runs the devices, RC uses what is metered, DV verifies and pays, SP provides a service"),
             (business, "its name, address and bank account, for invoices and payments"))

// The devices of a shard, or the named ones among them. The shard is the operator's.
struct Scope {
    std::string shard;
    std::vector<std::string> devices;
};
TALLY_FIELDS(Scope, (shard, "the operator's group of devices", .form = &kIdentifier),
             (devices, "these devices of the shard; empty means all of it", .max = 1000, .form = &kIdentifier))

enum class Measure {
    SUM,                  // the field holds what was consumed in each interval
    REGISTER_DIFFERENCE,  // the field holds a counter: last reading minus first
    SESSION,  // the field is a register of an OCMF meter: what it counted in the sessions that end on the day
};
BOOST_DESCRIBE_ENUM(Measure, SUM, REGISTER_DIFFERENCE, SESSION)

// Two figures of a day agree when they differ by no more than one of the two tolerances allows.
struct BilledField {
    std::string field;
    std::string unit;
    Measure measure = Measure::SUM;
    std::optional<Decimal> modulus;
    std::optional<Decimal> tolerance;
    std::optional<Decimal> tolerance_percent;
    std::optional<bool> informative_times;
};
TALLY_FIELDS(BilledField,
             (field, "of the devices' schemas; of OCMF meters the OBIS code of a register, without what follows a *",
              .form = &kIdentifier),
             (unit, "that its schemas must have; of OCMF meters Wh or kWh", .form = &kUnit),
             (measure, "how a day's quantity comes about"),
             (modulus, "of REGISTER_DIFFERENCE: the reading at which the counter begins again at 0"),
             (tolerance, "the difference that device and cloud may have, in the field's unit"),
             (tolerance_percent, "the same, in percent of the device's figure"),
             (informative_times, "of OCMF meters: what has informative times is billed too"))

enum class CloudSeries { NONE, OPTIONAL, REQUIRED };
BOOST_DESCRIBE_ENUM(CloudSeries, NONE, OPTIONAL, REQUIRED)

enum class OnMismatch {
    DEVICE,   // the device's figure is billed
    LOWER,    // the lower of the two
    DISPUTE,  // neither, until a record that corrects the day agrees with the cloud's figure
};
BOOST_DESCRIBE_ENUM(OnMismatch, DEVICE, LOWER, DISPUTE)

struct Reconciliation {
    CloudSeries cloud = CloudSeries::OPTIONAL;
    std::int64_t window_minutes = 60;
    OnMismatch on_mismatch = OnMismatch::DEVICE;
};
TALLY_FIELDS(Reconciliation, (cloud, "whether the operator's own series of each day is compared"),
             (window_minutes, "from the day's end until it may become FINAL", .min = 0, .max = 44'640),
             (on_mismatch, "what is billed when the two differ by more than the tolerance"))

struct Payee {
    std::string organization;
    Decimal percent;
};
TALLY_FIELDS(Payee, (organization, "a party", .form = &kOrganization), (percent, "of each invoice's total"))

enum class Period { MONTH, QUARTER, YEAR };
BOOST_DESCRIBE_ENUM(Period, MONTH, QUARTER, YEAR)

struct Terms {
    std::string title;
    std::vector<Party> parties;
    std::vector<Scope> scope;
    Zone zone;
    Date from;
    std::optional<Date> until;
    Period period = Period::MONTH;
    std::string currency;
    Rounding rounding = Rounding::HALF_UP;
    std::optional<Decimal> cash_rounding;
    std::vector<BilledField> fields;
    std::vector<Window> windows;
    std::vector<TariffLine> tariff;
    Reconciliation reconciliation;
    std::vector<Payee> payees;
    bool payees_assignable = false;
    std::int64_t confirmations = 1;
    std::int64_t payment_days = 14;
    std::int64_t dispute_days = 14;
    std::int64_t keepalive_minutes = 60;
    std::int64_t notice_days = 30;
    std::optional<Decimal> bill_tolerance_percent;
    std::optional<std::string> collection;
};
TALLY_FIELDS(Terms, (title, "for people", .min = 1, .max = 200),
             (parties, "one OPERATOR, one RC, at least one DV, any number of SP", .min = 2, .max = 50),
             (scope, "the devices", .min = 1, .max = 100),
             (zone, "in which days are counted, with its shifts for the whole validity"), (from, "the first day"),
             (until, "the end date, exclusive; without it the agreement has no end date"),
             (period, "for which invoices are computed; calendar months, quarters or years"),
             (currency, "ISO 4217, for example EUR", .min = 3, .max = 3),
             (rounding, "of each line's amount, at the currency's smallest unit"),
             (cash_rounding, "the total is rounded to a multiple of this, for example \"0.05\" or \"1\""),
             (fields, "that are billed or reconciled", .min = 1, .max = 50),
             (windows, "parts of the day that tariff lines name", .max = 50),
             (tariff, "what is paid for", .min = 1, .max = 100), (reconciliation, "how a day becomes FINAL"),
             (payees, "who is paid; the percentages are 100 together", .min = 1, .max = 50),
             (payees_assignable, "a payee may transfer its part to another member"),
             (confirmations, "parties that must confirm an invoice before it is FINAL", .min = 1, .max = 50),
             (payment_days, "from an invoice's computation until it is due", .min = 0, .max = 3650),
             (dispute_days, "from an invoice's computation, in which it may be disputed", .min = 0, .max = 3650),
             (keepalive_minutes, "longer silence of a device is an alarm", .min = 1, .max = 44'640),
             (notice_days, "between one party's notice and the agreement's end", .min = 0, .max = 3650),
             (bill_tolerance_percent, "by which a line of a provider's bill may differ from what was metered"),
             (collection, "of the operator, that keeps the devices' readings; without it they are in blocks",
              .form = &kIdentifier))

// What is wrong with terms: all of it at once.
struct Problem {
    std::string where;
    std::string what;
};
TALLY_FIELDS(Problem, (where, "the member, for example tariff[2].prices"), (what, "what is wrong with it"))

// `organizations`: of the channel.
[[nodiscard]] std::vector<Problem> problems_of(const Terms& terms, const std::vector<std::string>& organizations);

[[nodiscard]] crypto::Hash hash_of(const Terms& terms);
// Decimals of the currency's smallest unit: JPY 0, EUR 2, KWD 3. None: ISO 4217 has no such currency.
[[nodiscard]] std::optional<int> decimals_of_currency(std::string_view currency);

[[nodiscard]] bool is_party(const Terms& terms, std::string_view organization);
// The party's business details; null when the terms have none.
[[nodiscard]] const Business* business_of(const Terms& terms, std::string_view organization);
[[nodiscard]] bool has_role(const Terms& terms, std::string_view organization, PartyRole role);

// Leaves the tariff's lines of a provider's bill; without one, those of the agreement's invoice.
void keep_lines_of(Terms& terms, const std::optional<std::string>& provider);

}  // namespace tally::chaincode::agreement
