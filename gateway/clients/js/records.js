// Device records: COSE_Sign1 messages that a device signs (docs/formats.md, Device records).

import { decode, encode, Tag, toBeSigned } from "./cbor.js";
import { NotProven, require } from "./checks.js";
import { EDDSA, ES256, readSign1, signedBytes } from "./cose.js";
import { same } from "./certificates.js";
import { sha256 } from "./hashes.js";
import { pack, rootOf, summarize } from "./series.js";

const CONTENT_TYPE = "application/tally-record+cbor";
const PACKED_SERIES = -70006, OPENING = -70007, CHANNEL = -70001;
const MAX_BYTES = 1 << 20;  // of a message
const DAILY = 3;
const ROWS_PER_LEAF = 64;
const ALWAYS = [1, 2, 3, 4, 5, 6, 7, 10], SOMETIMES = [11, 13, 14, 15];
const IN_THE_CLEAR = [8, 9], COMMITTED = [16], SERIES = [12, 17];
const SALT_BYTES = 32;

/** @typedef {{name: string, unit: string, scale: number}} Field a value v means v * 10^scale units */
/**
 * @typedef {{device: string, kind: number, sequence: number, startS: number, endS: number, fields: Field[], summary: (number | bigint | null)[][],
 *            root: Uint8Array, previous: Uint8Array | null, previousDaily: Uint8Array | null, corrects: Uint8Array | null, rowsPerLeaf: number,
 *            series: Uint8Array | null, packed: Uint8Array | null, commitment: Uint8Array | null, rows: number, contentId: Uint8Array, algorithm: number, signature: Uint8Array,
 *            sign1: import("./cose.js").Sign1}} DeviceRecord
 * `series`: the rows in the payload; `packed`: beside it. With a `commitment` and its opening beside it, the figures are those of the opening;
 * without the opening there are none
 */

/** @param {any} value */
const isHash = (value) => value instanceof Uint8Array && value.length === 32;
/** @param {any} value */
const isInteger = (value) => typeof value === "number" || typeof value === "bigint";

/** @param {any} figures count, missing, sum, min, max, first, last */
const isSummary = (figures) => Array.isArray(figures) && figures.length === 7 && figures.slice(0, 3).every(isInteger) && figures[0] >= 0 && figures[1] >= 0 &&
  figures.slice(3).every((each) => (figures[0] === 0 ? each === null : isInteger(each)));

/**
 * Summary and root that a commitment stands for; none where its opening is not there.
 * @param {any} commitment @param {any} opening @returns {[any, any]}
 */
function opened(commitment, opening) {
  if (opening === undefined) return [[], null];
  require(isHash(commitment) && opening instanceof Uint8Array && same(sha256(opening), commitment), "the opening beside the record is not that of its commitment", "commitment_mismatch");
  const figures = decode(opening.subarray(SALT_BYTES));
  require(Array.isArray(figures) && figures.length === 2 && isHash(figures[1]), "the opening is none", "malformed");
  return [figures[0], figures[1]];
}

/**
 * @param {Uint8Array} message @returns {DeviceRecord} @throws {NotProven} malformed, unsupported, too_large, commitment_mismatch
 */
export function readRecord(message) {
  require(message.length <= MAX_BYTES, `the record has ${message.length} bytes`, "too_large");
  const sign1 = readSign1(message);
  const { fields: header, payload, unprotected } = sign1;
  require([...header.keys()].join() === "1,3,4" && header.get(3) === CONTENT_TYPE && header.get(4) instanceof Uint8Array && payload, "the message is not a device's record", "malformed");
  require(header.get(1) === ES256 || header.get(1) === EDDSA, `the record: algorithm ${header.get(1)}`, "unsupported");
  const content = decode(payload);
  require(content instanceof Map && content.get(1) === 1, "the record's format is unknown", "unsupported");
  const isCommitted = content.has(16);
  const wanted = [...ALWAYS, ...(isCommitted ? COMMITTED : IN_THE_CLEAR)], allowed = [...wanted, ...SOMETIMES, ...(isCommitted ? [] : SERIES)];
  require(wanted.every((key) => content.has(key)) && [...content.keys()].every((key) => allowed.includes(key)), "the record lacks a key, or has an unknown one", "malformed");
  const labels = isCommitted ? [CHANNEL, PACKED_SERIES, OPENING] : [CHANNEL, PACKED_SERIES];
  require([...unprotected.keys()].every((label) => labels.includes(label)), "the record's unprotected header has other labels", "malformed");
  const [summary, root] = isCommitted ? opened(content.get(16), unprotected.get(OPENING)) : [content.get(8), content.get(9)];
  const get = (/** @type {number} */ key) => content.get(key) ?? null;
  const series = get(12), packed = unprotected.get(PACKED_SERIES) ?? null;
  require([2, 3, 4, 5, 6].every((key) => Number.isSafeInteger(get(key)) && get(key) >= 0) && get(5) > get(4) && (root === null || isHash(root)) &&
    [10, 13, 15].every((key) => get(key) === null || isHash(get(key))) && (get(14) === null || (Number.isSafeInteger(get(14)) && get(14) > 1)) &&
    [series, packed].every((each) => each === null || each instanceof Uint8Array), "the record has a value of the wrong kind", "malformed");
  const fields = get(7);
  require(Array.isArray(fields) && Array.isArray(summary) && (fields.length === summary.length || root === null) && summary.every(isSummary) &&
    fields.every((each) => Array.isArray(each) && each.length === 3 && typeof each[0] === "string" && typeof each[1] === "string" && Math.abs(each[2]) <= 18),
  "the record's fields and summary do not fit", "malformed");
  return {
    device: new TextDecoder().decode(header.get(4)), kind: get(2), sequence: get(3), startS: get(4), endS: get(5),
    fields: fields.map(([name, unit, scale]) => ({ name, unit, scale })), summary, root: root ?? new Uint8Array(), previous: get(10), previousDaily: get(13), corrects: get(15),
    rowsPerLeaf: get(14) ?? 1, series, packed, commitment: get(16), rows: summary.length ? Number(summary[0][0]) + Number(summary[0][1]) : 0,
    contentId: sha256(payload), algorithm: header.get(1), signature: sign1.signature, sign1,
  };
}

/**
 * What the device has signed, for a channel.
 * @param {DeviceRecord} record @param {string} channel
 */
export const recordSignedBytes = (record, channel) => signedBytes(record.sign1, undefined, new TextEncoder().encode(channel));

/** @typedef {import("./identity.js").SigningKey} SigningKey */

/**
 * A message that a device signs.
 * @param {SigningKey} key @param {string} device @param {string} contentType @param {Map<number, any> | any[]} content @param {string} channel
 * @param {Map<number, any>} [unprotected]
 */
async function signMessage(key, device, contentType, content, channel, unprotected = new Map()) {
  const text = new TextEncoder();
  const header = encode(new Map(/** @type {[number, any][]} */ ([[1, key.algorithm], [3, contentType], [4, text.encode(device)]])));
  const payload = encode(content);
  const signature = await key.sign(toBeSigned(header, payload, text.encode(channel)));
  return encode(new Tag(18, [header, unprotected, payload, signature]));
}

/**
 * That the device has its key, for the organization that registers it; its base64 is `proof` of registry.register_device.
 * @param {SigningKey} key @param {string} device @param {string} channel @param {string} organization
 */
export const signPossession = (key, device, channel, organization) =>
  signMessage(key, device, "application/tally-registration+cbor", [1, organization, device], channel);

/**
 * @typedef {{device: string, channel: string, sequence: number, previous: Uint8Array | null, previousDaily: Uint8Array | null, startS: number, endS: number,
 *            intervalS: number, fields: Field[], rows: import("./series.js").Row[]}} Day
 * `sequence` counts up and never repeats; `previous` and `previousDaily`: the content ids of the device's last record and its
 * last day; a row is an offset in seconds and a value per field, null for a missing one
 */

/**
 * A day, signed, with its readings packed beside it; and its content id, which the next record names.
 * @param {SigningKey} key of the device @param {Day} day @returns {Promise<{message: Uint8Array, contentId: Uint8Array}>}
 */
export async function signDay(key, day) {
  const encoded = day.rows.map(encode);
  const content = new Map(/** @type {[number, any][]} */ ([
    [1, 1], [2, DAILY], [3, day.sequence], [4, day.startS], [5, day.endS], [6, day.intervalS],
    [7, day.fields.map(({ name, unit, scale }) => [name, unit, scale])], [8, day.fields.map((_, index) => summarize(day.rows, index))],
    [9, rootOf(encoded, ROWS_PER_LEAF)], [10, day.previous], [14, ROWS_PER_LEAF]]));
  if (day.previousDaily) content.set(13, day.previousDaily);
  const packed = new Map([[PACKED_SERIES, pack(day.rows, day.fields.length)]]);
  const message = await signMessage(key, day.device, CONTENT_TYPE, content, day.channel, packed);
  if (message.length > MAX_BYTES) throw new NotProven(`a record of ${day.rows.length} rows has ${message.length} bytes; nodes take ${MAX_BYTES}`, "too_large");
  return { message, contentId: readRecord(message).contentId };
}
