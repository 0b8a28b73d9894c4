// Made by `tally contract types data --language typescript`: change the contract's declaration, not this file.

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
  series_transaction?: string;  // that has its readings in a block; without it no block has them
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
  rows: number;  // of the series; 0 with a commitment
  root: string;  // of the series, signed; empty with a commitment
  previous?: string;  // the content id of the record before
  traffic?: Traffic;  // what the device has sent since its last DAILY record
  previous_daily?: string;  // the content id of the DAILY record before
  rows_per_leaf: number;  // of the root's tree
  corrects?: string;  // the content id of the record that this one corrects
  series: string;  // inline, packed, encrypted or absent: how it came with the record
  bytes: number;  // as the device sent them
  epoch: number;  // of the device's key
  signature: string;  // the device's, base64
  parameter?: number;  // of a Vitro IoT Block
  ciphertext_sha256?: string;  // of a Vitro IoT Block
  transaction: string;  // the one that published it
  received_ms: number;  // when it was published
  received_from: string;  // who published it, organization/name
  collection?: string;  // whose keepers hold the rows, which are in no block
  commitment?: string;  // to the figures, signed in their place: the keepers hold those too
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
  rows: number;  // of the series; 0 with a commitment
  root: string;  // of the series, signed; empty with a commitment
  previous?: string;  // the content id of the record before
  traffic?: Traffic;  // what the device has sent since its last DAILY record
  previous_daily?: string;  // the content id of the DAILY record before
  rows_per_leaf: number;  // of the root's tree
  corrects?: string;  // the content id of the record that this one corrects
  series: string;  // inline, packed, encrypted or absent: how it came with the record
  bytes: number;  // as the device sent them
  epoch: number;  // of the device's key
  signature: string;  // the device's, base64
  parameter?: number;  // of a Vitro IoT Block
  ciphertext_sha256?: string;  // of a Vitro IoT Block
  transaction: string;  // the one that published it
  received_ms: number;  // when it was published
  received_from: string;  // who published it, organization/name
  collection?: string;  // whose keepers hold the rows, which are in no block
  commitment?: string;  // to the figures, signed in their place: the keepers hold those too
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
  series: string;  // inline, packed, encrypted or absent: how it came with the record
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
  withheld: boolean;  // whether its rows are not in the answer
  why?: "BY_HOLDER" | "NOT_A_KEEPER" | "NOT_HERE" | "ENCRYPTED" | "ERASED";  // they are withheld
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

export interface DataReportSilenceArguments {
  device: string;  // the device's id
  last_received_ms: number;  // when its last record was published (data.liveness); 0: it has none
}

export interface SilenceReported {
  device: string;  // the device's id
  missed_keepalives: number;  // that should have come
  suspended: boolean;  // whether that suspends the device, by its operator's rules
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

export interface CloudField {
  field: string;  // of the device's schema
  unit: string;  // in which the figures are
  count: number;  // of readings
  sum: string;  // of the readings
  first?: string;  // reading
  last?: string;  // reading
}

export interface DataTraffic {
  messages: number;
  payload_bytes: number;
  samples: number;
}

export interface DataCloudSeriesArguments {
  device: string;  // the device's id
  from: number;  // the day's beginning, seconds since the epoch, UTC
  to: number;  // its end; not included
  fields: Array<CloudField>;  // the operator's own figures
  root?: string;  // of the operator's series, where it has one
  traffic?: DataTraffic;  // what its gateway has counted of the device: messages, payload_bytes, samples
}

export interface CloudDay {
  transaction: string;  // that stored it
  received_ms: number;  // when
  device: string;  // the device's id
  from: number;  // the day's beginning, seconds since the epoch, UTC
  to: number;  // its end; not included
  fields: Array<CloudField>;  // the operator's own figures
  root?: string;  // of the operator's series, where it has one
  traffic?: DataTraffic;  // what its gateway has counted of the device: messages, payload_bytes, samples
}

export interface DeviceDay {
  device: string;  // the device's id
  day: string;  // in the agreement's zone
}

export interface DataFinalizeArguments {
  agreement: string;  // its id
  days: Array<DeviceDay>;  // that have ended, and whose window has
}

export interface SettledDays {
  finalized: number;  // that are FINAL by this call
  already: number;  // that were before
  mismatches?: Array<DeviceDay>;  // of those by this call: figures that differ, or a register that went back
}

export interface DataReviseArguments {
  agreement: string;  // its id
  device: string;  // the device's id
  day: string;  // in the agreement's zone
}

export interface InWindow {
  window: string;  // of the agreement
  quantity: string;  // that was measured in it
}

export interface SettledField {
  field: string;  // of the agreement
  unit: string;  // of the figures
  match: "MATCH" | "WITHIN_TOLERANCE" | "COMMITTED" | "ONE_SIDED" | "MISSING" | "MISMATCH" | "OUT_OF_RANGE";  // of the device's figure and the cloud's
  device?: string;  // the device's quantity of the day
  cloud?: string;  // the operator's
  billed?: string;  // the quantity that counts; none where neither does
  highest?: string;  // the highest reading
  first?: string;  // the first reading
  last?: string;  // the last reading
  windows?: Array<InWindow>;  // the billed quantity by window
  sessions?: Array<string>;  // of OCMF meters: the content ids of the records that the device's quantity comes from
}

export interface SettledDay {
  agreement: string;  // its id
  version: number;  // of its terms, in force on the day
  device: string;  // the device's id
  day: string;  // in the agreement's zone
  from: number;  // its beginning, seconds since the epoch, UTC
  to: number;  // its end; not included
  state: "OPEN" | "RECONCILING" | "FINAL";  // OPEN, RECONCILING or FINAL
  match: "MATCH" | "WITHIN_TOLERANCE" | "COMMITTED" | "ONE_SIDED" | "MISSING" | "MISMATCH" | "OUT_OF_RANGE";  // the worst of its fields
  content_id?: string;  // of the record that counts
  fields?: Array<SettledField>;  // of the agreement
  traffic?: DataTraffic;  // what the device sent: the counters that are billed
  traffic_match?: "MATCH" | "WITHIN_TOLERANCE" | "COMMITTED" | "ONE_SIDED" | "MISSING" | "MISMATCH" | "OUT_OF_RANGE";  // of the device's counters and the gateway's, where both have counted
  revision?: number;  // which revision of the FINAL day this is
  transaction: string;  // that stored it
  settled_ms: number;  // when
  settled_by: string;  // who called
}

export interface DataReconcileArguments {
  agreement: string;  // its id
  device: string;  // the device's id
  day: string;  // in the agreement's zone
}

export interface DataSettledArguments {
  agreement: string;  // its id
  device: string;  // the device's id
  from?: string;  // the first day
  to?: string;  // the end date, exclusive
  revised?: boolean;  // each day as its last revision has it (default: as it became FINAL)
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface SettledPage {
  days?: Array<SettledDay>;  // that are FINAL
  next?: string;  // the next page's cursor
}

export interface DataSettledDevicesArguments {
  agreement: string;  // its id
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface SettledDevices {
  devices?: Array<string>;  // with FINAL days under the agreement
  next?: string;  // the next page's cursor
}

export interface DataRevisionsArguments {
  agreement: string;  // its id
  number: number;  // the first one
  limit?: number;  // at most so many (default 1000)
}

export interface Revisions {
  revisions?: Array<SettledDay>;  // at most 1000, in the order in which they were stored
  last: number;  // the number of the last one that is stored; 0: there is none
}

export interface DataOpenedDaysArguments {
  agreement: string;  // its id
  device: string;  // the device's id
  from?: string;  // the first day
  to?: string;  // the end date, exclusive
  revised?: boolean;  // each day as its last revision has it (default: as it became FINAL)
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface DataOpenedRevisionsArguments {
  agreement: string;  // its id
  number: number;  // the first one
  limit?: number;  // at most so many (default 1000)
}

export interface DataKeepingArguments {
  device: string;  // the device's id
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
}

export interface Field {
  name: string;  // what is measured, 1 to 64 of A-Z a-z 0-9 . _ : -
  unit: string;  // a unit of SenML's registry (RFC 8428), for example W
  scale: number;  // an integer v stands for v * 10^scale units
}

export interface FieldSummary {
  count: number;
  missing: number;
  sum: number;
  min: number;
  max: number;
  first: number;
  last: number;
}

export interface StoredRecord {
  fields?: Array<Field>;
  summary?: Array<FieldSummary>;
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
  rows: number;  // of the series; 0 with a commitment
  root: string;  // of the series, signed; empty with a commitment
  previous?: string;  // the content id of the record before
  traffic?: Traffic;  // what the device has sent since its last DAILY record
  previous_daily?: string;  // the content id of the DAILY record before
  rows_per_leaf: number;  // of the root's tree
  corrects?: string;  // the content id of the record that this one corrects
  series: string;  // inline, packed, encrypted or absent: how it came with the record
  bytes: number;  // as the device sent them
  epoch: number;  // of the device's key
  signature: string;  // the device's, base64
  parameter?: number;  // of a Vitro IoT Block
  ciphertext_sha256?: string;  // of a Vitro IoT Block
  transaction: string;  // the one that published it
  received_ms: number;  // when it was published
  received_from: string;  // who published it, organization/name
  collection?: string;  // whose keepers hold the rows, which are in no block
  commitment?: string;  // to the figures, signed in their place: the keepers hold those too
}

export interface Collection {
  id: string;  // the collection's id
  organization: string;  // whose devices may be assigned to it
  keepers?: Array<string>;  // the organizations whose nodes keep the rows
  keep_days?: number;  // how long after a record's period; without it: until they are erased
  defined_ms: number;  // when it was defined
  figures?: boolean;  // the keepers hold the figures too; records have commitments in their place
}

export interface Keeping {
  record: StoredRecord;  // as it is on the ledger
  collection: Collection;  // that keeps its rows
  erased_by?: string;  // the transaction that ordered their erasure
  keep_until?: number;  // when its keepers remove them; without it: when they are erased
}

export interface DataKeptRecordsArguments {
  collection: string;  // the collection's id
  from_ms?: number;  // records that were proposed at this time or later
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface KeptRecord {
  device: string;  // the device's id
  content_id: string;  // of the record
  sequence: number;  // of the record
  received_ms: number;  // when the record was published
}

export interface KeptPage {
  records?: Array<KeptRecord>;  // in the order of their times
  next?: string;  // the next page's cursor
}

export interface DataEraseArguments {
  device: string;  // the device's id
  from?: number;  // records that begin here or later (default: all)
  to?: number;  // records that end here or before (default: all)
  reason: string;  // why, in 1 to 1000 characters
}

export interface ErasureOrder {
  device: string;  // the device's id
  order: string;  // the transaction that ordered it
  from: number;  // records that begin here or later
  to: number;  // records that end here or before
  reason: string;  // as given
  ordered_ms: number;  // records that were published before are covered
  ordered_by: string;  // ORGANIZATION/name
}

export interface DataReportErasedArguments {
  device: string;  // the device's id
  order: string;  // the transaction that ordered the erasure
  collection: string;  // whose keeper reports
  node: string;  // the node that has removed the rows
  series: number;  // how many records' rows it held and has removed
  digest: string;  // SHA-256 over their content ids, sorted, 32 bytes each
}

export interface ErasureReport {
  organization: string;  // the keeper
  node: string;  // of the keeper
  collection: string;  // whose keeper it is
  series: number;  // how many records' rows it held and has removed
  digest: string;  // SHA-256 over their content ids, sorted, 32 bytes each
  reported_ms: number;  // when
  transaction: string;  // the signed report
}

export interface DataReportExpiredArguments {
  collection: string;  // whose keeper reports
  node: string;  // the node that has removed the rows
  before: number;  // the rows of all records that ended before are removed
  series: number;  // how many records' rows it has removed since its last report
  digest: string;  // SHA-256 over their content ids, sorted, 32 bytes each
}

export interface ExpiryReport {
  collection: string;  // whose keeper reports
  organization: string;  // the keeper
  node: string;  // of the keeper
  before: number;  // the rows of all records that ended before are removed
  series: number;  // how many records' rows it removed for this report
  digest: string;  // SHA-256 over their content ids, sorted, 32 bytes each
  reported_ms: number;  // when
  transaction: string;  // the signed report
}

export interface DataErasuresArguments {
  device?: string;  // of this device alone
  from_ms?: number;  // that were ordered at this time or later; of all devices
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface ErasureView {
  reports?: Array<ErasureReport>;  // of the keepers' nodes
  device: string;  // the device's id
  order: string;  // the transaction that ordered it
  from: number;  // records that begin here or later
  to: number;  // records that end here or before
  reason: string;  // as given
  ordered_ms: number;  // records that were published before are covered
  ordered_by: string;  // ORGANIZATION/name
}

export interface ErasurePage {
  erasures?: Array<ErasureView>;  // in the order of their times; of one device, of their transactions
  next?: string;  // the next page's cursor
}

export interface DataExpiriesArguments {
  collection: string;  // the collection's id
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface ExpiryPage {
  reports?: Array<ExpiryReport>;  // the last one of each node
  next?: string;  // the next page's cursor
}

export interface DataPublishOcmfArguments {
  device?: string;  // whose record it is (default: the serial of the meter in the record, or of the gateway)
}

export interface OcmfVerdict {
  check: string;  // signature, pagination, clock, status, plausibility or identity
  result: "PASSED" | "NOTED" | "FAILED" | "UNSUPPORTED" | "NOT_CHECKED";  // PASSED, NOTED, FAILED, UNSUPPORTED or NOT_CHECKED
  detail: string;  // what was found
}

export interface StoredSession {
  device: string;  // the device's id
  content_id: string;  // of the record with the end
  begin_content_id: string;  // of the record with the beginning
  billable: boolean;  // whether every check allows it
  informative: boolean;  // whether it were billable if informative times were accepted
  reasons?: Array<string>;  // why it is not billable
  transaction: string;  // the one that completed it
  completed_ms: number;  // when that was
  register_id: string;  // OBIS code of the register
  unit: string;  // of the figures
  begin: string;  // the register when the transaction began
  end: string;  // the register when it ended
  quantity: string;  // end - begin
  begin_ms: number;  // when it began
  end_ms: number;  // when it ended
}

export interface OcmfPublished {
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
  transaction: string;  // the one that published it
  device: string;  // the device's id
  page?: string;  // T and a number for transactions, F for fiscal readings
  verdicts?: Array<OcmfVerdict>;  // one for each check
  sessions?: Array<StoredSession>;  // that the record completes
}

export interface DataOcmfRecordArguments {
  device: string;  // the device's id
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
}

export interface OcmfReading {
  time_ms?: number;  // since 1970, UTC
  time: string;  // TM as it stands
  time_status: string;  // U unknown, I informative, S synchronised, R relative to a synchronised time
  transaction: string;  // TX: B begin, C during, X exception, E L R A P end, S suspended, T tariff
  value?: string;  // RV
  register_id: string;  // RI, an OBIS code
  unit: string;  // RU
  current: string;  // RT: AC or DC
  losses?: string;  // CL, cumulated
  errors: string;  // EF: E energy, t time
  status: string;  // ST: G good, ...
}

export interface StoredOcmf {
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
  device: string;  // the device's id
  organization: string;  // the device's operator
  shard: string;  // the group of devices
  meter: string;  // the serial in the record
  page?: string;  // T and a number for transactions, F for fiscal readings
  user_type: string;  // how the user was identified (IT)
  user_id: string;  // of the user (ID)
  point_id: string;  // of the charge point (CI)
  readings?: Array<OcmfReading>;  // in the order of the record
  verdicts?: Array<OcmfVerdict>;  // one for each check
  informative: boolean;  // whether the clock fails for informative times alone
  epoch: number;  // of the key that verified
  bytes: number;  // of the record
  transaction: string;  // the one that published it
  received_ms: number;  // when it was published
  received_from: string;  // who published it, organization/name
}

export interface DataOcmfRecordsArguments {
  device: string;  // the device's id
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface OcmfView {
  missing_before?: number;  // how many numbers are missing between it and the one before in its pagination
  content_id: string;  // the SHA-256 of the record's payload, in hexadecimal
  device: string;  // the device's id
  organization: string;  // the device's operator
  shard: string;  // the group of devices
  meter: string;  // the serial in the record
  page?: string;  // T and a number for transactions, F for fiscal readings
  user_type: string;  // how the user was identified (IT)
  user_id: string;  // of the user (ID)
  point_id: string;  // of the charge point (CI)
  readings?: Array<OcmfReading>;  // in the order of the record
  verdicts?: Array<OcmfVerdict>;  // one for each check
  informative: boolean;  // whether the clock fails for informative times alone
  epoch: number;  // of the key that verified
  bytes: number;  // of the record
  transaction: string;  // the one that published it
  received_ms: number;  // when it was published
  received_from: string;  // who published it, organization/name
}

export interface OcmfRecords {
  records?: Array<OcmfView>;  // by pagination: fiscal readings, then transactions, each by number
  next?: string;  // the next page's cursor
}

export interface DataOcmfSessionsArguments {
  device: string;  // the device's id
  from_ms?: number;  // that end here or later, milliseconds since 1970
  to_ms?: number;  // that end before
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface OcmfSessions {
  sessions?: Array<StoredSession>;  // by their end
  next?: string;  // the next page's cursor
}

export interface DataPublishReadingKeyArguments {
  public_key: string;  // an X25519 public key: 32 bytes in hexadecimal
}

export interface ReadingKeyOf {
  organization: string;  // whose key it is
  public_key: string;  // X25519, in hexadecimal
  since_ms: number;  // when it was published
  transaction: string;  // that published it
}

export interface DataReadingKeyArguments {
  organization: string;  // a member of the channel
}

export interface DataHandOverKeyArguments {
  agreement: string;  // that covers the device
  device: string;  // the device's id
  organization: string;  // a consumer or verifier of the agreement
  key_id: string;  // the kid of the records that the key opens: 8 bytes in hexadecimal
  wrapped: string;  // the content key, wrapped for the organization's reading key: COSE_Encrypt in base64
}

export interface HandedKey {
  device: string;  // the device's id
  organization: string;  // whose reading key opens it
  key_id: string;  // the kid of the records that the key opens
  reading_key: string;  // the public key that it was wrapped for
  wrapped: string;  // the wrapped content key, in base64
  agreement: string;  // under which it was handed over
  handed_ms: number;  // when
  transaction: string;  // that handed it over
}

export interface DataHandedKeysArguments {
  device: string;  // the device's id
  organization?: string;  // only the keys for this organization
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface HandedPage {
  keys?: Array<HandedKey>;  // by organization and key id
  next?: string;  // the next page's cursor
}

/** Every function by its full name. */
export interface Functions {
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
  /** Suspends a device that has missed too many keep-alives, by its operator's rules */
  "data.report_silence": { writes: true; arguments: DataReportSilenceArguments; answer: SilenceReported };
  /** The same of each device of a shard */
  "data.shard_liveness": { writes: false; arguments: DataShardLivenessArguments; answer: LivenessPage };
  /** Counters of a device or a shard */
  "data.totals": { writes: false; arguments: DataTotalsArguments; answer: TotalsView };
  /** Stores the operator's own figures of a device's day */
  "data.cloud_series": { writes: true; arguments: DataCloudSeriesArguments; answer: CloudDay };
  /** Makes days FINAL under an agreement, once their reconciliation window has ended */
  "data.finalize": { writes: true; arguments: DataFinalizeArguments; answer: SettledDays };
  /** Stores what became known of a FINAL day after it */
  "data.revise": { writes: true; arguments: DataReviseArguments; answer: SettledDay };
  /** What finalizing a day would say now */
  "data.reconcile": { writes: false; arguments: DataReconcileArguments; answer: SettledDay };
  /** FINAL days of a device under an agreement */
  "data.settled": { writes: false; arguments: DataSettledArguments; answer: SettledPage };
  /** The devices of which an agreement has FINAL days */
  "data.settled_devices": { writes: false; arguments: DataSettledDevicesArguments; answer: SettledDevices };
  /** What became known of FINAL days after them */
  "data.revisions": { writes: false; arguments: DataRevisionsArguments; answer: Revisions };
  /** FINAL days with the figures that a collection keeps; at a keeper's node */
  "data.opened_days": { writes: false; arguments: DataOpenedDaysArguments; answer: SettledPage };
  /** The same of what became known of FINAL days after them */
  "data.opened_revisions": { writes: false; arguments: DataOpenedRevisionsArguments; answer: Revisions };
  /** Who keeps the rows of a record, and how long */
  "data.keeping": { writes: false; arguments: DataKeepingArguments; answer: Keeping };
  /** The records whose rows a collection keeps */
  "data.kept_records": { writes: false; arguments: DataKeptRecordsArguments; answer: KeptPage };
  /** Orders the keepers of a device's readings to remove them */
  "data.erase": { writes: true; arguments: DataEraseArguments; answer: ErasureOrder };
  /** States that a keeper's node has removed what an erasure covers */
  "data.report_erased": { writes: true; arguments: DataReportErasedArguments; answer: ErasureReport };
  /** States that a keeper's node has removed what a collection keeps no longer */
  "data.report_expired": { writes: true; arguments: DataReportExpiredArguments; answer: ExpiryReport };
  /** Erasures that were ordered, with the reports of the keepers' nodes */
  "data.erasures": { writes: false; arguments: DataErasuresArguments; answer: ErasurePage };
  /** What the keepers of a collection have removed by its term */
  "data.expiries": { writes: false; arguments: DataExpiriesArguments; answer: ExpiryPage };
  /** Stores a signed reading of a meter in the field (OCMF), with its verdicts */
  "data.publish_ocmf": { writes: true; arguments: DataPublishOcmfArguments; answer: OcmfPublished };
  /** One OCMF record of a device, or null */
  "data.ocmf_record": { writes: false; arguments: DataOcmfRecordArguments; answer: StoredOcmf | null };
  /** A device's OCMF records by pagination, with their verdicts and gaps */
  "data.ocmf_records": { writes: false; arguments: DataOcmfRecordsArguments; answer: OcmfRecords };
  /** What a device's registers counted in each transaction, and why it is not billable */
  "data.ocmf_sessions": { writes: false; arguments: DataOcmfSessionsArguments; answer: OcmfSessions };
  /** Publishes the key for which others wrap what this organization may read */
  "data.publish_reading_key": { writes: true; arguments: DataPublishReadingKeyArguments; answer: ReadingKeyOf };
  /** An organization's reading key */
  "data.reading_key": { writes: false; arguments: DataReadingKeyArguments; answer: ReadingKeyOf };
  /** Gives a party of an agreement the key of a device's encrypted series */
  "data.hand_over_key": { writes: true; arguments: DataHandOverKeyArguments; answer: HandedKey };
  /** The keys of a device's encrypted series, wrapped for those who may read them */
  "data.handed_keys": { writes: false; arguments: DataHandedKeysArguments; answer: HandedPage };
}
