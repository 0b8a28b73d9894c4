#pragma once
// What the registry's functions are called with.

#include "chaincode/contracts/paging.h"
#include "chaincode/contracts/registry/model.h"

namespace tally::chaincode::registry {

inline constexpr std::int64_t kLongestInterval_s = 366LL * 86'400;
inline constexpr std::int64_t kMaxSchemas = 16;  // of a device
inline constexpr std::int64_t kMaxImport = 1000;
inline constexpr std::int64_t kMaxListBytes = 512 << 10;  // PEM: every record of its devices reads it

#define TALLY_PROOF \
    "base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)"

struct RegisterSchema {
    std::string id;
    std::int64_t version = 0;
    std::vector<SchemaField> fields;
};
TALLY_FIELDS(RegisterSchema, (id, "the schema's name", .form = &kIdentifier),
             (version, "from 1 on; a version is never changed", .min = 1, .max = 1'000'000),
             (fields, "in the order in which records carry them", .min = 1, .max = kMaxFields))

struct RegisterDevice {
    std::string id;
    std::string shard;
    std::optional<std::string> profile;
    std::optional<std::string> public_key;
    std::vector<std::string> certificate_chain;
    std::optional<std::string> proof;
    std::vector<std::string> schemas;
    std::int64_t polling_interval_s = 0;
    std::int64_t keepalive_interval_s = 0;
    std::optional<std::int64_t> grace_s;
    std::optional<std::int64_t> max_skew_s;
    std::optional<std::int64_t> late_arrival_s;
    std::optional<std::string> location;
    std::optional<std::string> residency;
    std::optional<std::string> collection;
};
TALLY_FIELDS(
    RegisterDevice,
    (id, "1 to 64 of A-Z a-z 0-9 . _ : - ; for a Vitro device its node id, 18 hexadecimal digits",
     .form = &kIdentifier),
    (shard, "the group of devices that it belongs to, for example a site", .form = &kIdentifier),
    (profile, "tally-record (default), vitro-1, vitro-2 or ocmf-1"),
    (public_key, "PEM, or hex or base64 of the key; either this or certificate_chain"),
    (certificate_chain, "PEM, the device's own first; its common name is the device's id"), (proof, TALLY_PROOF),
    (schemas, "the schemas that its records may follow, each as id@version", .max = kMaxSchemas),
    (polling_interval_s, "seconds between two measurements", .min = 1, .max = kLongestPeriod_s),
    (keepalive_interval_s, "seconds within which it must be heard", .min = 1, .max = kLongestInterval_s),
    (grace_s, "how late a keep-alive may be (default: a quarter of the interval)", .min = 0, .max = kLongestInterval_s),
    (max_skew_s, "how far its clock may be ahead (default 300)", .min = 0, .max = 86'400),
    (late_arrival_s, "how long after a period's end its record may come (default: any time)", .min = 0,
     .max = 100 * kLongestInterval_s),
    (location, "where it is, for people", .max = 1000), (residency, "where its data may be kept", .form = &kIdentifier),
    (collection, "that keeps its rows, so that they are in no block", .form = &kIdentifier))

struct ImportDevices {
    std::vector<json::value> devices;  // read row by row, so that every row's fault is named
};
TALLY_FIELDS(ImportDevices,
             (devices, "each as for register_device; all are registered or none", .min = 1, .max = kMaxImport))

struct AddSchemas {
    std::string device;
    std::vector<std::string> schemas;
};
TALLY_FIELDS(AddSchemas, (device, "the device's id"),
             (schemas, "schemas that its records may follow too, each as id@version", .min = 1, .max = kMaxSchemas))

inline constexpr std::int64_t kMaxKeepers = 16;

struct DefineCollection {
    std::string id;
    std::vector<std::string> keepers;
    std::optional<std::int64_t> keep_days;
    std::optional<bool> figures;
};
TALLY_FIELDS(DefineCollection, (id, "1 to 64 of A-Z a-z 0-9 . _ : -", .form = &kIdentifier),
             (keepers, "the organizations whose nodes keep the rows", .min = 1, .max = kMaxKeepers),
             (keep_days, "how many days after a record's period they are removed (default: never)", .min = 1,
              .max = 36'525),
             (figures, "they keep the figures too: devices sign commitments in their place (default: no)"))

struct AssignCollection {
    std::vector<std::string> devices;
    std::optional<std::string> collection;
};
TALLY_FIELDS(AssignCollection, (devices, "their ids", .min = 1, .max = kMaxImport),
             (collection, "that keeps their rows from now on; without it their rows go into blocks",
              .form = &kIdentifier))

struct OneCollection {
    std::string id;
};
TALLY_FIELDS(OneCollection, (id, "the collection's id", .form = &kIdentifier))

struct ConfirmDevice {
    std::string organization;
    std::string id;
    std::string fingerprint;
};
TALLY_FIELDS(ConfirmDevice, (organization, "whose device it is", .form = &kOrganization),
             (id, "the device's id", .form = &kIdentifier),
             (fingerprint, "of the key that is confirmed: SHA-256 of its SubjectPublicKeyInfo, hexadecimal"))

struct PendingDevices : PageArguments {
    std::optional<std::string> organization;
};
TALLY_FIELDS_WITH(PendingDevices, (PageArguments),
                  (organization, "whose devices (default: the caller's)", .form = &kOrganization))

struct SetStatus {
    std::string device;
    DeviceStatus status = DeviceStatus::ACTIVE;
    std::string reason;
    std::optional<std::int64_t> effective_time_ms;
    std::optional<Repair> repair;
};
TALLY_FIELDS(SetStatus, (device, "the device's id"),
             (status, "RETIRED is final; ACTIVE after SUSPENDED needs a repair record"),
             (reason, "why, in 1 to 1000 characters", .form = &kStatement),
             (effective_time_ms, "not before now, which is the default; periods that end later are refused",
              .max = kLastSecond * 1000),
             (repair, "what was repaired; the caller's signature of the proposal is its signature"))

enum class IncidentKind { MISSED_KEEPALIVE, BAD_SIGNATURE, CLOCK_SKEW, OUT_OF_RANGE };
BOOST_DESCRIBE_ENUM(IncidentKind, MISSED_KEEPALIVE, BAD_SIGNATURE, CLOCK_SKEW, OUT_OF_RANGE)

struct ReportIncident {
    std::string device;
    IncidentKind kind = IncidentKind::MISSED_KEEPALIVE;
    std::int64_t count = 0;
    std::optional<std::string> evidence;
};
TALLY_FIELDS(ReportIncident, (device, "the device's id"), (kind, "what was observed"),
             (count, "how many of them", .min = 1, .max = kMaxIncidents),
             (evidence, "what was seen, or where it is kept", .form = &kStatement))

// Of a device that has sent nothing, as the data contract finds.
struct SuspendSilent {
    std::string device;
    std::int64_t silent_since_ms = 0;
};
TALLY_FIELDS(SuspendSilent, (device, "the device's id"), (silent_since_ms, "its last record was published then"))

struct RotateKey {
    std::string device;
    std::vector<std::string> certificate_chain;
    std::optional<std::string> proof;
    std::optional<bool> compromised;
};
TALLY_FIELDS(RotateKey, (device, "the device's id"),
             (certificate_chain, "for a device that is known by certificates: the chain of the new key"),
             (proof, TALLY_PROOF), (compromised, "whether the old key must not be trusted for earlier periods either"))

struct AddTrustAnchor {
    std::string pem;
};
TALLY_FIELDS(AddTrustAnchor, (pem, "a self-signed certificate"))

struct RevokeCertificate {
    std::string certificate;
    std::string reason;
};
TALLY_FIELDS(RevokeCertificate, (certificate, "PEM, or the SHA-256 of its DER in hexadecimal"),
             (reason, "why, in 1 to 1000 characters", .form = &kStatement))

struct PublishCrl {
    std::string pem;
    std::vector<std::string> issuer_chain;
};
TALLY_FIELDS(PublishCrl, (pem, "the revocation list", .max = kMaxListBytes),
             (issuer_chain, "where its issuer is no trust anchor: PEM, the issuer's own certificate first"))

struct OfOrganization {
    std::string organization;
};
TALLY_FIELDS(OfOrganization, (organization, "whose", .form = &kOrganization))

struct OneDevice {
    std::string id;
};
TALLY_FIELDS(OneDevice, (id, "the device's id"))

struct ListDevices : PageArguments {
    std::optional<std::string> shard;
    std::optional<DeviceStatus> status;
    std::optional<std::string> organization;
    std::optional<std::string> after;
    std::optional<std::string> through;
};
TALLY_FIELDS_WITH(ListDevices, (PageArguments), (shard, "the organization's shard of this name", .form = &kIdentifier),
                  (status, "the status in force now"),
                  (organization, "whose devices (default: with a shard the caller's, without one all)",
                   .form = &kOrganization),
                  (after, "only devices whose ids come after this one", .form = &kIdentifier),
                  (through, "only devices whose ids come before this one, and it", .form = &kIdentifier))

struct Timeline : PageArguments {
    std::string id;
};
TALLY_FIELDS_WITH(Timeline, (PageArguments), (id, "the device's id"))

struct GetSchema {
    std::string id;
    std::int64_t version = 0;
};
TALLY_FIELDS(GetSchema, (id, "the schema's name", .form = &kIdentifier), (version, "its version", .min = 1))

struct ListSchemas : PageArguments {
    std::optional<std::string> id;
};
TALLY_FIELDS_WITH(ListSchemas, (PageArguments), (id, "the versions of this one alone", .form = &kIdentifier))

}  // namespace tally::chaincode::registry
