// What follows from OCMF records alone: their verdicts, their sessions and fiscal readings, and why these may not be billed.
// The texts are those of the contract `data`, as they are compared with what it has answered.

import { Decimal } from "./amounts.js";
import { NotProven } from "./checks.js";

/** @typedef {import("./ocmf.js").OcmfRecord} OcmfRecord */
/** @typedef {import("./ocmf.js").Page} Page */
/** @typedef {import("./ocmf.js").Reading} Reading */
/** @typedef {{check: string, result: string, detail: string}} Verdict */
/** @typedef {{contentId: string, record: OcmfRecord, epoch: number, receivedMs: number, verdicts: Verdict[]}} StoredOcmf `epoch`: of the key that verifies */
/**
 * @typedef {{registerId: string, unit: string, value: Decimal, timeMs: number, contentId: string, billable: boolean, informative: boolean,
 *            completedMs: number}} FiscalReading
 */
/** @typedef {{sessions: any[], fiscal: FiscalReading[]}} OcmfDay what a meter has for one day: sessions by their end, as JSON, and fiscal readings */

// Control characters, line separators, and the marks that change the direction of writing.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * With escapes for what is not plain text.
 * @param {string} text
 */
const printable = (text) => text.replace(HIDDEN, (character) => {
  const code = character.charCodeAt(0), digits = code.toString(16);
  return code === 10 ? "\\n" : code < 0x100 ? `\\x${digits.padStart(2, "0")}` : `\\u${digits.padStart(4, "0")}`;
});

/** @param {Verdict} verdict */
const hasFailed = ({ result }) => result !== "PASSED" && result !== "NOTED";

/** @type {(check: string, detail: string) => Verdict} */
const passed = (check, detail) => ({ check, result: "PASSED", detail });
/** @type {(check: string, detail: string) => Verdict} */
const noted = (check, detail) => ({ check, result: "NOTED", detail });
/** @type {(check: string, detail: string) => Verdict} */
const failed = (check, detail) => ({ check, result: "FAILED", detail });

// Verdicts -----------------------------------------------------------------------------------------------------

/**
 * Of a record whose signature verifies under the key of this epoch.
 * @param {OcmfRecord} record @param {number} epoch @param {boolean} pageIsTaken @returns {Verdict[]}
 */
export function verdictsOn(record, epoch, pageIsTaken) {
  return [passed("signature", `by the key of epoch ${epoch}`), judgePage(record.page, pageIsTaken), judgeClock(record, false), judgeStatus(record),
    judgePlausibility(record), judgeIdentity(record)];
}

/** @param {Page | null} page @param {boolean} isTaken */
function judgePage(page, isTaken) {
  if (!page) return failed("pagination", "PG is missing");
  const text = `${page.context}${page.number}`;
  return isTaken ? failed("pagination", `${text} was used by another record`) : passed("pagination", text);
}

/** @param {OcmfRecord} record @param {boolean} informativeAccepted */
function judgeClock({ readings }, informativeAccepted) {
  let before = -Infinity, flagged = false;
  for (const [index, { timeMs, timeStatus, errors }] of readings.entries()) {
    if (timeMs === null) return failed("clock", `RD[${index}] has no time`);
    if (timeMs < before) return failed("clock", `the time of RD[${index}] is before that of the reading before`);
    before = timeMs;
    flagged = flagged || errors.includes("t");
    if (timeStatus === "U") return failed("clock", `the time of RD[${index}] is unknown (U)`);
    if (timeStatus === "I" && !informativeAccepted) return failed("clock", `the time of RD[${index}] is informative (I)`);
  }
  return flagged ? noted("clock", "the meter reports an error of its clock (EF t)") : passed("clock", "every time is synchronised (S) or relative to such a time (R)");
}

/** @param {OcmfRecord} record */
function judgeStatus({ readings }) {
  for (const [index, { status, errors }] of readings.entries()) {
    if (status === "") return failed("status", `ST of RD[${index}] is missing`);
    if (status !== "G") return failed("status", `ST of RD[${index}] is ${printable(status)}, not G`);
    if (errors.includes("E")) return failed("status", `the meter reports an error of the energy in RD[${index}] (EF ${printable(errors)})`);
  }
  return passed("status", "every reading is good (G)");
}

/** @param {OcmfRecord} record */
function judgePlausibility({ readings }) {
  /** @type {Map<string, Reading>} by register */
  const last = new Map();
  const begun = new Set();
  for (const [index, reading] of readings.entries()) {
    const fault = faultOf(reading, last.get(reading.registerId), begun.has(reading.registerId));
    if (fault) return failed("plausibility", `RD[${index}] ${fault}`);
    last.set(reading.registerId, reading);
    if (reading.transaction === "B") begun.add(reading.registerId);
  }
  return passed("plausibility", `${readings.length} ${readings.length === 1 ? "reading" : "readings"} of ${last.size} ${last.size === 1 ? "register" : "registers"}`);
}

/** @param {Reading} reading @param {Reading | undefined} last @param {boolean} hasBegun @returns {string | null} */
function faultOf({ value, registerId, unit, transaction }, last, hasBegun) {
  if (!value) return "has no value (RV)";
  if (registerId === "") return "names no register (RI)";
  if (unit === "") return "has no unit (RU)";
  if (value.units < 0n) return `is ${value}: a register is not negative`;
  if (last?.value) {
    if (last.unit !== unit) return `is in ${printable(unit)}; the register was in ${printable(last.unit)}`;
    if (value.isBelow(last.value)) return `is ${value}; the register was ${last.value} before`;
  }
  if (transaction === "B" && hasBegun) return "begins a transaction that has begun";
  return transaction === "B" && last ? "begins a transaction after other readings of it" : null;
}

/** @param {OcmfRecord} record */
function judgeIdentity({ userKnown, userLevel }) {
  const level = printable(userLevel);
  if (userKnown === null) return noted("identity", "the record does not say (IS)");
  if (["MISMATCH", "INVALID", "OUTDATED"].includes(level)) return failed("identity", `the user's identification is ${level}`);
  if (!userKnown) return noted("identity", "no user is assigned (IS false)");
  if (level === "") return passed("identity", "a user is assigned; IL gives no level");
  return (level === "NONE" || level === "UNKNOWN" ? noted : passed)("identity", `a user is assigned with the level ${level}`);
}

// Sessions -----------------------------------------------------------------------------------------------------

/**
 * Of every register with a beginning and a later end of a transaction: these two readings, and what it counted.
 * @param {Reading[]} readings @returns {Generator<{first: Reading, last: Reading, quantity: Decimal}>}
 */
function* counted(readings) {
  /** @type {Map<string, Reading>} by register */
  const begun = new Map();
  for (const last of readings) {
    if (!last.value || last.timeMs === null) continue;
    if (last.transaction === "B") begun.set(last.registerId, last);
    const first = begun.get(last.registerId);
    if (!["E", "L", "R", "A", "P"].includes(last.transaction) || !first?.value || first.unit !== last.unit) continue;
    begun.delete(last.registerId);
    const quantity = difference(last.value, first.value);
    if (quantity) yield { first, last, quantity };
  }
}

/** @param {Decimal} a @param {Decimal} b @returns {Decimal | null} null: it has too many digits */
function difference(a, b) {
  try {
    return a.minus(b);
  } catch (error) {
    if (error instanceof NotProven) return null;
    throw error;
  }
}

/**
 * Whether a transaction may begin in one record and end in the other.
 * @param {OcmfRecord} begin @param {OcmfRecord} end
 */
function belongTogether(begin, end) {
  return begin.page && end.page && begin.page.context === end.page.context && begin.page.number < end.page.number && begin.meter === end.meter &&
    begin.userId === end.userId && begin.userType === end.userType && begin.pointId === end.pointId;
}

/**
 * What each register counted between the beginning in one record and the end in another, or in the same one: JSON as the
 * contract writes it, without the transaction that completed it.
 * @param {string} device @param {StoredOcmf} begin @param {StoredOcmf} end @returns {any[]}
 */
export function sessionsWith(device, begin, end) {
  const inOneRecord = begin.contentId === end.contentId;
  if (!inOneRecord && !belongTogether(begin.record, end.record)) return [];
  const parts = inOneRecord ? [begin] : [begin, end];
  return Array.from(counted(parts.flatMap(({ record }) => record.readings)), ({ first, last, quantity }) => {
    const refusals = [];
    if (quantity.units < 0n) refusals.push(`plausibility: the register counted down, from ${first.value} to ${last.value}`);
    if (Number(last.timeMs) < Number(first.timeMs)) refusals.push("clock: the end is before the beginning");
    return {
      device, content_id: end.contentId, begin_content_id: begin.contentId, ...judged(parts, refusals), transaction: "", completed_ms: 0,
      register_id: last.registerId, unit: last.unit, begin: String(first.value), end: String(last.value), quantity: String(quantity),
      begin_ms: first.timeMs, end_ms: last.timeMs,
    };
  });
}

/**
 * Whether what lies in these records may be billed.
 * @param {StoredOcmf[]} parts the record, or the two @param {string[]} [refusals] reasons that no agreement accepts
 */
function judged(parts, refusals = []) {
  const reasons = [...refusals];
  let informative = refusals.length === 0;
  for (const part of parts) {
    for (const verdict of part.verdicts) {
      if (verdict.check === "identity" || !hasFailed(verdict)) continue;
      reasons.push(`${verdict.check}: ${verdict.detail}`);
      // Whether the times were good if informative ones were accepted.
      informative = informative && verdict.check === "clock" && !hasFailed(judgeClock(part.record, true));
    }
    if (part.epoch === parts[0].epoch) continue;
    reasons.push(`the key changed from epoch ${parts[0].epoch} to ${part.epoch}`);
    informative = false;
  }
  return { billable: reasons.length === 0, informative, reasons };
}

/**
 * Of a fiscal record, each with its place in it; of others none. Those without value or time are left out.
 * @param {StoredOcmf} stored @returns {{place: number, reading: FiscalReading}[]}
 */
export function fiscalReadings(stored) {
  if (stored.record.page?.context !== "F") return [];
  const { billable, informative } = judged([stored]);
  return stored.record.readings.flatMap(({ registerId, unit, value, timeMs }, place) => (!value || timeMs === null ? [] : [{
    place, reading: { registerId, unit, value, timeMs, contentId: stored.contentId, billable, informative, completedMs: stored.receivedMs },
  }]));
}
