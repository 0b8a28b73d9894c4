#include "chaincode/contracts/registry/registry.h"

#include "chaincode/contracts/registry/collections.h"
#include "chaincode/contracts/registry/consent.h"
#include "chaincode/contracts/registry/devices.h"
#include "chaincode/contracts/registry/queries.h"
#include "chaincode/contracts/registry/refusals.h"
#include "chaincode/contracts/registry/status.h"
#include "chaincode/contracts/registry/terms.h"
#include "chaincode/contracts/registry/trust.h"

namespace tally::chaincode::registry {
namespace {

const std::vector<std::string> kStaff = {"admin", "client"};
const std::vector<std::string> kAdmins = {"admin"};
const std::vector<std::string> kGateways = {"admin", "client", "peer"};

void add_devices(Contract& contract) {
    contract
        .add(&register_schema,
             {.name = "register_schema", .summary = "Stores a version of a schema", .writes = true, .roles = kStaff})
        .add(&register_device, {.name = "register_device",
                                .summary = "Registers a device with its key or certificates",
                                .writes = true,
                                .roles = kStaff})
        .add(&import_devices, {.name = "import_devices",
                               .summary = "Registers many devices, all or none",
                               .writes = true,
                               .roles = kStaff})
        .add(&add_schemas, {.name = "add_schemas",
                            .summary = "Lets a device's records follow more schemas",
                            .writes = true,
                            .roles = kStaff,
                            .refusals = {refusals::unknown_device, refusals::device_retired}})
        .add(&confirm_device, {.name = "confirm_device",
                               .summary = "Consents to another organization's device that cannot prove its key",
                               .writes = true,
                               .roles = kStaff})
        .add(&set_status, {.name = "set_status",
                           .summary = "Suspends, reinstates or retires a device",
                           .writes = true,
                           .roles = kStaff,
                           .refusals = {refusals::unknown_device, refusals::device_retired}})
        .add(&suspend_silent, {.name = "suspend_silent",
                               .summary = "Suspends a device that has missed too many keep-alives",
                               .writes = true,
                               .callers = {"data"},
                               .refusals = {refusals::unknown_device}})
        .add(&report_incident, {.name = "report_incident",
                                .summary = "Counts incidents of a device; may suspend it by rule",
                                .writes = true,
                                .roles = kGateways,
                                .refusals = {refusals::unknown_device, refusals::device_retired}})
        .add(&set_rules, {.name = "set_rules",
                          .summary = "Sets the caller's organization's rules of automatic suspension",
                          .writes = true,
                          .roles = kAdmins});
}

void add_collections(Contract& contract) {
    contract
        .add(&define_collection, {.name = "define_collection",
                                  .summary = "Names the organizations that keep readings which are in no block",
                                  .writes = true,
                                  .roles = kStaff})
        .add(&assign_collection, {.name = "assign_collection",
                                  .summary = "Keeps the readings of devices in a collection from now on, or in blocks",
                                  .writes = true,
                                  .roles = kStaff,
                                  .refusals = {refusals::unknown_device, refusals::device_retired}})
        .add(&get_collection, {.name = "get_collection", .summary = "One collection"})
        .add(&collection_of, {.name = "collection_of",
                              .summary = "The collection that keeps a device's readings, if there is one",
                              .refusals = {refusals::unknown_device}})
        .add(&collections_of, {.name = "collections_of",
                               .summary = "Every collection that keeps readings of a device, now or of earlier records",
                               .refusals = {refusals::unknown_device}})
        .add(&list_collections, {.name = "list_collections", .summary = "All collections"})
        .event<Collection>("collection_defined", "A collection was defined")
        .event<CollectionAssigned>("collection_assigned", "Devices were assigned to a collection, or to none");
}

void add_keys(Contract& contract) {
    contract
        .add(&rotate_key, {.name = "rotate_key",
                           .summary = "Gives a device a new key that the old one has signed",
                           .writes = true,
                           .roles = kStaff,
                           .attachments = {{"the new key, signed by the old one"}},
                           .refusals = {refusals::unknown_device, refusals::device_retired}})
        .add(&recertify, {.name = "recertify",
                          .summary = "Gives a device a new certificate chain, and its key",
                          .writes = true,
                          .roles = kStaff,
                          .refusals = {refusals::unknown_device, refusals::device_retired}})
        .add(&add_trust_anchor, {.name = "add_trust_anchor",
                                 .summary = "Adds a root that the organization's devices are certified under",
                                 .writes = true,
                                 .roles = kAdmins})
        .add(&revoke_certificate, {.name = "revoke_certificate",
                                   .summary = "Revokes a certificate of the organization's devices or authorities",
                                   .writes = true,
                                   .roles = kAdmins})
        .add(&publish_crl, {.name = "publish_crl",
                            .summary = "Stores an authority's revocation list",
                            .writes = true,
                            .roles = kStaff});
}

void add_queries(Contract& contract) {
    contract
        .add(&get_device, {.name = "get_device",
                           .summary = "One device",
                           .refusals = {refusals::unknown_device},
                           .routes = {"/v1/devices/{id}"}})
        .add(
            &list_devices,
            {.name = "list_devices", .summary = "Devices, by shard, status or organization", .routes = {"/v1/devices"}})
        .add(&pending_devices,
             {.name = "pending_devices", .summary = "Devices that wait for another organization's consent"})
        .add(&timeline, {.name = "timeline",
                         .summary = "Everything that ever happened to one device",
                         .refusals = {refusals::unknown_device},
                         .routes = {"/v1/devices/{id}/timeline"}})
        .add(&get_schema, {.name = "get_schema", .summary = "One version of a schema", .routes = {"/v1/schemas/{id}"}})
        .add(&list_schemas,
             {.name = "list_schemas", .summary = "Schemas and their versions", .routes = {"/v1/schemas"}})
        .add(&get_rules, {.name = "get_rules", .summary = "An organization's rules of automatic suspension"})
        .add(&list_trust,
             {.name = "list_trust", .summary = "An organization's trust anchors, revocation lists and revocations"})
        .add(&publishing_terms, {.name = "publishing_terms",
                                 .summary = "What a device's records are checked against",
                                 .refusals = {refusals::unknown_device}});
}

void add_events(Contract& contract) {
    contract.event<SchemaRegistered>("schema_registered", "A version of a schema was stored")
        .event<DeviceSummary>("device_registered", "A device was registered, or its registration was confirmed")
        .event<DeviceSummary>("device_pending", "A registration waits for another organization's consent")
        .event<SchemasAdded>("schemas_added", "A device's records may follow more schemas")
        .event<StatusChange>("status_changed", "A device was suspended, reinstated or retired")
        .event<IncidentReported>("incident_reported", "Incidents of a device were counted")
        .event<Rules>("rules_changed", "An organization has set its rules of automatic suspension")
        .event<KeyRotated>("key_rotated", "A device has a new key")
        .event<KeyRotated>("certificate_renewed", "A device has a new certificate for the same key")
        .event<AnchorAdded>("trust_anchor_added", "An organization trusts another root")
        .event<Revocation>("certificate_revoked", "A certificate was revoked")
        .event<CrlPublished>("crl_published", "A revocation list was stored");
}

}  // namespace

Contract contract() {
    Contract contract("registry", 1, "Devices, their keys, certificates, schemas and status");
    add_devices(contract);
    add_collections(contract);
    add_keys(contract);
    add_queries(contract);
    add_events(contract);
    return contract;
}

}  // namespace tally::chaincode::registry
