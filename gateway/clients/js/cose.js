// COSE_Sign1 messages (RFC 9052), and signatures over a tree of messages (docs/formats.md, batch signature).

import { decode, join, Tag, toBeSigned } from "./cbor.js";
import { algorithmOf, verifySignature } from "./certificates.js";
import { NotProven, require } from "./checks.js";
import { leafHash, rootOfInclusion } from "./hashes.js";

export const ES256 = -7, EDDSA = -8, ES256_BATCH = -65543, EDDSA_BATCH = -65544;
/** @type {Record<string, number>} */
const PLAIN = { ES256, EdDSA: EDDSA };

/** @typedef {{header: Uint8Array, fields: Map<any, any>, unprotected: Map<any, any>, payload: Uint8Array | null, signature: Uint8Array}} Sign1 `fields`: of the protected header */

/** @param {Uint8Array} bytes @returns {Sign1} */
export function readSign1(bytes) {
  const message = decode(bytes);
  const parts = message instanceof Tag && message.number === 18 ? message.value : null;
  require(Array.isArray(parts) && parts.length === 4, "a message is not a COSE_Sign1", "malformed");
  const [header, unprotected, payload, signature] = parts;
  require(header instanceof Uint8Array && unprotected instanceof Map && signature instanceof Uint8Array && (payload === null || payload instanceof Uint8Array),
    "a message is not a COSE_Sign1", "malformed");
  const fields = decode(header);
  require(fields instanceof Map && typeof fields.get(1) === "number" && !fields.has(2), "a protected header names no algorithm, or critical labels", "malformed");
  return { header, fields, unprotected, payload, signature };
}

/**
 * What a message's signature is over.
 * @param {Sign1} message @param {Uint8Array} [payload] of a detached one @param {Uint8Array} [external]
 */
export function signedBytes(message, payload, external) {
  const content = payload ?? message.payload;
  if (!content) throw new NotProven("a message has no payload", "malformed");
  return toBeSigned(message.header, content, external);
}

/**
 * The algorithm of a signature that stands alone: one that is longer than 64 bytes is a batch signature.
 * @param {Uint8Array} spki @param {Uint8Array} signature
 */
export function algorithmOfSignature(spki, signature) {
  const plain = PLAIN[algorithmOf(spki)];
  return signature.length <= 64 ? plain : plain === ES256 ? ES256_BATCH : EDDSA_BATCH;
}

/**
 * A signature over the message itself, or over a tree of messages of which it is one.
 * @param {Uint8Array} spki @param {number} algorithm of COSE @param {Uint8Array} signature @param {Uint8Array} message
 * @throws {NotProven}
 */
export async function verifyMessage(spki, algorithm, signature, message) {
  if (algorithm === ES256_BATCH || algorithm === EDDSA_BATCH) {
    const parts = decode(signature);
    require(Array.isArray(parts) && parts.length === 5 && parts[0] === 1 && parts[4] instanceof Uint8Array, "an unknown kind of batch signature", "bad_signature");
    const [, size, index, path, inner] = parts;
    const root = rootOfInclusion(leafHash(message), index, size, path);
    require(root, "a batch signature's proof leads nowhere", "bad_signature");
    const count = new Uint8Array(8);
    new DataView(count.buffer).setBigUint64(0, BigInt(size), true);
    message = join([new TextEncoder().encode("tally/batch-signature/v1"), root, count]);
    signature = inner;
    algorithm = algorithm === ES256_BATCH ? ES256 : EDDSA;
  }
  require(algorithm === PLAIN[algorithmOf(spki)], "the algorithm is not that of the key", "bad_key");
  require(await verifySignature(spki, signature, message), "the signature is false", "bad_signature");
}
