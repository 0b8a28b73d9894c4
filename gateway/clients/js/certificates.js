// X.509 certificates (RFC 5280), as far as signatures of members need them: key, names, validity, what it may be used
// for, issuer's signature, revocation lists.

import { compare } from "./cbor.js";
import { NotProven } from "./checks.js";
import { hex } from "./hashes.js";

// Node has WebCrypto as a global from version 20 on, before that as a module.
const node = "node:crypto";
/** @type {Crypto} */
export const webCrypto = globalThis.crypto ?? (await import(node)).webcrypto;
export const { subtle } = webCrypto;

const OID_ED25519 = "2b6570";
const OID_ECDSA_SHA256 = "2a8648ce3d040302";
const OID_ECDSA_SHA384 = "2a8648ce3d040303";
const OID_P256 = "2a8648ce3d030107";
const OID_P384 = "2b81040022";
const OID_BASIC_CONSTRAINTS = "551d13";
const OID_KEY_USAGE = "551d0f";
const OID_LIST_NUMBER = "551d14";
const UNDERSTOOD = new Set([OID_BASIC_CONSTRAINTS, OID_KEY_USAGE, "551d25", "551d11"]);  // extended key usage, names
const OID_COMMON_NAME = "550403", OID_ORGANIZATION = "55040a", OID_ORGANIZATIONAL_UNIT = "55040b";
const DIGITAL_SIGNATURE = 0x80, CERTIFICATE_SIGN = 0x04;

/** A certificate or a list that cannot be read. */
export class BadCertificate extends NotProven {
  /** @param {string} message */
  constructor(message) {
    super(message, "certificate_malformed");
  }
}

/** @typedef {{tag: number, content: Uint8Array, whole: Uint8Array}} Der */

/** @param {Uint8Array} bytes @returns {Der[]} */
function elements(bytes) {
  const list = [];
  for (let at = 0; at < bytes.length;) {
    const start = at;
    const tag = bytes[at++];
    let length = bytes[at++];
    if (length > 0x84) throw new BadCertificate("a length in the DER is too long");
    if (length > 0x7f) {
      const width = length & 0x7f;
      length = 0;
      for (let i = 0; i < width; ++i) length = length * 256 + bytes[at++];
    }
    if (!(at + length <= bytes.length)) throw new BadCertificate("the DER is cut off");
    list.push({ tag, content: bytes.subarray(at, at + length), whole: bytes.subarray(start, at + length) });
    at += length;
  }
  return list;
}

/** @param {Uint8Array} a @param {Uint8Array} b */
export const same = (a, b) => compare(a, b) === 0;

/** @param {Der} time @returns {number} milliseconds since 1970 */
function timeOf(time) {
  let text = String.fromCharCode(...time.content);
  if (time.tag === 0x17) text = (Number(text.slice(0, 2)) < 50 ? "20" : "19") + text;
  const parts = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!parts) throw new BadCertificate("a time in the certificate cannot be read");
  const [year, month, day, hour, minute, second] = parts.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/**
 * The DER signature of ECDSA as r and s, which have `width` bytes each.
 * @param {Uint8Array} der @param {number} width
 */
function rawSignature(der, width) {
  const raw = new Uint8Array(2 * width);
  elements(elements(der)[0].content).forEach((number, index) => {
    const digits = number.content[0] === 0 ? number.content.subarray(1) : number.content;
    if (index > 1 || digits.length > width) throw new BadCertificate("a signature cannot be read");
    raw.set(digits, width * (index + 1) - digits.length);
  });
  return raw;
}

/** @param {Uint8Array} spki SubjectPublicKeyInfo @returns {"ES256" | "EdDSA" | "ES384"} */
export function algorithmOf(spki) {
  const identifiers = elements(elements(elements(spki)[0].content)[0].content).map((part) => hex(part.content));
  if (identifiers[0] === OID_ED25519) return "EdDSA";
  if (identifiers[1] === OID_P256) return "ES256";
  if (identifiers[1] === OID_P384) return "ES384";
  throw new BadCertificate("the key is neither of P-256 nor of Ed25519");
}

/** @typedef {{importing: EcKeyImportParams | Algorithm, verifying: EcdsaParams | Algorithm}} Parameters */
/** @type {Record<string, Parameters>} */
const PARAMETERS = {
  ES256: { importing: { name: "ECDSA", namedCurve: "P-256" }, verifying: { name: "ECDSA", hash: "SHA-256" } },
  ES384: { importing: { name: "ECDSA", namedCurve: "P-384" }, verifying: { name: "ECDSA", hash: "SHA-384" } },
  EdDSA: { importing: { name: "Ed25519" }, verifying: { name: "Ed25519" } },
};
/** @type {Map<string, Promise<CryptoKey>>} */
const imported = new Map();
const MAX_IMPORTED = 1000;

/** @param {Uint8Array} spki @param {string} algorithm */
function importedKey(spki, algorithm) {
  const name = hex(spki);
  const known = imported.get(name);
  if (known) return known;
  if (imported.size >= MAX_IMPORTED) imported.clear();
  const key = subtle.importKey("spki", spki, PARAMETERS[algorithm].importing, false, ["verify"]);
  imported.set(name, key);
  return key;
}

/**
 * @param {Uint8Array} spki @param {Uint8Array} signature raw: r and s, or that of Ed25519 @param {Uint8Array} message
 * @returns {Promise<boolean>}
 */
export async function verifySignature(spki, signature, message) {
  const algorithm = algorithmOf(spki);
  if (signature.length !== (algorithm === "ES384" ? 96 : 64)) return false;
  return subtle.verify(PARAMETERS[algorithm].verifying, await importedKey(spki, algorithm), signature, message);
}

export class Certificate {
  /** @param {Uint8Array} der */
  constructor(der) {
    const outer = elements(der);
    if (outer.length !== 1 || outer[0].tag !== 0x30) throw new BadCertificate("the bytes are not a certificate");
    const [body, kind, signature] = elements(outer[0].content);
    const fields = elements(body.content);
    if (fields[0].tag === 0xa0) fields.shift();
    const [serial, , issuer, validity, subject, key] = fields;
    const times = elements(validity.content);
    this.der = der;
    this.signed = body.whole;
    this.signature = signature.content.subarray(1);
    this.signatureKind = hex(elements(kind.content)[0].content);
    this.serial = serial.content;
    this.issuer = issuer.whole;
    this.subject = subject.whole;
    this.organization = attribute(subject, OID_ORGANIZATION);
    this.role = attribute(subject, OID_ORGANIZATIONAL_UNIT);
    this.name = attribute(subject, OID_COMMON_NAME);
    this.spki = key.whole;
    this.algorithm = algorithmOf(key.whole);
    this.notBefore = timeOf(times[0]);
    this.notAfter = timeOf(times[1]);
    const extensions = extensionsOf(fields.find((field) => field.tag === 0xa3));
    const constraints = extensions.get(OID_BASIC_CONSTRAINTS)?.value;
    const parts = constraints ? elements(elements(constraints)[0].content) : [];
    const usage = extensions.get(OID_KEY_USAGE)?.value;
    const bits = usage ? elements(usage)[0].content[1] : DIGITAL_SIGNATURE | CERTIFICATE_SIGN;
    this.isAuthority = parts[0]?.tag === 0x01 && parts[0].content[0] === 0xff;
    this.maySign = (bits & DIGITAL_SIGNATURE) !== 0;
    this.mayCertify = this.isAuthority && (bits & CERTIFICATE_SIGN) !== 0;
    this.pathLength = parts[1]?.tag === 0x02 && parts[1].content.length === 1 ? parts[1].content[0] : null;
    this.isUnderstood = ![...extensions].some(([kind, { isCritical }]) => isCritical && !UNDERSTOOD.has(kind));
  }

  /** @param {Certificate} other */
  isSame(other) {
    return same(this.der, other.der);
  }

  /** @param {number} time milliseconds since 1970 */
  isValidAt(time) {
    return this.notBefore <= time && time < this.notAfter;
  }

  /** @param {Certificate} authority @returns {Promise<boolean>} */
  async isIssuedBy(authority) {
    if (!authority.mayCertify || !same(authority.subject, this.issuer)) return false;
    const wanted = { EdDSA: OID_ED25519, ES256: OID_ECDSA_SHA256, ES384: OID_ECDSA_SHA384 }[authority.algorithm];
    if (this.signatureKind !== wanted) return false;
    const raw = authority.algorithm === "EdDSA" ? this.signature : rawSignature(this.signature, authority.algorithm === "ES384" ? 48 : 32);
    return verifySignature(authority.spki, raw, this.signed);
  }
}

/**
 * @param {Uint8Array} der @returns {Certificate} @throws {BadCertificate} whatever the bytes are
 */
export function readCertificate(der) {
  try {
    return new Certificate(der);
  } catch (error) {
    throw error instanceof BadCertificate ? error : new BadCertificate("the bytes are not a certificate");
  }
}

/**
 * The first attribute of this kind in a name; "": there is none.
 * @param {Der} name @param {string} wanted
 */
function attribute(name, wanted) {
  for (const part of elements(name.content)) {
    const [kind, value] = elements(elements(part.content)[0].content);
    if (hex(kind.content) === wanted) return new TextDecoder().decode(value.content);
  }
  return "";
}

/**
 * By their object identifiers.
 * @param {Der | undefined} extensions @returns {Map<string, {isCritical: boolean, value: Uint8Array}>}
 */
function extensionsOf(extensions) {
  const found = new Map();
  for (const extension of extensions ? elements(elements(extensions.content)[0].content) : []) {
    const parts = elements(extension.content);
    found.set(hex(parts[0].content), { isCritical: parts.length === 3 && parts[1].content[0] !== 0, value: parts[parts.length - 1].content });
  }
  return found;
}

/** @typedef {{issuer: Uint8Array, number: bigint, thisUpdate: number, nextUpdate: number, serials: Set<string>}} RevocationList */

/**
 * Its signature is not checked: it stands in the channel's configuration.
 * @param {Uint8Array} der @returns {RevocationList}
 */
export function readRevocations(der) {
  const fields = elements(elements(elements(der)[0].content)[0].content);
  if (fields[0].tag === 0x02) fields.shift();
  const isTime = (/** @type {Der | undefined} */ field) => field !== undefined && (field.tag === 0x17 || field.tag === 0x18);
  if (!isTime(fields[3])) throw new BadCertificate("a revocation list does not say when the next one comes");
  const list = fields.slice(4).find((field) => field.tag === 0x30);
  const serials = list ? elements(list.content).map((entry) => hex(elements(entry.content)[0].content)) : [];
  const number = extensionsOf(fields.find((field) => field.tag === 0xa0)).get(OID_LIST_NUMBER)?.value;
  return {
    issuer: fields[1].whole, number: number ? BigInt(`0x${hex(elements(number)[0].content) || "0"}`) : 0n,
    thisUpdate: timeOf(fields[2]), nextUpdate: timeOf(fields[3]), serials: new Set(serials),
  };
}

/**
 * The blocks of a PEM text.
 * @param {string} text @returns {Uint8Array[]}
 */
export function pemBlocks(text) {
  const blocks = text.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) || [];
  return blocks.map((block) => {
    const digits = block.replace(/-----[^-]+-----/g, "").replace(/\s/g, "");
    return Uint8Array.from(atob(digits), (character) => character.charCodeAt(0));
  });
}
