// A member: its key and its certificate chain, with what it signs. Keys are WebCrypto's: in a browser they may be such that
// nobody can read them out.

import { encode, Tag, toBeSigned } from "./cbor.js";
import { pemBlocks, readCertificate, subtle, webCrypto } from "./certificates.js";
import { EDDSA, ES256 } from "./cose.js";
import { TallyError } from "./errors.js";
import { hex, sha256 } from "./hashes.js";

const ED25519 = "06032b6570", P256 = "06082a8648ce3d030107";  // object identifiers, as they stand in a PKCS #8 key
const P256_KEY = { name: "ECDSA", namedCurve: "P-256" };

/** @param {Uint8Array} bytes */
export const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
/** @param {Uint8Array} bytes */
export const base64url = (bytes) => base64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/** A private key on P-256 or of Ed25519 that signs. */
export class SigningKey {
  /** @param {CryptoKey} key */
  constructor(key) {
    const isEdwards = key.algorithm.name === "Ed25519";
    if (!isEdwards && /** @type {EcKeyAlgorithm} */ (key.algorithm).namedCurve !== "P-256") throw new TallyError("bad_key", "a key is on P-256 or of Ed25519");
    this.key = key;
    this.algorithm = isEdwards ? EDDSA : ES256;  // of COSE
    this.name = isEdwards ? "EdDSA" : "ES256";  // of JOSE
  }

  /**
   * Of a PEM text without a passphrase, as `tally identity` and `tally device new` write it.
   * @param {string} pem @returns {Promise<SigningKey>}
   */
  static async ofPem(pem) {
    const [der] = pemBlocks(pem);
    const kind = der && (hex(der).includes(ED25519) ? { name: "Ed25519" } : hex(der).includes(P256) ? P256_KEY : null);
    if (!kind || !pem.includes("BEGIN PRIVATE KEY")) throw new TallyError("bad_key", "this is no private key on P-256 or of Ed25519 in PKCS #8 without a passphrase");
    return new SigningKey(await subtle.importKey("pkcs8", der, kind, false, ["sign"]));
  }

  /**
   * A new pair on P-256. The private key cannot be read out.
   * @returns {Promise<{key: SigningKey, publicKey: CryptoKey}>}
   */
  static async generate() {
    const pair = await subtle.generateKey(P256_KEY, false, ["sign", "verify"]);
    return { key: new SigningKey(pair.privateKey), publicKey: pair.publicKey };
  }

  /** @param {Uint8Array} message @returns {Promise<Uint8Array>} 64 bytes */
  async sign(message) {
    const kind = this.algorithm === EDDSA ? { name: "Ed25519" } : { name: "ECDSA", hash: "SHA-256" };
    return new Uint8Array(await subtle.sign(kind, this.key, message));
  }
}

export class Identity {
  /** @param {SigningKey} key @param {Uint8Array[]} chain DER, the member's own certificate first, without the root */
  constructor(key, chain) {
    if (chain.length === 0) throw new TallyError("certificate_malformed", "there is no certificate");
    this.key = key;
    this.chain = chain;
    this.organization = readCertificate(chain[0]).organization;
  }

  /**
   * Of certificate.pem and key.pem.
   * @param {string} certificate @param {string} key @returns {Promise<Identity>}
   */
  static async ofPem(certificate, key) {
    return new Identity(await SigningKey.ofPem(key), pemBlocks(certificate));
  }

  /**
   * A JWT for `Authorization: Bearer`.
   * @param {string} channel @param {{lifetimeS?: number, scope?: string}} options @returns {Promise<string>}
   */
  async token(channel, { lifetimeS = 240, scope } = {}) {
    const part = (/** @type {object} */ content) => base64url(new TextEncoder().encode(JSON.stringify(content)));
    const now = Math.floor(Date.now() / 1000);
    const signed = `${part({ alg: this.key.name, typ: "JWT", x5c: this.chain.map(base64) })}.${part({ aud: channel, iat: now, exp: now + lifetimeS, scope })}`;
    return `${signed}.${base64url(await this.key.sign(new TextEncoder().encode(signed)))}`;
  }

  /**
   * The message that is sent, and the transaction's id.
   * @param {string} channel @param {string} contract @param {string} called @param {object | string} given arguments, or their JSON text
   * @param {Uint8Array[]} [attachments] @returns {Promise<{message: Uint8Array, id: string}>}
   */
  async proposal(channel, contract, called, given, attachments = []) {
    const text = typeof given === "string" ? given : JSON.stringify(given);
    const payload = encode([1, channel, contract, called, text, attachments, webCrypto.getRandomValues(new Uint8Array(16)), Date.now()]);
    const header = encode(new Map(/** @type {[number, any][]} */ ([
      [1, this.key.algorithm], [3, "application/tally-proposal+cbor"], [33, this.chain.length === 1 ? this.chain[0] : this.chain]])));
    const signed = toBeSigned(header, payload);
    return { message: encode(new Tag(18, [header, new Map(), payload, await this.key.sign(signed)])), id: hex(sha256(signed)) };
  }
}
