// Signed readings of meters in the field: the Open Charge Metering Format (OCMF, docs/formats.md), `OCMF|payload|signature`.
// The signed bytes are the payload's, as they stand between the bars. Numbers are exact decimals, written as JSON numbers or
// as strings. What a record is worth is in ocmf_sessions.js.

import { Decimal } from "./amounts.js";
import { verifySignature } from "./certificates.js";
import { NotProven, require } from "./checks.js";
import { bytesOfHex, hex, sha256 } from "./hashes.js";
import { parseJson } from "./json.js";
import { bytesOfBase64, meterSignatureOf, withoutSpace } from "./public_keys.js";

const MAX_BYTES = 256 << 10;
const MAX_READINGS = 1000;
const MAX_TEXT = 256, MAX_LONG_TEXT = 4096;  // bytes of a text
const MAX_FLAGS = 16;
const MAX_DEPTH = 15;  // of the JSON: levels below the first
const HEAD = "OCMF|";
const PAGE = /^([TF])([0-9]{1,15})$/;
const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[,.](\d{3}))?(?:Z|([+-])(\d\d):?(\d\d))$/;
const TEXTS = ["FV", "GI", "GS", "GV", "MV", "MM", "MS", "MF", "IL", "IT", "ID", "CF", "CT", "CI"];
const CURVES = ["secp256r1", "prime256v1", "p-256"];
const encoder = new TextEncoder();

/** @typedef {{context: string, number: number}} Page PG: "T32" is the 32nd record of transactions, "F32" the 32nd fiscal reading */
/**
 * @typedef {{timeMs: number | null, time: string, timeStatus: string, transaction: string, value: Decimal | null, registerId: string, unit: string,
 *            current: string, losses: Decimal | null, errors: string, status: string}} Reading
 * a field that is left out has the value of the reading before
 */
/**
 * @typedef {{payload: Uint8Array, contentId: string, meter: string, page: Page | null, userKnown: boolean | null, userLevel: string, userType: string,
 *            userId: string, pointId: string, readings: Reading[], algorithm: string, encoding: string, signature: string}} OcmfRecord
 * `payload`: what is signed; `meter`: its serial, or that of the gateway; `readings`: one at least
 */

/** @type {Reading} */
const NOTHING = {
  timeMs: null, time: "", timeStatus: "U", transaction: "", value: null, registerId: "", unit: "", current: "", losses: null, errors: "", status: "",
};

/**
 * The one record that the bytes are.
 * @param {Uint8Array} bytes @returns {OcmfRecord} @throws {NotProven}
 */
export function readOcmf(bytes) {
  require(bytes.length <= MAX_BYTES, `an OCMF record of ${bytes.length} bytes; ${MAX_BYTES} are allowed`, "too_large");
  const { payload, section } = partsOf(textOf(bytes).replace(/^\ufeff/, "").replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, ""));
  const members = objectIn(payload, "the OCMF payload");
  const content = payloadOf(members), signature = signatureOf(objectIn(section, "the OCMF signature section"));
  const signed = encoder.encode(payload);
  return { payload: signed, contentId: hex(sha256(signed)), ...content, ...signature };
}

/** @param {Uint8Array} bytes */
function textOf(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotProven("an OCMF record is no UTF-8", "malformed");
  }
}

/**
 * The payload ends with its JSON object, so that a bar in a string does no harm.
 * @param {string} text
 */
function partsOf(text) {
  require(text.startsWith(HEAD), `this is no OCMF record: it begins with "${text.slice(0, 16)}", not with "OCMF|"`, "malformed");
  const rest = text.slice(HEAD.length), end = objectEnd(rest);
  require(end > 0, "the OCMF payload is no JSON object, or the text ends inside it", "malformed");
  const bar = skipWhite(rest, end);
  require(rest[bar] === "|", 'the signature is missing: no "|" follows the OCMF payload', "malformed");
  const section = rest.slice(bar + 1), last = objectEnd(section);
  require(last > 0, "the OCMF signature section is no JSON object, or the text ends inside it", "malformed");
  require(last === section.length, `text follows the OCMF record: "${section.slice(last, last + 16)}"`, "malformed");
  return { payload: rest.slice(0, bar), section };
}

/** @param {string} text @param {number} at */
function skipWhite(text, at) {
  while (at < text.length && " \t\r\n".includes(text[at])) ++at;
  return at;
}

/**
 * Where the JSON object ends that the text begins with; 0: it does not end.
 * @param {string} text
 */
function objectEnd(text) {
  let depth = 0, inString = false;
  for (let at = skipWhite(text, 0); at < text.length; ++at) {
    const character = text[at];
    if (inString) {
      if (character === "\\") ++at;
      if (character === '"') inString = false;
      continue;
    }
    if (character === '"') inString = true;
    if (character === "{") ++depth;
    if (character === "}" && --depth === 0) return at + 1;
    if (depth === 0) return 0;
  }
  return 0;
}

/** @param {string} text @param {string} what @returns {Record<string, any>} */
function objectIn(text, what) {
  const value = parseJson(text, what, { numbersAsText: true, maxDepth: MAX_DEPTH });
  require(value !== null && typeof value === "object" && !Array.isArray(value), `${what} is no JSON object`, "malformed");
  return value;
}

// The record's members. One that is null is not there ---------------------------------------------------------

/** @param {Record<string, any>} members @param {string} name @param {string} [instead] @param {number} [most] bytes @returns {string} */
function textIn(members, name, instead = "", most = MAX_TEXT) {
  const value = members[name] ?? null;
  if (value === null) return instead;
  require(typeof value === "string", `${name}: it must be a text`, "malformed");
  const size = encoder.encode(value).length;
  require(size <= most, `${name}: ${size} bytes where ${most} are allowed`, "too_large");
  return value;
}

/** @param {Record<string, any>} members @param {string} name @param {Decimal | null} [instead] */
function decimalIn(members, name, instead = null) {
  const text = textIn(members, name);
  if (text === "") return instead;
  try {
    return Decimal.of(text);
  } catch (error) {
    if (!(error instanceof NotProven)) throw error;
    throw new NotProven(`${name}: ${error.message}`, "malformed");
  }
}

/** @param {Record<string, any>} members @returns {Page | null} */
function pageIn(members) {
  const text = textIn(members, "PG"), found = PAGE.exec(text);
  require(text === "" || found, `PG: "${text.slice(0, 32)}" is not T or F and a number of at most 15 digits`, "malformed");
  return found && { context: found[1], number: Number(found[2]) };
}

/** @param {Record<string, any>} members */
function payloadOf(members) {
  const texts = Object.fromEntries(TEXTS.map((name) => [name, textIn(members, name)]));
  textIn(members, "TT", "", MAX_LONG_TEXT);
  const page = pageIn(members);
  const { IS: userKnown = null, IF: flags = null, LC: losses = null } = members;
  require(userKnown === null || typeof userKnown === "boolean", "IS: it must be true or false", "malformed");
  const areShort = (/** @type {any[]} */ list) => list.every((flag) => typeof flag === "string" && encoder.encode(flag).length <= MAX_TEXT);
  require(flags === null || (Array.isArray(flags) && flags.length <= MAX_FLAGS && areShort(flags)), `IF: it must be a list of at most ${MAX_FLAGS} short texts`, "malformed");
  require(losses === null || (typeof losses === "object" && !Array.isArray(losses)), "LC: it must be an object", "malformed");
  if (losses) {
    for (const name of ["LN", "LI", "LU"]) textIn(losses, name);
    decimalIn(losses, "LR");
  }
  return {
    meter: texts.MS || texts.GS, page, userKnown, userLevel: texts.IL, userType: texts.IT, userId: texts.ID, pointId: texts.CI,
    readings: readingsIn(members),
  };
}

/** @param {Record<string, any>} members @returns {Reading[]} */
function readingsIn(members) {
  const list = members.RD;
  require(Array.isArray(list) && list.length > 0, "RD: the record must have a list of readings, with one at least", "malformed");
  require(list.length <= MAX_READINGS, `RD: ${list.length} readings where ${MAX_READINGS} are allowed`, "too_large");
  /** @type {Reading[]} */
  const out = [];
  for (const each of list) {
    try {
      out.push(readingOf(each, out[out.length - 1] ?? NOTHING));
    } catch (error) {
      if (!(error instanceof NotProven)) throw error;
      throw new NotProven(`RD[${out.length}]: ${error.message}`, error.code);
    }
  }
  return out;
}

/** @param {any} members @param {Reading} before @returns {Reading} */
function readingOf(members, before) {
  require(members !== null && typeof members === "object" && !Array.isArray(members), "it must be an object", "malformed");
  const out = {
    ...before, time: textIn(members, "TM", before.time), transaction: textIn(members, "TX", before.transaction),
    registerId: textIn(members, "RI", before.registerId), unit: textIn(members, "RU", before.unit), current: textIn(members, "RT", before.current),
    errors: textIn(members, "EF", before.errors), status: textIn(members, "ST", before.status),
    value: decimalIn(members, "RV", before.value), losses: decimalIn(members, "CL", before.losses),
  };
  if (out.time === "") return out;
  const space = out.time.indexOf(" ");
  out.timeStatus = space < 0 ? "U" : out.time.slice(space + 1);
  require(["U", "I", "S", "R"].includes(out.timeStatus), `TM: "${out.time}": a time's status is U, I, S or R`, "malformed");
  out.timeMs = ocmfTime(space < 0 ? out.time : out.time.slice(0, space));
  return out;
}

/**
 * "2021-10-06T13:13:56,000+0200" in milliseconds since 1970; a point for the comma, no fraction, +02:00 and Z are accepted.
 * @param {string} text @returns {number}
 */
export function ocmfTime(text) {
  const found = TIME.exec(text), what = `TM: "${text.slice(0, 64)}" is no time like 2021-10-06T13:13:56,000+0200`;
  require(found, what, "malformed");
  const [, year, month, day, hour, minute, second, fraction, , zoneHours, zoneMinutes] = found.map((part) => Number(part ?? 0));
  const midnight = Date.UTC(year, month - 1, day), date = new Date(midnight);
  require(year >= 1970 && date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second <= 60 &&
    zoneHours < 24 && zoneMinutes < 60, what, "malformed");
  const offset = (zoneHours * 60 + zoneMinutes) * (found[8] === "-" ? -1 : 1);
  return midnight + ((hour * 60 + minute - offset) * 60 + second) * 1000 + fraction;
}

// The signature ------------------------------------------------------------------------------------------------

/** @param {Record<string, any>} members */
function signatureOf(members) {
  const algorithm = textIn(members, "SA", "ECDSA-secp256r1-SHA256"), encoding = textIn(members, "SE", "hex");
  textIn(members, "SM");
  const signature = textIn(members, "SD", "", MAX_LONG_TEXT);
  require(signature !== "", "SD: the signature is missing", "malformed");
  return { algorithm, encoding, signature };
}

/**
 * SA is "ECDSA-<curve>-<hash>"; a curve's name may hold a hyphen, and so may SHA-256.
 * @param {OcmfRecord} record @param {Uint8Array} spki @throws {NotProven}
 */
export async function verifyOcmf(record, spki) {
  const named = /^ecdsa-(.*)-sha-?256$/.exec(record.algorithm.toLowerCase());
  require(named && CURVES.includes(named[1]), `SA is "${record.algorithm.slice(0, 64)}"; only ECDSA-secp256r1-SHA256 is verified`, "unsupported");
  const encoding = record.encoding.toLowerCase(), text = withoutSpace(record.signature);
  require(encoding === "hex" || encoding === "base64", `SE is "${record.encoding}"; it must be hex or base64`, "unsupported");
  const signature = encoding === "hex" ? bytesOfHex(text) : bytesOfBase64(text);
  require(signature, `SD is not ${encoding}, which SE says or leaves as the default`, "bad_signature");
  require(await verifySignature(spki, meterSignatureOf(signature), record.payload), "the signature is false", "bad_signature");
}
