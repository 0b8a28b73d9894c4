#pragma once
// What the data contract's functions are called with. Times are seconds since 1970, UTC.

#include "chaincode/contracts/paging.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::data {

enum class Format { record, vitro };
BOOST_DESCRIBE_ENUM(Format, record, vitro)

struct Publish {
    Format format = Format::record;
};
TALLY_FIELDS(Publish, (format, "what attachment 0 is: a signed device record, or a Vitro IoT Block"))

struct AttachSeries {
    std::string device;
    std::string content_id;
};
TALLY_FIELDS(AttachSeries, (device, "the device's id", .form = &kIdentifier),
             (content_id, "of the record that was published without its series"))

struct Find {
    std::string content_id;
    std::optional<std::string> device;
};
TALLY_FIELDS(Find, (content_id, "the SHA-256 of the record's payload, in hexadecimal"),
             (device, "where devices have sent equal payloads: which of them", .form = &kIdentifier))

struct Days : PageArguments {
    std::optional<std::string> device;
    std::optional<std::string> shard;
    std::optional<std::string> organization;
    std::optional<std::int64_t> from;
    std::optional<std::int64_t> to;
    std::vector<std::string> fields;
};
TALLY_FIELDS_WITH(Days, (PageArguments), (device, "the device's id; either this or shard", .form = &kIdentifier),
                  (shard, "all devices of an organization's shard", .form = &kIdentifier),
                  (organization, "whose shard (default: the caller's)", .form = &kOrganization),
                  (from, "days that start here or later, seconds since 1970, UTC"), (to, "days that start before"),
                  (fields, "names of fields; all when empty", .max = kMaxFields))

enum class Order { SEQUENCE, RECEIVED };
BOOST_DESCRIBE_ENUM(Order, SEQUENCE, RECEIVED)

struct Records : PageArguments {
    std::string device;
    std::optional<RecordKind> kind;
    std::optional<Order> order;
};
TALLY_FIELDS_WITH(Records, (PageArguments), (device, "the device's id", .form = &kIdentifier),
                  (kind, "only records of this kind"), (order, "by SEQUENCE (default) or as they were RECEIVED"))

inline constexpr std::int64_t kUsualSeriesPage = 7;     // records
inline constexpr std::int64_t kLargestSeriesPage = 31;  // each is read and unpacked whole

struct Series {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::vector<std::string> fields;
    std::optional<std::int64_t> interval_s;
    std::optional<RecordKind> kind;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;
};
TALLY_FIELDS(Series, (device, "the device's id", .form = &kIdentifier), (from, "seconds since 1970, UTC"),
             (to, "seconds since 1970, UTC; not included"),
             (fields, "names of fields; all when empty", .max = kMaxFields),
             (interval_s, "resample to this interval, counted from each record's start; without it: every row",
              .min = 1, .max = kLongestPeriod_s),
             (kind, "of records of this kind (default DAILY)"),
             (limit, "at most so many records on a page (default 7)", .min = 1, .max = kLargestSeriesPage),
             (cursor, "the \"next\" of the page before"))

struct Gaps {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::optional<std::int64_t> from_sequence;
    std::optional<std::int64_t> limit;
};
TALLY_FIELDS(Gaps, (device, "the device's id", .form = &kIdentifier), (from, "seconds since 1970, UTC"),
             (to, "seconds since 1970, UTC; not included"),
             (from_sequence, "look for missing sequences from here on (default 1)"),
             (limit, "at most so many days, and so many sequences (default 100)", .min = 1, .max = kLargestPage))

struct OfDevice {
    std::string device;
};
TALLY_FIELDS(OfDevice, (device, "the device's id", .form = &kIdentifier))

struct OfShard : PageArguments {
    std::string shard;
    std::optional<std::string> organization;
};
TALLY_FIELDS_WITH(OfShard, (PageArguments), (shard, "the group of devices", .form = &kIdentifier),
                  (organization, "whose shard (default: the caller's)", .form = &kOrganization))

struct Silence {
    std::string device;
    std::int64_t last_received_ms = 0;
};
TALLY_FIELDS(Silence, (device, "the device's id", .form = &kIdentifier),
             (last_received_ms, "when its last record was published (data.liveness); 0: it has none", .min = 0,
              .max = kLastSecond * 1000))

struct Proofs : PageArguments {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
};
TALLY_FIELDS_WITH(Proofs, (PageArguments), (device, "the device's id", .form = &kIdentifier),
                  (from, "seconds since 1970, UTC"), (to, "seconds since 1970, UTC; not included"))

struct Totals {
    std::optional<std::string> device;
    std::optional<std::string> shard;
    std::optional<std::string> organization;
};
TALLY_FIELDS(Totals, (device, "the device's id; either this or shard", .form = &kIdentifier),
             (shard, "all devices of an organization's shard", .form = &kIdentifier),
             (organization, "whose shard (default: the caller's)", .form = &kOrganization))

}  // namespace tally::chaincode::data
