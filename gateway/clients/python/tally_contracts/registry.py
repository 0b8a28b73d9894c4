# Made by `tally contract types registry --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict

from typing_extensions import Required

SchemaField = TypedDict("SchemaField", {
    "name": Required[str],  # what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -
    "unit": Required[str],  # a unit of SenML's registry (RFC 8428), for example W
    "scale": Required[int],  # an integer v stands for v * 10^scale units
    "summary": str,  # the one figure of a day: sum (default), mean, max or last
}, total=False)

RegistryRegisterSchemaArguments = TypedDict("RegistryRegisterSchemaArguments", {
    "id": Required[str],  # the schema's name
    "version": Required[int],  # from 1 on; a version is never changed
    "fields": Required[List[SchemaField]],  # in the order in which records carry them
}, total=False)

SchemaRegistered = TypedDict("SchemaRegistered", {
    "schema": Required[str],  # id@version
}, total=False)

RegistryRegisterDeviceArguments = TypedDict("RegistryRegisterDeviceArguments", {
    "id": Required[str],  # 1 to 64 of A-Z a-z 0-9 . _ : - ; for a Vitro device its node id, 18 hexadecimal digits
    "shard": Required[str],  # the group of devices that it belongs to, for example a site
    "profile": str,  # tally-record (default), vitro-1, vitro-2 or ocmf-1
    "public_key": str,  # PEM, or hex or base64 of the key; either this or certificate_chain
    "certificate_chain": List[str],  # PEM, the device's own first; its common name is the device's id
    "proof": str,  # base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)
    "schemas": List[str],  # the schemas that its records may follow, each as id@version
    "polling_interval_s": Required[int],  # seconds between two measurements
    "keepalive_interval_s": Required[int],  # seconds within which it must be heard
    "grace_s": int,  # how late a keep-alive may be (default: a quarter of the interval)
    "max_skew_s": int,  # how far its clock may be ahead (default 300)
    "late_arrival_s": int,  # how long after a period's end its record may come (default: any time)
    "location": str,  # where it is, for people
    "residency": str,  # where its data may be kept
    "collection": str,  # that keeps its rows, so that they are in no block
}, total=False)

DeviceSummary = TypedDict("DeviceSummary", {
    "device": Required[str],  # its id
    "shard": Required[str],  # the group of devices
    "organization": Required[str],  # who operates it
    "profile": Required[str],  # how it signs
    "pending": bool,  # whether it waits for another organization's consent
    "fingerprint": str,  # of a pending device's key
    "requested_by": str,  # of a confirmed device
}, total=False)

RegistryImportDevicesArguments = TypedDict("RegistryImportDevicesArguments", {
    "devices": Required[List[Any]],  # each as for register_device; all are registered or none
}, total=False)

Imported = TypedDict("Imported", {
    "devices": Required[int],  # how many were registered, or wait
    "pending": Required[int],  # how many of them wait for consent
}, total=False)

RegistryAddSchemasArguments = TypedDict("RegistryAddSchemasArguments", {
    "device": Required[str],  # the device's id
    "schemas": Required[List[str]],  # schemas that its records may follow too, each as id@version
}, total=False)

SchemasAdded = TypedDict("SchemasAdded", {
    "device": Required[str],  # its id
    "schemas": List[str],  # all that its records may follow now
}, total=False)

RegistryConfirmDeviceArguments = TypedDict("RegistryConfirmDeviceArguments", {
    "organization": Required[str],  # whose device it is
    "id": Required[str],  # the device's id
    "fingerprint": Required[str],  # of the key that is confirmed: SHA-256 of its SubjectPublicKeyInfo, hexadecimal
}, total=False)

Repair = TypedDict("Repair", {
    "repaired_by": str,  # who repaired the device, as the proposer says
    "statement": Required[str],  # what was wrong and what was done
}, total=False)

RegistrySetStatusArguments = TypedDict("RegistrySetStatusArguments", {
    "device": Required[str],  # the device's id
    "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],  # RETIRED is final; ACTIVE after SUSPENDED needs a repair record
    "reason": Required[str],  # why, in 1 to 1000 characters
    "effective_time_ms": int,  # not before now, which is the default; periods that end later are refused
    "repair": Repair,  # what was repaired; the caller's signature of the proposal is its signature
}, total=False)

RegistryRepair = TypedDict("RegistryRepair", {
    "repaired_by": str,  # who repaired the device, as the proposer says
    "statement": Required[str],  # what was wrong and what was done
}, total=False)

StatusChange = TypedDict("StatusChange", {
    "device": Required[str],  # its id
    "organization": Required[str],  # who operates it
    "shard": Required[str],  # the group of devices
    "from": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],  # the status before
    "to": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],  # the status from effective_ms on
    "reason": Required[str],  # why
    "effective_ms": Required[int],  # when it takes effect
    "repair": RegistryRepair,  # of a reinstatement
}, total=False)

RegistryReportIncidentArguments = TypedDict("RegistryReportIncidentArguments", {
    "device": Required[str],  # the device's id
    "kind": Required[Literal["MISSED_KEEPALIVE", "BAD_SIGNATURE", "CLOCK_SKEW", "OUT_OF_RANGE"]],  # what was observed
    "count": Required[int],  # how many of them
    "evidence": str,  # what was seen, or where it is kept
}, total=False)

IncidentReported = TypedDict("IncidentReported", {
    "device": Required[str],  # its id
    "kind": Required[Literal["MISSED_KEEPALIVE", "BAD_SIGNATURE", "CLOCK_SKEW", "OUT_OF_RANGE"]],  # what was observed
    "count": Required[int],  # how many were reported
    "total": Required[int],  # since the device was registered or last reinstated
    "evidence": str,  # what was seen
    "suspended": bool,  # whether this report suspended the device
}, total=False)

RegistrySetRulesArguments = TypedDict("RegistrySetRulesArguments", {
    "missed_keepalives": Required[int],  # so many suspend a device; 0: never
    "bad_signatures": Required[int],  # so many suspend a device; 0: never
    "clock_skews": Required[int],  # so many suspend a device; 0: never
    "out_of_range": Required[int],  # so many suspend a device; 0: never
}, total=False)

Rules = TypedDict("Rules", {
    "missed_keepalives": Required[int],  # so many suspend a device; 0: never
    "bad_signatures": Required[int],  # so many suspend a device; 0: never
    "clock_skews": Required[int],  # so many suspend a device; 0: never
    "out_of_range": Required[int],  # so many suspend a device; 0: never
}, total=False)

RegistryDefineCollectionArguments = TypedDict("RegistryDefineCollectionArguments", {
    "id": Required[str],  # 1 to 64 of A-Z a-z 0-9 . _ : -
    "keepers": Required[List[str]],  # the organizations whose nodes keep the rows
    "keep_days": int,  # how many days after a record's period they are removed (default: never)
    "figures": bool,  # they keep the figures too: devices sign commitments in their place (default: no)
}, total=False)

Collection = TypedDict("Collection", {
    "id": Required[str],  # the collection's id
    "organization": Required[str],  # whose devices may be assigned to it
    "keepers": List[str],  # the organizations whose nodes keep the rows
    "keep_days": int,  # how long after a record's period; without it: until they are erased
    "defined_ms": Required[int],  # when it was defined
    "figures": bool,  # the keepers hold the figures too; records have commitments in their place
}, total=False)

RegistryAssignCollectionArguments = TypedDict("RegistryAssignCollectionArguments", {
    "devices": Required[List[str]],  # their ids
    "collection": str,  # that keeps their rows from now on; without it their rows go into blocks
}, total=False)

CollectionAssigned = TypedDict("CollectionAssigned", {
    "devices": List[str],  # their ids
    "collection": str,  # that keeps their rows from now on; without it their rows go into blocks
}, total=False)

RegistryGetCollectionArguments = TypedDict("RegistryGetCollectionArguments", {
    "id": Required[str],  # the collection's id
}, total=False)

RegistryCollectionOfArguments = TypedDict("RegistryCollectionOfArguments", {
    "id": Required[str],  # the device's id
}, total=False)

CollectionOf = TypedDict("CollectionOf", {
    "collection": str,  # that keeps the device's rows; without it they go into blocks
}, total=False)

RegistryCollectionsOfArguments = TypedDict("RegistryCollectionsOfArguments", {
    "id": Required[str],  # the device's id
}, total=False)

CollectionsOf = TypedDict("CollectionsOf", {
    "collections": List[str],  # that keep rows of the device, now or of earlier records
}, total=False)

RegistryListCollectionsArguments = TypedDict("RegistryListCollectionsArguments", {
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

CollectionPage = TypedDict("CollectionPage", {
    "collections": List[Collection],  # by their ids
    "next": str,  # the next page's cursor
}, total=False)

RegistryRotateKeyArguments = TypedDict("RegistryRotateKeyArguments", {
    "device": Required[str],  # the device's id
    "certificate_chain": List[str],  # for a device that is known by certificates: the chain of the new key
    "proof": str,  # base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)
    "compromised": bool,  # whether the old key must not be trusted for earlier periods either
}, total=False)

KeyRotated = TypedDict("KeyRotated", {
    "device": Required[str],  # its id
    "epoch": Required[int],  # of the key in force
    "fingerprint": Required[str],  # SHA-256 of the key's SubjectPublicKeyInfo
    "compromised": bool,  # of a new key: whether the old one is not trusted for earlier periods either
}, total=False)

RegistryRecertifyArguments = TypedDict("RegistryRecertifyArguments", {
    "device": Required[str],  # the device's id
    "certificate_chain": List[str],  # for a device that is known by certificates: the chain of the new key
    "proof": str,  # base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)
    "compromised": bool,  # whether the old key must not be trusted for earlier periods either
}, total=False)

RegistryAddTrustAnchorArguments = TypedDict("RegistryAddTrustAnchorArguments", {
    "pem": Required[str],  # a self-signed certificate
}, total=False)

AnchorAdded = TypedDict("AnchorAdded", {
    "fingerprint": Required[str],
    "organization": Required[str],
    "subject": Required[str],
}, total=False)

RegistryRevokeCertificateArguments = TypedDict("RegistryRevokeCertificateArguments", {
    "certificate": Required[str],  # PEM, or the SHA-256 of its DER in hexadecimal
    "reason": Required[str],  # why, in 1 to 1000 characters
}, total=False)

Revocation = TypedDict("Revocation", {
    "fingerprint": Required[str],  # of the certificate: SHA-256 of its DER
    "reason": Required[str],  # why
}, total=False)

RegistryPublishCrlArguments = TypedDict("RegistryPublishCrlArguments", {
    "pem": Required[str],  # the revocation list
    "issuer_chain": List[str],  # where its issuer is no trust anchor: PEM, the issuer's own certificate first
}, total=False)

CrlPublished = TypedDict("CrlPublished", {
    "issuer": Required[str],
    "number": Required[int],
    "next_update_ms": Required[int],
}, total=False)

RegistryGetDeviceArguments = TypedDict("RegistryGetDeviceArguments", {
    "id": Required[str],  # the device's id
}, total=False)

ScheduledStatus = TypedDict("ScheduledStatus", {
    "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
    "effective_ms": Required[int],
}, total=False)

Suspension = TypedDict("Suspension", {
    "from_ms": Required[int],
    "to_ms": int,
    "reason": Required[str],
}, total=False)

PreviousKey = TypedDict("PreviousKey", {
    "epoch": Required[int],
    "key": Required[str],
    "until_ms": Required[int],
    "compromised": Required[bool],
}, total=False)

Change = TypedDict("Change", {
    "kind": Required[str],
    "time_ms": Required[int],
    "transaction": Required[str],
    "by": Required[str],
    "details": Required[Any],
}, total=False)

DeviceView = TypedDict("DeviceView", {
    "scheduled": ScheduledStatus,  # a status that was set and is not in force yet
    "id": Required[str],
    "organization": Required[str],
    "shard": Required[str],
    "profile": Required[str],
    "epoch": Required[int],
    "key": Required[str],
    "certificate_chain": List[str],
    "schemas": List[str],
    "polling_interval_s": Required[int],
    "keepalive_interval_s": Required[int],
    "grace_s": Required[int],
    "max_skew_s": Required[int],
    "late_arrival_s": int,
    "location": str,
    "residency": str,
    "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
    "effective_ms": Required[int],
    "reason": Required[str],
    "suspensions": List[Suspension],
    "retired_ms": int,
    "registered_ms": Required[int],
    "previous_keys": List[PreviousKey],
    "repair": RegistryRepair,
    "collection": str,
    "change": Required[Change],
}, total=False)

RegistryListDevicesArguments = TypedDict("RegistryListDevicesArguments", {
    "shard": str,  # the organization's shard of this name
    "status": Literal["ACTIVE", "SUSPENDED", "RETIRED"],  # the status in force now
    "organization": str,  # whose devices (default: with a shard the caller's, without one all)
    "after": str,  # only devices whose ids come after this one
    "through": str,  # only devices whose ids come before this one, and it
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

DevicePage = TypedDict("DevicePage", {
    "devices": List[DeviceView],  # in the order of their ids
    "next": str,  # the next page's cursor
}, total=False)

RegistryPendingDevicesArguments = TypedDict("RegistryPendingDevicesArguments", {
    "organization": str,  # whose devices (default: the caller's)
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

PendingDevice = TypedDict("PendingDevice", {
    "fingerprint": Required[str],  # of the key that waits to be confirmed
    "id": Required[str],
    "organization": Required[str],
    "shard": Required[str],
    "profile": Required[str],
    "epoch": Required[int],
    "key": Required[str],
    "certificate_chain": List[str],
    "schemas": List[str],
    "polling_interval_s": Required[int],
    "keepalive_interval_s": Required[int],
    "grace_s": Required[int],
    "max_skew_s": Required[int],
    "late_arrival_s": int,
    "location": str,
    "residency": str,
    "status": Required[Literal["ACTIVE", "SUSPENDED", "RETIRED"]],
    "effective_ms": Required[int],
    "reason": Required[str],
    "suspensions": List[Suspension],
    "retired_ms": int,
    "registered_ms": Required[int],
    "previous_keys": List[PreviousKey],
    "repair": RegistryRepair,
    "collection": str,
    "change": Required[Change],
}, total=False)

PendingPage = TypedDict("PendingPage", {
    "devices": List[PendingDevice],  # in the order of their ids
    "next": str,  # the next page's cursor
}, total=False)

RegistryTimelineArguments = TypedDict("RegistryTimelineArguments", {
    "id": Required[str],  # the device's id
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

TimelineEntry = TypedDict("TimelineEntry", {
    "kind": Required[str],  # registered, status_changed, key_rotated, record_published, ...
    "time_ms": Required[int],  # of the transaction
    "transaction": Required[str],  # its id
    "by": Required[str],  # ORGANIZATION/name of who proposed it
    "details": Required[Any],  # the payload of the event of this kind
    "block": Required[int],  # the block that holds it
}, total=False)

TimelinePage = TypedDict("TimelinePage", {
    "device": Required[str],  # its id
    "entries": List[TimelineEntry],  # in the order of time
    "next": str,  # the next page's cursor
}, total=False)

RegistryGetSchemaArguments = TypedDict("RegistryGetSchemaArguments", {
    "id": Required[str],  # the schema's name
    "version": Required[int],  # its version
}, total=False)

Schema = TypedDict("Schema", {
    "id": Required[str],
    "version": Required[int],
    "organization": Required[str],
    "fields": List[SchemaField],
    "registered_ms": Required[int],
}, total=False)

RegistryListSchemasArguments = TypedDict("RegistryListSchemasArguments", {
    "id": str,  # the versions of this one alone
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

SchemaPage = TypedDict("SchemaPage", {
    "schemas": List[Schema],  # by id and version
    "next": str,  # the next page's cursor
}, total=False)

RegistryGetRulesArguments = TypedDict("RegistryGetRulesArguments", {
    "organization": Required[str],  # whose
}, total=False)

RegistryListTrustArguments = TypedDict("RegistryListTrustArguments", {
    "organization": Required[str],  # whose
}, total=False)

TrustAnchor = TypedDict("TrustAnchor", {
    "fingerprint": Required[str],
    "subject": Required[str],
    "pem": Required[str],
}, total=False)

TrustList = TypedDict("TrustList", {
    "issuer": Required[str],
    "number": Required[int],
    "pem": Required[str],
}, total=False)

Trust = TypedDict("Trust", {
    "anchors": List[TrustAnchor],  # roots that devices are certified under
    "crls": List[TrustList],  # the newest list of each authority
    "revoked": List[Revocation],  # certificates that were revoked one by one
}, total=False)

RegistryPublishingTermsArguments = TypedDict("RegistryPublishingTermsArguments", {
    "id": Required[str],  # the device's id
}, total=False)

Field = TypedDict("Field", {
    "name": Required[str],  # what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -
    "unit": Required[str],  # a unit of SenML's registry (RFC 8428), for example W
    "scale": Required[int],  # an integer v stands for v * 10^scale units
}, total=False)

SchemaTerms = TypedDict("SchemaTerms", {
    "name": Required[str],
    "fields": List[Field],
}, total=False)

PublishingTerms = TypedDict("PublishingTerms", {
    "device": Required[str],
    "organization": Required[str],
    "shard": Required[str],
    "profile": Required[str],
    "epoch": Required[int],
    "key": Required[str],
    "previous_keys": List[PreviousKey],
    "schemas": List[SchemaTerms],
    "suspensions": List[Suspension],
    "retired_ms": int,
    "max_skew_s": Required[int],
    "late_arrival_s": int,
    "collection": str,
}, total=False)

# Every function by its full name: the types of its arguments and of its answer.
FUNCTIONS = {
    "registry.register_schema": (RegistryRegisterSchemaArguments, SchemaRegistered),  # Stores a version of a schema
    "registry.register_device": (RegistryRegisterDeviceArguments, DeviceSummary),  # Registers a device with its key or certificates
    "registry.import_devices": (RegistryImportDevicesArguments, Imported),  # Registers many devices, all or none
    "registry.add_schemas": (RegistryAddSchemasArguments, SchemasAdded),  # Lets a device's records follow more schemas
    "registry.confirm_device": (RegistryConfirmDeviceArguments, DeviceSummary),  # Consents to another organization's device that cannot prove its key
    "registry.set_status": (RegistrySetStatusArguments, StatusChange),  # Suspends, reinstates or retires a device
    "registry.report_incident": (RegistryReportIncidentArguments, IncidentReported),  # Counts incidents of a device; may suspend it by rule
    "registry.set_rules": (RegistrySetRulesArguments, Rules),  # Sets the caller's organization's rules of automatic suspension
    "registry.define_collection": (RegistryDefineCollectionArguments, Collection),  # Names the organizations that keep readings which are in no block
    "registry.assign_collection": (RegistryAssignCollectionArguments, CollectionAssigned),  # Keeps the readings of devices in a collection from now on, or in blocks
    "registry.get_collection": (RegistryGetCollectionArguments, Collection),  # One collection
    "registry.collection_of": (RegistryCollectionOfArguments, CollectionOf),  # The collection that keeps a device's readings, if there is one
    "registry.collections_of": (RegistryCollectionsOfArguments, CollectionsOf),  # Every collection that keeps readings of a device, now or of earlier records
    "registry.list_collections": (RegistryListCollectionsArguments, CollectionPage),  # All collections
    "registry.rotate_key": (RegistryRotateKeyArguments, KeyRotated),  # Gives a device a new key that the old one has signed
    "registry.recertify": (RegistryRecertifyArguments, KeyRotated),  # Gives a device a new certificate chain, and its key
    "registry.add_trust_anchor": (RegistryAddTrustAnchorArguments, AnchorAdded),  # Adds a root that the organization's devices are certified under
    "registry.revoke_certificate": (RegistryRevokeCertificateArguments, Revocation),  # Revokes a certificate of the organization's devices or authorities
    "registry.publish_crl": (RegistryPublishCrlArguments, CrlPublished),  # Stores an authority's revocation list
    "registry.get_device": (RegistryGetDeviceArguments, DeviceView),  # One device
    "registry.list_devices": (RegistryListDevicesArguments, DevicePage),  # Devices, by shard, status or organization
    "registry.pending_devices": (RegistryPendingDevicesArguments, PendingPage),  # Devices that wait for another organization's consent
    "registry.timeline": (RegistryTimelineArguments, TimelinePage),  # Everything that ever happened to one device
    "registry.get_schema": (RegistryGetSchemaArguments, Schema),  # One version of a schema
    "registry.list_schemas": (RegistryListSchemasArguments, SchemaPage),  # Schemas and their versions
    "registry.get_rules": (RegistryGetRulesArguments, Rules),  # An organization's rules of automatic suspension
    "registry.list_trust": (RegistryListTrustArguments, Trust),  # An organization's trust anchors, revocation lists and revocations
    "registry.publishing_terms": (RegistryPublishingTermsArguments, PublishingTerms),  # What a device's records are checked against
}
