#pragma once
// What the data contract's functions answer, and its events carry. Times are seconds since 1970, UTC, unless their
// names end in _ms. Figures are exact decimals.

#include <map>
#include <tuple>

#include "chaincode/contracts/data/model.h"
#include "chaincode/contracts/registry/arguments.h"
#include "chaincode/records/decimal.h"

namespace tally::chaincode::data {

struct Published {
    std::string content_id;
    std::string transaction;
    std::string device;
    RecordKind kind = RecordKind::DAILY;
    std::int64_t sequence = 0;
    std::int64_t from = 0;
    std::int64_t to = 0;
};
TALLY_FIELDS(Published, (content_id, "the SHA-256 of the record's payload, in hexadecimal"),
             (transaction, "the one that published it"), (device, "the device's id"), (kind, "of the record"),
             (sequence, "of the record"), (from, "the beginning of its period"), (to, "the end; not included"))

struct RecordPublished : Published {
    std::string organization;
    std::string shard;
    std::string format;
    std::optional<std::string> corrects;
    std::optional<std::string> collection;
};
TALLY_FIELDS_WITH(RecordPublished, (Published), (organization, "the device's operator"),
                  (shard, "the group of devices"), (format, "record or vitro"),
                  (corrects, "the content id of the record that this one corrects"),
                  (collection, "whose keepers hold the rows, which are in no block"))

struct SeriesAttached {
    std::string device;
    std::int64_t sequence = 0;
    std::string content_id;
    std::string transaction;
};
TALLY_FIELDS(SeriesAttached, (device, "the device's id"), (sequence, "of the record"), (content_id, "of the record"),
             (transaction, "the one that carries the series"))

struct RecordPlace : Published {
    std::int64_t received_ms = 0;
    std::optional<std::string> series_transaction;
};
TALLY_FIELDS_WITH(RecordPlace, (Published), (received_ms, "when the record was published"),
                  (series_transaction, "that has its readings in a block; without it no block has them"))

// A field's figures in a record; the last four are null where there was no reading.
struct FieldFigures {
    std::string name;
    std::string unit;
    std::int64_t scale = 0;
    std::int64_t count = 0;
    std::int64_t missing = 0;
    std::string sum;
    std::optional<std::string> min;
    std::optional<std::string> max;
    std::optional<std::string> first;
    std::optional<std::string> last;
};
TALLY_FIELDS(FieldFigures, (name, "what is measured"), (unit, "of SenML's registry"), (scale, "decimals, negated"),
             (count, "rows with a reading"), (missing, "rows without one"), (sum, "of the readings"),
             (min, "the lowest reading", .nullable = true), (max, "the highest", .nullable = true),
             (first, "the earliest", .nullable = true), (last, "the latest", .nullable = true))

struct Correction {
    std::int64_t sequence = 0;
    std::string content_id;
};
TALLY_FIELDS(Correction, (sequence, "of the record that corrects this one"), (content_id, "of that record"))

struct DayView : RecordFacts {
    std::vector<FieldFigures> fields;
    std::optional<Correction> corrected_by;
};
TALLY_FIELDS_WITH(DayView, (RecordFacts), (fields, "figures by field"), (corrected_by, "if there is such a record"))

struct DayPage {
    std::vector<DayView> days;
    std::optional<std::string> next;
};
TALLY_FIELDS(DayPage, (days, "in the order of their beginnings"), (next, "the next page's cursor"))

struct RecordView : RecordFacts {
    std::vector<FieldFigures> fields;
    std::optional<std::string> series_transaction;
    std::int64_t block = 0;
};
TALLY_FIELDS_WITH(RecordView, (RecordFacts), (fields, "figures by field"),
                  (series_transaction, "the one that carries the series; null: its holder kept it", .nullable = true),
                  (block, "of the transaction"))

struct RecordPage {
    std::string device;
    std::vector<RecordView> records;
    std::optional<std::string> next;
};
TALLY_FIELDS(RecordPage, (device, "the device's id"), (records, "in the order that was asked for"),
             (next, "the next page's cursor"))

struct DayProof {
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::int64_t sequence = 0;
    std::string content_id;
    std::optional<std::string> previous;
    std::optional<std::string> previous_daily;
    std::string root;
    std::int64_t rows_per_leaf = 1;
    std::int64_t rows = 0;
    std::string series;
    std::optional<std::string> series_transaction;
    std::string signature;
    std::int64_t epoch = 0;
    std::string transaction;
    std::int64_t received_ms = 0;
};
TALLY_FIELDS(DayProof, (from, "the beginning of the day"), (to, "its end; not included"), (sequence, "of the record"),
             (content_id, "the SHA-256 of the signed payload"),
             (previous, "the content id of the record before that the device signed", .nullable = true),
             (previous_daily, "the same of the DAILY record before", .nullable = true), (root, "of the series, signed"),
             (rows_per_leaf, "of the root's tree"), (rows, "of the series"),
             (series, "inline, packed, encrypted or absent: how it came with the record"),
             (series_transaction, "the one that carries the series; null: its holder kept it", .nullable = true),
             (signature, "the device's, base64"), (epoch, "of the device's key"), (transaction, "of the record"),
             (received_ms, "when the record was published"))

struct ProofPage {
    std::string device;
    std::vector<DayProof> proofs;
    std::optional<std::string> next;
};
TALLY_FIELDS(ProofPage, (device, "the device's id"), (proofs, "one for each day"), (next, "the next page's cursor"))

// A reading: its time and its value, which is null where the device had none.
using Sample = std::tuple<std::int64_t, std::optional<Reading>>;

// The rows of one interval; the last five are null where there was no reading.
struct Bucket {
    std::int64_t time = 0;
    std::int64_t count = 0;
    std::int64_t missing = 0;
    std::string sum;
    std::optional<std::string> min;
    std::optional<std::string> max;
    std::optional<std::string> mean;
    std::optional<std::string> first;
    std::optional<std::string> last;
};
TALLY_FIELDS(Bucket, (time, "the beginning of the interval"), (count, "rows with a reading"),
             (missing, "rows without one"), (sum, "of the readings"), (min, "the lowest reading", .nullable = true),
             (max, "the highest", .nullable = true),
             (mean, "with three decimals more than the field, rounded half to even", .nullable = true),
             (first, "the earliest", .nullable = true), (last, "the latest", .nullable = true))

struct Column {
    std::string name;
    std::string unit;
    std::int64_t scale = 0;
    std::optional<std::vector<Sample>> samples;
    std::optional<std::vector<Bucket>> buckets;
};
TALLY_FIELDS(Column, (name, "what is measured"), (unit, "of SenML's registry"), (scale, "decimals, negated"),
             (samples, "every row, unless an interval was asked for"), (buckets, "one for each interval with rows"))

// Why the rows of a record are not in an answer.
enum class Withheld {
    BY_HOLDER,     // who published the record did not publish its rows
    NOT_A_KEEPER,  // a collection keeps them; the caller is neither of a keeper nor of the device's operator
    NOT_HERE,      // a collection keeps them, and this node does not have them
    ENCRYPTED,
    ERASED,
};
BOOST_DESCRIBE_ENUM(Withheld, BY_HOLDER, NOT_A_KEEPER, NOT_HERE, ENCRYPTED, ERASED)

struct SeriesSource {
    std::string content_id;
    std::string transaction;
    std::int64_t sequence = 0;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::int64_t polling_interval_s = 0;
    std::string root;
    std::int64_t rows = 0;
    bool withheld = false;
    std::optional<Withheld> why;
};
TALLY_FIELDS(SeriesSource, (content_id, "of the record"), (transaction, "of the record"), (sequence, "of the record"),
             (from, "the beginning of its period"), (to, "the end; not included"),
             (polling_interval_s, "between two rows"), (root, "of the series, signed"), (rows, "of the series"),
             (withheld, "whether its rows are not in the answer"), (why, "they are withheld"))

struct SeriesPage {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::optional<std::int64_t> interval_s;
    std::vector<SeriesSource> records;
    std::vector<Column> fields;
    std::optional<std::string> next;
};
TALLY_FIELDS(SeriesPage, (device, "the device's id"), (from, "as asked"), (to, "as asked"), (interval_s, "as asked"),
             (records, "where the rows are from"),
             (fields, "a field of records with another unit or scale is a column of its own"),
             (next, "the next page's cursor"))

// From `from` on, before `to`; of sequences: both are included.
struct Stretch {
    std::int64_t from = 0;
    std::int64_t to = 0;
};
TALLY_FIELDS(Stretch, (from, "the first"), (to, "the end of a time, not included; the last of sequences"))

struct IncompleteDay {
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::int64_t sequence = 0;
    std::int64_t expected_rows = 0;
    std::int64_t rows = 0;
    std::int64_t absent_rows = 0;
    std::map<std::string, std::int64_t> missing_values;
    std::optional<std::vector<Stretch>> absent;
};
TALLY_FIELDS(IncompleteDay, (from, "the beginning of the day"), (to, "its end; not included"),
             (sequence, "of the record"), (expected_rows, "by the polling interval"), (rows, "that there are"),
             (absent_rows, "that there should be and are not"), (missing_values, "rows without a reading, by field"),
             (absent, "where rows are absent, at most 100 places; left out where the series is not on the ledger"))

struct BrokenLink {
    std::int64_t sequence = 0;
    std::optional<std::string> names;
    std::optional<std::string> predecessor;
};
TALLY_FIELDS(BrokenLink, (sequence, "of the record"),
             (names, "the content id that it names as its predecessor's", .nullable = true),
             (predecessor, "the content id of the record before, if that is known", .nullable = true))

struct GapReport {
    std::string device;
    std::int64_t from = 0;
    std::int64_t to = 0;
    std::vector<Stretch> missing_days;
    std::vector<IncompleteDay> incomplete_days;
    std::optional<std::int64_t> next_from;
    std::vector<Stretch> missing_sequences;
    std::vector<BrokenLink> broken_chain;
    std::vector<BrokenLink> broken_days;
    std::optional<std::int64_t> next_sequence;
};
TALLY_FIELDS(GapReport, (device, "the device's id"), (from, "as asked"), (to, "as asked"),
             (missing_days, "times without a DAILY record"), (incomplete_days, "days that lack rows or readings"),
             (next_from, "while there is more: the next call's \"from\""), (missing_sequences, "that no record has"),
             (broken_chain, "records that do not name the record before"),
             (broken_days, "DAILY records that do not name the DAILY record before"),
             (next_sequence, "while there is more: the next call's \"from_sequence\""))

enum class LivenessState { NEVER_HEARD, ALIVE, LATE, SILENT };
BOOST_DESCRIBE_ENUM(LivenessState, NEVER_HEARD, ALIVE, LATE, SILENT)

struct DeviceLiveness {
    std::string device;
    registry::DeviceStatus status = registry::DeviceStatus::ACTIVE;
    LivenessState state = LivenessState::NEVER_HEARD;
    std::int64_t silent_s = 0;
    std::int64_t missed_keepalives = 0;
    std::int64_t keepalive_interval_s = 0;
    std::int64_t grace_s = 0;
    std::optional<std::int64_t> last_received_ms;
    std::optional<RecordKind> last_kind;
    std::optional<std::int64_t> last_sequence;
    std::optional<std::int64_t> last_keepalive_end;
    std::optional<std::int64_t> last_interval_end;
    std::optional<std::int64_t> last_daily_end;
};
TALLY_FIELDS(DeviceLiveness, (device, "its id"), (status, "by the registry"),
             (state, "ALIVE within the keep-alive interval, LATE within its grace, then SILENT"),
             (silent_s, "since its last record, or since it was registered"),
             (missed_keepalives, "that should have come since"),
             (keepalive_interval_s, "between two messages, at most"), (grace_s, "after which a message is missed"),
             (last_received_ms, "when its last record was published"), (last_kind, "of the last record"),
             (last_sequence, "of the last record"),
             (last_keepalive_end, "the end of the last KEEPALIVE record's period"),
             (last_interval_end, "the same of INTERVAL"), (last_daily_end, "the same of DAILY"))

struct LivenessPage {
    std::string shard;
    std::string organization;
    std::vector<DeviceLiveness> devices;
    std::optional<std::string> next;
};
TALLY_FIELDS(LivenessPage, (shard, "the group of devices"), (organization, "who operates them"),
             (devices, "by their ids"), (next, "the next page's cursor"))

struct SilenceReported {
    std::string device;
    std::int64_t missed_keepalives = 0;
    bool suspended = false;
};
TALLY_FIELDS(SilenceReported, (device, "the device's id"), (missed_keepalives, "that should have come"),
             (suspended, "whether that suspends the device, by its operator's rules"))

struct TotalsView {
    std::optional<std::string> device;
    std::optional<std::string> shard;
    std::optional<std::string> organization;
    std::int64_t daily = 0;
    std::int64_t interval = 0;
    std::int64_t keepalive = 0;
    std::int64_t corrections = 0;
    std::int64_t rows = 0;
    std::int64_t bytes = 0;
};
TALLY_FIELDS(TotalsView, (device, "as asked"), (shard, "as asked"), (organization, "who operates the shard's devices"),
             (daily, "DAILY records"), (interval, "INTERVAL records"), (keepalive, "KEEPALIVE records"),
             (corrections, "records that correct another one"), (rows, "of all records but corrections"),
             (bytes, "of all records, as the devices sent them"))

}  // namespace tally::chaincode::data
