#pragma once
// What the registry's functions answer, and its events carry.

#include "chaincode/contracts/registry/arguments.h"

namespace tally::chaincode::registry {

struct SchemaRegistered {
    std::string schema;
};
TALLY_FIELDS(SchemaRegistered, (schema, "id@version"))

struct DeviceSummary {
    std::string device;
    std::string shard;
    std::string organization;
    std::string profile;
    std::optional<bool> pending;
    std::optional<std::string> fingerprint;
    std::optional<std::string> requested_by;
};
TALLY_FIELDS(DeviceSummary, (device, "its id"), (shard, "the group of devices"), (organization, "who operates it"),
             (profile, "how it signs"), (pending, "whether it waits for another organization's consent"),
             (fingerprint, "of a pending device's key"), (requested_by, "of a confirmed device"))

struct Imported {
    std::int64_t devices = 0;
    std::int64_t pending = 0;
};
TALLY_FIELDS(Imported, (devices, "how many were registered, or wait"), (pending, "how many of them wait for consent"))

struct SchemasAdded {
    std::string device;
    std::vector<std::string> schemas;
};
TALLY_FIELDS(SchemasAdded, (device, "its id"), (schemas, "all that its records may follow now"))

struct CollectionAssigned {
    std::vector<std::string> devices;
    std::optional<std::string> collection;
};
TALLY_FIELDS(CollectionAssigned, (devices, "their ids"),
             (collection, "that keeps their rows from now on; without it their rows go into blocks"))

struct CollectionOf {
    std::optional<std::string> collection;
};
TALLY_FIELDS(CollectionOf, (collection, "that keeps the device's rows; without it they go into blocks"))

struct CollectionsOf {
    std::vector<std::string> collections;
};
TALLY_FIELDS(CollectionsOf, (collections, "that keep rows of the device, now or of earlier records"))

struct CollectionPage {
    std::vector<Collection> collections;
    std::optional<std::string> next;
};
TALLY_FIELDS(CollectionPage, (collections, "by their ids"), (next, "the next page's cursor"))

struct StatusChange {
    std::string device;
    std::string organization;
    std::string shard;
    DeviceStatus from = DeviceStatus::ACTIVE;
    DeviceStatus to = DeviceStatus::ACTIVE;
    std::string reason;
    std::int64_t effective_ms = 0;
    std::optional<Repair> repair;
};
TALLY_FIELDS(StatusChange, (device, "its id"), (organization, "who operates it"), (shard, "the group of devices"),
             (from, "the status before"), (to, "the status from effective_ms on"), (reason, "why"),
             (effective_ms, "when it takes effect"), (repair, "of a reinstatement"))

struct IncidentReported {
    std::string device;
    IncidentKind kind = IncidentKind::MISSED_KEEPALIVE;
    std::int64_t count = 0;
    std::int64_t total = 0;
    std::optional<std::string> evidence;
    std::optional<bool> suspended;
};
TALLY_FIELDS(IncidentReported, (device, "its id"), (kind, "what was observed"), (count, "how many were reported"),
             (total, "since the device was registered or last reinstated"), (evidence, "what was seen"),
             (suspended, "whether this report suspended the device"))

struct KeyRotated {
    std::string device;
    std::int64_t epoch = 0;
    std::string fingerprint;
    std::optional<bool> compromised;
};
TALLY_FIELDS(KeyRotated, (device, "its id"), (epoch, "of the key in force"),
             (fingerprint, "SHA-256 of the key's SubjectPublicKeyInfo"),
             (compromised, "of a new key: whether the old one is not trusted for earlier periods either"))

struct AnchorAdded {
    std::string fingerprint;
    std::string organization;
    std::string subject;
};
BOOST_DESCRIBE_STRUCT(AnchorAdded, (), (fingerprint, organization, subject))

struct Revocation {
    std::string fingerprint;
    std::string reason;
};
TALLY_FIELDS(Revocation, (fingerprint, "of the certificate: SHA-256 of its DER"), (reason, "why"))

struct CrlPublished {
    std::string issuer;
    std::uint64_t number = 0;
    std::int64_t next_update_ms = 0;
};
BOOST_DESCRIBE_STRUCT(CrlPublished, (), (issuer, number, next_update_ms))

struct ScheduledStatus {
    DeviceStatus status = DeviceStatus::ACTIVE;
    std::int64_t effective_ms = 0;
};
BOOST_DESCRIBE_STRUCT(ScheduledStatus, (), (status, effective_ms))

// The device with the status that is in force now.
struct DeviceView : Device {
    std::optional<ScheduledStatus> scheduled;
};
TALLY_FIELDS_WITH(DeviceView, (Device), (scheduled, "a status that was set and is not in force yet"))

struct DevicePage {
    std::vector<DeviceView> devices;
    std::optional<std::string> next;
};
TALLY_FIELDS(DevicePage, (devices, "in the order of their ids"), (next, "the next page's cursor"))

struct PendingDevice : Device {
    std::string fingerprint;
};
TALLY_FIELDS_WITH(PendingDevice, (Device), (fingerprint, "of the key that waits to be confirmed"))

struct PendingPage {
    std::vector<PendingDevice> devices;
    std::optional<std::string> next;
};
TALLY_FIELDS(PendingPage, (devices, "in the order of their ids"), (next, "the next page's cursor"))

struct SilenceJudged {
    std::int64_t missed_keepalives = 0;
    bool suspended = false;
};
TALLY_FIELDS(SilenceJudged, (missed_keepalives, "that should have come since, or since the last reinstatement"),
             (suspended, "whether that suspends the device, by its operator's rules"))

struct TimelineEntry {
    std::string kind;
    std::int64_t time_ms = 0;
    std::string transaction;
    std::string by;
    json::value details;
    std::int64_t block = 0;
};
TALLY_FIELDS(TimelineEntry, (kind, "registered, status_changed, key_rotated, record_published, ..."),
             (time_ms, "of the transaction"), (transaction, "its id"), (by, "ORGANIZATION/name of who proposed it"),
             (details, "the payload of the event of this kind"), (block, "the block that holds it"))

struct TimelinePage {
    std::string device;
    std::vector<TimelineEntry> entries;
    std::optional<std::string> next;
};
TALLY_FIELDS(TimelinePage, (device, "its id"), (entries, "in the order of time"), (next, "the next page's cursor"))

struct SchemaPage {
    std::vector<Schema> schemas;
    std::optional<std::string> next;
};
TALLY_FIELDS(SchemaPage, (schemas, "by id and version"), (next, "the next page's cursor"))

struct TrustAnchor {
    std::string fingerprint;
    std::string subject;
    std::string pem;
};
BOOST_DESCRIBE_STRUCT(TrustAnchor, (), (fingerprint, subject, pem))

struct TrustList {
    std::string issuer;
    std::uint64_t number = 0;
    std::string pem;
};
BOOST_DESCRIBE_STRUCT(TrustList, (), (issuer, number, pem))

struct Trust {
    std::vector<TrustAnchor> anchors;
    std::vector<TrustList> crls;
    std::vector<Revocation> revoked;
};
TALLY_FIELDS(Trust, (anchors, "roots that devices are certified under"), (crls, "the newest list of each authority"),
             (revoked, "certificates that were revoked one by one"))

}  // namespace tally::chaincode::registry
