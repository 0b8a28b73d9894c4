// Deterministic CBOR (RFC 8949 section 4.2), as far as Tally's files use it: integers, byte and text strings, arrays,
// maps, tags, booleans and null. What is not in its shortest form, or has bytes after it, is refused.

import { NotProven } from "./checks.js";

/** @typedef {Map<string | number, any>} CborMap */

const MAX_DEPTH = 16;

export class Tag {
  /** @param {number} number @param {any} value */
  constructor(number, value) {
    this.number = number;
    this.value = value;
  }
}

/** The bytes are no deterministic CBOR. */
export class Malformed extends NotProven {
  /** @param {string} message */
  constructor(message) {
    super(message, "malformed");
  }
}

class Reader {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** @param {number} count @returns {Uint8Array} */
  take(count) {
    if (count > this.bytes.length - this.at) throw new Malformed("the CBOR is cut off");
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  /** @param {number} low the five low bits of the first byte @returns {number | bigint} */
  argument(low) {
    if (low < 24) return low;
    if (low > 27) throw new Malformed("CBOR of an indefinite length");
    const width = 1 << (low - 24);
    let value = 0n;
    for (const byte of this.take(width)) value = (value << 8n) | BigInt(byte);
    const least = width === 1 ? 24n : 1n << BigInt(width * 4);
    if (value < least) throw new Malformed("a CBOR number is not in its shortest form");
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : value;
  }

  /** @param {number} low @returns {number} */
  length(low) {
    const length = this.argument(low);
    if (typeof length !== "number" || length > this.bytes.length - this.at) throw new Malformed("the CBOR is cut off");
    return length;
  }

  /** @param {number} depth @returns {any} */
  item(depth) {
    if (depth > MAX_DEPTH) throw new Malformed("the CBOR is nested too deeply");
    const first = this.take(1)[0];
    const kind = first >> 5, low = first & 31;
    if (kind === 0) return this.argument(low);
    if (kind === 1) {
      const value = this.argument(low);
      return typeof value === "number" ? -1 - value : -1n - value;
    }
    if (kind === 2) return this.take(this.length(low));
    if (kind === 3) return this.text(low);
    if (kind === 4) {
      const list = [];
      for (let left = this.length(low); left > 0; --left) list.push(this.item(depth + 1));
      return list;
    }
    if (kind === 5) return this.map(low, depth);
    if (kind === 6) {
      const number = this.argument(low);
      return new Tag(Number(number), this.item(depth + 1));
    }
    if (low === 20 || low === 21) return low === 21;
    if (low === 22) return null;
    throw new Malformed("a CBOR value of a kind that is not used here");
  }

  /** @param {number} low @returns {string} */
  text(low) {
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(this.length(low)));
    } catch (error) {
      throw error instanceof Malformed ? error : new Malformed("a CBOR text is not UTF-8");
    }
  }

  /** @param {number} low @param {number} depth @returns {CborMap} */
  map(low, depth) {
    /** @type {CborMap} */
    const map = new Map();
    let before = new Uint8Array(0);
    for (let left = this.length(low); left > 0; --left) {
      const start = this.at;
      const key = this.item(depth + 1);
      const encoded = this.bytes.slice(start, this.at);
      if (typeof key !== "number" && typeof key !== "string") throw new Malformed("a CBOR key of a kind that is not used here");
      if (map.size > 0 && compare(before, encoded) >= 0) throw new Malformed("the keys of a CBOR map are not in order");
      before = encoded;
      map.set(key, this.item(depth + 1));
    }
    return map;
  }
}

/** @param {Uint8Array} a @param {Uint8Array} b @returns {number} */
export function compare(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); ++i) {
    if (a[i] !== b[i]) return a[i] - b[i];
  }
  return a.length - b.length;
}

/**
 * The one item that the bytes are. Byte strings borrow the bytes.
 * @param {Uint8Array} bytes
 * @returns {any}
 * @throws {Malformed}
 */
export function decode(bytes) {
  const reader = new Reader(bytes);
  const value = reader.item(0);
  if (reader.at !== bytes.length) throw new Malformed("there are bytes after the CBOR");
  return value;
}

/**
 * The items of a CBOR sequence (RFC 8742), each with its bytes.
 * @param {Uint8Array} bytes @returns {Generator<[any, Uint8Array]>} @throws {Malformed}
 */
export function* decodeSequence(bytes) {
  const reader = new Reader(bytes);
  while (reader.at < bytes.length) {
    const start = reader.at;
    const value = reader.item(0);
    yield [value, bytes.subarray(start, reader.at)];
  }
}

/** @param {Uint8Array[]} parts @returns {Uint8Array} */
export function join(parts) {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** @param {number} kind @param {number | bigint} argument @returns {Uint8Array} */
function head(kind, argument) {
  const first = kind << 5;
  if (argument < 24) return Uint8Array.of(first | Number(argument));
  if (argument >= 1n << 64n) throw new RangeError("a number does not fit 64 bits");
  const width = argument < 0x100 ? 0 : argument < 0x10000 ? 1 : argument < 0x100000000 ? 2 : 3;
  const out = new Uint8Array(1 + (1 << width));
  out[0] = first | (24 + width);
  let left = BigInt(argument);
  for (let i = out.length - 1; i > 0; --i, left >>= 8n) out[i] = Number(left & 255n);
  return out;
}

/**
 * Deterministic CBOR of integers, texts, byte strings, arrays, maps, tags, booleans and null.
 * @param {any} value @returns {Uint8Array}
 */
export function encode(value) {
  if (value === null) return Uint8Array.of(0xf6);
  if (typeof value === "boolean") return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === "bigint" || Number.isInteger(value)) return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value);
  if (typeof value === "string") {
    const text = new TextEncoder().encode(value);
    return join([head(3, text.length), text]);
  }
  if (value instanceof Uint8Array) return join([head(2, value.length), value]);
  if (Array.isArray(value)) return join([head(4, value.length), ...value.map(encode)]);
  if (value instanceof Tag) return join([head(6, value.number), encode(value.value)]);
  if (!(value instanceof Map)) throw new TypeError(`a value of the kind ${typeof value} is not written as CBOR`);
  const entries = Array.from(value, ([key, each]) => [encode(key), encode(each)]).sort((a, b) => compare(a[0], b[0]));
  return join([head(5, entries.length), ...entries.flat()]);
}

/**
 * What a COSE_Sign1 signature is over (RFC 9052 section 4.4).
 * @param {Uint8Array} header the protected header @param {Uint8Array} payload @param {Uint8Array} [external]
 * @returns {Uint8Array}
 */
export function toBeSigned(header, payload, external = new Uint8Array(0)) {
  return encode(["Signature1", header, external, payload]);
}
