// What can be proven of one device: its keys and its records, taken out of receipts that verify. A record counts when the
// device's signature verifies under the key that was the device's when the record came, by the receipts of its
// registration and of its changes of keys.

import { decode } from "./cbor.js";
import { algorithmOf, pemBlocks, readCertificate, same } from "./certificates.js";
import { NotProven, require } from "./checks.js";
import { readSign1, verifyMessage } from "./cose.js";
import { bytesOfHex } from "./hashes.js";
import { parseJson } from "./json.js";
import { readRecord, recordSignedBytes } from "./records.js";
import { checkSeries, unpack } from "./series.js";

const ROTATION = "application/tally-key-rotation+cbor";
const ED25519_SPKI = bytesOfHex("302a300506032b6570032100"), P256_SPKI = bytesOfHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/** @typedef {import("./receipt.js").Receipt} Receipt */
/** @typedef {import("./records.js").DeviceRecord} DeviceRecord */
/** @typedef {{spki: Uint8Array, fromMs: number, untilMs: number, compromised: boolean}} Key */
/**
 * @typedef {{receipt: Receipt, record: DeviceRecord, series: Uint8Array | null, fault: NotProven | null, isSigned: boolean}} ProvenRecord
 * `series`: the rows, null where their holder withholds them; `fault`: of the rows; `isSigned`: by a proven key of the device
 */

/** @param {bigint} base @param {bigint} exponent */
function power(base, exponent) {
  let out = 1n;
  for (; exponent > 0n; exponent >>= 1n, base = (base * base) % P) if (exponent & 1n) out = (out * base) % P;
  return out;
}

/**
 * A point of P-256 that is written as 02 or 03 and x, as 04, x and y.
 * @param {Uint8Array} point
 */
function uncompressed(point) {
  const digits = (/** @type {bigint} */ value) => /** @type {Uint8Array} */ (bytesOfHex(value.toString(16).padStart(64, "0")));
  const x = point.subarray(1).reduce((value, byte) => value * 256n + BigInt(byte), 0n);
  const square = (((x * x) % P) * x + (P - 3n) * x + B) % P;
  let y = power(square, (P + 1n) / 4n);
  require(x < P && (y * y) % P === square && (point[0] === 2 || point[0] === 3), "a key is no point of P-256", "bad_key");
  if ((y & 1n) !== BigInt(point[0] & 1)) y = P - y;
  return Uint8Array.of(4, ...point.subarray(1), ...digits(y));
}

/** @param {Uint8Array} bytes a SubjectPublicKeyInfo or a raw key @returns {Uint8Array} SubjectPublicKeyInfo */
function spkiOf(bytes) {
  if (bytes.length === 32) return Uint8Array.of(.../** @type {Uint8Array} */ (ED25519_SPKI), ...bytes);
  if (bytes.length === 33) return spkiOf(uncompressed(bytes));
  const spki = bytes.length === 65 ? Uint8Array.of(.../** @type {Uint8Array} */ (P256_SPKI), ...bytes) : bytes;
  require(algorithmOf(spki) !== "ES384", "a device's key is Ed25519 or on P-256", "bad_key");
  return spki;
}

/** @param {string} text PEM, or hex or base64 of a SubjectPublicKeyInfo or of a raw key */
const spkiOfText = (text) => spkiOf(text.includes("-----BEGIN") ? pemBlocks(text)[0] : bytesOfHex(text) || Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));

/** @param {string[]} chain PEM */
const spkiOfChain = (chain) => spkiOf(readCertificate(chain.flatMap(pemBlocks)[0]).spki);

/** @param {any} row @param {string} device @returns {Uint8Array | null} */
function registeredKey(row, device) {
  if (row.id !== device || (row.profile ?? "tally-record") !== "tally-record") return null;
  return row.public_key ? spkiOfText(row.public_key) : spkiOfChain(row.certificate_chain);
}

/** @param {Uint8Array} message @param {string} device @returns {Uint8Array | null} */
function rotatedKey(message, device) {
  const sign1 = readSign1(message);
  require(sign1.fields.get(3) === ROTATION && sign1.payload, "the key rotation is none", "malformed");
  const content = decode(sign1.payload);
  require(Array.isArray(content) && content.length === 4 && content[3] instanceof Uint8Array, "the key rotation is none", "malformed");
  return content[1] === device ? spkiOf(content[3]) : null;
}

/**
 * The key that this transaction gave the device.
 * @param {Receipt} receipt @param {string} device @returns {Uint8Array}
 */
function keyGiven({ transaction }, device) {
  let found = null;
  try {
    const given = parseJson(transaction.arguments, "the arguments");
    switch (`${transaction.contract}.${transaction.function}`) {
      case "registry.register_device": found = registeredKey(given, device); break;
      case "registry.import_devices": found = given.devices.map((/** @type {any} */ row) => registeredKey(row, device)).find((/** @type {any} */ key) => key) ?? null; break;
      case "registry.rotate_key": found = transaction.attachments.length ? rotatedKey(transaction.attachments[0], device) : null; break;
      case "registry.recertify": found = given.device === device ? spkiOfChain(given.certificate_chain) : null; break;
    }
  } catch (error) {
    throw new NotProven(`the transaction ${transaction.id} has no key that can be read: ${error instanceof Error ? error.message : error}`);
  }
  require(found, `the transaction ${transaction.id} gives "${device}" no key`);
  return found;
}

/** @param {Receipt} receipt */
const endsACompromisedKey = ({ transaction }) => ["rotate_key", "recertify"].includes(transaction.function) &&
  parseJson(transaction.arguments, "the arguments").compromised === true;

export class DeviceEvidence {
  /** @param {string} device @param {(file: Uint8Array) => Promise<Receipt>} verified the receipt of a VALID transaction */
  constructor(device, verified) {
    this.device = device;
    this.verified = verified;
    /** @type {Key[]} */
    this.keys = [];
    /** @type {Map<number, ProvenRecord>} by sequence */
    this.records = new Map();
  }

  /** @param {Uint8Array} file */
  async addKey(file) {
    const receipt = await this.verified(file);
    const spki = keyGiven(receipt, this.device);
    const before = this.keys[this.keys.length - 1];
    if (before) {
      if (same(before.spki, spki)) return;  // with another certificate
      require(receipt.transaction.createdMs >= before.fromMs, `the keys of "${this.device}" are not in the order of time`);
      before.untilMs = receipt.transaction.createdMs;
      before.compromised = endsACompromisedKey(receipt);
    }
    this.keys.push({ spki, fromMs: receipt.transaction.createdMs, untilMs: Infinity, compromised: false });
  }

  /** @param {Uint8Array} file @returns {Promise<ProvenRecord>} */
  async addRecord(file) {
    const receipt = await this.verified(file);
    const { transaction } = receipt;
    require(transaction.contract === "data" && transaction.function === "publish" && transaction.attachments.length > 0, `the transaction ${transaction.id} carries no record`);
    const record = readRecord(transaction.attachments[0]);
    require(record.device === this.device, `the record of transaction ${transaction.id} is of "${record.device}"`);
    const series = record.packed ? unpack(record, record.packed) : record.series;
    const fault = series && series.length > 0 ? faultOf(record, series) : null;
    const proven = { receipt, record, series, fault, isSigned: await this.isSigned(record, transaction) };
    this.records.set(record.sequence, proven);
    return proven;
  }

  /**
   * Rows that were handed in after their record.
   * @param {Uint8Array} file @param {number} sequence
   */
  async addSeries(file, sequence) {
    const { transaction } = await this.verified(file);
    require(transaction.contract === "data" && transaction.function === "attach_series" && transaction.attachments.length === 1, `the transaction ${transaction.id} carries no series`);
    const proven = this.records.get(sequence);
    require(proven, `record ${sequence} is not proven`, "not_found");
    const rows = unpack(proven.record, transaction.attachments[0]);
    checkSeries(proven.record, rows);
    proven.series = rows;
    proven.fault = null;
  }

  /**
   * As the contract judged it when the record came.
   * @param {DeviceRecord} record @param {import("./receipt.js").ProvenTransaction} transaction
   */
  async isSigned(record, transaction) {
    for (const key of [...this.keys].reverse()) {
      if (key.fromMs > transaction.createdMs) continue;
      if (key.untilMs <= transaction.createdMs && (key.compromised || key.untilMs < record.endS * 1000)) continue;
      try {
        await verifyMessage(key.spki, record.algorithm, record.signature, recordSignedBytes(record, transaction.channel));
        return true;
      } catch (error) {
        if (!(error instanceof NotProven)) throw error;
      }
    }
    return false;
  }
}

/** @param {DeviceRecord} record @param {Uint8Array} series @returns {NotProven | null} */
function faultOf(record, series) {
  try {
    checkSeries(record, series);
    return null;
  } catch (error) {
    if (error instanceof NotProven) return error;
    throw error;
  }
}
