// What can be proven of one device: its keys and its records, taken out of receipts that verify. A record counts when the
// device's signature verifies under the key that was the device's when the record came, by the receipts of its
// registration and of its changes of keys.

import { decode } from "./cbor.js";
import { pemBlocks, readCertificate, same } from "./certificates.js";
import { NotProven, require } from "./checks.js";
import { readSign1, verifyMessage } from "./cose.js";
import { bytesOfHex, hex, sha256 } from "./hashes.js";
import { parseJson } from "./json.js";
import { meterKeyOf, spkiOf } from "./public_keys.js";
import { readRecord, recordSignedBytes } from "./records.js";
import { checkSeries, unpack } from "./series.js";

const ROTATION = "application/tally-key-rotation+cbor";
/** @typedef {import("./receipt.js").Receipt} Receipt */
/** @typedef {import("./records.js").DeviceRecord} DeviceRecord */
/** @typedef {{spki: Uint8Array, fromMs: number, untilMs: number, compromised: boolean}} Key */
/**
 * @typedef {{receipt: Receipt, record: DeviceRecord, series: Uint8Array | null, fault: NotProven | null, isSigned: boolean}} ProvenRecord
 * `series`: the rows, null where their holder withholds them; `fault`: of the rows; `isSigned`: by a proven key of the device
 */

/** @param {string} text PEM, or hex or base64 of a SubjectPublicKeyInfo or of a raw key */
const spkiOfText = (text) => spkiOf(text.includes("-----BEGIN") ? pemBlocks(text)[0] : bytesOfHex(text) || Uint8Array.from(atob(text), (character) => character.charCodeAt(0)));

/** @param {string[]} chain PEM */
const spkiOfChain = (chain) => spkiOf(readCertificate(chain.flatMap(pemBlocks)[0]).spki);

/**
 * @param {any} row @param {string} device @param {boolean} waits for another organization's consent: devices that sign records never wait
 * @returns {Uint8Array | null}
 */
function registeredKey(row, device, waits) {
  const profile = row.profile ?? "tally-record";
  if (row.id !== device || (profile !== "tally-record" && waits)) return null;
  if (!row.public_key) return spkiOfChain(row.certificate_chain);
  return profile === "ocmf-1" ? meterKeyOf(row.public_key) : spkiOfText(row.public_key);
}

/**
 * The transaction names the key by its fingerprint alone: it is one of those that are stated.
 * @param {any} given @param {Uint8Array[]} stated @returns {Uint8Array}
 */
function confirmedKey(given, stated) {
  const key = stated.find((each) => hex(sha256(each)) === given.fingerprint);
  require(key, `the key of "${given.id}" with the fingerprint ${given.fingerprint} is not in the file`);
  return spkiOf(key);
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
 * @param {Receipt} receipt @param {string} device @param {Uint8Array[]} stated @returns {Uint8Array}
 */
function keyGiven({ transaction }, device, stated) {
  let found = null;
  try {
    const given = parseJson(transaction.arguments, "the arguments");
    const { pending = false } = parseJson(transaction.result, "the result");  // of an import: how many wait
    switch (`${transaction.contract}.${transaction.function}`) {
      case "registry.register_device": found = registeredKey(given, device, pending); break;
      case "registry.import_devices": found = given.devices.map((/** @type {any} */ row) => registeredKey(row, device, pending > 0)).find((/** @type {any} */ key) => key) ?? null; break;
      case "registry.confirm_device": found = given.id === device ? confirmedKey(given, stated) : null; break;
      case "registry.rotate_key": found = transaction.attachments.length ? rotatedKey(transaction.attachments[0], device) : null; break;
      case "registry.recertify": found = given.device === device ? spkiOfChain(given.certificate_chain) : null; break;
    }
  } catch (error) {
    if (error instanceof NotProven) throw error;
    throw new NotProven(`the transaction ${transaction.id} has no key that can be read: ${error instanceof Error ? error.message : error}`);
  }
  require(found, `the transaction ${transaction.id} gives "${device}" no key`);
  return found;
}

/** @param {Receipt} receipt */
const endsACompromisedKey = ({ transaction }) => ["rotate_key", "recertify"].includes(transaction.function) &&
  parseJson(transaction.arguments, "the arguments").compromised === true;

export class DeviceEvidence {
  /**
   * @param {string} device @param {(file: Uint8Array) => Promise<Receipt>} verified the receipt of a VALID transaction @param {Uint8Array[]} [stated]
   * keys (SubjectPublicKeyInfo) that count where a transaction has their fingerprint
   */
  constructor(device, verified, stated = []) {
    this.device = device;
    this.verified = verified;
    this.stated = stated;
    /** @type {Key[]} */
    this.keys = [];
    /** @type {Map<number, ProvenRecord>} by sequence */
    this.records = new Map();
  }

  /** @param {Uint8Array} file */
  async addKey(file) {
    const receipt = await this.verified(file);
    const spki = keyGiven(receipt, this.device, this.stated);
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
    const signed = recordSignedBytes(record, transaction.channel);
    const epoch = await this.epochOf(transaction.createdMs, record.endS * 1000, (spki) => verifyMessage(spki, record.algorithm, record.signature, signed));
    const proven = { receipt, record, series, fault, isSigned: epoch > 0 };
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
   * The number (from 1 on) of the key under which a message verifies that came at this time, as the contract judged it then:
   * the current key, or for a period that had ended before the key of then. 0: no proven key does.
   * @param {number} createdMs @param {number} periodEndMs @param {(spki: Uint8Array) => Promise<void>} verify
   */
  async epochOf(createdMs, periodEndMs, verify) {
    for (const [index, key] of [...this.keys.entries()].reverse()) {
      if (key.fromMs > createdMs) continue;
      if (key.untilMs <= createdMs && (key.compromised || key.untilMs < periodEndMs)) continue;
      try {
        await verify(key.spki);
        return index + 1;
      } catch (error) {
        if (!(error instanceof NotProven)) throw error;
      }
    }
    return 0;
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
