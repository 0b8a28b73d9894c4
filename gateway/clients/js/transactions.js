// Transactions as nodes order them (docs/formats.md, Receipts): a proposal, a simulation, endorsements.

import { decode, join } from "./cbor.js";
import { NotProven, require } from "./checks.js";
import { readSign1, signedBytes } from "./cose.js";
import { sha256 } from "./hashes.js";

export const CONTRACT = 1;
export const CONFIGURATION = 2;
export const LATEST_MS = 253402300800000;  // the year 10000
/** @type {Record<number, string>} */
export const CODES = {
  0: "VALID", 2: "BAD_PAYLOAD", 4: "BAD_CREATOR_SIGNATURE", 5: "INVALID_ENDORSER_TRANSACTION", 8: "BAD_PROPOSAL_TXID", 9: "DUPLICATE_TXID",
  10: "ENDORSEMENT_POLICY_FAILURE", 11: "MVCC_READ_CONFLICT", 12: "PHANTOM_READ_CONFLICT", 13: "UNKNOWN_TX_TYPE", 14: "TARGET_CHAIN_NOT_FOUND",
  16: "INVALID_CONFIG_TRANSACTION", 20: "ILLEGAL_WRITESET", 22: "INVALID_CHAINCODE", 23: "EXPIRED_CHAINCODE", 100: "SIMULATION_MISMATCH",
  101: "INCREMENT_OUT_OF_BOUNDS", 102: "PROPOSAL_EXPIRED",
};
const encoder = new TextEncoder();

/** Reads the ledger's little-endian binary. */
export class Cut {
  /** @param {Uint8Array} bytes @param {string} what */
  constructor(bytes, what) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.what = what;
    this.at = 0;
  }

  /** @param {number} count @returns {Uint8Array} */
  take(count) {
    require(count <= this.bytes.length - this.at, `${this.what} is cut off`, "malformed");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  byte() {
    return this.take(1)[0];
  }

  number() {
    this.take(4);
    return this.view.getUint32(this.at - 4, true);
  }

  /** Of elements, each of which has at least one byte. */
  count() {
    const found = this.number();
    require(found <= this.bytes.length - this.at, `${this.what} is cut off`, "malformed");
    return found;
  }

  wide() {
    this.take(8);
    return this.view.getBigUint64(this.at - 8, true);
  }

  string() {
    return this.take(this.number());
  }

  text() {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.string());
    } catch (error) {
      throw error instanceof NotProven ? error : new NotProven(`a text in ${this.what} is not UTF-8`, "malformed");
    }
  }

  isThere() {
    const found = this.byte();
    require(found < 2, `${this.what} has an optional part that is neither there nor not`, "malformed");
    return found === 1;
  }

  /** @template T @param {() => T} each @returns {T[]} */
  list(each) {
    const found = [];
    for (let left = this.count(); left > 0; --left) found.push(each());
    return found;
  }

  finish() {
    require(this.at === this.bytes.length, `there are bytes after ${this.what}`, "malformed");
  }
}

/**
 * @typedef {{id: Uint8Array, channel: string, contract: string, function: string, arguments: string, attachments: Uint8Array[], createdMs: number,
 *            chain: Uint8Array[], algorithm: number, message: Uint8Array, signature: Uint8Array}} Proposal
 * A call that a member has signed. `chain`: certificates in DER, the signer's first; `message`: what is signed
 */

/** @param {Uint8Array} bytes @returns {Proposal} */
export function readProposal(bytes) {
  const sign1 = readSign1(bytes);
  require(sign1.fields.get(3) === "application/tally-proposal+cbor" && sign1.payload && sign1.unprotected.size === 0, "the message is not a proposal", "malformed");
  const content = decode(sign1.payload);
  require(Array.isArray(content) && content.length === 8 && content[0] === 1, "the proposal's payload is unknown", "malformed");
  const [, channel, contract, called, text, attachments, nonce, createdMs] = content;
  const given = sign1.fields.get(33);
  const chain = Array.isArray(given) ? given : [given];
  require([channel, contract, called, text].every((each) => typeof each === "string") && Array.isArray(attachments) && nonce instanceof Uint8Array && nonce.length === 16 &&
    typeof createdMs === "number" && createdMs >= 0 && createdMs < LATEST_MS && [...attachments, ...chain].every((each) => each instanceof Uint8Array),
  "the proposal's payload is unknown", "malformed");
  const message = signedBytes(sign1);
  return {
    id: sha256(message), channel, contract, function: called, arguments: text, attachments, createdMs, chain,
    algorithm: sign1.fields.get(1), message, signature: sign1.signature,
  };
}

/**
 * A configuration update, as a call of config.apply with the new configuration. Nobody signs it as a whole; it is as old as the
 * newest of its approvals, which are not judged here.
 * @param {Uint8Array} bytes @returns {Proposal}
 */
export function readUpdate(bytes) {
  const cut = new Cut(bytes, "the configuration update");
  const channel = cut.text(), config = cut.text();
  const approvals = cut.list(() => cut.string());
  cut.finish();
  const times = approvals.flatMap((each) => {
    try {
      return [readProposal(each).createdMs];
    } catch (error) {
      if (!(error instanceof NotProven)) throw error;
      return [];  // nodes pass over it too
    }
  });
  require(times.length > 0, "none of the update's approvals can be read", "malformed");
  return {
    id: sha256(new TextEncoder().encode("tally/configuration"), bytes), channel, contract: "config", function: "apply", arguments: config, attachments: [],
    createdMs: Math.max(...times), chain: [], algorithm: 0, message: new Uint8Array(), signature: new Uint8Array(),
  };
}

/** @typedef {{space: string, start: Uint8Array, end: Uint8Array}} RangeRead the end is not included */
/**
 * @typedef {{transaction: Uint8Array, contract: string, version: number, function: string, result: string, ranges: RangeRead[],
 *            writes: {space: string, key: Uint8Array, value: Uint8Array | null}[], spaces: Set<string>}} Simulation
 * What executing a proposal gave; `spaces`: the namespaces that it writes
 */

/** @param {Uint8Array} bytes @returns {Simulation} */
export function readSimulation(bytes) {
  const cut = new Cut(bytes, "the simulation");
  const transaction = cut.take(32), contract = cut.text(), version = cut.number(), called = cut.text(), result = cut.text();
  cut.list(() => [cut.string(), cut.string()]);  // events
  cut.list(() => [cut.string(), cut.string(), cut.isThere() && cut.take(12)]);  // reads
  const ranges = cut.list(() => {
    const range = { space: cut.text(), start: cut.string(), end: cut.string() };
    cut.take(32);
    return range;
  });
  const writes = cut.list(() => ({ space: cut.text(), key: cut.string(), value: cut.isThere() ? cut.string() : null }));
  const increments = cut.list(() => {
    const space = cut.text();
    cut.string();
    cut.take(16);  // by how much, and the bound
    return space;
  });
  cut.finish();
  return { transaction, contract, version, function: called, result, ranges, writes, spaces: new Set([...writes.map((write) => write.space), ...increments]) };
}

/**
 * @typedef {{kind: number, proposal: Uint8Array, simulation: Uint8Array, endorsements: {certificate: Uint8Array, signature: Uint8Array}[]}} Transaction
 */

/** @param {Uint8Array} bytes @returns {Transaction} */
export function readTransaction(bytes) {
  const cut = new Cut(bytes, "the transaction");
  const kind = cut.byte(), proposal = cut.string(), simulation = cut.string();
  const endorsements = cut.list(() => ({ certificate: cut.string(), signature: cut.string() }));
  cut.finish();
  return { kind, proposal, simulation, endorsements };
}

/**
 * What an endorser signs.
 * @param {string} channel @param {Uint8Array} simulation
 */
export function endorsementStatement(channel, simulation) {
  const string = (/** @type {string} */ text) => {
    const bytes = encoder.encode(text), length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, bytes.length, true);
    return [length, bytes];
  };
  return join([...string("tally/endorsement/v1"), ...string(channel), sha256(simulation)]);
}
