#pragma once
// What the registry's functions are called with.

#include "chaincode/contracts/registry/model.h"

namespace tally::chaincode::registry {

struct RegisterSchema {
    std::string id;
    std::int64_t version = 0;
    std::vector<SchemaField> fields;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(RegisterSchema, (), (id, version, fields))

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

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(RegisterDevice, (),
                      (id, shard, profile, public_key, certificate_chain, proof, schemas, polling_interval_s,
                       keepalive_interval_s, grace_s, max_skew_s, late_arrival_s, location, residency))

struct ImportDevices {
    std::vector<json::value> devices;  // read row by row, so that every row's fault is told

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(ImportDevices, (), (devices))

struct ConfirmDevice {
    std::string organization;
    std::string id;
    std::string fingerprint;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(ConfirmDevice, (), (organization, id, fingerprint))

struct PendingDevices {
    std::optional<std::string> organization;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(PendingDevices, (), (organization, limit, cursor))

struct SetStatus {
    std::string device;
    DeviceStatus status = DeviceStatus::ACTIVE;
    std::string reason;
    std::optional<std::int64_t> effective_time_ms;
    std::optional<Repair> repair;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(SetStatus, (), (device, status, reason, effective_time_ms, repair))

enum class IncidentKind { MISSED_KEEPALIVE, BAD_SIGNATURE, CLOCK_SKEW, OUT_OF_RANGE };
BOOST_DESCRIBE_ENUM(IncidentKind, MISSED_KEEPALIVE, BAD_SIGNATURE, CLOCK_SKEW, OUT_OF_RANGE)

struct ReportIncident {
    std::string device;
    IncidentKind kind = IncidentKind::MISSED_KEEPALIVE;
    std::int64_t count = 0;
    std::optional<std::string> evidence;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(ReportIncident, (), (device, kind, count, evidence))

struct SetRules {
    std::int64_t missed_keepalives = 0;
    std::int64_t bad_signatures = 0;
    std::int64_t clock_skews = 0;
    std::int64_t out_of_range = 0;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(SetRules, (), (missed_keepalives, bad_signatures, clock_skews, out_of_range))

struct RotateKey {
    std::string device;
    std::vector<std::string> certificate_chain;
    std::optional<std::string> proof;
    std::optional<bool> compromised;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(RotateKey, (), (device, certificate_chain, proof, compromised))

struct AddTrustAnchor {
    std::string pem;
};
BOOST_DESCRIBE_STRUCT(AddTrustAnchor, (), (pem))

struct RevokeCertificate {
    std::string certificate;
    std::string reason;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(RevokeCertificate, (), (certificate, reason))

struct PublishCrl {
    std::string pem;
    std::vector<std::string> issuer_chain;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(PublishCrl, (), (pem, issuer_chain))

struct ListTrust {
    std::string organization;
};
BOOST_DESCRIBE_STRUCT(ListTrust, (), (organization))

struct OneDevice {
    std::string id;
};
BOOST_DESCRIBE_STRUCT(OneDevice, (), (id))

struct ListDevices {
    std::optional<std::string> shard;
    std::optional<DeviceStatus> status;
    std::optional<std::string> organization;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(ListDevices, (), (shard, status, organization, limit, cursor))

struct Timeline {
    std::string id;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(Timeline, (), (id, limit, cursor))

struct GetSchema {
    std::string id;
    std::int64_t version = 0;
};
BOOST_DESCRIBE_STRUCT(GetSchema, (), (id, version))

struct ListSchemas {
    std::optional<std::string> id;
    std::optional<std::int64_t> limit;
    std::optional<std::string> cursor;

    static std::string_view describe(std::string_view member);
};
BOOST_DESCRIBE_STRUCT(ListSchemas, (), (id, limit, cursor))

struct OfOrganization {
    std::string organization;
};
BOOST_DESCRIBE_STRUCT(OfOrganization, (), (organization))

}  // namespace tally::chaincode::registry
