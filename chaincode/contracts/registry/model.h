#pragma once
// The registry's documents as they are kept on the ledger, and what can be told from one of them alone.

#include <boost/describe.hpp>
#include <optional>
#include <string>
#include <vector>

#include "chaincode/contracts/document.h"
#include "chaincode/records/device_record.h"

namespace tally::chaincode::registry {

enum class DeviceStatus { ACTIVE, SUSPENDED, RETIRED };
BOOST_DESCRIBE_ENUM(DeviceStatus, ACTIVE, SUSPENDED, RETIRED)

inline constexpr std::string_view kProfileRecord = "tally-record";
inline constexpr std::string_view kProfileVitro1 = "vitro-1";
inline constexpr std::string_view kProfileVitro2 = "vitro-2";

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
    std::optional<std::string> repaired_by;  // as the statement says: who proposes it is on the ledger beside it
    std::string statement;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Repair, (), (repaired_by, statement))

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
    std::optional<Repair> repair;  // of the last reinstatement
    Change change;
};
BOOST_DESCRIBE_STRUCT(Device, (),
                      (id, organization, shard, profile, epoch, key, certificate_chain, schemas, polling_interval_s,
                       keepalive_interval_s, grace_s, max_skew_s, late_arrival_s, location, residency, status,
                       effective_ms, reason, suspensions, retired_ms, registered_ms, previous_keys, repair, change))

struct SchemaField {
    std::string name;
    std::string unit;
    std::int64_t scale = 0;
    std::optional<std::string> summary;  // how a day is told in one figure: sum (default), mean, max, last

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(SchemaField, (), (name, unit, scale, summary))

struct Schema {
    std::string id;
    std::int64_t version = 0;
    std::string organization;
    std::vector<SchemaField> fields;
    std::int64_t registered_ms = 0;
};
BOOST_DESCRIBE_STRUCT(Schema, (), (id, version, organization, fields, registered_ms))

// How many reported incidents suspend a device; 0: never.
struct Rules {
    std::int64_t missed_keepalives = 0;
    std::int64_t bad_signatures = 0;
    std::int64_t clock_skews = 0;
    std::int64_t out_of_range = 0;
};
BOOST_DESCRIBE_STRUCT(Rules, (), (missed_keepalives, bad_signatures, clock_skews, out_of_range))

struct Incidents {
    Rules counts;  // since the device was registered or last reinstated
    Change change;
};
BOOST_DESCRIBE_STRUCT(Incidents, (), (counts, change))

// The status in force at a moment.
[[nodiscard]] DeviceStatus status_at(const Device& device, std::int64_t time_ms);

[[nodiscard]] bool is_vitro(const Device& device);                     // signs nothing but IoT Blocks
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
[[nodiscard]] std::string schema_key(const SchemaName& name);
[[nodiscard]] Result<Schema> find_schema(Stub& stub, const SchemaName& name);  // not_found

}  // namespace tally::chaincode::registry
