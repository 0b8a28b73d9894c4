#pragma once
// The registry's documents as they are kept on the ledger, and what follows from one of them alone.

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "chaincode/contracts/document.h"
#include "chaincode/records/device_record.h"
#include "chaincode/records/identifier.h"

namespace tally::chaincode::registry {

enum class DeviceStatus { ACTIVE, SUSPENDED, RETIRED };
BOOST_DESCRIBE_ENUM(DeviceStatus, ACTIVE, SUSPENDED, RETIRED)

inline constexpr std::string_view kProfileRecord = "tally-record";
inline constexpr std::string_view kProfileVitro1 = "vitro-1";
inline constexpr std::string_view kProfileVitro2 = "vitro-2";
inline constexpr std::string_view kProfileOcmf = "ocmf-1";

// Who changed a document last, and how. A document's history is thereby the list of what happened to it.
struct Change {
    std::string kind;  // registered, status_changed, key_rotated, ...
    std::int64_t time_ms = 0;
    std::string transaction;
    std::string by;  // ORGANIZATION/name
    json::value details;
};
BOOST_DESCRIBE_STRUCT(Change, (), (kind, time_ms, transaction, by, details))

// Periods that touch [from, to) are refused; without `to` the suspension lasts.
struct Suspension {
    std::int64_t from_ms = 0;
    std::optional<std::int64_t> to_ms;
    std::string reason;
};
BOOST_DESCRIBE_STRUCT(Suspension, (), (from_ms, to_ms, reason))

struct PreviousKey {
    std::int64_t epoch = 0;
    std::string key;            // base64 of the SubjectPublicKeyInfo
    std::int64_t until_ms = 0;  // good for periods that ended by then
    bool compromised = false;   // good for nothing
};
BOOST_DESCRIBE_STRUCT(PreviousKey, (), (epoch, key, until_ms, compromised))

struct Repair {
    std::optional<std::string> repaired_by;  // as the statement says; the ledger also has who proposed it
    std::string statement;
};
TALLY_FIELDS(Repair, (repaired_by, "who repaired the device, as the proposer says", .form = &kStatement),
             (statement, "what was wrong and what was done", .form = &kStatement))

struct Device {
    std::string id;
    std::string organization;  // the operator: who registered it
    std::string shard;
    std::string profile;
    std::int64_t epoch = 1;
    std::string key;                             // base64 of the SubjectPublicKeyInfo
    std::vector<std::string> certificate_chain;  // PEM, leaf first; empty for a bare key
    std::vector<std::string> schemas;            // "id@version"
    std::int64_t polling_interval_s = 0;
    std::int64_t keepalive_interval_s = 0;
    std::int64_t grace_s = 0;
    std::int64_t max_skew_s = 0;
    std::optional<std::int64_t> late_arrival_s;
    std::optional<std::string> location;
    std::optional<std::string> residency;
    DeviceStatus status = DeviceStatus::ACTIVE;  // the last one set; in force from effective_ms on
    std::int64_t effective_ms = 0;
    std::string reason;
    std::vector<Suspension> suspensions;
    std::optional<std::int64_t> retired_ms;
    std::int64_t registered_ms = 0;
    std::vector<PreviousKey> previous_keys;
    std::optional<Repair> repair;           // of the last reinstatement
    std::optional<std::string> collection;  // that keeps its rows; none: they are in blocks
    Change change;
};
BOOST_DESCRIBE_STRUCT(Device, (),
                      (id, organization, shard, profile, epoch, key, certificate_chain, schemas, polling_interval_s,
                       keepalive_interval_s, grace_s, max_skew_s, late_arrival_s, location, residency, status,
                       effective_ms, reason, suspensions, retired_ms, registered_ms, previous_keys, repair, collection,
                       change))

struct Collection {
    std::string id;
    std::string organization;
    std::vector<std::string> keepers;
    std::optional<std::int64_t> keep_days;
    std::int64_t defined_ms = 0;
    std::optional<bool> figures;
};
TALLY_FIELDS(Collection, (id, "the collection's id"), (organization, "whose devices may be assigned to it"),
             (keepers, "the organizations whose nodes keep the rows"),
             (keep_days, "how long after a record's period; without it: until they are erased"),
             (defined_ms, "when it was defined"),
             (figures, "the keepers hold the figures too; records have commitments in their place"))

// Whether the devices of the collection sign commitments in the place of their figures.
[[nodiscard]] inline bool keeps_figures(const Collection& collection) { return collection.figures.value_or(false); }

extern const TextForm kSummary;  // the summaries of a field

struct SchemaField {
    std::string name;
    std::string unit;
    std::int64_t scale = 0;
    std::optional<std::string> summary;
};
TALLY_FIELDS(SchemaField, (name, "what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -", .form = &kIdentifier),
             (unit, "a unit of SenML's registry (RFC 8428), for example W", .form = &kUnit),
             (scale, "an integer v stands for v * 10^scale units", .min = -kMaxScale, .max = kMaxScale),
             (summary, "the one figure of a day: sum (default), mean, max or last", .form = &kSummary))

struct Schema {
    std::string id;
    std::int64_t version = 0;
    std::string organization;
    std::vector<SchemaField> fields;
    std::int64_t registered_ms = 0;
};
BOOST_DESCRIBE_STRUCT(Schema, (), (id, version, organization, fields, registered_ms))

inline constexpr std::int64_t kMaxIncidents = 1'000'000;

struct Rules {
    std::int64_t missed_keepalives = 0;
    std::int64_t bad_signatures = 0;
    std::int64_t clock_skews = 0;
    std::int64_t out_of_range = 0;
};
TALLY_FIELDS(Rules, (missed_keepalives, "so many suspend a device; 0: never", .min = 0, .max = kMaxIncidents),
             (bad_signatures, "so many suspend a device; 0: never", .min = 0, .max = kMaxIncidents),
             (clock_skews, "so many suspend a device; 0: never", .min = 0, .max = kMaxIncidents),
             (out_of_range, "so many suspend a device; 0: never", .min = 0, .max = kMaxIncidents))

// Since the device was registered or last reinstated.
struct Counts {
    std::int64_t missed_keepalives = 0;
    std::int64_t bad_signatures = 0;
    std::int64_t clock_skews = 0;
    std::int64_t out_of_range = 0;
};
BOOST_DESCRIBE_STRUCT(Counts, (), (missed_keepalives, bad_signatures, clock_skews, out_of_range))

struct Incidents {
    Counts counts;
    Change change;
};
BOOST_DESCRIBE_STRUCT(Incidents, (), (counts, change))

// The status in force at a moment.
[[nodiscard]] DeviceStatus status_at(const Device& device, std::int64_t time_ms);

[[nodiscard]] bool is_vitro(const Device& device);  // signs nothing but IoT Blocks
// Whether it signs what Tally defines: records, proofs of possession, rotations of its key.
[[nodiscard]] bool signs_statements(const Device& device);
[[nodiscard]] Result<crypto::PublicKey> key_of(const Device& device);  // the one in force

[[nodiscard]] std::string device_key(std::string_view id);
[[nodiscard]] std::string shard_key(const Device& device);
[[nodiscard]] Result<Device> find_device(Stub& stub, std::string_view id);  // unknown_device
[[nodiscard]] Status save_device(Stub& stub, Device& device, std::string_view change, json::value details);
[[nodiscard]] Change change_by(const Stub& stub, std::string_view kind, json::value details);

struct SchemaName {
    std::string id;
    std::int64_t version = 0;
};
[[nodiscard]] Result<SchemaName> parse_schema_name(std::string_view text);  // "id@version"
[[nodiscard]] std::string text_of(const SchemaName& name);
[[nodiscard]] std::string schema_key(const SchemaName& name);
[[nodiscard]] Result<Schema> find_schema(Stub& stub, const SchemaName& name);  // not_found

}  // namespace tally::chaincode::registry
