#pragma once
// A record as the ledger keeps it, and the keys under which it is kept.

#include <optional>
#include <string>
#include <vector>

#include "chaincode/contracts/document.h"
#include "chaincode/records/device_record.h"

namespace tally::chaincode::data {

// Where a record's series came, if it came with the record. One that came later has a key of its own (series_key).
inline constexpr std::string_view kInline = "inline";  // in the payload
inline constexpr std::string_view kPacked = "packed";  // in the unprotected header
inline constexpr std::string_view kAbsent = "absent";
inline constexpr std::string_view kEncrypted = "encrypted";  // in the payload (key 17)

struct RecordFacts {
    std::string content_id;
    std::string device;
    std::string organization;  // the device's operator
    std::string shard;
    std::string format;  // record or vitro
    RecordKind kind = RecordKind::DAILY;
    std::int64_t sequence = 0;
    std::int64_t from = 0;  // seconds, UTC
    std::int64_t to = 0;
    std::int64_t polling_interval_s = 0;
    std::string schema;  // id@version; empty without fields
    std::int64_t rows = 0;
    std::string root;  // hex
    std::optional<std::string> previous;
    std::optional<Traffic> traffic;
    std::optional<std::string> previous_daily;  // hex
    std::int64_t rows_per_leaf = 1;
    std::optional<std::string> corrects;  // content id, hex
    std::string series;
    std::int64_t bytes = 0;                        // as the device sent them
    std::int64_t epoch = 0;                        // of the key that verified
    std::string signature;                         // base64
    std::optional<std::int64_t> parameter;         // Vitro: the parameter id
    std::optional<std::string> ciphertext_sha256;  // Vitro: of the blob
    std::string transaction;
    std::int64_t received_ms = 0;
    std::string received_from;  // who proposed it, organization/name
    std::optional<std::string> collection;
    std::optional<std::string> commitment;
};
TALLY_FIELDS(RecordFacts, (content_id, "the SHA-256 of the record's payload, in hexadecimal"),
             (device, "the device's id"), (organization, "the device's operator"), (shard, "the group of devices"),
             (format, "record or vitro"), (kind, "of the record"), (sequence, "of the record"),
             (from, "the beginning of its period"), (to, "the end; not included"),
             (polling_interval_s, "between two rows"), (schema, "id@version; empty without fields"),
             (rows, "of the series; 0 with a commitment"), (root, "of the series, signed; empty with a commitment"),
             (previous, "the content id of the record before"),
             (traffic, "what the device has sent since its last DAILY record"),
             (previous_daily, "the content id of the DAILY record before"), (rows_per_leaf, "of the root's tree"),
             (corrects, "the content id of the record that this one corrects"),
             (series, "inline, packed, encrypted or absent: how it came with the record"),
             (bytes, "as the device sent them"), (epoch, "of the device's key"), (signature, "the device's, base64"),
             (parameter, "of a Vitro IoT Block"), (ciphertext_sha256, "of a Vitro IoT Block"),
             (transaction, "the one that published it"), (received_ms, "when it was published"),
             (received_from, "who published it, organization/name"),
             (collection, "whose keepers hold the rows, which are in no block"),
             (commitment, "to the figures, signed in their place: the keepers hold those too"))

struct StoredRecord : RecordFacts {
    std::vector<Field> fields;
    std::vector<FieldSummary> summary;
};
BOOST_DESCRIBE_STRUCT(StoredRecord, (RecordFacts), (fields, summary))

// Where the record with a content id is.
struct ContentEntry {
    std::string transaction;
    std::int64_t sequence = 0;
};
BOOST_DESCRIBE_STRUCT(ContentEntry, (), (transaction, sequence))

[[nodiscard]] std::string content_key(std::string_view content_id, std::string_view device);
[[nodiscard]] std::string sequence_key(std::string_view device, std::int64_t sequence);
[[nodiscard]] std::string log_key(std::string_view device, std::int64_t received_ms, std::int64_t sequence);
[[nodiscard]] std::string end_key(std::string_view device, RecordKind kind, std::int64_t end, std::int64_t sequence);
// Where the ends from `end` on begin.
[[nodiscard]] std::string ends_from(std::string_view device, RecordKind kind, std::int64_t end);
[[nodiscard]] std::string day_key(std::string_view device, std::int64_t start);
[[nodiscard]] std::string shard_day_key(const StoredRecord& record);
[[nodiscard]] std::string daily_key(std::string_view device, std::int64_t sequence);
[[nodiscard]] std::string linked_key(std::string_view device);
[[nodiscard]] std::string series_key(std::string_view device, std::int64_t sequence);
[[nodiscard]] std::string corrected_key(std::string_view device, std::int64_t sequence);

[[nodiscard]] Result<StoredRecord> read_record(Stub& stub, std::string_view device,
                                               std::int64_t sequence);  // not_found
// The record that an index entry points at: the entry's value is the sequence.
[[nodiscard]] Result<StoredRecord> record_at(Stub& stub, std::string_view device, const KeyValue& entry);

// The transaction that carries the record's series, in hexadecimal; none when its holder did not put it on the ledger.
[[nodiscard]] Result<std::optional<std::string>> series_transaction(Stub& stub, const StoredRecord& record);
// The record that corrects the one of this sequence; none when no record does.
[[nodiscard]] Result<std::optional<StoredRecord>> correction_of(Stub& stub, const StoredRecord& record);

}  // namespace tally::chaincode::data
