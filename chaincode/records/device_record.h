#pragma once
// What a device signs: a COSE_Sign1 message (RFC 9052) over deterministic CBOR (RFC 8949 section 4.2.1).
//
//   protected    {1: -7 ES256 | -8 EdDSA, 3: "application/tally-record+cbor", 4: device id}
//   unprotected  {} or with -70001: channel, for which the device signed, as a hint for the error message; and
//                -70006: the series in packed form (packed_series.h), a byte string, for a record without the keys 12
//                and 17, and -70007: the opening of the commitment of key 16 (opening.h), a byte string. None is
//                signed; the rows are checked against the root, and the opening against the commitment
//   external_aad the channel's name, so that a record signed for one channel is not valid on another
//   payload      map: 1 format (1), 2 kind, 3 sequence, 4 and 5 period [start, end) in seconds UTC, 6 polling interval,
//                7 fields [[name, unit, scale], ...], 8 summary [[count, missing, sum, min, max, first, last], ...],
//                9 series root, 10 previous record's content id or null; and optional: 11 traffic [messages, bytes,
//                samples], 12 series (see series.h), 13 content id of the previous DAILY record, 14 rows per leaf of
//                the series root, 15 content id of the record that this one corrects, 16 a salted commitment in the
//                place of 8, 9 and 12, 17 the encrypted series in the place of 12
//
// A field without any reading has count 0 and sum 0, and its min, max, first and last are null: there is no such value,
// and zero would be one. Content id = SHA-256 of the payload.
//
// Key 13 is a DAILY record's, and names the DAILY record with the next lower sequence that corrects nothing; so a
// record that corrects one (key 15) has no key 13. Key 16 is SHA-256(salt of 32 bytes, CBOR array of the values of 8
// and 9). Key 17 is a byte string that holds a COSE_Encrypt0 message (RFC 9052, tag 16).
//
// A decoded record borrows its series from the message, which must outlive it. Decoding is pure, checks the format
// alone (not the signature, not the series), allocates in proportion to the message, and fails with malformed,
// unsupported or too_large.

#include <boost/describe.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "chaincode/json/fields.h"
#include "chaincode/records/purposes.h"
#include "crypto/cose.h"
#include "crypto/hash.h"
#include "crypto/key.h"

namespace tally::chaincode {

inline constexpr std::size_t kMaxRecordBytes = 1 << 20;
inline constexpr std::size_t kMaxFields = 64;
inline constexpr std::int64_t kMaxSequence = 999'999'999'999'999;  // exact in every JSON reader
inline constexpr std::int64_t kMaxScale = 18;                      // a scale lies in [-18, 18]
inline constexpr std::int64_t kShortestDay_s = 82'800;             // a day of a time zone: 23 hours ...
inline constexpr std::int64_t kLongestPeriod_s = 90'000;           // ... to 25; no period is longer
inline constexpr std::int64_t kLastSecond = 253'402'300'800;       // the year 10000
inline constexpr std::int64_t kMaxRowsPerLeaf = 4096;              // a proof of one reading shows so many rows

enum class RecordKind : std::uint8_t { INTERVAL = 1, KEEPALIVE = 2, DAILY = 3 };
BOOST_DESCRIBE_ENUM(RecordKind, INTERVAL, KEEPALIVE, DAILY)

// A quantity: the integer v stands for v * 10^scale units.
struct Field {
    std::string name;
    std::string unit;
    std::int64_t scale = 0;

    friend bool operator==(const Field&, const Field&) = default;
};
TALLY_FIELDS(Field, (name, "what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -"),
             (unit, "a unit of SenML's registry (RFC 8428), for example W"),
             (scale, "an integer v stands for v * 10^scale units"))

struct FieldSummary {
    std::int64_t count = 0;    // rows with a value
    std::int64_t missing = 0;  // rows with null
    std::int64_t sum = 0;
    std::int64_t min = 0;  // these four mean nothing while count is 0
    std::int64_t max = 0;
    std::int64_t first = 0;
    std::int64_t last = 0;

    friend bool operator==(const FieldSummary&, const FieldSummary&) = default;
};
BOOST_DESCRIBE_STRUCT(FieldSummary, (), (count, missing, sum, min, max, first, last))

// What the device sent since its last DAILY record.
struct Traffic {
    std::int64_t messages = 0;
    std::int64_t payload_bytes = 0;
    std::int64_t samples = 0;

    friend bool operator==(const Traffic&, const Traffic&) = default;
};
BOOST_DESCRIBE_STRUCT(Traffic, (), (messages, payload_bytes, samples))

struct DeviceRecord {
    std::string device;
    RecordKind kind = RecordKind::DAILY;
    std::int64_t sequence = 1;  // from 1 on
    std::int64_t start_s = 0;
    std::int64_t end_s = 0;
    std::int64_t polling_interval_s = 0;
    std::vector<Field> fields;  // none only in a KEEPALIVE
    std::vector<FieldSummary> summary;
    crypto::Hash root;
    std::optional<crypto::Hash> previous;
    std::optional<Traffic> traffic;
    std::optional<ByteView> series;  // borrowed
    std::optional<crypto::Hash> previous_daily;
    std::int64_t rows_per_leaf = 1;
    std::optional<crypto::Hash> corrects;
    std::optional<crypto::Hash> commitment;    // then neither summary, root nor series
    std::optional<ByteView> encrypted_series;  // borrowed; then no series

    // Rows that the summary speaks of: count + missing of any field, 0 without a summary.
    [[nodiscard]] std::int64_t rows() const;
};

struct SignedRecord {
    DeviceRecord record;
    crypto::Hash content_id;
    std::string channel_hint;      // empty when the device gave none
    std::optional<Bytes> packed;   // the series beside the record
    std::optional<Bytes> opening;  // of its commitment, beside it
    crypto::Algorithm algorithm = crypto::Algorithm::p256;
    Bytes signature;
};

inline constexpr std::int64_t kChannelLabel = -70001;
inline constexpr std::int64_t kPackedSeriesLabel = -70006;
inline constexpr std::int64_t kOpeningLabel = -70007;

[[nodiscard]] Result<SignedRecord> decode_record(ByteView message, std::size_t max_bytes = kMaxRecordBytes);

// Whether a record is well-formed: what decode_record demands of one, for who builds one.
[[nodiscard]] Status check_record(const DeviceRecord& record);
// The part of it that is about the summary: whether there can be rows with these figures.
[[nodiscard]] Status check_summary(const DeviceRecord& record);

// The device's side. The record must pass check_record (else an invariant breaks).
[[nodiscard]] Bytes encode_payload(const DeviceRecord& record);
// With the packed series and the opening of its commitment beside it, unless they are empty.
[[nodiscard]] Bytes sign_record(const crypto::PrivateKey& key, std::string_view channel, const DeviceRecord& record,
                                ByteView packed = {}, ByteView opening = {});
// The same signed message without the packed series and the opening beside it.
[[nodiscard]] Result<Bytes> without_readings(ByteView message);
[[nodiscard]] crypto::Hash content_id_of(const DeviceRecord& record);

}  // namespace tally::chaincode
