// Made by `tally contract types audit --language typescript`: change the contract's declaration, not this file.

export interface AuditRunArguments {
  agreement: string;  // its id
  id: string;  // of the run, unused so far
  device?: string;  // this device alone; without it all that are metered
  after?: string;  // a part of the devices: only those after this id
  through?: string;  // a part of the devices: only those up to and including this id
  from: string;  // the first day
  until: string;  // the end date, exclusive
}

export interface CheckCount {
  check: "CHAIN" | "FINAL_DAY" | "RECONCILIATION" | "SIGNATURE" | "SERIES" | "ITEM" | "INVOICE";  // of which kind
  made: number;  // how often
  failed: number;  // how many of them do not hold
}

export interface Finding {
  check: "CHAIN" | "FINAL_DAY" | "RECONCILIATION" | "SIGNATURE" | "SERIES" | "ITEM" | "INVOICE";  // that fails
  device?: string;  // whose it is
  day?: string;  // in the agreement's zone
  expected: string;  // what should be
  found: string;  // what is
}

export interface AuditedInvoice {
  from: string;  // the first day of its period
  items: string;  // its SHA-256 of its items
}

export interface Run {
  verdict: "PASSED" | "GAPS" | "OPEN" | "EMPTY" | "FAILED";  // PASSED, GAPS, OPEN, EMPTY or FAILED
  devices: number;  // that were examined
  days: number;  // of all devices
  records: number;  // that count for these days
  missing: number;  // days without a record
  open: number;  // days that are not FINAL
  checks?: Array<CheckCount>;  // by kind
  findings?: Array<Finding>;  // what does not hold, at most 100
  invoices?: Array<AuditedInvoice>;  // whose items of these devices were computed again
  days_sha256: string;  // of the text of the list of days that the call answered
  by: string;  // the organization that ran it
  name: string;  // the member
  transaction: string;  // that recorded it
  time_ms: number;  // when
  agreement: string;  // its id
  id: string;  // of the run, unused so far
  device?: string;  // this device alone; without it all that are metered
  after?: string;  // a part of the devices: only those after this id
  through?: string;  // a part of the devices: only those up to and including this id
  from: string;  // the first day
  until: string;  // the end date, exclusive
}

export interface ExaminedDay {
  device: string;  // whose day it is
  day: string;  // in the agreement's zone
  state: "OPEN" | "RECONCILING" | "FINAL";  // FINAL, or not yet
  match: "MATCH" | "WITHIN_TOLERANCE" | "COMMITTED" | "ONE_SIDED" | "MISSING" | "MISMATCH" | "OUT_OF_RANGE";  // of device and cloud
  sequence?: number;  // of the record that counts; without it there is none
  content_id?: string;  // of that record
  transaction?: string;  // that published it
  revision?: number;  // of the FINAL day that counts
  readings?: number;  // of an OCMF meter: its sessions and fiscal readings of the day
}

export interface RunAnswer {
  run: Run;  // as it is kept
  list?: Array<ExaminedDay>;  // each day of each device, with the record that counts
}

export interface AuditGetArguments {
  agreement: string;  // its id
  id: string;  // of the run
}

export interface AuditRun {
  verdict: "PASSED" | "GAPS" | "OPEN" | "EMPTY" | "FAILED";  // PASSED, GAPS, OPEN, EMPTY or FAILED
  devices: number;  // that were examined
  days: number;  // of all devices
  records: number;  // that count for these days
  missing: number;  // days without a record
  open: number;  // days that are not FINAL
  checks?: Array<CheckCount>;  // by kind
  findings?: Array<Finding>;  // what does not hold, at most 100
  invoices?: Array<AuditedInvoice>;  // whose items of these devices were computed again
  days_sha256: string;  // of the text of the list of days that the call answered
  by: string;  // the organization that ran it
  name: string;  // the member
  transaction: string;  // that recorded it
  time_ms: number;  // when
  agreement: string;  // its id
  id: string;  // of the run, unused so far
  device?: string;  // this device alone; without it all that are metered
  after?: string;  // a part of the devices: only those after this id
  through?: string;  // a part of the devices: only those up to and including this id
  from: string;  // the first day
  until: string;  // the end date, exclusive
}

export interface AuditListArguments {
  agreement: string;  // its id
  limit?: number;  // at most so many entries (default 100)
  cursor?: string;  // the "next" of the page before
}

export interface RunPage {
  runs?: Array<AuditRun>;  // by their ids
  next?: string;  // the next page's cursor
}

/** Every function by its full name. */
export interface Functions {
  /** Checks the days of a device, or of all, again and records the verdict */
  "audit.run": { writes: true; arguments: AuditRunArguments; answer: RunAnswer };
  /** A recorded audit run */
  "audit.get": { writes: false; arguments: AuditGetArguments; answer: AuditRun };
  /** The recorded audit runs of an agreement */
  "audit.list": { writes: false; arguments: AuditListArguments; answer: RunPage };
}
