// Evidence files: everything that proves a recorded audit, down to the readings that devices signed (docs/formats.md). The
// checks are those of `tally verify`, in its order and with its names, so that both name the same first fault.

import { verifyAnswer } from "./answer.js";
import { Decimal } from "./amounts.js";
import { beginningOf, plusDays } from "./calendar.js";
import { compare, decode } from "./cbor.js";
import { same } from "./certificates.js";
import { underOneOf } from "./channel.js";
import { require, verified } from "./checks.js";
import { DeviceEvidence } from "./device_evidence.js";
import { checkInvoice } from "./evidence_invoice.js";
import { deviceFigures } from "./figures.js";
import { hex, sha256 } from "./hashes.js";
import { jsonText, parseJson } from "./json.js";
import { OcmfEvidence, checkReadings, rangeKeys } from "./ocmf_evidence.js";
import { isoTime, verifyReceipt } from "./receipt.js";
import { decompress } from "./zstd.js";

const MAX_UNPACKED = 256 << 20;
const MAX_PARTS = 200000;  // of all lists together
const encoder = new TextEncoder();

/** @typedef {import("./channel.js").Channel} Channel */
/** @typedef {import("./checks.js").Checks} Checks */
/** @typedef {import("./device_evidence.js").ProvenRecord} ProvenRecord */
/** @typedef {import("./receipt.js").Receipt} Receipt */
/**
 * @typedef {{kind: "evidence", sentence: string, channel: string, run: any, records: number, readings: number, withheld: number, ocmfRecords: number,
 *            invoices: number, checks: import("./checks.js").Check[]}} Evidence
 * `records` proven, with the devices' signatures; `readings`: of which the rows give the signed roots; `withheld`: of which they
 * are not in the file; `ocmfRecords` proven, with the meters' signatures; `invoices` computed again from proven figures
 */
/**
 * @typedef {{device: string, keys: Uint8Array[], records: Uint8Array[], series: [number, Uint8Array][], settled: Uint8Array[],
 *            stated: Uint8Array[], ocmf: Uint8Array[]}} DeviceProof
 * of a meter that signs OCMF: `stated` keys that another organization has confirmed by their fingerprints, and its records
 */
/** @typedef {{run: Uint8Array, agreement: Uint8Array[], devices: DeviceProof[], invoices: {receipt: Uint8Array, items: string[]}[]}} Parts */

/**
 * Of which devices a run is: one, all, or a part of them in the order of their ids.
 * @param {{device?: string, after?: string, through?: string}} run
 */
export function devicesText({ device, after, through }) {
  if (device !== undefined) return device;
  return after === undefined && through === undefined ? "all devices" : `devices${after === undefined ? "" : ` after ${after}`}${through === undefined ? "" : ` up to ${through}`}`;
}

/**
 * Proves a recorded audit. One configuration under which a receipt verifies is enough, as organizations change with time.
 * @param {Uint8Array} file @param {Channel[]} channels @returns {Promise<Evidence>} @throws {NotProven}
 */
export function verifyEvidence(file, channels) {
  return verified("an evidence file", (checks) => new Verification(readEvidence(file), channels, checks).run());
}

/** @param {Uint8Array} file @returns {Parts} */
function readEvidence(file) {
  const parts = decode(decompress(file, MAX_UNPACKED, "the evidence file"));
  const fits = (/** @type {any} */ condition) => require(condition, "the file is not an evidence file", "malformed");
  fits(parts instanceof Map && [...parts.keys()].join() === "1,2,3,4,5" && parts.get(1) === "tally-evidence/1" && parts.get(2) instanceof Uint8Array);
  let left = MAX_PARTS;
  /** @type {<T>(value: any, read: (each: any) => T) => T[]} */
  const list = (value, read) => {
    fits(Array.isArray(value));
    left -= value.length;
    require(left >= 0, `the lists of the evidence file have more than ${MAX_PARTS} entries`, "too_large");
    return value.map(read);
  };
  /** @param {any} value @returns {Uint8Array} */
  const bytes = (value) => (fits(value instanceof Uint8Array), value);
  /** @param {any} value @returns {string} */
  const text = (value) => (fits(typeof value === "string"), value);
  /** @param {any} value @param {number} length @returns {any[]} */
  const array = (value, length) => (fits(Array.isArray(value) && value.length === length), value);
  return {
    run: bytes(parts.get(2)), agreement: list(parts.get(3), bytes),
    devices: list(parts.get(4), (each) => {
      const [device, keys, records, series, settled, ocmf] = array(each, each?.length === 6 ? 6 : 5);
      const parts = {
        device: text(device), keys: list(keys, bytes), records: list(records, bytes),
        series: list(series, (late) => {
          const [sequence, receipt] = array(late, 2);
          fits(typeof sequence === "number");
          return /** @type {[number, Uint8Array]} */ ([sequence, bytes(receipt)]);
        }), settled: list(settled, bytes),
      };
      const [stated, signed] = ocmf === undefined ? [[], []] : array(ocmf, 2);
      return { ...parts, stated: list(stated, bytes), ocmf: list(signed, bytes) };
    }),
    invoices: list(parts.get(5), (each) => {
      const [receipt, items] = array(each, 2);
      return { receipt: bytes(receipt), items: list(items, text) };
    }),
  };
}

class Verification {
  /** @param {Parts} parts @param {Channel[]} channels @param {Checks} checks */
  constructor(parts, channels, checks) {
    this.parts = parts;
    this.channels = channels;
    this.checks = checks;
    /** @type {Map<number, any>} of the terms */
    this.versions = new Map();
    /** @type {Map<string, any[]>} of the list, by device */
    this.days = new Map();
    /** @type {Map<string, Map<string, any>>} FINAL days, by device and day */
    this.settled = new Map();
    /** @type {import("./transactions.js").RangeRead[]} */
    this.ranges = [];
    /** @type {Evidence} */
    this.found = { kind: "evidence", sentence: "", channel: "", run: null, records: 0, readings: 0, withheld: 0, ocmfRecords: 0, invoices: 0, checks: checks.all };
  }

  /** @returns {Promise<Evidence>} */
  async run() {
    const { checks, found, parts } = this;
    await this.checkRun();
    await this.checkTerms();
    this.checkBounds();
    for (const device of [...this.days.keys()].sort()) await this.checkDevice(device, this.days.get(device) || []);
    const named = new Set();
    for (const { device } of parts.devices) {
      checks.must(!named.has(device), `device ${device}`, "once", "twice");
      named.add(device);
      if (!this.days.has(device)) throw checks.failed(`device ${device}`, "of the audit", `the audit is not of ${device}`);
      checks.held(`device ${device}`, "of the audit", "of the audit");
    }
    checks.held("the records", `${found.run.records} that the audit lists`, `${found.records}, signed by their devices`);
    checks.held("the readings", "that they give the signed roots and figures", `of ${found.readings} records; ${found.withheld} more are withheld`);
    if (found.ocmfRecords > 0) checks.held("the OCMF records", "those of the sessions and fiscal readings that the audit has found", `${found.ocmfRecords}, signed by their meters`);
    checks.same("the invoices", String(found.run.invoices.length), String(parts.invoices.length));
    const seen = new Set();
    for (const { receipt, items } of parts.invoices) {
      checks.must(!seen.has(hex(sha256(receipt))), "an invoice", "once", "twice");
      seen.add(hex(sha256(receipt)));
      found.invoices += checkInvoice(await this.call(receipt, "billing.compute", "an invoice's receipt"), items, found.run, this.versions, this.settled, checks);
    }
    const { run } = found;
    found.sentence = `audit ${run.id} of ${run.agreement}, ${devicesText(run)}: ${run.days} days from ${run.from} until before ${run.until}, ${run.verdict}`;
    return found;
  }

  // Receipts ----------------------------------------------------------------------------------------------------

  /**
   * The receipt of a VALID transaction of the audit's channel, where that is known.
   * @param {Uint8Array} file @returns {Promise<Receipt>}
   */
  async verified(file) {
    const receipt = await underOneOf(this.channels, (channel) => verifyReceipt(file, channel));
    const { transaction } = receipt;
    require(receipt.code === "VALID", `the transaction ${transaction.id} is ${receipt.code}`);
    require(this.found.channel === "" || this.found.channel === transaction.channel, `the transaction ${transaction.id} is of the channel "${transaction.channel}"`, "wrong_channel");
    return receipt;
  }

  /** @param {Uint8Array} file @param {string} wanted @param {string} what @returns {Promise<Receipt>} */
  async call(file, wanted, what) {
    const receipt = await this.checks.judged(what, `a VALID ${wanted}`, async () => {
      const proven = await this.verified(file), called = `${proven.transaction.contract}.${proven.transaction.function}`;
      require(called === wanted, `the transaction ${proven.transaction.id} calls ${called}, not ${wanted}`);
      return proven;
    });
    this.checks.held(what, `a VALID ${wanted}`, receipt.transaction.id);
    return receipt;
  }

  // What was audited --------------------------------------------------------------------------------------------

  async checkRun() {
    const { transaction } = await this.call(this.parts.run, "audit.run", "the audit's receipt");
    const answer = parseJson(transaction.result, "the audit's result");
    const run = this.found.run = answer.run;
    this.found.channel = transaction.channel;
    this.ranges = [...transaction.ranges].sort((a, b) => compare(a.start, b.start));
    for (const day of answer.list) this.days.set(day.device, [...(this.days.get(day.device) || []), day]);
    this.checks.same("the audit's list of days", run.days_sha256, hex(sha256(encoder.encode(jsonText(answer.list)))));
    if (run.verdict === "FAILED") throw this.checks.failed("the audit's verdict", "no check that fails", `the audit's verdict is FAILED: ${jsonText(run.findings)}`);
    this.checks.held("the audit's verdict", "no check that fails", run.verdict);
  }

  /** Each version of the terms that its signers have all signed. */
  async checkTerms() {
    const { checks } = this;
    const signedBy = new Set();
    for (const file of this.parts.agreement) {
      const { transaction } = await checks.judged("a signature on the terms", "a receipt that verifies", () => this.verified(file));
      checks.held("a signature on the terms", "a receipt that verifies", `${transaction.function} by ${transaction.creator.organization}`);
      checks.must(transaction.contract === "agreement", "a signature on the terms", "of the contract agreement", `the transaction ${transaction.id} is of the contract ${transaction.contract}`);
      const version = parseJson(transaction.result, "a version of the terms");
      const number = version.version, digest = hex(sha256(encoder.encode(jsonText(version.terms))));
      checks.same(`the hash of version ${number} of the terms`, version.hash, digest);
      checks.same("the agreement", this.found.run.agreement, version.id);
      checks.must((this.versions.get(number)?.hash ?? digest) === digest, `version ${number} of the terms`, "one text", "the receipts have two");
      signedBy.add(`${number} ${transaction.creator.organization}`);
      this.versions.set(number, version);
    }
    this.versions = new Map([...this.versions].sort(([a], [b]) => a - b));
    for (const [number, version] of this.versions) {
      for (const signer of version.signers) {
        if (!signedBy.has(`${number} ${signer}`)) throw checks.failed(`version ${number} of the terms`, `signed by ${signer}`, `the signature of ${signer} is not in the file`);
        checks.held(`version ${number} of the terms`, `signed by ${signer}`, `signed by ${signer}`);
      }
    }
  }

  /**
   * The terms that are in force on a day.
   * @param {string} day
   */
  termsOn(day) {
    let found = null;
    for (const { terms } of this.versions.values()) if (terms.from <= day && (!found || terms.from >= found.from)) found = terms;
    require(found, `the terms that are in force on ${day} are not in the file`);
    return found;
  }

  /** The list has every day, and the transaction has read every record of them. */
  checkBounds() {
    const { checks } = this, { run } = this.found;
    for (const device of [...this.days.keys()].sort()) {
      const days = (this.days.get(device) || []).map((each) => each.day);
      for (let i = 1; i < days.length; ++i) checks.must(days[i] === plusDays(days[i - 1], 1), `the days of ${device}`, plusDays(days[i - 1], 1), days[i]);
      const from = days[0], last = days[days.length - 1], until = plusDays(last, 1);
      if (run.device !== undefined) checks.same(`the days of ${device}`, `from ${run.from} until before ${run.until}`, `from ${from} until before ${until}`);
      const start = dayKey(device, beginningOf(from, this.termsOn(from).zone)), end = dayKey(device, beginningOf(until, this.termsOn(last).zone));
      const what = `the records of ${device}`, expected = "the audit has read all of the range";
      if (!this.hasRead(start, end)) throw checks.failed(what, expected, `the ranges that it read end before ${until}`);
      checks.held(what, expected, "it has");
      for (const day of this.days.get(device) || []) {
        const keys = day.readings === undefined ? [] : rangeKeys(day, this.termsOn(day.day).zone);
        checks.must(keys.every((bounds) => this.hasRead(...bounds)), `${device} on ${day.day}`, "the audit has read all of its sessions and fiscal readings", "it has not");
      }
    }
  }

  /**
   * Whether the transaction has read every key from `covered` on and before `end`.
   * @param {Uint8Array} covered @param {Uint8Array} end
   */
  hasRead(covered, end) {
    for (const read of this.ranges) if (read.space === "data" && compare(read.start, covered) <= 0 && compare(covered, read.end) < 0) covered = read.end;
    return compare(covered, end) >= 0;
  }

  // A device ----------------------------------------------------------------------------------------------------

  /** @param {string} device @param {any[]} days */
  async checkDevice(device, days) {
    const { checks } = this;
    const proof = this.parts.devices.find((each) => each.device === device);
    if (!proof) throw checks.failed(`device ${device}`, "its records in the file", `there is nothing of ${device} in the file`);
    checks.held(`device ${device}`, "its records in the file", "they are");
    const evidence = new DeviceEvidence(device, (file) => this.verified(file), proof.stated);
    for (const file of proof.keys) {
      await checks.judged(`a key of ${device}`, "a receipt that gives it", () => evidence.addKey(file));
      checks.held(`a key of ${device}`, "a receipt that gives it", "it does");
    }
    const listed = new Set(days.map((day) => day.content_id));
    /** @type {Map<string, ProvenRecord>} by content id */
    const records = new Map();
    for (const file of proof.records) {
      const proven = await checks.judged(`a record of ${device}`, "a receipt that verifies", () => evidence.addRecord(file));
      const id = hex(proven.record.contentId);
      checks.must(listed.has(id), `record ${proven.record.sequence} of ${device}`, "a record that the audit lists", `content id ${id}`);
      records.set(id, proven);
    }
    for (const [sequence, file] of proof.series)
      await checks.judged(`the readings of record ${sequence} of ${device}`, "a receipt that carries them", () => evidence.addSeries(file, sequence));
    const ocmf = new OcmfEvidence(device, evidence);
    for (const file of proof.ocmf)
      await checks.judged(`an OCMF record of ${device}`, "a receipt that verifies, signed by the meter", async () => ocmf.add((await this.verified(file)).transaction));
    this.found.ocmfRecords += ocmf.records.size;
    await this.checkSettled(device, proof.settled, days);
    this.checkChain(device, evidence);
    for (const day of days) {
      const name = `${device} on ${day.day}`;
      const proven = records.get(day.content_id);
      if (day.content_id !== undefined) {
        if (!proven) throw checks.failed(name, `record ${day.content_id}`, "no such record in the file");
        this.checkRecord(name, day, proven);
      }
      if (day.readings !== undefined) await checkReadings(name, day, ocmf, this.settled.get(device)?.get(day.day), this.termsOn(day.day).zone, checks);
      await this.checkDay(name, day, proven, day.readings === undefined ? null : ocmf);
    }
  }

  /**
   * Of two records whose sequences follow each other, the later one names the earlier one; and no DAILY record lies between
   * one and the DAILY record that it names.
   * @param {string} device @param {DeviceEvidence} evidence
   */
  checkChain(device, evidence) {
    const all = [...evidence.records.values()].map(({ record }) => record).sort((a, b) => a.sequence - b.sequence);
    for (const [index, record] of all.entries()) {
      if (index === 0) continue;
      const before = all[index - 1], expected = before.contentId, daily = record.previousDaily;
      const name = `record ${record.sequence} of ${device}, the one before`;
      const names = (/** @type {Uint8Array | null} */ digest, /** @type {Uint8Array} */ other) => digest !== null && same(digest, other);
      if (before.sequence + 1 === record.sequence) this.checks.must(names(record.previous, expected), name, hex(expected), record.previous ? hex(record.previous) : "none");
      const namesAnEarlierOne = daily !== null && !names(daily, expected) && before.corrects === null && all.some((each) => names(daily, each.contentId));
      this.checks.must(!namesAnEarlierOne, name, hex(expected), daily ? hex(daily) : "none");
    }
  }

  /** @param {string} name @param {any} day @param {ProvenRecord} proven */
  checkRecord(name, day, proven) {
    const { checks, found } = this, { record } = proven;
    checks.must(day.sequence === record.sequence, name, `sequence ${day.sequence ?? 0}`, `sequence ${record.sequence}`);
    checks.must(proven.isSigned, name, "the device's signature", `${name}: no proven key of the device verifies its signature`);
    const from = beginningOf(day.day, this.termsOn(day.day).zone);
    checks.must(record.startS === from, name, `a record from ${isoTime(from * 1000)}`, `one from ${isoTime(record.startS * 1000)}`);
    ++found.records;
    if (!proven.series?.length && (record.commitment || record.rows > 0)) {
      ++found.withheld;
      return;
    }
    if (proven.fault) throw checks.failed(name, "readings as signed", proven.fault.message, proven.fault.code);
    ++found.readings;
  }

  /**
   * The FINAL days of the device, by attested answers. The answer with the first one is of the day before too: if that is
   * not there, it was not FINAL, and a register did not go on from it.
   * @param {string} device @param {Uint8Array[]} files @param {any[]} list
   */
  async checkSettled(device, files, list) {
    const what = `the FINAL days of ${device}`;
    const first = list.find((day) => day.state === "FINAL" && day.revision === undefined)?.day;
    let hasBefore = first === undefined;
    const days = new Map();
    for (const file of files) {
      const { statement, result } = await this.checks.judged(what, "an attested answer", () => underOneOf(this.channels, (channel) => verifyAnswer(file, channel)));
      this.checks.held(what, "an attested answer", `after block ${statement.block}`);
      const asked = parseJson(statement.arguments, "the question");
      this.checks.must(statement.contract === "data" && statement.function === "settled" && asked.agreement === this.found.run.agreement && asked.device === device &&
        !asked.revised && statement.channel === this.found.channel, what, "an answer about them", `an attested answer is not about the FINAL days of ${device}`);
      const answered = parseJson(result, "the answer").days;
      for (const day of answered) days.set(day.day, day);
      if (first && asked.cursor === undefined && (asked.from ?? "") < first) hasBefore ||= answered.some((/** @type {any} */ day) => day.day === first);
    }
    this.checks.must(hasBefore || !days.has(first), what, "an answer that begins before the first of them", "none");
    if (files.length > 0) this.settled.set(device, days);
  }

  /**
   * The FINAL day has the figures that follow from what the device has signed.
   * @param {string} name @param {any} day @param {ProvenRecord | undefined} proven @param {OcmfEvidence | null} ocmf
   */
  async checkDay(name, day, proven, ocmf) {
    const { checks } = this, settled = this.settled.get(day.device) || new Map();
    if (day.state !== "FINAL" || day.revision !== undefined) return;
    const final = settled.get(day.day), terms = this.termsOn(day.day);
    if (!final) throw checks.failed(name, "its FINAL figures", "not in the file");
    checks.must(this.versions.get(final.version)?.terms === terms, `${name}, its terms`, `version ${final.version}, in force then`, "another version, or none, in the file");
    checks.must(final.content_id === day.content_id, `${name}, its record`, day.content_id ?? "none", final.content_id ?? "none");
    if ((!proven && !ocmf) || final.fields.length === 0) return;
    const yesterday = settled.get(plusDays(day.day, -1)); // counts if it was known when the day became FINAL
    const before = yesterday && yesterday.settled_ms <= final.settled_ms ? yesterday : undefined;
    const figures = await checks.judged(name, "figures that follow from the terms", () => {
      const known = ocmf && ocmf.day(final.from, final.to, final.settled_ms);
      return deviceFigures(terms, proven?.record ?? null, known, before);
    });
    for (const again of figures) {
      const what = `${name}, ${again.field}`;
      const stored = final.fields.find((/** @type {any} */ each) => each.field === again.field);
      if (stored) checks.must(jsonText(stored.sessions ?? null) === jsonText(again.sessions ?? null), `${what}, its records`, cited(again.sessions), cited(stored.sessions));
      if (stored && isSame(stored.device, again.quantity)) continue;
      checks.same(what, String(again.quantity ?? "none"), stored?.device ?? "none");
    }
  }
}

/** @param {string[] | undefined} sessions */
const cited = (sessions) => (sessions ? sessions.join(", ") : "none");

/** @param {string | undefined} text @param {Decimal | null} number */
const isSame = (text, number) => (text === undefined || number === null ? text === undefined && number === null : Decimal.of(text).isSame(number));

/** @param {string} device @param {number} startS */
const dayKey = (device, startS) => encoder.encode(`day\0${device}\0${String(startS).padStart(20, "0")}`);
