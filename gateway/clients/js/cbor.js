// Deterministic CBOR (RFC 8949 section 4.2), as far as Tally's files use it: integers, byte and text strings, arrays,
// maps, tags, booleans and null. What is not in its shortest form, or has bytes after it, is refused.

/** @typedef {Map<string | number, any>} CborMap */

const MAX_DEPTH = 16;

export class Tag {
  /** @param {number} number @param {any} value */
  constructor(number, value) {
    this.number = number;
    this.value = value;
  }
}

/** The bytes are not what they should be. */
export class Malformed extends Error {}

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
    if (kind === 4) return Array.from({ length: this.length(low) }, () => this.item(depth + 1));
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

/** @param {number} kind @param {number} length @returns {Uint8Array} */
function head(kind, length) {
  const first = kind << 5;
  if (length < 24) return Uint8Array.of(first | length);
  if (length < 0x100) return Uint8Array.of(first | 24, length);
  if (length < 0x10000) return Uint8Array.of(first | 25, length >> 8, length & 255);
  return Uint8Array.of(first | 26, length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255);
}

/**
 * What a COSE_Sign1 signature is over (RFC 9052 section 4.4).
 * @param {Uint8Array} header the protected header @param {Uint8Array} payload @param {Uint8Array} [external]
 * @returns {Uint8Array}
 */
export function toBeSigned(header, payload, external = new Uint8Array(0)) {
  const parts = [head(4, 4), head(3, 10), new TextEncoder().encode("Signature1")];
  for (const part of [header, external, payload]) parts.push(head(2, part.length), part);
  return join(parts);
}
