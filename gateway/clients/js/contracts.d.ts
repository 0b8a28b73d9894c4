// Made by `tally contract types --language typescript`: change the contract's declaration, not this file.

/** anchor.put: Anchors a checkpoint that continues the organization's last one */
export type AnchorPutArguments = {
  /** the last block that the checkpoint covers */
  block: number;
  /** its hash, hex */
  block_hash: string;
  /** leaves of the channel's transaction log */
  tree_size: number;
  /** the log's root, hex */
  root: string;
  /** RFC 9162 consistency proof from the organization's last anchored checkpoint, hex */
  consistency?: Array<string>;
  /** the channel's name */
  channel: string;
  /** the hash of the channel's block 0, hex */
  genesis: string;
};
export type AnchorPutAnswer = {
  /** the channel's name */
  channel: string;
  /** the block that is anchored now */
  block: number;
};

/** anchor.open: Opens another channel here, by its genesis block */
export type AnchorOpenArguments = {
};
export type AnchorOpenAnswer = {
  channel: string;
  genesis: string;
  genesis_ms: number;
  organizations?: Array<string>;
};

/** anchor.change_members: States who a channel's members are now; more than half of them decide */
export type AnchorChangeMembersArguments = {
  /** all that shall be the channel's members */
  organizations: Array<string>;
  /** the channel's name */
  channel: string;
  /** the hash of the channel's block 0, hex */
  genesis: string;
};
export type AnchorChangeMembersAnswer = {
  /** whether enough members have said the same */
  changed: boolean;
};

/** anchor.channel: An open channel and its organizations, or null */
export type AnchorChannelArguments = {
  /** the channel's name */
  channel: string;
  /** the hash of the channel's block 0, hex */
  genesis: string;
};
export type AnchorChannelAnswer = {
  channel: string;
  genesis: string;
  genesis_ms: number;
  organizations?: Array<string>;
} | null;

/** anchor.latest: Each organization's newest anchor of a channel */
export type AnchorLatestArguments = {
  /** the channel's name */
  channel: string;
  /** only of the channel with this block 0, hex */
  genesis?: string;
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type AnchorLatestAnswer = {
  /** the channel's name */
  channel: string;
  /** each organization's newest one */
  anchors?: Array<{
    /** the hash of the channel's block 0 */
    genesis: string;
    /** whose checkpoint it is */
    organization: string;
    /** the last block that the checkpoint covers */
    block: number;
    /** its hash, hex */
    block_hash: string;
    /** leaves of the channel's transaction log */
    tree_size: number;
    /** the log's root, hex */
    root: string;
    /** when it was anchored */
    time_ms: number;
  }>;
  /** the next page's cursor */
  next?: string;
};

/** anchor.history: Every anchor of a channel, and where organizations disagree */
export type AnchorHistoryArguments = {
  /** the channel's name */
  channel: string;
  /** the hash of the channel's block 0, hex */
  genesis: string;
  /** the first block (default 0) */
  from_block?: number;
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type AnchorHistoryAnswer = {
  /** the channel's name */
  channel: string;
  /** by block */
  anchors?: Array<{
    /** the hash of the channel's block 0 */
    genesis: string;
    /** whose checkpoint it is */
    organization: string;
    /** the last block that the checkpoint covers */
    block: number;
    /** its hash, hex */
    block_hash: string;
    /** leaves of the channel's transaction log */
    tree_size: number;
    /** the log's root, hex */
    root: string;
    /** when it was anchored */
    time_ms: number;
  }>;
  /** blocks for which organizations have anchored different roots */
  disagreements?: Array<number>;
  /** the next page's cursor */
  next?: string;
};

/** config.propose: Proposes another configuration */
export type ConfigProposeArguments = {
  /** SHA-256 of the configuration that is to be changed, hex */
  base: string;
  /** SHA-256 of the proposed one, hex */
  config: string;
  /** the proposed configuration, as `config.show` writes it */
  text: string;
  /** why */
  note?: string;
};
export type ConfigProposeAnswer = {
  /** SHA-256 of the proposed configuration, hex */
  config: string;
};

/** config.approve: Approves a proposed configuration */
export type ConfigApproveArguments = {
  /** SHA-256 of the configuration that is to be changed, hex */
  base: string;
  /** SHA-256 of the proposed one, hex */
  config: string;
  /** the approval counts in blocks before this time, milliseconds since the epoch */
  expires_ms: number;
  /** the levels of rules and versions of contracts that the approver's node knows */
  knows: {
    rules: number;
    contracts?: Array<{
      contract: string;
      version: number;
      manifest?: string;
    }>;
  };
};
export type ConfigApproveAnswer = {
  /** the proposed configuration */
  config: string;
  /** until when the approval counts */
  expires_ms: number;
};

/** config.withdraw: Withdraws a configuration that the caller's organization proposed */
export type ConfigWithdrawArguments = {
  /** SHA-256 of the proposed configuration, hex */
  config: string;
};
export type ConfigWithdrawAnswer = {
  /** SHA-256 of the proposed configuration, hex */
  config: string;
};

/** config.show: The configuration as it is */
export type ConfigShowArguments = {
};
export type ConfigShowAnswer = {
  /** SHA-256 of the text */
  hash: string;
  /** how often the configuration was changed */
  version: number;
  /** the configuration in force, JSON */
  text: string;
};

/** config.get: One proposed configuration and who approves it */
export type ConfigGetArguments = {
  /** SHA-256 of the proposed configuration, hex */
  config: string;
};
export type ConfigGetAnswer = {
  /** its hash */
  config: string;
  /** false: the configuration has changed since, and it is void */
  open: boolean;
  /** whether it may be applied */
  enough: boolean;
  /** why */
  note: string;
  /** who proposed it */
  organization: string;
  /** and its admin */
  name: string;
  /** when */
  time_ms: number;
  /** who approves it */
  approvals?: Array<{
    /** whether it counts no more */
    expired: boolean;
    organization: string;
    name: string;
    transaction: string;
    time_ms: number;
    expires_ms: number;
  }>;
  /** the proposed configuration (config.get) */
  text?: string;
};

/** config.proposals: What is proposed and who approves it */
export type ConfigProposalsArguments = {
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type ConfigProposalsAnswer = {
  /** the policy that approvals must satisfy */
  needed: string;
  /** hash of the configuration in force */
  base: string;
  /** those that are open */
  proposals?: Array<{
    /** its hash */
    config: string;
    /** false: the configuration has changed since, and it is void */
    open: boolean;
    /** whether it may be applied */
    enough: boolean;
    /** why */
    note: string;
    /** who proposed it */
    organization: string;
    /** and its admin */
    name: string;
    /** when */
    time_ms: number;
    /** who approves it */
    approvals?: Array<{
      /** whether it counts no more */
      expired: boolean;
      organization: string;
      name: string;
      transaction: string;
      time_ms: number;
      expires_ms: number;
    }>;
    /** the proposed configuration (config.get) */
    text?: string;
  }>;
  /** the next page's cursor */
  next?: string;
};

/** data.publish: Stores a record that a device has signed */
export type DataPublishArguments = {
  /** what attachment 0 is: a signed device record, or a Vitro IoT Block */
  format: "record" | "vitro";
};
export type DataPublishAnswer = unknown;

/** data.attach_series: Stores the series of a record that was published without it */
export type DataAttachSeriesArguments = {
  /** the device's id */
  device: string;
  /** of the record that was published without its series */
  content_id: string;
};
export type DataAttachSeriesAnswer = {
  /** the device's id */
  device: string;
  /** of the record */
  sequence: number;
  /** of the record */
  content_id: string;
  /** the one that carries the series */
  transaction: string;
};

/** data.find: Where the record with a content id is, or null */
export type DataFindArguments = {
  /** the SHA-256 of the record's payload, in hexadecimal */
  content_id: string;
  /** where devices have sent equal payloads: which of them */
  device?: string;
};
export type DataFindAnswer = unknown;

/** data.days: Days of a device or a shard, summarized by field */
export type DataDaysArguments = {
  /** the device's id; either this or shard */
  device?: string;
  /** all devices of an organization's shard */
  shard?: string;
  /** whose shard (default: the caller's) */
  organization?: string;
  /** days that start here or later, seconds since the epoch, UTC */
  from?: number;
  /** days that start before */
  to?: number;
  /** names of fields; all when empty */
  fields?: Array<string>;
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type DataDaysAnswer = unknown;

/** data.records: A device's records of any kind */
export type DataRecordsArguments = {
  /** the device's id */
  device: string;
  /** only records of this kind */
  kind?: "INTERVAL" | "KEEPALIVE" | "DAILY";
  /** by SEQUENCE (default) or as they were RECEIVED */
  order?: "SEQUENCE" | "RECEIVED";
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type DataRecordsAnswer = unknown;

/** data.proofs: What ties each day's figures to its device and its transaction */
export type DataProofsArguments = {
  /** the device's id */
  device: string;
  /** seconds since the epoch, UTC */
  from: number;
  /** seconds since the epoch, UTC; not included */
  to: number;
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type DataProofsAnswer = unknown;

/** data.series: Samples by field, raw or resampled, checked against the signed root */
export type DataSeriesArguments = {
  /** the device's id */
  device: string;
  /** seconds since the epoch, UTC */
  from: number;
  /** seconds since the epoch, UTC; not included */
  to: number;
  /** names of fields; all when empty */
  fields?: Array<string>;
  /** resample to this interval, counted from each record's start; without it: every row */
  interval_s?: number;
  /** of records of this kind (default DAILY) */
  kind?: "INTERVAL" | "KEEPALIVE" | "DAILY";
  /** at most so many records on a page (default 7, at most 31) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type DataSeriesAnswer = unknown;

/** data.gaps: Missing days, rows, values and sequences, and breaks of the chain */
export type DataGapsArguments = {
  /** the device's id */
  device: string;
  /** seconds since the epoch, UTC */
  from: number;
  /** seconds since the epoch, UTC; not included */
  to: number;
  /** look for missing sequences from here on (default 1) */
  from_sequence?: number;
  /** at most so many days, and so many sequences (default 100, at most 1000) */
  limit?: number;
};
export type DataGapsAnswer = unknown;

/** data.liveness: When a device, or each device of a shard, was last heard */
export type DataLivenessArguments = {
  /** the device's id; either this or shard */
  device?: string;
  /** all devices of an organization's shard */
  shard?: string;
  /** whose shard (default: the caller's) */
  organization?: string;
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type DataLivenessAnswer = unknown;

/** data.totals: Counters of a device or a shard */
export type DataTotalsArguments = {
  /** the device's id; either this or shard */
  device?: string;
  /** all devices of an organization's shard */
  shard?: string;
  /** whose shard (default: the caller's) */
  organization?: string;
};
export type DataTotalsAnswer = unknown;

/** registry.register_schema: Stores a version of a schema */
export type RegistryRegisterSchemaArguments = {
  /** the schema's name */
  id: string;
  /** from 1 on; a version is never changed */
  version: number;
  /** in the order in which records carry them */
  fields: Array<{
    /** what is measured, 1 to 64 of A-Z a-z 0-9 . _ : - */
    name: string;
    /** a unit of SenML's registry (RFC 8428), for example W */
    unit: string;
    /** an integer v stands for v * 10^scale units */
    scale: number;
    /** the one figure of a day: sum (default), mean, max or last */
    summary?: string;
  }>;
};
export type RegistryRegisterSchemaAnswer = {
  /** id@version */
  schema: string;
};

/** registry.register_device: Registers a device with its key or certificates */
export type RegistryRegisterDeviceArguments = {
  /** 1 to 64 of A-Z a-z 0-9 . _ : - ; for a Vitro device its node id, 18 hexadecimal digits */
  id: string;
  /** the group of devices that it belongs to, for example a site */
  shard: string;
  /** tally-record (default), vitro-1 or vitro-2 */
  profile?: string;
  /** PEM, or hex or base64 of the key; either this or certificate_chain */
  public_key?: string;
  /** PEM, the device's own first; its common name is the device's id */
  certificate_chain?: Array<string>;
  /** base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md) */
  proof?: string;
  /** the schemas that its records may follow, each as id@version */
  schemas?: Array<string>;
  /** seconds between two measurements */
  polling_interval_s: number;
  /** seconds within which it must be heard */
  keepalive_interval_s: number;
  /** how late a keep-alive may be (default: a quarter of the interval) */
  grace_s?: number;
  /** how far its clock may be ahead (default 300) */
  max_skew_s?: number;
  /** how long after a period's end its record may come (default: any time) */
  late_arrival_s?: number;
  /** where it is, for people */
  location?: string;
  /** where its data may be kept */
  residency?: string;
};
export type RegistryRegisterDeviceAnswer = {
  /** its id */
  device: string;
  /** the group of devices */
  shard: string;
  /** who operates it */
  organization: string;
  /** how it signs */
  profile: string;
  /** whether it waits for another organization's consent */
  pending?: boolean;
  /** of a pending device's key */
  fingerprint?: string;
  /** of a confirmed device */
  requested_by?: string;
};

/** registry.import_devices: Registers many devices, all or none */
export type RegistryImportDevicesArguments = {
  /** each as for register_device; all are registered or none */
  devices: Array<unknown>;
};
export type RegistryImportDevicesAnswer = {
  /** how many were registered, or wait */
  devices: number;
  /** how many of them wait for consent */
  pending: number;
};

/** registry.add_schemas: Lets a device's records follow more schemas */
export type RegistryAddSchemasArguments = {
  /** the device's id */
  device: string;
  /** schemas that its records may follow too, each as id@version */
  schemas: Array<string>;
};
export type RegistryAddSchemasAnswer = {
  /** its id */
  device: string;
  /** all that its records may follow now */
  schemas?: Array<string>;
};

/** registry.confirm_device: Consents to another organization's device that cannot prove its key */
export type RegistryConfirmDeviceArguments = {
  /** whose device it is */
  organization: string;
  /** the device's id */
  id: string;
  /** of the key that is confirmed: SHA-256 of its SubjectPublicKeyInfo, hexadecimal */
  fingerprint: string;
};
export type RegistryConfirmDeviceAnswer = {
  /** its id */
  device: string;
  /** the group of devices */
  shard: string;
  /** who operates it */
  organization: string;
  /** how it signs */
  profile: string;
  /** whether it waits for another organization's consent */
  pending?: boolean;
  /** of a pending device's key */
  fingerprint?: string;
  /** of a confirmed device */
  requested_by?: string;
};

/** registry.set_status: Suspends, reinstates or retires a device */
export type RegistrySetStatusArguments = {
  /** the device's id */
  device: string;
  /** RETIRED is final; ACTIVE after SUSPENDED needs a repair record */
  status: "ACTIVE" | "SUSPENDED" | "RETIRED";
  /** why, in 1 to 1000 characters */
  reason: string;
  /** not before now, which is the default; periods that end later are refused */
  effective_time_ms?: number;
  /** what was repaired; the caller's signature of the proposal is its signature */
  repair?: {
    /** who repaired the device, as the proposer says */
    repaired_by?: string;
    /** what was wrong and what was done */
    statement: string;
  };
};
export type RegistrySetStatusAnswer = {
  /** its id */
  device: string;
  /** who operates it */
  organization: string;
  /** the group of devices */
  shard: string;
  /** the status before */
  from: "ACTIVE" | "SUSPENDED" | "RETIRED";
  /** the status from effective_ms on */
  to: "ACTIVE" | "SUSPENDED" | "RETIRED";
  /** why */
  reason: string;
  /** when it takes effect */
  effective_ms: number;
  /** of a reinstatement */
  repair?: {
    /** who repaired the device, as the proposer says */
    repaired_by?: string;
    /** what was wrong and what was done */
    statement: string;
  };
};

/** registry.report_incident: Counts incidents of a device; may suspend it by rule */
export type RegistryReportIncidentArguments = {
  /** the device's id */
  device: string;
  /** what was observed */
  kind: "MISSED_KEEPALIVE" | "BAD_SIGNATURE" | "CLOCK_SKEW" | "OUT_OF_RANGE";
  /** how many of them */
  count: number;
  /** what was seen, or where it is kept */
  evidence?: string;
};
export type RegistryReportIncidentAnswer = {
  /** its id */
  device: string;
  /** what was observed */
  kind: "MISSED_KEEPALIVE" | "BAD_SIGNATURE" | "CLOCK_SKEW" | "OUT_OF_RANGE";
  /** how many were reported */
  count: number;
  /** since the device was registered or last reinstated */
  total: number;
  /** what was seen */
  evidence?: string;
  /** whether this report suspended the device */
  suspended?: boolean;
};

/** registry.set_rules: Sets the caller's organization's rules of automatic suspension */
export type RegistrySetRulesArguments = {
  /** so many suspend a device; 0: never */
  missed_keepalives: number;
  /** so many suspend a device; 0: never */
  bad_signatures: number;
  /** so many suspend a device; 0: never */
  clock_skews: number;
  /** so many suspend a device; 0: never */
  out_of_range: number;
};
export type RegistrySetRulesAnswer = {
  /** so many suspend a device; 0: never */
  missed_keepalives: number;
  /** so many suspend a device; 0: never */
  bad_signatures: number;
  /** so many suspend a device; 0: never */
  clock_skews: number;
  /** so many suspend a device; 0: never */
  out_of_range: number;
};

/** registry.rotate_key: Gives a device a new key that the old one has signed */
export type RegistryRotateKeyArguments = {
  /** the device's id */
  device: string;
  /** for a device that is known by certificates: the chain of the new key */
  certificate_chain?: Array<string>;
  /** base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md) */
  proof?: string;
  /** whether the old key must not be trusted for earlier periods either */
  compromised?: boolean;
};
export type RegistryRotateKeyAnswer = {
  /** its id */
  device: string;
  /** of the key in force */
  epoch: number;
  /** SHA-256 of the key's SubjectPublicKeyInfo */
  fingerprint: string;
  /** of a new key: whether the old one is not trusted for earlier periods either */
  compromised?: boolean;
};

/** registry.recertify: Gives a device a new certificate chain, and its key */
export type RegistryRecertifyArguments = {
  /** the device's id */
  device: string;
  /** for a device that is known by certificates: the chain of the new key */
  certificate_chain?: Array<string>;
  /** base64 of what the device has signed with the key: that the caller's organization registers it (docs/formats.md) */
  proof?: string;
  /** whether the old key must not be trusted for earlier periods either */
  compromised?: boolean;
};
export type RegistryRecertifyAnswer = {
  /** its id */
  device: string;
  /** of the key in force */
  epoch: number;
  /** SHA-256 of the key's SubjectPublicKeyInfo */
  fingerprint: string;
  /** of a new key: whether the old one is not trusted for earlier periods either */
  compromised?: boolean;
};

/** registry.add_trust_anchor: Adds a root that the organization's devices are certified under */
export type RegistryAddTrustAnchorArguments = {
  /** a self-signed certificate */
  pem: string;
};
export type RegistryAddTrustAnchorAnswer = {
  fingerprint: string;
  organization: string;
  subject: string;
};

/** registry.revoke_certificate: Revokes a certificate of the organization's devices or authorities */
export type RegistryRevokeCertificateArguments = {
  /** PEM, or the SHA-256 of its DER in hexadecimal */
  certificate: string;
  /** why, in 1 to 1000 characters */
  reason: string;
};
export type RegistryRevokeCertificateAnswer = {
  /** of the certificate: SHA-256 of its DER */
  fingerprint: string;
  /** why */
  reason: string;
};

/** registry.publish_crl: Stores an authority's revocation list */
export type RegistryPublishCrlArguments = {
  /** the revocation list */
  pem: string;
  /** where its issuer is no trust anchor: PEM, the issuer's own certificate first */
  issuer_chain?: Array<string>;
};
export type RegistryPublishCrlAnswer = {
  issuer: string;
  number: number;
  next_update_ms: number;
};

/** registry.get_device: One device */
export type RegistryGetDeviceArguments = {
  /** the device's id */
  id: string;
};
export type RegistryGetDeviceAnswer = {
  /** a status that was set and is not in force yet */
  scheduled?: {
    status: "ACTIVE" | "SUSPENDED" | "RETIRED";
    effective_ms: number;
  };
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
  suspensions?: Array<{
    from_ms: number;
    to_ms?: number;
    reason: string;
  }>;
  retired_ms?: number;
  registered_ms: number;
  previous_keys?: Array<{
    epoch: number;
    key: string;
    until_ms: number;
    compromised: boolean;
  }>;
  repair?: {
    /** who repaired the device, as the proposer says */
    repaired_by?: string;
    /** what was wrong and what was done */
    statement: string;
  };
  change: {
    kind: string;
    time_ms: number;
    transaction: string;
    by: string;
    details: unknown;
  };
};

/** registry.list_devices: Devices, by shard, status or organization */
export type RegistryListDevicesArguments = {
  /** the organization's shard of this name */
  shard?: string;
  /** the status in force now */
  status?: "ACTIVE" | "SUSPENDED" | "RETIRED";
  /** whose devices (default: with a shard the caller's, without one all) */
  organization?: string;
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type RegistryListDevicesAnswer = {
  /** in the order of their ids */
  devices?: Array<{
    /** a status that was set and is not in force yet */
    scheduled?: {
      status: "ACTIVE" | "SUSPENDED" | "RETIRED";
      effective_ms: number;
    };
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
    suspensions?: Array<{
      from_ms: number;
      to_ms?: number;
      reason: string;
    }>;
    retired_ms?: number;
    registered_ms: number;
    previous_keys?: Array<{
      epoch: number;
      key: string;
      until_ms: number;
      compromised: boolean;
    }>;
    repair?: {
      /** who repaired the device, as the proposer says */
      repaired_by?: string;
      /** what was wrong and what was done */
      statement: string;
    };
    change: {
      kind: string;
      time_ms: number;
      transaction: string;
      by: string;
      details: unknown;
    };
  }>;
  /** the next page's cursor */
  next?: string;
};

/** registry.pending_devices: Devices that wait for another organization's consent */
export type RegistryPendingDevicesArguments = {
  /** whose devices (default: the caller's) */
  organization?: string;
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type RegistryPendingDevicesAnswer = {
  /** in the order of their ids */
  devices?: Array<{
    /** of the key that waits to be confirmed */
    fingerprint: string;
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
    suspensions?: Array<{
      from_ms: number;
      to_ms?: number;
      reason: string;
    }>;
    retired_ms?: number;
    registered_ms: number;
    previous_keys?: Array<{
      epoch: number;
      key: string;
      until_ms: number;
      compromised: boolean;
    }>;
    repair?: {
      /** who repaired the device, as the proposer says */
      repaired_by?: string;
      /** what was wrong and what was done */
      statement: string;
    };
    change: {
      kind: string;
      time_ms: number;
      transaction: string;
      by: string;
      details: unknown;
    };
  }>;
  /** the next page's cursor */
  next?: string;
};

/** registry.timeline: Everything that ever happened to one device */
export type RegistryTimelineArguments = {
  /** the device's id */
  id: string;
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type RegistryTimelineAnswer = {
  /** its id */
  device: string;
  /** in the order of time */
  entries?: Array<{
    /** registered, status_changed, key_rotated, record_published, ... */
    kind: string;
    /** of the transaction */
    time_ms: number;
    /** its id */
    transaction: string;
    /** ORGANIZATION/name of who proposed it */
    by: string;
    /** the payload of the event of this kind */
    details: unknown;
    /** the block that holds it */
    block: number;
  }>;
  /** the next page's cursor */
  next?: string;
};

/** registry.get_schema: One version of a schema */
export type RegistryGetSchemaArguments = {
  /** the schema's name */
  id: string;
  /** its version */
  version: number;
};
export type RegistryGetSchemaAnswer = {
  id: string;
  version: number;
  organization: string;
  fields?: Array<{
    /** what is measured, 1 to 64 of A-Z a-z 0-9 . _ : - */
    name: string;
    /** a unit of SenML's registry (RFC 8428), for example W */
    unit: string;
    /** an integer v stands for v * 10^scale units */
    scale: number;
    /** the one figure of a day: sum (default), mean, max or last */
    summary?: string;
  }>;
  registered_ms: number;
};

/** registry.list_schemas: Schemas and their versions */
export type RegistryListSchemasArguments = {
  /** the versions of this one alone */
  id?: string;
  /** at most so many entries (default 100) */
  limit?: number;
  /** the "next" of the page before */
  cursor?: string;
};
export type RegistryListSchemasAnswer = {
  /** by id and version */
  schemas?: Array<{
    id: string;
    version: number;
    organization: string;
    fields?: Array<{
      /** what is measured, 1 to 64 of A-Z a-z 0-9 . _ : - */
      name: string;
      /** a unit of SenML's registry (RFC 8428), for example W */
      unit: string;
      /** an integer v stands for v * 10^scale units */
      scale: number;
      /** the one figure of a day: sum (default), mean, max or last */
      summary?: string;
    }>;
    registered_ms: number;
  }>;
  /** the next page's cursor */
  next?: string;
};

/** registry.get_rules: An organization's rules of automatic suspension */
export type RegistryGetRulesArguments = {
  /** whose */
  organization: string;
};
export type RegistryGetRulesAnswer = {
  /** so many suspend a device; 0: never */
  missed_keepalives: number;
  /** so many suspend a device; 0: never */
  bad_signatures: number;
  /** so many suspend a device; 0: never */
  clock_skews: number;
  /** so many suspend a device; 0: never */
  out_of_range: number;
};

/** registry.list_trust: An organization's trust anchors, revocation lists and revocations */
export type RegistryListTrustArguments = {
  /** whose */
  organization: string;
};
export type RegistryListTrustAnswer = {
  /** roots that devices are certified under */
  anchors?: Array<{
    fingerprint: string;
    subject: string;
    pem: string;
  }>;
  /** the newest list of each authority */
  crls?: Array<{
    issuer: string;
    number: number;
    pem: string;
  }>;
  /** certificates that were revoked one by one */
  revoked?: Array<{
    /** of the certificate: SHA-256 of its DER */
    fingerprint: string;
    /** why */
    reason: string;
  }>;
};

/** registry.publishing_terms: What a device's records are checked against */
export type RegistryPublishingTermsArguments = {
  /** the device's id */
  id: string;
};
export type RegistryPublishingTermsAnswer = {
  device: string;
  organization: string;
  shard: string;
  profile: string;
  epoch: number;
  key: string;
  previous_keys?: Array<{
    epoch: number;
    key: string;
    until_ms: number;
    compromised: boolean;
  }>;
  schemas?: Array<{
    name: string;
    fields?: Array<{
      /** what is measured, 1 to 64 of A-Z a-z 0-9 . _ : - */
      name: string;
      /** a unit of SenML's registry (RFC 8428), for example W */
      unit: string;
      /** an integer v stands for v * 10^scale units */
      scale: number;
    }>;
  }>;
  suspensions?: Array<{
    from_ms: number;
    to_ms?: number;
    reason: string;
  }>;
  retired_ms?: number;
  max_skew_s: number;
  late_arrival_s?: number;
};

/** Every function by its full name. */
export interface Functions {
  "anchor.put": { writes: true; arguments: AnchorPutArguments; answer: AnchorPutAnswer };
  "anchor.open": { writes: true; arguments: AnchorOpenArguments; answer: AnchorOpenAnswer };
  "anchor.change_members": { writes: true; arguments: AnchorChangeMembersArguments; answer: AnchorChangeMembersAnswer };
  "anchor.channel": { writes: false; arguments: AnchorChannelArguments; answer: AnchorChannelAnswer };
  "anchor.latest": { writes: false; arguments: AnchorLatestArguments; answer: AnchorLatestAnswer };
  "anchor.history": { writes: false; arguments: AnchorHistoryArguments; answer: AnchorHistoryAnswer };
  "config.propose": { writes: true; arguments: ConfigProposeArguments; answer: ConfigProposeAnswer };
  "config.approve": { writes: true; arguments: ConfigApproveArguments; answer: ConfigApproveAnswer };
  "config.withdraw": { writes: true; arguments: ConfigWithdrawArguments; answer: ConfigWithdrawAnswer };
  "config.show": { writes: false; arguments: ConfigShowArguments; answer: ConfigShowAnswer };
  "config.get": { writes: false; arguments: ConfigGetArguments; answer: ConfigGetAnswer };
  "config.proposals": { writes: false; arguments: ConfigProposalsArguments; answer: ConfigProposalsAnswer };
  "data.publish": { writes: true; arguments: DataPublishArguments; answer: DataPublishAnswer };
  "data.attach_series": { writes: true; arguments: DataAttachSeriesArguments; answer: DataAttachSeriesAnswer };
  "data.find": { writes: false; arguments: DataFindArguments; answer: DataFindAnswer };
  "data.days": { writes: false; arguments: DataDaysArguments; answer: DataDaysAnswer };
  "data.records": { writes: false; arguments: DataRecordsArguments; answer: DataRecordsAnswer };
  "data.proofs": { writes: false; arguments: DataProofsArguments; answer: DataProofsAnswer };
  "data.series": { writes: false; arguments: DataSeriesArguments; answer: DataSeriesAnswer };
  "data.gaps": { writes: false; arguments: DataGapsArguments; answer: DataGapsAnswer };
  "data.liveness": { writes: false; arguments: DataLivenessArguments; answer: DataLivenessAnswer };
  "data.totals": { writes: false; arguments: DataTotalsArguments; answer: DataTotalsAnswer };
  "registry.register_schema": { writes: true; arguments: RegistryRegisterSchemaArguments; answer: RegistryRegisterSchemaAnswer };
  "registry.register_device": { writes: true; arguments: RegistryRegisterDeviceArguments; answer: RegistryRegisterDeviceAnswer };
  "registry.import_devices": { writes: true; arguments: RegistryImportDevicesArguments; answer: RegistryImportDevicesAnswer };
  "registry.add_schemas": { writes: true; arguments: RegistryAddSchemasArguments; answer: RegistryAddSchemasAnswer };
  "registry.confirm_device": { writes: true; arguments: RegistryConfirmDeviceArguments; answer: RegistryConfirmDeviceAnswer };
  "registry.set_status": { writes: true; arguments: RegistrySetStatusArguments; answer: RegistrySetStatusAnswer };
  "registry.report_incident": { writes: true; arguments: RegistryReportIncidentArguments; answer: RegistryReportIncidentAnswer };
  "registry.set_rules": { writes: true; arguments: RegistrySetRulesArguments; answer: RegistrySetRulesAnswer };
  "registry.rotate_key": { writes: true; arguments: RegistryRotateKeyArguments; answer: RegistryRotateKeyAnswer };
  "registry.recertify": { writes: true; arguments: RegistryRecertifyArguments; answer: RegistryRecertifyAnswer };
  "registry.add_trust_anchor": { writes: true; arguments: RegistryAddTrustAnchorArguments; answer: RegistryAddTrustAnchorAnswer };
  "registry.revoke_certificate": { writes: true; arguments: RegistryRevokeCertificateArguments; answer: RegistryRevokeCertificateAnswer };
  "registry.publish_crl": { writes: true; arguments: RegistryPublishCrlArguments; answer: RegistryPublishCrlAnswer };
  "registry.get_device": { writes: false; arguments: RegistryGetDeviceArguments; answer: RegistryGetDeviceAnswer };
  "registry.list_devices": { writes: false; arguments: RegistryListDevicesArguments; answer: RegistryListDevicesAnswer };
  "registry.pending_devices": { writes: false; arguments: RegistryPendingDevicesArguments; answer: RegistryPendingDevicesAnswer };
  "registry.timeline": { writes: false; arguments: RegistryTimelineArguments; answer: RegistryTimelineAnswer };
  "registry.get_schema": { writes: false; arguments: RegistryGetSchemaArguments; answer: RegistryGetSchemaAnswer };
  "registry.list_schemas": { writes: false; arguments: RegistryListSchemasArguments; answer: RegistryListSchemasAnswer };
  "registry.get_rules": { writes: false; arguments: RegistryGetRulesArguments; answer: RegistryGetRulesAnswer };
  "registry.list_trust": { writes: false; arguments: RegistryListTrustArguments; answer: RegistryListTrustAnswer };
  "registry.publishing_terms": { writes: false; arguments: RegistryPublishingTermsArguments; answer: RegistryPublishingTermsAnswer };
}
