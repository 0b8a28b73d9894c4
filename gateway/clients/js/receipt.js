// Verifies receipt files of Tally offline: RFC 9942 receipts with RFC 9162 inclusion proofs (docs/formats.md, Receipts).
// README.md has an example.
//
// Needs WebCrypto alone: browsers, and Node from version 18 on. What is trusted is the channel's configuration, which
// the caller has from elsewhere.

import { decode, join, Malformed, Tag, toBeSigned } from "./cbor.js";
import { BadCertificate, Certificate, hex, organizationOf, subtle, verifySignature } from "./certificates.js";
import { isSatisfied, parsePolicy } from "./policy.js";

/** A receipt does not prove what it claims; the message says what does not hold. */
export class NotProven extends Error {}

/** @typedef {{channel: string, receipt: string, organizations: import("./certificates.js").Organization[]}} Channel */
/**
 * @typedef {{id: string, channel: string, contract: string, function: string, arguments: string, createdMs: number,
 *            organization: string}} Transaction
 */
/**
 * @typedef {{transaction: Transaction, validationCode: number, block: number, signers: string[],
 *            checks: {what: string, found: string}[]}} Proven
 * `validationCode` 0 is VALID; on the ledger no later than `block`
 */

const BATCH = { "-65543": "ES256", "-65544": "EdDSA" };
const PLAIN = { "-7": "ES256", "-8": "EdDSA" };
const encoder = new TextEncoder();

/** @param {any} condition @param {string} what @returns {asserts condition} */
function require(condition, what) {
  if (!condition) throw new NotProven(what);
}

/** @param {...Uint8Array} parts @returns {Promise<Uint8Array>} */
export async function sha256(...parts) {
  return new Uint8Array(await subtle.digest("SHA-256", join(parts)));
}

/** @param {Uint8Array} entry */
const leafHash = (entry) => sha256(Uint8Array.of(0), entry);

/**
 * The root to which an inclusion proof leads (RFC 9162 section 2.1.3.2), or null where it leads nowhere.
 * @param {Uint8Array} leaf @param {number} index @param {number} size @param {Uint8Array[]} path
 */
export async function rootOfInclusion(leaf, index, size, path) {
  if (!(index >= 0 && index < size)) return null;
  let position = BigInt(index), last = BigInt(size) - 1n, root = leaf;
  for (const sibling of path) {
    if (last === 0n || sibling.length !== 32) return null;
    if (position & 1n || position === last) {
      root = await sha256(Uint8Array.of(1), sibling, root);
      while (!(position & 1n) && position !== 0n) {
        position >>= 1n;
        last >>= 1n;
      }
    } else {
      root = await sha256(Uint8Array.of(1), root, sibling);
    }
    position >>= 1n;
    last >>= 1n;
  }
  return last === 0n ? root : null;
}

/** @param {Uint8Array} bytes @returns {[Uint8Array, Map<any, any>, any, Uint8Array]} */
function readSign1(bytes) {
  const message = decode(bytes);
  const parts = message instanceof Tag && message.number === 18 ? message.value : null;
  require(Array.isArray(parts) && parts.length === 4, "a message is not a COSE_Sign1");
  const [header, unprotected, payload, signature] = parts;
  require(header instanceof Uint8Array && unprotected instanceof Map && signature instanceof Uint8Array, "a message is not a COSE_Sign1");
  return [header, unprotected, payload, signature];
}

/**
 * A signature over the message itself, or over a tree of messages of which it is one.
 * @param {Certificate} certificate @param {number} algorithm of COSE @param {Uint8Array} signature
 * @param {Uint8Array} message @param {string} whose
 */
async function checkSignature(certificate, algorithm, signature, message, whose) {
  const name = String(algorithm);
  let expected = /** @type {Record<string, string>} */ (PLAIN)[name];
  if (name in BATCH) {
    expected = /** @type {Record<string, string>} */ (BATCH)[name];
    const [version, size, index, path, inner] = decode(signature);
    require(version === 1, `${whose}: an unknown kind of batch signature`);
    const root = await rootOfInclusion(await leafHash(message), index, size, path);
    require(root, `${whose}: the batch signature's proof leads nowhere`);
    const count = new Uint8Array(8);
    new DataView(count.buffer).setBigUint64(0, BigInt(size), true);
    message = join([encoder.encode("tally/batch-signature/v1"), root, count]);
    signature = inner;
  }
  require(expected === certificate.algorithm, `${whose}: the algorithm is not that of the certificate's key`);
  require(await verifySignature(certificate.spki, signature, message), `${whose}: the signature is false`);
}

/**
 * The byte strings of an encoded transaction.
 * @param {Uint8Array} bytes
 */
function proposalOf(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 1;
  const number = () => {
    require(at + 4 <= bytes.length, "the transaction is cut off");
    at += 4;
    return view.getUint32(at - 4, true);
  };
  const text = () => {
    const length = number();
    require(length <= bytes.length - at, "the transaction is cut off");
    at += length;
    return bytes.subarray(at - length, at);
  };
  require(bytes[0] === 1, "the receipt is not of a contract's transaction");
  const proposal = text();
  text();  // the simulation
  for (let left = number(); left > 0; --left) text(), text();
  require(at === bytes.length, "there are bytes after the transaction");
  return proposal;
}

/** @param {Uint8Array} bytes @param {Channel} channel @returns {Promise<Transaction & {raw: Uint8Array}>} */
async function readTransaction(bytes, channel) {
  const [header, unprotected, payload, signature] = readSign1(proposalOf(bytes));
  const fields = decode(header);
  const content = decode(payload);
  require(unprotected.size === 0 && fields.get(3) === "application/tally-proposal+cbor" && content[0] === 1, "the transaction has no proposal");
  const chain = fields.get(33);
  const creator = new Certificate(Array.isArray(chain) ? chain[0] : chain);
  const message = toBeSigned(header, payload);
  await checkSignature(creator, fields.get(1), signature, message, "the transaction");
  const [, name, contract, called, text, , , createdMs] = content;
  require(name === channel.channel, `the transaction is of the channel "${name}", not of "${channel.channel}"`);
  const organization = await organizationOf(creator, channel.organizations, createdMs);
  require(organization, "the certificate of the transaction's creator leads to no root of the channel");
  const raw = await sha256(message);
  return { id: hex(raw), raw, channel: name, contract, function: called, arguments: text, createdMs, organization };
}

/**
 * One committer's receipt. Returns its signer and the block.
 * @param {Uint8Array} receipt @param {Uint8Array} der @param {Uint8Array} entry @param {Channel} channel @param {number} time
 */
async function checkOne(receipt, der, entry, channel, time) {
  const certificate = new Certificate(der);
  const organization = await organizationOf(certificate, channel.organizations, time);
  require(organization, "the certificate of a receipt's signer leads to no root of the channel");
  const whose = `the receipt of ${organization}`;
  const [header, unprotected, payload, signature] = readSign1(receipt);
  const fields = decode(header);
  require(payload === null && fields.get(395) === 1, `${whose} is not an RFC 9942 receipt`);
  require(hex(fields.get(4)) === hex(await sha256(der)), `${whose} names another certificate`);
  require(fields.get(-70001) === channel.channel, `${whose} is of another channel`);
  require(fields.get(-70005) instanceof Uint8Array && fields.get(-70005).length === 32, `${whose} has no state digest`);
  const proofs = unprotected.get(396)?.get(-1);
  require(Array.isArray(proofs) && proofs.length === 1, `${whose} has no inclusion proof`);
  const [size, index, path] = decode(proofs[0]);
  require(size === fields.get(-70004), `${whose}: the proof is for another tree`);
  const root = await rootOfInclusion(await leafHash(entry), index, size, path);
  require(root, `${whose}: the inclusion proof leads nowhere`);
  await checkSignature(certificate, fields.get(1), signature, toBeSigned(header, root), whose);
  return { organization, role: certificate.role, key: hex(certificate.spki), block: Number(fields.get(-70002)) };
}

/** @param {Channel} channel @param {import("./policy.js").Signer[]} signers */
function isEnough(channel, signers) {
  const rule = parsePolicy(channel.receipt, channel.organizations.map((organization) => organization.id));
  require(rule, `the channel's receipt policy "${channel.receipt}" cannot be read`);
  return isSatisfied(rule, signers);
}

/**
 * Proves that a transaction is on the ledger, with its validation code.
 * @param {Uint8Array} file the receipt file @param {Channel} channel the channel's configuration (channel.json)
 * @returns {Promise<Proven>}
 * @throws {NotProven}
 */
export async function verifyReceipt(file, channel) {
  try {
    return await prove(file, channel);
  } catch (error) {
    if (error instanceof NotProven) throw error;
    if (error instanceof Malformed || error instanceof BadCertificate) throw new NotProven(error.message);
    throw new NotProven(`the file is not a receipt: ${error instanceof Error ? error.message : error}`);
  }
}

/** @param {Uint8Array} file @param {Channel} channel @returns {Promise<Proven>} */
async function prove(file, channel) {
  const parts = decode(file);
  require(parts instanceof Map && parts.get(1) === "tally-receipt/1" && parts.size === 4, "the file is not a receipt file");
  const bytes = parts.get(2), code = parts.get(3);
  require(Number.isInteger(code) && code >= 0 && code < 256, "the receipt file has no validation code");
  const { raw, ...transaction } = await readTransaction(bytes, channel);
  const entry = await sha256(raw, Uint8Array.of(code), await sha256(bytes));
  const checks = [{ what: "the proposal's signature", found: `by a member of ${transaction.organization}` }];
  /** @type {Map<string, import("./policy.js").Signer>} */
  const signers = new Map();  // by their keys: a signer counts once
  let block = Infinity;
  for (const [receipt, certificate] of parts.get(4)) {
    const { key, organization, role, ...signed } = await checkOne(receipt, certificate, entry, channel, transaction.createdMs);
    signers.set(key, { organization, role });
    block = Math.min(block, signed.block);
    checks.push({ what: "a committer's inclusion proof and signature", found: `of ${organization}, block ${signed.block}` });
  }
  const names = [...new Set([...signers.values()].map((signer) => signer.organization))];
  require(isEnough(channel, [...signers.values()]), `the receipts of ${names.join(", ") || "nobody"} do not satisfy the policy ${channel.receipt}`);
  checks.push({ what: `the receipt policy ${channel.receipt}`, found: names.join(", ") });
  return { transaction, validationCode: code, block, signers: names, checks };
}
