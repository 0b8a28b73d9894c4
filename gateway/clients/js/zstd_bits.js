// The bit streams and the two entropy codes of Zstandard (RFC 8878 sections 4.1 and 4.2), for zstd.js alone.

import { require } from "./checks.js";

const MAX_HUFFMAN_BITS = 11, MAX_WEIGHT_LOG = 6, MAX_WEIGHTS = 255;

/** @param {any} condition @returns {asserts condition} */
export function sound(condition) {
  require(condition, "a Zstandard frame is damaged", "malformed");
}

/** @param {number} value above 0 */
const log2Of = (value) => 31 - Math.clz32(value);

/**
 * Up to 32 bits from the bit `first` on.
 * @param {Uint8Array} bytes @param {number} first @param {number} count
 */
function load(bytes, first, count) {
  let value = 0, have = 0;
  for (let at = first >> 3, skip = first & 7; have < count; ++at, skip = 0) {
    const take = Math.min(8 - skip, count - have);
    value += ((bytes[at] >> skip) & ((1 << take) - 1)) * 2 ** have;
    have += take;
  }
  return value;
}

/** From the first byte's lowest bit on: how tables are described. */
class ForwardBits {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.bytes = bytes;
    this.at = 0;
  }

  /** @param {number} count */
  read(count) {
    sound(this.at + count <= this.bytes.length * 8);
    this.at += count;
    return load(this.bytes, this.at - count, count);
  }
}

/** From the end to the beginning; the highest bit that is set in the last byte marks the end. */
export class BackwardBits {
  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    const last = bytes[bytes.length - 1];
    sound(last);
    this.bytes = bytes;
    this.left = (bytes.length - 1) * 8 + log2Of(last);
  }

  /** @param {number} count at most 32 */
  read(count) {
    sound(count <= this.left);
    this.left -= count;
    return load(this.bytes, this.left, count);
  }

  /**
   * The bits before the beginning are zeros.
   * @param {number} count
   */
  peek(count) {
    return count <= this.left ? load(this.bytes, this.left - count, count) : load(this.bytes, 0, this.left) * 2 ** (count - this.left);
  }
}

/** @typedef {{log: number, symbols: Uint8Array, bits: Uint8Array, bases: Uint16Array}} FseTable finite state entropy */

/**
 * Section 4.1.1; -1 is "less than one".
 * @param {number[]} probabilities @param {number} log @returns {FseTable}
 */
export function fseTable(probabilities, log) {
  const size = 1 << log;
  sound(probabilities.reduce((sum, each) => sum + Math.abs(each), 0) === size);
  const table = { log, symbols: new Uint8Array(size), bits: new Uint8Array(size), bases: new Uint16Array(size) };
  const next = probabilities.map(Math.abs);
  let high = size, at = 0;
  probabilities.forEach((each, symbol) => { if (each === -1) table.symbols[--high] = symbol; });
  const step = (size >> 1) + (size >> 3) + 3;
  probabilities.forEach((each, symbol) => {
    for (let i = 0; i < each; ++i) {
      table.symbols[at] = symbol;
      do at = (at + step) & (size - 1); while (at >= high);
    }
  });
  for (let cell = 0; cell < size; ++cell) {
    const state = next[table.symbols[cell]]++;
    table.bits[cell] = log - log2Of(state);
    table.bases[cell] = (state << table.bits[cell]) - size;
  }
  return table;
}

/** @param {number} symbol @returns {FseTable} */
export const fseOfOne = (symbol) => ({ log: 0, symbols: Uint8Array.of(symbol), bits: new Uint8Array(1), bases: new Uint16Array(1) });

/**
 * A description at the beginning of the bytes, and how many it has.
 * @param {Uint8Array} bytes @param {number} maxLog @param {number} maxSymbols @returns {[FseTable, number]}
 */
export function readFse(bytes, maxLog, maxSymbols) {
  const bits = new ForwardBits(bytes);
  const log = bits.read(4) + 5;
  sound(log <= maxLog);
  const probabilities = [];
  let remaining = 1 << log;
  while (remaining > 0 && probabilities.length < maxSymbols) {
    // Values below the threshold take one bit less.
    const count = log2Of(remaining + 1) + 1;
    const lower = (1 << (count - 1)) - 1, threshold = (1 << count) - 1 - (remaining + 1);
    let value = load(bytes, bits.at, Math.min(count, bytes.length * 8 - bits.at));
    if ((value & lower) < threshold) {
      value = bits.read(count - 1);
    } else {
      value = bits.read(count);
      if (value > lower) value -= threshold;
    }
    const probability = value - 1;
    remaining -= Math.abs(probability);
    probabilities.push(probability);
    for (let zeros = probability === 0 ? 3 : 0; zeros === 3;) {
      zeros = bits.read(2);
      for (let i = 0; i < zeros; ++i) probabilities.push(0);
    }
  }
  sound(remaining === 0 && probabilities.length <= maxSymbols);
  return [fseTable(probabilities, log), (bits.at + 7) >> 3];
}

/** Where a stream stands in a table. */
export class FseState {
  /** @param {FseTable} table @param {BackwardBits} bits */
  constructor(table, bits) {
    this.table = table;
    this.state = bits.read(table.log);
  }

  get symbol() {
    return this.table.symbols[this.state];
  }

  get bits() {
    return this.table.bits[this.state];
  }

  /** @param {BackwardBits} bits */
  advance(bits) {
    this.state = this.table.bases[this.state] + bits.read(this.bits);
  }
}

/** @typedef {{maxBits: number, symbols: Uint8Array, bits: Uint8Array}} HuffmanTable */

/**
 * Section 4.2.1: a description at the beginning of the bytes, and how many it has.
 * @param {Uint8Array} bytes @returns {[HuffmanTable, number]}
 */
export function readHuffman(bytes) {
  sound(bytes.length > 0);
  const head = bytes[0];
  if (head >= 128) {
    const count = head - 127, length = (count + 1) >> 1;
    sound(bytes.length > length);
    return [huffmanTable(Array.from({ length: count }, (_, i) => (i % 2 ? bytes[1 + (i >> 1)] & 15 : bytes[1 + (i >> 1)] >> 4))), 1 + length];
  }
  sound(bytes.length > head);
  const packed = bytes.subarray(1, 1 + head);
  const [table, described] = readFse(packed, MAX_WEIGHT_LOG, MAX_HUFFMAN_BITS + 2);
  const bits = new BackwardBits(packed.subarray(described));
  let now = new FseState(table, bits), other = new FseState(table, bits);
  const weights = [];
  // Two states take turns. When one cannot go on for lack of bits, the other one has the last symbol.
  while (weights.length < MAX_WEIGHTS) {
    weights.push(now.symbol);
    if (now.bits > bits.left) {
      weights.push(other.symbol);
      return [huffmanTable(weights), 1 + head];
    }
    now.advance(bits);
    [now, other] = [other, now];
  }
  sound(false);
  throw new Error("unreachable");
}

/** @param {number[]} weights @returns {HuffmanTable} */
function huffmanTable(weights) {
  sound(weights.length <= MAX_WEIGHTS && weights.every((each) => each <= MAX_HUFFMAN_BITS));
  const sum = weights.reduce((total, each) => total + (each > 0 ? 1 << (each - 1) : 0), 0);
  sound(sum > 0);
  const maxBits = log2Of(sum) + 1;
  const left = (1 << maxBits) - sum;
  sound(maxBits <= MAX_HUFFMAN_BITS && (left & (left - 1)) === 0);
  const all = [...weights, log2Of(left) + 1];
  const table = { maxBits, symbols: new Uint8Array(1 << maxBits), bits: new Uint8Array(1 << maxBits) };
  let at = 0;
  for (let weight = 1; weight <= maxBits; ++weight) {
    all.forEach((each, symbol) => {
      if (each !== weight) return;
      table.symbols.fill(symbol, at, at + (1 << (weight - 1)));
      table.bits.fill(maxBits + 1 - weight, at, at + (1 << (weight - 1)));
      at += 1 << (weight - 1);
    });
  }
  return table;
}

/**
 * One stream, which must give exactly as many bytes as `out` has.
 * @param {HuffmanTable} table @param {Uint8Array} stream @param {Uint8Array} out
 */
export function decodeHuffman(table, stream, out) {
  const bits = new BackwardBits(stream);
  for (let i = 0; i < out.length; ++i) {
    const cell = bits.peek(table.maxBits);
    out[i] = table.symbols[cell];
    sound(table.bits[cell] <= bits.left);
    bits.left -= table.bits[cell];
  }
  sound(bits.left === 0);
}
