#pragma once
// Arguments and answers of settle.h.

#include "chaincode/contracts/agreement/answers.h"
#include "chaincode/contracts/data/model.h"
#include "chaincode/contracts/paging.h"

namespace tally::chaincode::data {

enum class DayState { OPEN, RECONCILING, FINAL };
BOOST_DESCRIBE_ENUM(DayState, OPEN, RECONCILING, FINAL)

// From the best to the worst.
enum class Match {
    MATCH,             // device and cloud say the same
    WITHIN_TOLERANCE,  // they differ by no more than the agreement allows
    COMMITTED,         // the device has signed a commitment: its figures are with the keepers of a collection
    ONE_SIDED,         // one of the two has no figure
    MISSING,           // both have none
    MISMATCH,          // they differ by more
    OUT_OF_RANGE,      // a register went back, and the agreement names no modulus
};
BOOST_DESCRIBE_ENUM(Match, MATCH, WITHIN_TOLERANCE, COMMITTED, ONE_SIDED, MISSING, MISMATCH, OUT_OF_RANGE)

struct CloudField {
    std::string field;
    std::string unit;
    std::int64_t count = 0;
    Decimal sum;
    std::optional<Decimal> first;
    std::optional<Decimal> last;
};
TALLY_FIELDS(CloudField, (field, "of the device's schema", .form = &kIdentifier),
             (unit, "in which the figures are", .form = &kUnit), (count, "of readings", .min = 0),
             (sum, "of the readings"), (first, "reading"), (last, "reading"))

struct CloudSeries {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::vector<CloudField> fields;
    std::optional<std::string> root;
    std::optional<Traffic> traffic;
};
TALLY_FIELDS(CloudSeries, (device, "the device's id", .form = &kIdentifier),
             (from, "the day's beginning, seconds since the epoch, UTC", .min = 0, .max = kLastSecond),
             (to, "its end; not included", .min = 0, .max = kLastSecond),
             (fields, "the operator's own figures", .min = 1, .max = kMaxFields),
             (root, "of the operator's series, where it has one", .form = &kHash),
             (traffic, "what its gateway has counted of the device: messages, payload_bytes, samples"))

struct CloudDay : CloudSeries {
    std::string transaction;
    std::int64_t received_ms = 0;
};
TALLY_FIELDS_WITH(CloudDay, (CloudSeries), (transaction, "that stored it"), (received_ms, "when"))

struct OfAgreement : PageArguments {
    std::string agreement;
};
TALLY_FIELDS_WITH(OfAgreement, (PageArguments), (agreement, "its id", .form = &kIdentifier))

struct DeviceDay {
    std::string device;
    Date day;
};
TALLY_FIELDS(DeviceDay, (device, "the device's id", .form = &kIdentifier), (day, "in the agreement's zone"))

struct OfDay : DeviceDay {
    std::string agreement;
};
TALLY_FIELDS_WITH(OfDay, (DeviceDay), (agreement, "its id", .form = &kIdentifier))

inline constexpr std::int64_t kMostFinalized = 500;

struct Finalize {
    std::string agreement;
    std::vector<DeviceDay> days;
};
TALLY_FIELDS(Finalize, (agreement, "its id", .form = &kIdentifier),
             (days, "that have ended, and whose window has", .min = 1, .max = kMostFinalized))

struct InWindow {
    std::string window;
    Decimal quantity;

    friend bool operator==(const InWindow&, const InWindow&) = default;
};
TALLY_FIELDS(InWindow, (window, "of the agreement"), (quantity, "that was measured in it"))

struct SettledField {
    std::string field;
    std::string unit;
    Match match = Match::MISSING;
    std::optional<Decimal> device;
    std::optional<Decimal> cloud;
    std::optional<Decimal> billed;
    std::optional<Decimal> highest;
    std::optional<Decimal> first;
    std::optional<Decimal> last;
    std::optional<std::vector<InWindow>> windows;
    std::optional<std::vector<std::string>> sessions;

    friend bool operator==(const SettledField&, const SettledField&) = default;
};
TALLY_FIELDS(SettledField, (field, "of the agreement"), (unit, "of the figures"),
             (match, "of the device's figure and the cloud's"), (device, "the device's quantity of the day"),
             (cloud, "the operator's"), (billed, "the quantity that counts; none where neither does"),
             (highest, "the highest reading"), (first, "the first reading"), (last, "the last reading"),
             (windows, "the billed quantity by window"),
             (sessions, "of OCMF meters: the content ids of the records that the device's quantity comes from"))

struct SettledDay {
    std::string agreement;
    std::int64_t version = 1;
    std::string device;
    Date day;
    std::int64_t from = 0;
    std::int64_t to = 0;
    DayState state = DayState::OPEN;
    Match match = Match::MISSING;
    std::optional<std::string> content_id;
    std::vector<SettledField> fields;
    std::optional<Traffic> traffic;
    std::optional<Match> traffic_match;
    std::optional<std::int64_t> revision;
    std::string transaction;
    std::int64_t settled_ms = 0;
    std::string settled_by;
};
TALLY_FIELDS(SettledDay, (agreement, "its id"), (version, "of its terms, in force on the day"),
             (device, "the device's id"), (day, "in the agreement's zone"),
             (from, "its beginning, seconds since the epoch, UTC"), (to, "its end; not included"),
             (state, "OPEN, RECONCILING or FINAL"), (match, "the worst of its fields"),
             (content_id, "of the record that counts"), (fields, "of the agreement"),
             (traffic, "what the device sent: the counters that are billed"),
             (traffic_match, "of the device's counters and the gateway's, where both have counted"),
             (revision, "which revision of the FINAL day this is"), (transaction, "that stored it"),
             (settled_ms, "when"), (settled_by, "who called"))

struct SettledDays {
    std::int64_t finalized = 0;
    std::int64_t already = 0;
    std::vector<DeviceDay> mismatches;
};
TALLY_FIELDS(SettledDays, (finalized, "that are FINAL by this call"), (already, "that were before"),
             (mismatches, "of those by this call: figures that differ, or a register that went back"))

struct Settled : PageArguments {
    std::string agreement;
    std::string device;
    std::optional<Date> from;
    std::optional<Date> to;
    std::optional<bool> revised;
};
TALLY_FIELDS_WITH(Settled, (PageArguments), (agreement, "its id", .form = &kIdentifier),
                  (device, "the device's id", .form = &kIdentifier), (from, "the first day"),
                  (to, "the end date, exclusive"),
                  (revised, "each day as its last revision has it (default: as it became FINAL)"))

struct SettledPage {
    std::vector<SettledDay> days;
    std::optional<std::string> next;
};
TALLY_FIELDS(SettledPage, (days, "that are FINAL"), (next, "the next page's cursor"))

struct SettledDevices {
    std::vector<std::string> devices;
    std::optional<std::string> next;
};
TALLY_FIELDS(SettledDevices, (devices, "with FINAL days under the agreement"), (next, "the next page's cursor"))

struct OfDevices {
    std::string agreement;
    std::vector<std::string> devices;
};
TALLY_FIELDS(OfDevices, (agreement, "its id", .form = &kIdentifier),
             (devices, "their ids", .min = 1, .max = kLargestPage, .form = &kIdentifier))

struct FirstDays {
    std::vector<std::optional<Date>> days;
};
TALLY_FIELDS(FirstDays, (days, "of each device, in the order of the question; null where it has no FINAL day"))

struct RevisionsFrom {
    std::string agreement;
    std::int64_t number = 1;
    std::optional<std::int64_t> limit;
};
TALLY_FIELDS(RevisionsFrom, (agreement, "its id", .form = &kIdentifier), (number, "the first one", .min = 1),
             (limit, "at most so many (default 1000)", .min = 1, .max = 1000))

struct Revisions {
    std::vector<SettledDay> revisions;
    std::int64_t last = 0;
};
TALLY_FIELDS(Revisions, (revisions, "at most 1000, in the order in which they were stored"),
             (last, "the number of the last one that is stored; 0: there is none"))

struct DayEvent {
    std::string agreement;
    std::string device;
    Date day;
    Match match = Match::MISSING;
};
TALLY_FIELDS(DayEvent, (agreement, "its id"), (device, "the device's id"), (day, "in the agreement's zone"),
             (match, "of the device's figures and the cloud's"))

}  // namespace tally::chaincode::data
