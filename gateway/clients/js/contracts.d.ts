// Made by `tally contract types --language typescript`: change the contract's declaration, not this file.

export interface AnchorPutArguments {
  block: number;  // the last block that the checkpoint covers
  block_hash: string;  // its hash, hex
  tree_size: number;  // leaves of the channel's transaction log
  root: string;  // the log's root, hex
  consistency?: Array<string>;  // RFC 9162 consistency proof from the organization's last anchored checkpoint, hex
  channel: string;  // the channel's name
  genesis: string;  // the hash of the channel's block 0, hex
}

export interface Anchored {
  channel: string;  // the channel's name
  block: number;  // the block that is anchored now
}

export type AnchorOpenArguments = Record<string, never>;

export interface AnchoredChannel {
  channel: string;
  genesis: string;
  genesis_ms: number;
  organizations?: Array<string>;
}

export interface AnchorChangeMembersArguments {
  organizations: Array<string>;  // all that shall be the channel's members
  channel: string;  // the channel's name
  genesis: string;  // the hash of the channel's block 0, hex
}

export interface MembersChanged {
  changed: boolean;  // whether enough members have said the same
}

export interface AnchorChannelArguments {
  channel: string;  // the channel's name
  genesis: string;  // the hash of the channel's block 0, hex
}

export interface AnchorLatestArguments {
  channel: string;  // the channel's name
  genesis?: string;  // only of the channel with this block 0, hex
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface AnchorView {
  genesis: string;  // the hash of the channel's block 0
  organization: string;  // whose checkpoint it is
  block: number;  // the last block that the checkpoint covers
  block_hash: string;  // its hash, hex
  tree_size: number;  // leaves of the channel's transaction log
  root: string;  // the log's root, hex
  time_ms: number;  // when it was anchored
}

export interface LatestPage {
  channel: string;  // the channel's name
  anchors?: Array<AnchorView>;  // each organization's newest one
  next?: string;  // the next page's cursor
}

export interface AnchorHistoryArguments {
  channel: string;  // the channel's name
  genesis: string;  // the hash of the channel's block 0, hex
  from_block?: number;  // the first block (default 0)
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface HistoryPage {
  channel: string;  // the channel's name
  anchors?: Array<AnchorView>;  // by block
  disagreements?: Array<number>;  // blocks for which organizations have anchored different roots
  next?: string;  // the next page's cursor
}

export interface ConfigProposeArguments {
  base: string;  // SHA-256 of the configuration that is to be changed, hex
  config: string;  // SHA-256 of the proposed one, hex
  text: string;  // the proposed configuration, as `config.show` writes it
  note?: string;  // why
}

export interface OfProposal {
  config: string;  // SHA-256 of the proposed configuration, hex
}

export interface ContractVersion {
  contract: string;
  version: number;
  manifest?: string;
}

export interface Versions {
  rules: number;
  contracts?: Array<ContractVersion>;
}

export interface ConfigApproveArguments {
  base: string;  // SHA-256 of the configuration that is to be changed, hex
  config: string;  // SHA-256 of the proposed one, hex
  expires_ms: number;  // the approval counts in blocks before this time, milliseconds since 1970
  knows: Versions;  // the levels of rules and versions of contracts that the approver's node knows
}

export interface Approved {
  config: string;  // the proposed configuration
  expires_ms: number;  // until when the approval counts
}

export interface ConfigWithdrawArguments {
  config: string;  // SHA-256 of the proposed configuration, hex
}

export type ConfigShowArguments = Record<string, never>;

export interface Shown {
  hash: string;  // SHA-256 of the text
  version: number;  // how often the configuration was changed
  text: string;  // the configuration in force, JSON
}

export interface ConfigGetArguments {
  config: string;  // SHA-256 of the proposed configuration, hex
}

export interface ApprovalView {
  expired: boolean;  // whether it counts no more
  organization: string;
  name: string;
  transaction: string;
  time_ms: number;
  expires_ms: number;
}

export interface ProposalView {
  config: string;  // its hash
  open: boolean;  // false: the configuration has changed since, and it is void
  enough: boolean;  // whether it may be applied
  note: string;  // why
  organization: string;  // who proposed it
  name: string;  // and its admin
  time_ms: number;  // when
  approvals?: Array<ApprovalView>;  // who approves it
  text?: string;  // the proposed configuration (config.get)
}

export interface ConfigProposalsArguments {
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface ProposalPage {
  needed: string;  // the policy that approvals must satisfy
  base: string;  // hash of the configuration in force
  proposals?: Array<ProposalView>;  // those that are open
  next?: string;  // the next page's cursor
}

export interface DataPublishArguments {
  format: "record" | "vitro";  // what attachment 0 is: a signed device record, or a Vitro IoT Block
}

export interface Published {
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
  transaction: string;  // the one that published it
  device: string;  // the device's id
  kind: "INTERVAL" | "KEEPALIVE" | "DAILY";  // of the record
  sequence: number;  // of the record
  from: number;  // the beginning of its period
  to: number;  // the end; not included
}

export interface DataAttachSeriesArguments {
  device: string;  // the device's id
  content_id: string;  // of the record that was published without its series
}

export interface SeriesAttached {
  device: string;  // the device's id
  sequence: number;  // of the record
  content_id: string;  // of the record
  transaction: string;  // the one that carries the series
}

export interface DataFindArguments {
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
  device?: string;  // where devices have sent equal payloads: which of them
}

export interface RecordPlace {
  received_ms: number;  // when the record was published
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
  transaction: string;  // the one that published it
  device: string;  // the device's id
  kind: "INTERVAL" | "KEEPALIVE" | "DAILY";  // of the record
  sequence: number;  // of the record
  from: number;  // the beginning of its period
  to: number;  // the end; not included
}

export interface DataDaysArguments {
  device?: string;  // the device's id; either this or shard
  shard?: string;  // all devices of an organization's shard
  organization?: string;  // whose shard (default: the caller's)
  from?: number;  // days that start here or later, seconds since 1970, UTC
  to?: number;  // days that start before
  fields?: Array<string>;  // names of fields; all when empty
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface FieldFigures {
  name: string;  // what is measured
  unit: string;  // of SenML's registry
  scale: number;  // decimals, negated
  count: number;  // rows with a reading
  missing: number;  // rows without one
  sum: string;  // of the readings
  min: string | null;  // the lowest reading
  max: string | null;  // the highest
  first: string | null;  // the earliest
  last: string | null;  // the latest
}

export interface Correction {
  sequence: number;  // of the record that corrects this one
  content_id: string;  // of that record
}

export interface Traffic {
  messages: number;
  payload_bytes: number;
  samples: number;
}

export interface DayView {
  fields?: Array<FieldFigures>;  // figures by field
  corrected_by?: Correction;  // if there is such a record
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
  device: string;  // the device's id
  organization: string;  // the device's operator
  shard: string;  // the group of devices
  format: string;  // record or vitro
  kind: "INTERVAL" | "KEEPALIVE" | "DAILY";  // of the record
  sequence: number;  // of the record
  from: number;  // the beginning of its period
  to: number;  // the end; not included
  polling_interval_s: number;  // between two rows
  schema: string;  // id@version; empty without fields
  rows: number;  // of the series
  root: string;  // of the series, signed
  previous?: string;  // the content id of the record before
  traffic?: Traffic;  // what the device has sent since its last DAILY record
  previous_daily?: string;  // the content id of the DAILY record before
  rows_per_leaf: number;  // of the root's tree
  corrects?: string;  // the content id of the record that this one corrects
  series: string;  // inline, packed or absent: how it came with the record
  bytes: number;  // as the device sent them
  epoch: number;  // of the device's key
  signature: string;  // the device's, base64
  parameter?: number;  // of a Vitro IoT Block
  ciphertext_sha256?: string;  // of a Vitro IoT Block
  transaction: string;  // the one that published it
  received_ms: number;  // when it was published
  received_from: string;  // who published it, organization/name
}

export interface DayPage {
  days?: Array<DayView>;  // in the order of their beginnings
  next?: string;  // the next page's cursor
}

export interface DataRecordsArguments {
  device: string;  // the device's id
  kind?: "INTERVAL" | "KEEPALIVE" | "DAILY";  // only records of this kind
  order?: "SEQUENCE" | "RECEIVED";  // by SEQUENCE (default) or as they were RECEIVED
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface RecordView {
  fields?: Array<FieldFigures>;  // figures by field
  series_transaction: string | null;  // the one that carries the series; null: its holder kept it
  block: number;  // of the transaction
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
  device: string;  // the device's id
  organization: string;  // the device's operator
  shard: string;  // the group of devices
  format: string;  // record or vitro
  kind: "INTERVAL" | "KEEPALIVE" | "DAILY";  // of the record
  sequence: number;  // of the record
  from: number;  // the beginning of its period
  to: number;  // the end; not included
  polling_interval_s: number;  // between two rows
  schema: string;  // id@version; empty without fields
  rows: number;  // of the series
  root: string;  // of the series, signed
  previous?: string;  // the content id of the record before
  traffic?: Traffic;  // what the device has sent since its last DAILY record
  previous_daily?: string;  // the content id of the DAILY record before
  rows_per_leaf: number;  // of the root's tree
  corrects?: string;  // the content id of the record that this one corrects
  series: string;  // inline, packed or absent: how it came with the record
  bytes: number;  // as the device sent them
  epoch: number;  // of the device's key
  signature: string;  // the device's, base64
  parameter?: number;  // of a Vitro IoT Block
  ciphertext_sha256?: string;  // of a Vitro IoT Block
  transaction: string;  // the one that published it
  received_ms: number;  // when it was published
  received_from: string;  // who published it, organization/name
}

export interface RecordPage {
  device: string;  // the device's id
  records?: Array<RecordView>;  // in the order that was asked for
  next?: string;  // the next page's cursor
}

export interface DataProofsArguments {
  device: string;  // the device's id
  from: number;  // seconds since 1970, UTC
  to: number;  // seconds since 1970, UTC; not included
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface DayProof {
  from: number;  // the beginning of the day
  to: number;  // its end; not included
  sequence: number;  // of the record
  content_id: string;  // the SHA-256 of the signed payload
  previous: string | null;  // the content id of the record before that the device signed
  previous_daily: string | null;  // the same of the DAILY record before
  root: string;  // of the series, signed
  rows_per_leaf: number;  // of the root's tree
  rows: number;  // of the series
  series: string;  // inline, packed or absent: how it came with the record
  series_transaction: string | null;  // the one that carries the series; null: its holder kept it
  signature: string;  // the device's, base64
  epoch: number;  // of the device's key
  transaction: string;  // of the record
  received_ms: number;  // when the record was published
}

export interface ProofPage {
  device: string;  // the device's id
  proofs?: Array<DayProof>;  // one for each day
  next?: string;  // the next page's cursor
}

export interface DataSeriesArguments {
  device: string;  // the device's id
  from: number;  // seconds since 1970, UTC
  to: number;  // seconds since 1970, UTC; not included
  fields?: Array<string>;  // names of fields; all when empty
  interval_s?: number;  // resample to this interval, counted from each record's start; without it: every row
  kind?: "INTERVAL" | "KEEPALIVE" | "DAILY";  // of records of this kind (default DAILY)
  limit?: number;  // at most so many records on a page (default 7)
  cursor?: string;  // the "next" of the page before
}

export interface SeriesSource {
  content_id: string;  // of the record
  transaction: string;  // of the record
  sequence: number;  // of the record
  from: number;  // the beginning of its period
  to: number;  // the end; not included
  polling_interval_s: number;  // between two rows
  root: string;  // of the series, signed
  rows: number;  // of the series
  withheld: boolean;  // whether its holder kept the series, so that its rows are not in the answer
}

export interface Bucket {
  time: number;  // the beginning of the interval
  count: number;  // rows with a reading
  missing: number;  // rows without one
  sum: string;  // of the readings
  min: string | null;  // the lowest reading
  max: string | null;  // the highest
  mean: string | null;  // with three decimals more than the field, rounded half to even
  first: string | null;  // the earliest
  last: string | null;  // the latest
}

export interface Column {
  name: string;  // what is measured
  unit: string;  // of SenML's registry
  scale: number;  // decimals, negated
  samples?: Array<[number, string | null]>;  // every row, unless an interval was asked for
  buckets?: Array<Bucket>;  // one for each interval with rows
}

export interface SeriesPage {
  device: string;  // the device's id
  from: number;  // as asked
  to: number;  // as asked
  interval_s?: number;  // as asked
  records?: Array<SeriesSource>;  // where the rows are from
  fields?: Array<Column>;  // a field of records with another unit or scale is a column of its own
  next?: string;  // the next page's cursor
}

export interface DataGapsArguments {
  device: string;  // the device's id
  from: number;  // seconds since 1970, UTC
  to: number;  // seconds since 1970, UTC; not included
  from_sequence?: number;  // look for missing sequences from here on (default 1)
  limit?: number;  // at most so many days, and so many sequences (default 100)
}

export interface Stretch {
  from: number;  // the first
  to: number;  // the end of a time, not included; the last of sequences
}

export interface IncompleteDay {
  from: number;  // the beginning of the day
  to: number;  // its end; not included
  sequence: number;  // of the record
  expected_rows: number;  // by the polling interval
  rows: number;  // that there are
  absent_rows: number;  // that there should be and are not
  missing_values?: Record<string, number>;  // rows without a reading, by field
  absent?: Array<Stretch>;  // where rows are absent, at most 100 places; left out where the series is not on the ledger
}

export interface BrokenLink {
  sequence: number;  // of the record
  names: string | null;  // the content id that it names as its predecessor's
  predecessor: string | null;  // the content id of the record before, if that is known
}

export interface GapReport {
  device: string;  // the device's id
  from: number;  // as asked
  to: number;  // as asked
  missing_days?: Array<Stretch>;  // times without a DAILY record
  incomplete_days?: Array<IncompleteDay>;  // days that lack rows or readings
  next_from?: number;  // while there is more: the next call's "from"
  missing_sequences?: Array<Stretch>;  // that no record has
  broken_chain?: Array<BrokenLink>;  // records that do not name the record before
  broken_days?: Array<BrokenLink>;  // DAILY records that do not name the DAILY record before
  next_sequence?: number;  // while there is more: the next call's "from_sequence"
}

export interface DataLivenessArguments {
  device: string;  // the device's id
}

export interface DeviceLiveness {
  device: string;  // its id
  status: "ACTIVE" | "SUSPENDED" | "RETIRED";  // by the registry
  state: "NEVER_HEARD" | "ALIVE" | "LATE" | "SILENT";  // ALIVE within the keep-alive interval, LATE within its grace, then SILENT
  silent_s: number;  // since its last record, or since it was registered
  missed_keepalives: number;  // that should have come since
  keepalive_interval_s: number;  // between two messages, at most
  grace_s: number;  // after which a message is missed
  last_received_ms?: number;  // when its last record was published
  last_kind?: "INTERVAL" | "KEEPALIVE" | "DAILY";  // of the last record
  last_sequence?: number;  // of the last record
  last_keepalive_end?: number;  // the end of the last KEEPALIVE record's period
  last_interval_end?: number;  // the same of INTERVAL
  last_daily_end?: number;  // the same of DAILY
}

export interface DataShardLivenessArguments {
  shard: string;  // the group of devices
  organization?: string;  // whose shard (default: the caller's)
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface LivenessPage {
  shard: string;  // the group of devices
  organization: string;  // who operates them
  devices?: Array<DeviceLiveness>;  // by their ids
  next?: string;  // the next page's cursor
}

export interface DataTotalsArguments {
  device?: string;  // the device's id; either this or shard
  shard?: string;  // all devices of an organization's shard
  organization?: string;  // whose shard (default: the caller's)
}

export interface TotalsView {
  device?: string;  // as asked
  shard?: string;  // as asked
  organization?: string;  // who operates the shard's devices
  daily: number;  // DAILY records
  interval: number;  // INTERVAL records
  keepalive: number;  // KEEPALIVE records
  corrections: number;  // records that correct another one
  rows: number;  // of all records but corrections
  bytes: number;  // of all records, as the devices sent them
}

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
  profile?: string;  // tally-record (default), vitro-1 or vitro-2
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
  change: Change;
}

export interface RegistryListDevicesArguments {
  shard?: string;  // the organization's shard of this name
  status?: "ACTIVE" | "SUSPENDED" | "RETIRED";  // the status in force now
  organization?: string;  // whose devices (default: with a shard the caller's, without one all)
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
}

/** Every function by its full name. */
export interface Functions {
  /** Anchors a checkpoint that continues the organization's last one */
  "anchor.put": { writes: true; arguments: AnchorPutArguments; answer: Anchored };
  /** Opens another channel here, by its genesis block */
  "anchor.open": { writes: true; arguments: AnchorOpenArguments; answer: AnchoredChannel };
  /** States who a channel's members are now; more than half of them decide */
  "anchor.change_members": { writes: true; arguments: AnchorChangeMembersArguments; answer: MembersChanged };
  /** An open channel and its organizations, or null */
  "anchor.channel": { writes: false; arguments: AnchorChannelArguments; answer: AnchoredChannel | null };
  /** Each organization's newest anchor of a channel */
  "anchor.latest": { writes: false; arguments: AnchorLatestArguments; answer: LatestPage };
  /** Every anchor of a channel, and where organizations disagree */
  "anchor.history": { writes: false; arguments: AnchorHistoryArguments; answer: HistoryPage };
  /** Proposes another configuration */
  "config.propose": { writes: true; arguments: ConfigProposeArguments; answer: OfProposal };
  /** Approves a proposed configuration */
  "config.approve": { writes: true; arguments: ConfigApproveArguments; answer: Approved };
  /** Withdraws a configuration that the caller's organization proposed */
  "config.withdraw": { writes: true; arguments: ConfigWithdrawArguments; answer: OfProposal };
  /** The configuration as it is */
  "config.show": { writes: false; arguments: ConfigShowArguments; answer: Shown };
  /** One proposed configuration and who approves it */
  "config.get": { writes: false; arguments: ConfigGetArguments; answer: ProposalView };
  /** What is proposed and who approves it */
  "config.proposals": { writes: false; arguments: ConfigProposalsArguments; answer: ProposalPage };
  /** Stores a record that a device has signed */
  "data.publish": { writes: true; arguments: DataPublishArguments; answer: Published };
  /** Stores the series of a record that was published without it */
  "data.attach_series": { writes: true; arguments: DataAttachSeriesArguments; answer: SeriesAttached };
  /** Where the record with a content id is, or null */
  "data.find": { writes: false; arguments: DataFindArguments; answer: RecordPlace | null };
  /** Days of a device or a shard, summarized by field */
  "data.days": { writes: false; arguments: DataDaysArguments; answer: DayPage };
  /** A device's records of any kind */
  "data.records": { writes: false; arguments: DataRecordsArguments; answer: RecordPage };
  /** What ties each day's figures to its device and its transaction */
  "data.proofs": { writes: false; arguments: DataProofsArguments; answer: ProofPage };
  /** Samples by field, raw or resampled, checked against the signed root */
  "data.series": { writes: false; arguments: DataSeriesArguments; answer: SeriesPage };
  /** Missing days, rows, values and sequences, and breaks of the chain */
  "data.gaps": { writes: false; arguments: DataGapsArguments; answer: GapReport };
  /** When a device was last heard, and whether that is too long ago */
  "data.liveness": { writes: false; arguments: DataLivenessArguments; answer: DeviceLiveness };
  /** The same of each device of a shard */
  "data.shard_liveness": { writes: false; arguments: DataShardLivenessArguments; answer: LivenessPage };
  /** Counters of a device or a shard */
  "data.totals": { writes: false; arguments: DataTotalsArguments; answer: TotalsView };
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
