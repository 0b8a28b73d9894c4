// SHA-256 (FIPS 180-4) and Merkle trees (RFC 9162 section 2.1). Synchronous: trees have many small entries, for each of
// which WebCrypto would take a turn of the event loop.

import { join } from "./cbor.js";

const K = new Uint32Array(64);
const START = new Uint32Array(8);

// The first bits of the fractional parts of roots of primes.
for (let candidate = 2, count = 0; count < 64; ++candidate) {
  let isPrime = true;
  for (let divisor = 2; divisor * divisor <= candidate; ++divisor) isPrime = isPrime && candidate % divisor !== 0;
  if (!isPrime) continue;
  if (count < 8) START[count] = (Math.sqrt(candidate) % 1) * 0x100000000;
  K[count++] = (Math.cbrt(candidate) % 1) * 0x100000000;
}

/** @param {number} word @param {number} by */
const rotated = (word, by) => (word >>> by) | (word << (32 - by));

const W = new Uint32Array(64);

/** @param {Uint32Array} state @param {DataView} view @param {number} at */
function addBlock(state, view, at) {
  for (let i = 0; i < 16; ++i) W[i] = view.getUint32(at + 4 * i);
  for (let i = 16; i < 64; ++i) {
    const a = W[i - 15], b = W[i - 2];
    W[i] = W[i - 16] + W[i - 7] + (rotated(a, 7) ^ rotated(a, 18) ^ (a >>> 3)) + (rotated(b, 17) ^ rotated(b, 19) ^ (b >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; ++i) {
    const first = (h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + W[i]) | 0;
    const second = ((rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g; g = f; f = e; e = (d + first) | 0; d = c; c = b; b = a; a = (first + second) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, index) => { state[index] += word; });
}

/** @param {...Uint8Array} parts one after the other @returns {Uint8Array} */
export function sha256(...parts) {
  const data = parts.length === 1 ? parts[0] : join(parts);
  const state = START.slice();
  const whole = data.length - (data.length % 64);
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let at = 0; at < whole; at += 64) addBlock(state, view, at);
  const rest = new Uint8Array(data.length % 64 < 56 ? 64 : 128);
  rest.set(data.subarray(whole));
  rest[data.length % 64] = 0x80;
  const end = new DataView(rest.buffer);
  end.setBigUint64(rest.length - 8, BigInt(data.length) * 8n);
  for (let at = 0; at < rest.length; at += 64) addBlock(state, end, at);
  const out = new Uint8Array(32);
  state.forEach((word, index) => new DataView(out.buffer).setUint32(4 * index, word));
  return out;
}

/** @param {Uint8Array} bytes */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {string} digits @returns {Uint8Array | null} null: they are no hexadecimal digits */
export function bytesOfHex(digits) {
  return /^([0-9a-fA-F]{2})*$/.test(digits) ? Uint8Array.from(digits.match(/../g) || [], (pair) => parseInt(pair, 16)) : null;
}

/** @param {Uint8Array} entry */
export const leafHash = (entry) => sha256(Uint8Array.of(0), entry);
/** @param {Uint8Array} left @param {Uint8Array} right */
const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

/**
 * The tree head over entries.
 * @param {Uint8Array[]} entries @returns {Uint8Array}
 */
export function treeHead(entries) {
  if (entries.length === 0) return sha256(new Uint8Array(0));
  // A level at a time: a node without a sibling goes up as it is, which gives the RFC's tree.
  let level = entries.map(leafHash);
  while (level.length > 1) {
    const next = [];
    for (let i = 0; i < level.length; i += 2) next.push(i + 1 < level.length ? nodeHash(level[i], level[i + 1]) : level[i]);
    level = next;
  }
  return level[0];
}

/**
 * The root to which an inclusion proof leads (RFC 9162 section 2.1.3.2), or null where it leads nowhere.
 * @param {Uint8Array} leaf @param {number} index @param {number} size @param {Uint8Array[]} path
 */
export function rootOfInclusion(leaf, index, size, path) {
  if (!(Number.isSafeInteger(size) && Number.isSafeInteger(index) && index >= 0 && index < size) || !Array.isArray(path)) return null;
  let position = BigInt(index), last = BigInt(size) - 1n, root = leaf;
  for (const sibling of path) {
    if (last === 0n || !(sibling instanceof Uint8Array) || sibling.length !== 32) return null;
    if (position & 1n || position === last) {
      root = nodeHash(sibling, root);
      while (!(position & 1n) && position !== 0n) {
        position >>= 1n;
        last >>= 1n;
      }
    } else {
      root = nodeHash(root, sibling);
    }
    position >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? root : null;
}
