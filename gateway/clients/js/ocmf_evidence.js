// What the OCMF records of one meter prove: its sessions and fiscal readings, computed again from what it signed. A record
// counts when its transaction is VALID, when the meter's signature verifies under the key that was the meter's when the
// record came, and when the contract's verdicts follow from it. A session counts when it follows from the records with its
// beginning and its end. The ledger alone knows that another record has the same page, and that sessions overlap: for these
// its answer is taken, which can only refuse a session.

import { beginningOf, plusDays } from "./calendar.js";
import { NotProven, require } from "./checks.js";
import { citedReadings } from "./evidence_invoice.js";
import { jsonText, parseJson } from "./json.js";
import { readOcmf, verifyOcmf } from "./ocmf.js";
import { fiscalReadings, sessionsWith, verdictsOn } from "./ocmf_sessions.js";

const encoder = new TextEncoder();

/** @typedef {import("./checks.js").Checks} Checks */
/** @typedef {import("./ocmf_sessions.js").OcmfDay} OcmfDay */
/** @typedef {{atMs: number, contentId: string, number: number}} Place as the keys are sorted */

/** @param {Place} a @param {Place} b */
const byPlace = (a, b) => a.atMs - b.atMs || (a.contentId < b.contentId ? -1 : a.contentId > b.contentId ? 1 : a.number - b.number);

export class OcmfEvidence {
  /** @param {string} device @param {import("./device_evidence.js").DeviceEvidence} keys */
  constructor(device, keys) {
    this.device = device;
    this.keys = keys;
    /** @type {Map<string, import("./ocmf_sessions.js").StoredOcmf>} by content id */
    this.records = new Map();
    /** @type {(Place & {session: any})[]} that the transactions have completed, by their end */
    this.sessions = [];
    /** @type {(Place & {reading: import("./ocmf_sessions.js").FiscalReading})[]} */
    this.fiscal = [];
  }

  /** @param {import("./receipt.js").ProvenTransaction} transaction that is VALID */
  async add(transaction) {
    require(transaction.contract === "data" && transaction.function === "publish_ocmf" && transaction.attachments.length > 0,
      `the transaction ${transaction.id} carries no OCMF record`);
    const answer = parseJson(transaction.result, "what publishing answered");
    require(answer.device === this.device, `the record of transaction ${transaction.id} is of "${answer.device}"`);
    const record = readOcmf(transaction.attachments[0]), { contentId } = record, receivedMs = transaction.createdMs;
    const times = record.readings.flatMap(({ timeMs }) => (timeMs === null ? [] : [timeMs]));
    const lastMs = times.length ? Math.max(...times) : receivedMs;
    const epoch = await this.keys.epochOf(receivedMs, Math.floor(lastMs / 1000) * 1000, (spki) => verifyOcmf(record, spki));
    require(epoch > 0, `the signature of the record ${contentId} verifies under no proven key of the device`, "bad_signature");
    const follows = [true, false].some((pageIsTaken) => jsonText(verdictsOn(record, epoch, pageIsTaken)) === jsonText(answer.verdicts));
    require(follows, `the verdicts on the record ${contentId} do not follow from it`);
    require(!this.records.has(contentId), `the record ${contentId} is there twice`);
    const stored = { contentId, record, epoch, receivedMs, verdicts: answer.verdicts };
    this.records.set(contentId, stored);
    for (const { place, reading } of fiscalReadings(stored)) this.fiscal.push({ atMs: reading.timeMs, contentId, number: place, reading });
    for (const [number, session] of answer.sessions.entries()) this.sessions.push({ atMs: session.end_ms, contentId: session.content_id, number, session });
  }

  /** @param {any} answered @param {number} number */
  checkSession(answered, number) {
    const begin = this.records.get(answered.begin_content_id), end = this.records.get(answered.content_id);
    if (!begin || !end) throw new NotProven(`the record ${begin ? answered.content_id : answered.begin_content_id} of a session is not in the file`);
    const session = sessionsWith(this.device, begin, end)[number];
    require(session, `the records ${begin.contentId} and ${end.contentId} give no such session`);
    const expected = { ...session, transaction: answered.transaction, completed_ms: answered.completed_ms };
    if (mayCount(expected) && !mayCount(answered) && answered.reasons.length > 0) {
      expected.billable = expected.informative = false;
      expected.reasons = [...expected.reasons, answered.reasons[answered.reasons.length - 1]];
    }
    const wanted = jsonText(expected), found = jsonText(answered);
    require(wanted === found, `the session ${found} does not follow from its records, which give ${wanted}`);
  }

  /**
   * The sessions that end in this time and the fiscal readings of it, as the contract has them.
   * @param {number} fromS @param {number} toS @param {number} [untilMs] only what was known by then @returns {OcmfDay}
   */
  day(fromS, toS, untilMs = Infinity) {
    const isIn = (/** @type {Place} */ { atMs }) => fromS * 1000 <= atMs && atMs < toS * 1000;
    const sessions = this.sessions.filter(isIn).sort(byPlace);
    for (const { session, number } of sessions) this.checkSession(session, number);
    return {
      sessions: sessions.map(({ session }) => session).filter((each) => each.completed_ms <= untilMs),
      fiscal: this.fiscal.filter(isIn).sort(byPlace).map(({ reading }) => reading).filter((each) => each.completedMs <= untilMs),
    };
  }
}

/**
 * Whether an agreement may bill it.
 * @param {any} session
 */
const mayCount = (session) => session.billable || session.informative;

/**
 * The beginning and the end of a day, in seconds since 1970.
 * @param {string} day @param {import("./calendar.js").Zone} zone @returns {[number, number]}
 */
const boundsOf = (day, zone) => [beginningOf(day, zone), beginningOf(plusDays(day, 1), zone)];

/**
 * The keys of a day's sessions and of its fiscal readings: the first one, and that after the last.
 * @param {any} day @param {import("./calendar.js").Zone} zone @returns {[Uint8Array, Uint8Array][]}
 */
export function rangeKeys(day, zone) {
  const [start, end] = boundsOf(day.day, zone).map((second) => String(second * 1000).padStart(20, "0"));
  const keyOf = (/** @type {string} */ kind, /** @type {string} */ at) => encoder.encode(`${kind}\0${day.device}\0${at}`);
  return ["ocmfsession", "ocmffiscal"].map((kind) => [keyOf(kind, start), keyOf(kind, end)]);
}

/**
 * The day's OCMF records are in the file, no more and no fewer than the audit has found.
 * @param {string} name @param {any} day @param {OcmfEvidence} ocmf @param {any} final the FINAL day @param {import("./calendar.js").Zone} zone @param {Checks} checks
 */
export async function checkReadings(name, day, ocmf, final, zone, checks) {
  for (const id of (final && citedReadings(final)) ?? []) checks.must(ocmf.records.has(id), name, `record ${id}`, "no such record in the file");
  const found = await checks.judged(name, "sessions that follow from records in the file", () => ocmf.day(...boundsOf(day.day, zone)));
  const count = found.sessions.length + found.fiscal.length;
  checks.must(count === day.readings, name, `${day.readings} sessions and fiscal readings, which the audit has found`, `records with ${count} of them`);
}
