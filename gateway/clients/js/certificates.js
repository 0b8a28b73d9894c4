// X.509 certificates (RFC 5280), as far as a receipt needs them: key, names, validity, issuer's signature, revocation.

import { compare } from "./cbor.js";

// Node has WebCrypto as a global from version 20 on, before that as a module.
const node = "node:crypto";
/** @type {SubtleCrypto} */
export const subtle = (globalThis.crypto ?? (await import(node)).webcrypto).subtle;

const OID_ED25519 = "2b6570";
const OID_ECDSA_SHA256 = "2a8648ce3d040302";
const OID_P256 = "2a8648ce3d030107";
const OID_BASIC_CONSTRAINTS = "551d13";
const OID_ORGANIZATIONAL_UNIT = "55040b";

/** A certificate or a list that cannot be read. */
export class BadCertificate extends Error {}

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

/** @param {Uint8Array} bytes */
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** @param {Uint8Array} a @param {Uint8Array} b */
const same = (a, b) => compare(a, b) === 0;

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
 * The DER signature of ECDSA as r and s of 32 bytes.
 * @param {Uint8Array} der
 */
function rawSignature(der) {
  const raw = new Uint8Array(64);
  elements(elements(der)[0].content).forEach((number, index) => {
    const digits = number.content[0] === 0 ? number.content.subarray(1) : number.content;
    if (index > 1 || digits.length > 32) throw new BadCertificate("a signature cannot be read");
    raw.set(digits, 32 * (index + 1) - digits.length);
  });
  return raw;
}

/** @param {Uint8Array} spki SubjectPublicKeyInfo @returns {"ES256" | "EdDSA"} */
function algorithmOf(spki) {
  const identifiers = elements(elements(elements(spki)[0].content)[0].content).map((part) => hex(part.content));
  if (identifiers[0] === OID_ED25519) return "EdDSA";
  if (identifiers[1] === OID_P256) return "ES256";
  throw new BadCertificate("the key is neither of P-256 nor of Ed25519");
}

/**
 * @param {Uint8Array} spki @param {Uint8Array} signature 64 bytes @param {Uint8Array} message
 * @returns {Promise<boolean>}
 */
export async function verifySignature(spki, signature, message) {
  if (signature.length !== 64) return false;
  const isP256 = algorithmOf(spki) === "ES256";
  const kind = isP256 ? { name: "ECDSA", namedCurve: "P-256" } : { name: "Ed25519" };
  const key = await subtle.importKey("spki", spki, kind, false, ["verify"]);
  return subtle.verify(isP256 ? { name: "ECDSA", hash: "SHA-256" } : kind, key, signature, message);
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
    this.role = roleOf(subject);
    this.spki = key.whole;
    this.algorithm = algorithmOf(key.whole);
    this.notBefore = timeOf(times[0]);
    this.notAfter = timeOf(times[1]);
    this.isAuthority = isAuthority(fields.find((field) => field.tag === 0xa3));
  }

  /** @param {number} time milliseconds since 1970 */
  isValidAt(time) {
    return this.notBefore <= time && time <= this.notAfter;
  }

  /** @param {Certificate} authority @returns {Promise<boolean>} */
  async isIssuedBy(authority) {
    if (!authority.isAuthority || !same(authority.subject, this.issuer)) return false;
    if (this.signatureKind === OID_ED25519) return verifySignature(authority.spki, this.signature, this.signed);
    if (this.signatureKind !== OID_ECDSA_SHA256) return false;
    return verifySignature(authority.spki, rawSignature(this.signature), this.signed);
  }
}

/**
 * The organizational unit: the member's role.
 * @param {Der} subject
 */
function roleOf(subject) {
  for (const part of elements(subject.content)) {
    const [kind, value] = elements(elements(part.content)[0].content);
    if (hex(kind.content) === OID_ORGANIZATIONAL_UNIT) return new TextDecoder().decode(value.content);
  }
  return "";
}

/** @param {Der | undefined} extensions */
function isAuthority(extensions) {
  if (!extensions) return false;
  for (const extension of elements(elements(extensions.content)[0].content)) {
    const parts = elements(extension.content);
    if (hex(parts[0].content) !== OID_BASIC_CONSTRAINTS) continue;
    const value = elements(elements(parts[parts.length - 1].content)[0].content);
    return value.length > 0 && value[0].tag === 0x01 && value[0].content[0] === 0xff;
  }
  return false;
}

/**
 * The serial numbers that a revocation list names, with its issuer.
 * @param {Uint8Array} der
 */
export function readRevocations(der) {
  const fields = elements(elements(elements(der)[0].content)[0].content);
  if (fields[0].tag === 0x02) fields.shift();
  const isTime = (/** @type {Der} */ field) => field.tag === 0x17 || field.tag === 0x18;
  const list = fields.slice(3).find((field) => field.tag === 0x30 && !isTime(field));
  const serials = list ? elements(list.content).map((entry) => hex(elements(entry.content)[0].content)) : [];
  return { issuer: fields[1].whole, serials: new Set(serials) };
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

/**
 * @typedef {{id: string, roots: string[], intermediates: string[], crls: string[]}} Organization
 */

/**
 * The organization to one of whose roots the certificate leads, with all valid at the time and none revoked; or null.
 * @param {Certificate} certificate @param {Organization[]} organizations @param {number} time ms since 1970
 * @returns {Promise<string | null>}
 */
export async function organizationOf(certificate, organizations, time) {
  for (const organization of organizations) {
    const load = (/** @type {string[]} */ texts) => texts.flatMap(pemBlocks).map((der) => new Certificate(der));
    const roots = load(organization.roots), between = load(organization.intermediates);
    const lists = organization.crls.flatMap(pemBlocks).map(readRevocations);
    if (await leadsTo(roots, between, lists, certificate, time)) return organization.id;
  }
  return null;
}

/**
 * @param {Certificate[]} roots @param {Certificate[]} between @param {ReturnType<typeof readRevocations>[]} lists
 * @param {Certificate} leaf @param {number} time
 */
async function leadsTo(roots, between, lists, leaf, time) {
  let current = leaf;
  for (let steps = 0; steps < 4 && current.isValidAt(time); ++steps) {
    const { issuer, serial } = current;
    if (lists.some((list) => same(list.issuer, issuer) && list.serials.has(hex(serial)))) return false;
    /** @type {Certificate | undefined} */
    let authority;
    for (const candidate of [...roots, ...between]) {
      if (await current.isIssuedBy(candidate)) authority = candidate;
      if (authority) break;
    }
    if (!authority) return false;
    if (roots.includes(authority)) return authority.isValidAt(time);
    current = authority;
  }
  return false;
}
