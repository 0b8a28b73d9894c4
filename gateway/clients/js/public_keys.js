// Public keys in the forms in which devices are registered, as SubjectPublicKeyInfo; and keys and signatures of meters that
// were made without Tally, in the forms in which they are printed and sent.

import { compare } from "./cbor.js";
import { algorithmOf } from "./certificates.js";
import { NotProven, require } from "./checks.js";
import { bytesOfHex } from "./hashes.js";

const ED25519_SPKI = bytesOfHex("302a300506032b6570032100"), P256_SPKI = bytesOfHex("3059301306072a8648ce3d020106082a8648ce3d030107034200");
const COMPRESSED_SPKI = bytesOfHex("3039301306072a8648ce3d020106082a8648ce3d030107032200");
const P = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const B = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;
const SEQUENCE = 0x30, INTEGER = 0x02;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

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
export function spkiOf(bytes) {
  if (bytes.length === 32) return Uint8Array.of(.../** @type {Uint8Array} */ (ED25519_SPKI), ...bytes);
  if (bytes.length === 33) return spkiOf(uncompressed(bytes));
  const spki = bytes.length === 65 ? Uint8Array.of(.../** @type {Uint8Array} */ (P256_SPKI), ...bytes) : bytes;
  require(algorithmOf(spki) !== "ES384", "a device's key is Ed25519 or on P-256", "bad_key");
  return spki;
}

// Meters -------------------------------------------------------------------------------------------------------

/** @param {string} text */
export const withoutSpace = (text) => text.replace(/[ \t\r\n]/g, "");

/** @param {string} text @returns {Uint8Array | null} null: it is not, or bits are left over after the last byte */
export function bytesOfBase64(text) {
  if (!BASE64.test(text)) return null;
  const found = atob(text);
  return btoa(found) === text ? Uint8Array.from(found, (character) => character.charCodeAt(0)) : null;
}

/**
 * PEM, or hex or base64 of a SubjectPublicKeyInfo, of a point 04 x y or 02/03 x, or of x y; white space is ignored. Only
 * secp256r1 (P-256) is verified.
 * @param {string} text @returns {Uint8Array} SubjectPublicKeyInfo
 */
export function meterKeyOf(text) {
  let bytes = null;
  if (text.includes("-----BEGIN")) {
    const bodies = [...text.matchAll(/-----BEGIN ([^-]{1,64})-----([^]*?)-----END \1-----/g)].filter(([, label]) => label === "PUBLIC KEY");
    if (bodies.length === 1) bytes = bytesOfBase64(withoutSpace(bodies[0][2]));
  } else {
    const compact = withoutSpace(text.replace(/^\ufeff/, ""));
    bytes = bytesOfHex(compact) ?? bytesOfBase64(compact);
  }
  if (!bytes) throw new NotProven("the public key of a meter is neither PEM nor hexadecimal nor base64", "bad_key");
  const point = pointOf(bytes);
  require(point.length === 33 || (point.length === 65 && point[0] === 4), "only keys on secp256r1 (P-256) are verified", "unsupported");
  return spkiOf(point);
}

/** @param {Uint8Array} key @returns {Uint8Array} */
function pointOf(key) {
  if (key.length === 64) return Uint8Array.of(4, ...key);
  for (const [head, size] of /** @type {[Uint8Array, number][]} */ ([[P256_SPKI, 65], [COMPRESSED_SPKI, 33]]))
    if (key.length === head.length + size && compare(key.subarray(0, head.length), head) === 0) return key.subarray(head.length);
  return key;
}

/**
 * r and s, 64 bytes, of these 64 bytes themselves or of DER (RFC 3279 section 2.2.3). Meters in the field write integers with
 * needless leading zeros or without the zero that keeps them positive, and lengths that are not in their shortest form: these
 * are accepted.
 * @param {Uint8Array} signature @returns {Uint8Array} @throws {NotProven}
 */
export function meterSignatureOf(signature) {
  if (signature.length === 64) return signature;
  const [numbers, rest] = element(signature, SEQUENCE);
  const [r, afterR] = element(numbers, INTEGER), [s, afterS] = element(afterR, INTEGER);
  require(rest.length === 0 && afterS.length === 0, "bytes follow the signature's numbers", "bad_signature");
  const raw = new Uint8Array(64);
  for (const [index, number] of [r, s].entries()) {
    let start = 0;
    while (number[start] === 0) ++start;
    const digits = number.subarray(start);
    require(digits.length >= 1 && digits.length <= 32, "a number of the signature is zero, or has more than 32 bytes", "bad_signature");
    raw.set(digits, 32 * (index + 1) - digits.length);
  }
  return raw;
}

/**
 * The content of the element at the front, and what follows it.
 * @param {Uint8Array} data @param {number} tag @returns {[Uint8Array, Uint8Array]}
 */
function element(data, tag) {
  const fits = (/** @type {boolean} */ condition) => require(condition, "the signature is neither 64 bytes nor DER", "bad_signature");
  fits(data.length >= 2 && data[0] === tag);
  let start = 2, size = data[1];
  if (size >= 0x80) {
    const more = size & 0x7f;
    fits(more >= 1 && more <= 2 && data.length >= 2 + more);
    start += more;
    size = data.subarray(2, start).reduce((value, byte) => value * 256 + byte, 0);
  }
  fits(size <= data.length - start);
  return [data.subarray(start, start + size), data.subarray(start + size)];
}
