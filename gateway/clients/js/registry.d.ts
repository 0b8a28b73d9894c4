// Made by `tally contract types registry --language typescript`: change the contract's declaration, not this file.

export interface SchemaField {
  name: string;  // what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -
  unit: string;  // a unit of SenML's registry (RFC 8428), for example W
  scale: number;  // an integer v stands for v * 10^scale units
  summary?: string;  // the one figure of a day: sum (default), mean, max or last
}

export interface RegistryRegisterSchemaArguments {
  id: string;  // the schema's name
  version: number;  // from 1 on; a version is never changed
  fields: Array<SchemaField>;  // in the order in which records carry them
}

export interface SchemaRegistered {
  schema: string;  // id@version
}

export interface RegistryRegisterDeviceArguments {
  id: string;  // 1 to 64 of A-Z a-z 0-9 . _ : - ; for a Vitro device its node id, 18 hexadecimal digits
  shard: string;  // the group of devices that it belongs to, for example a site
  profile?: string;  // tally-record (default), vitro-1, vitro-2 or ocmf-1
  public_key?: string;  // PEM, or hex or base64 of the key; either this or certificate_chain
  certificate_chain?: Array<string>;  // PEM, the device's own first; its common name is the device's id
  proof?: string;  // base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)
  schemas?: Array<string>;  // the schemas that its records may follow, each as id@version
  polling_interval_s: number;  // seconds between two measurements
  keepalive_interval_s: number;  // seconds within which it must be heard
  grace_s?: number;  // how late a keep-alive may be (default: a quarter of the interval)
  max_skew_s?: number;  // how far its clock may be ahead (default 300)
  late_arrival_s?: number;  // how long after a period's end its record may come (default: any time)
  location?: string;  // where it is, for people
  residency?: string;  // where its data may be kept
  collection?: string;  // that keeps its rows, so that they are in no block
}

export interface DeviceSummary {
  device: string;  // its id
  shard: string;  // the group of devices
  organization: string;  // who operates it
  profile: string;  // how it signs
  pending?: boolean;  // whether it waits for another organization's consent
  fingerprint?: string;  // of a pending device's key
  requested_by?: string;  // of a confirmed device
}

export interface RegistryImportDevicesArguments {
  devices: Array<unknown>;  // each as for register_device; all are registered or none
}

export interface Imported {
  devices: number;  // how many were registered, or wait
  pending: number;  // how many of them wait for consent
}

export interface RegistryAddSchemasArguments {
  device: string;  // the device's id
  schemas: Array<string>;  // schemas that its records may follow too, each as id@version
}

export interface SchemasAdded {
  device: string;  // its id
  schemas?: Array<string>;  // all that its records may follow now
}

export interface RegistryConfirmDeviceArguments {
  organization: string;  // whose device it is
  id: string;  // the device's id
  fingerprint: string;  // of the key that is confirmed: SHA-256 of its SubjectPublicKeyInfo, hexadecimal
}

export interface Repair {
  repaired_by?: string;  // who repaired the device, as the proposer says
  statement: string;  // what was wrong and what was done
}

export interface RegistrySetStatusArguments {
  device: string;  // the device's id
  status: "ACTIVE" | "SUSPENDED" | "RETIRED";  // RETIRED is final; ACTIVE after SUSPENDED needs a repair record
  reason: string;  // why, in 1 to 1000 characters
  effective_time_ms?: number;  // not before now, which is the default; periods that end later are refused
  repair?: Repair;  // what was repaired; the caller's signature of the proposal is its signature
}

export interface RegistryRepair {
  repaired_by?: string;  // who repaired the device, as the proposer says
  statement: string;  // what was wrong and what was done
}

export interface StatusChange {
  device: string;  // its id
  organization: string;  // who operates it
  shard: string;  // the group of devices
  from: "ACTIVE" | "SUSPENDED" | "RETIRED";  // the status before
  to: "ACTIVE" | "SUSPENDED" | "RETIRED";  // the status from effective_ms on
  reason: string;  // why
  effective_ms: number;  // when it takes effect
  repair?: RegistryRepair;  // of a reinstatement
}

export interface RegistryReportIncidentArguments {
  device: string;  // the device's id
  kind: "MISSED_KEEPALIVE" | "BAD_SIGNATURE" | "CLOCK_SKEW" | "OUT_OF_RANGE";  // what was observed
  count: number;  // how many of them
  evidence?: string;  // what was seen, or where it is kept
}

export interface IncidentReported {
  device: string;  // its id
  kind: "MISSED_KEEPALIVE" | "BAD_SIGNATURE" | "CLOCK_SKEW" | "OUT_OF_RANGE";  // what was observed
  count: number;  // how many were reported
  total: number;  // since the device was registered or last reinstated
  evidence?: string;  // what was seen
  suspended?: boolean;  // whether this report suspended the device
}

export interface RegistrySetRulesArguments {
  missed_keepalives: number;  // so many suspend a device; 0: never
  bad_signatures: number;  // so many suspend a device; 0: never
  clock_skews: number;  // so many suspend a device; 0: never
  out_of_range: number;  // so many suspend a device; 0: never
}

export interface Rules {
  missed_keepalives: number;  // so many suspend a device; 0: never
  bad_signatures: number;  // so many suspend a device; 0: never
  clock_skews: number;  // so many suspend a device; 0: never
  out_of_range: number;  // so many suspend a device; 0: never
}

export interface RegistryDefineCollectionArguments {
  id: string;  // 1 to 64 of A-Z a-z 0-9 . _ : -
  keepers: Array<string>;  // the organizations whose nodes keep the rows
  keep_days?: number;  // how many days after a record's period they are removed (default: never)
  figures?: boolean;  // they keep the figures too: devices sign commitments in their place (default: no)
}

export interface Collection {
  id: string;  // the collection's id
  organization: string;  // whose devices may be assigned to it
  keepers?: Array<string>;  // the organizations whose nodes keep the rows
  keep_days?: number;  // how long after a record's period; without it: until they are erased
  defined_ms: number;  // when it was defined
  figures?: boolean;  // the keepers hold the figures too; records have commitments in their place
}

export interface RegistryAssignCollectionArguments {
  devices: Array<string>;  // their ids
  collection?: string;  // that keeps their rows from now on; without it their rows go into blocks
}

export interface CollectionAssigned {
  devices?: Array<string>;  // their ids
  collection?: string;  // that keeps their rows from now on; without it their rows go into blocks
}

export interface RegistryGetCollectionArguments {
  id: string;  // the collection's id
}

export interface RegistryCollectionOfArguments {
  id: string;  // the device's id
}

export interface CollectionOf {
  collection?: string;  // that keeps the device's rows; without it they go into blocks
}

export interface RegistryCollectionsOfArguments {
  id: string;  // the device's id
}

export interface CollectionsOf {
  collections?: Array<string>;  // that keep rows of the device, now or of earlier records
}

export interface RegistryListCollectionsArguments {
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface CollectionPage {
  collections?: Array<Collection>;  // by their ids
  next?: string;  // the next page's cursor
}

export interface RegistryRotateKeyArguments {
  device: string;  // the device's id
  certificate_chain?: Array<string>;  // for a device that is known by certificates: the chain of the new key
  proof?: string;  // base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)
  compromised?: boolean;  // whether the old key must not be trusted for earlier periods either
}

export interface KeyRotated {
  device: string;  // its id
  epoch: number;  // of the key in force
  fingerprint: string;  // SHA-256 of the key's SubjectPublicKeyInfo
  compromised?: boolean;  // of a new key: whether the old one is not trusted for earlier periods either
}

export interface RegistryRecertifyArguments {
  device: string;  // the device's id
  certificate_chain?: Array<string>;  // for a device that is known by certificates: the chain of the new key
  proof?: string;  // base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md)
  compromised?: boolean;  // whether the old key must not be trusted for earlier periods either
}

export interface RegistryAddTrustAnchorArguments {
  pem: string;  // a self-signed certificate
}

export interface AnchorAdded {
  fingerprint: string;
  organization: string;
  subject: string;
}

export interface RegistryRevokeCertificateArguments {
  certificate: string;  // PEM, or the SHA-256 of its DER in hexadecimal
  reason: string;  // why, in 1 to 1000 characters
}

export interface Revocation {
  fingerprint: string;  // of the certificate: SHA-256 of its DER
  reason: string;  // why
}

export interface RegistryPublishCrlArguments {
  pem: string;  // the revocation list
  issuer_chain?: Array<string>;  // where its issuer is no trust anchor: PEM, the issuer's own certificate first
}

export interface CrlPublished {
  issuer: string;
  number: number;
  next_update_ms: number;
}

export interface RegistryGetDeviceArguments {
  id: string;  // the device's id
}

export interface ScheduledStatus {
  status: "ACTIVE" | "SUSPENDED" | "RETIRED";
  effective_ms: number;
}

export interface Suspension {
  from_ms: number;
  to_ms?: number;
  reason: string;
}

export interface PreviousKey {
  epoch: number;
  key: string;
  until_ms: number;
  compromised: boolean;
}

export interface Change {
  kind: string;
  time_ms: number;
  transaction: string;
  by: string;
  details: unknown;
}

export interface DeviceView {
  scheduled?: ScheduledStatus;  // a status that was set and is not in force yet
  id: string;
  organization: string;
  shard: string;
  profile: string;
  epoch: number;
  key: string;
  certificate_chain?: Array<string>;
  schemas?: Array<string>;
  polling_interval_s: number;
  keepalive_interval_s: number;
  grace_s: number;
  max_skew_s: number;
  late_arrival_s?: number;
  location?: string;
  residency?: string;
  status: "ACTIVE" | "SUSPENDED" | "RETIRED";
  effective_ms: number;
  reason: string;
  suspensions?: Array<Suspension>;
  retired_ms?: number;
  registered_ms: number;
  previous_keys?: Array<PreviousKey>;
  repair?: RegistryRepair;
  collection?: string;
  change: Change;
}

export interface RegistryListDevicesArguments {
  shard?: string;  // the organization's shard of this name
  status?: "ACTIVE" | "SUSPENDED" | "RETIRED";  // the status in force now
  organization?: string;  // whose devices (default: with a shard the caller's, without one all)
  after?: string;  // only devices whose ids come after this one
  through?: string;  // only devices whose ids come before this one, and it
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface DevicePage {
  devices?: Array<DeviceView>;  // in the order of their ids
  next?: string;  // the next page's cursor
}

export interface RegistryPendingDevicesArguments {
  organization?: string;  // whose devices (default: the caller's)
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface PendingDevice {
  fingerprint: string;  // of the key that waits to be confirmed
  id: string;
  organization: string;
  shard: string;
  profile: string;
  epoch: number;
  key: string;
  certificate_chain?: Array<string>;
  schemas?: Array<string>;
  polling_interval_s: number;
  keepalive_interval_s: number;
  grace_s: number;
  max_skew_s: number;
  late_arrival_s?: number;
  location?: string;
  residency?: string;
  status: "ACTIVE" | "SUSPENDED" | "RETIRED";
  effective_ms: number;
  reason: string;
  suspensions?: Array<Suspension>;
  retired_ms?: number;
  registered_ms: number;
  previous_keys?: Array<PreviousKey>;
  repair?: RegistryRepair;
  collection?: string;
  change: Change;
}

export interface PendingPage {
  devices?: Array<PendingDevice>;  // in the order of their ids
  next?: string;  // the next page's cursor
}

export interface RegistryTimelineArguments {
  id: string;  // the device's id
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface TimelineEntry {
  kind: string;  // registered, status_changed, key_rotated, record_published, ...
  time_ms: number;  // of the transaction
  transaction: string;  // its id
  by: string;  // ORGANIZATION/name of who proposed it
  details: unknown;  // the payload of the event of this kind
  block: number;  // the block that holds it
}

export interface TimelinePage {
  device: string;  // its id
  entries?: Array<TimelineEntry>;  // in the order of time
  next?: string;  // the next page's cursor
}

export interface RegistryGetSchemaArguments {
  id: string;  // the schema's name
  version: number;  // its version
}

export interface Schema {
  id: string;
  version: number;
  organization: string;
  fields?: Array<SchemaField>;
  registered_ms: number;
}

export interface RegistryListSchemasArguments {
  id?: string;  // the versions of this one alone
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface SchemaPage {
  schemas?: Array<Schema>;  // by id and version
  next?: string;  // the next page's cursor
}

export interface RegistryGetRulesArguments {
  organization: string;  // whose
}

export interface RegistryListTrustArguments {
  organization: string;  // whose
}

export interface TrustAnchor {
  fingerprint: string;
  subject: string;
  pem: string;
}

export interface TrustList {
  issuer: string;
  number: number;
  pem: string;
}

export interface Trust {
  anchors?: Array<TrustAnchor>;  // roots that devices are certified under
  crls?: Array<TrustList>;  // the newest list of each authority
  revoked?: Array<Revocation>;  // certificates that were revoked one by one
}

export interface RegistryPublishingTermsArguments {
  id: string;  // the device's id
}

export interface Field {
  name: string;  // what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -
  unit: string;  // a unit of SenML's registry (RFC 8428), for example W
  scale: number;  // an integer v stands for v * 10^scale units
}

export interface SchemaTerms {
  name: string;
  fields?: Array<Field>;
}

export interface PublishingTerms {
  device: string;
  organization: string;
  shard: string;
  profile: string;
  epoch: number;
  key: string;
  previous_keys?: Array<PreviousKey>;
  schemas?: Array<SchemaTerms>;
  suspensions?: Array<Suspension>;
  retired_ms?: number;
  max_skew_s: number;
  late_arrival_s?: number;
  collection?: string;
}

/** Every function by its full name. */
export interface Functions {
  /** Stores a version of a schema */
  "registry.register_schema": { writes: true; arguments: RegistryRegisterSchemaArguments; answer: SchemaRegistered };
  /** Registers a device with its key or certificates */
  "registry.register_device": { writes: true; arguments: RegistryRegisterDeviceArguments; answer: DeviceSummary };
  /** Registers many devices, all or none */
  "registry.import_devices": { writes: true; arguments: RegistryImportDevicesArguments; answer: Imported };
  /** Lets a device's records follow more schemas */
  "registry.add_schemas": { writes: true; arguments: RegistryAddSchemasArguments; answer: SchemasAdded };
  /** Consents to another organization's device that cannot prove its key */
  "registry.confirm_device": { writes: true; arguments: RegistryConfirmDeviceArguments; answer: DeviceSummary };
  /** Suspends, reinstates or retires a device */
  "registry.set_status": { writes: true; arguments: RegistrySetStatusArguments; answer: StatusChange };
  /** Counts incidents of a device; may suspend it by rule */
  "registry.report_incident": { writes: true; arguments: RegistryReportIncidentArguments; answer: IncidentReported };
  /** Sets the caller's organization's rules of automatic suspension */
  "registry.set_rules": { writes: true; arguments: RegistrySetRulesArguments; answer: Rules };
  /** Names the organizations that keep readings which are in no block */
  "registry.define_collection": { writes: true; arguments: RegistryDefineCollectionArguments; answer: Collection };
  /** Keeps the readings of devices in a collection from now on, or in blocks */
  "registry.assign_collection": { writes: true; arguments: RegistryAssignCollectionArguments; answer: CollectionAssigned };
  /** One collection */
  "registry.get_collection": { writes: false; arguments: RegistryGetCollectionArguments; answer: Collection };
  /** The collection that keeps a device's readings, if there is one */
  "registry.collection_of": { writes: false; arguments: RegistryCollectionOfArguments; answer: CollectionOf };
  /** Every collection that keeps readings of a device, now or of earlier records */
  "registry.collections_of": { writes: false; arguments: RegistryCollectionsOfArguments; answer: CollectionsOf };
  /** All collections */
  "registry.list_collections": { writes: false; arguments: RegistryListCollectionsArguments; answer: CollectionPage };
  /** Gives a device a new key that the old one has signed */
  "registry.rotate_key": { writes: true; arguments: RegistryRotateKeyArguments; answer: KeyRotated };
  /** Gives a device a new certificate chain, and its key */
  "registry.recertify": { writes: true; arguments: RegistryRecertifyArguments; answer: KeyRotated };
  /** Adds a root that the organization's devices are certified under */
  "registry.add_trust_anchor": { writes: true; arguments: RegistryAddTrustAnchorArguments; answer: AnchorAdded };
  /** Revokes a certificate of the organization's devices or authorities */
  "registry.revoke_certificate": { writes: true; arguments: RegistryRevokeCertificateArguments; answer: Revocation };
  /** Stores an authority's revocation list */
  "registry.publish_crl": { writes: true; arguments: RegistryPublishCrlArguments; answer: CrlPublished };
  /** One device */
  "registry.get_device": { writes: false; arguments: RegistryGetDeviceArguments; answer: DeviceView };
  /** Devices, by shard, status or organization */
  "registry.list_devices": { writes: false; arguments: RegistryListDevicesArguments; answer: DevicePage };
  /** Devices that wait for another organization's consent */
  "registry.pending_devices": { writes: false; arguments: RegistryPendingDevicesArguments; answer: PendingPage };
  /** Everything that ever happened to one device */
  "registry.timeline": { writes: false; arguments: RegistryTimelineArguments; answer: TimelinePage };
  /** One version of a schema */
  "registry.get_schema": { writes: false; arguments: RegistryGetSchemaArguments; answer: Schema };
  /** Schemas and their versions */
  "registry.list_schemas": { writes: false; arguments: RegistryListSchemasArguments; answer: SchemaPage };
  /** An organization's rules of automatic suspension */
  "registry.get_rules": { writes: false; arguments: RegistryGetRulesArguments; answer: Rules };
  /** An organization's trust anchors, revocation lists and revocations */
  "registry.list_trust": { writes: false; arguments: RegistryListTrustArguments; answer: Trust };
  /** What a device's records are checked against */
  "registry.publishing_terms": { writes: false; arguments: RegistryPublishingTermsArguments; answer: PublishingTerms };
}
