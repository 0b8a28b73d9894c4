// A member's key that this browser makes and keeps: it cannot be read out, only used. Its certificate is issued where
// the organization's authority is: `tally identity issue ORGANIZATION NAME --role client --csr REQUEST`.

const DATABASE = "tally", STORE = "members", NAME = "member";
const KIND = { name: "ECDSA", namedCurve: "P-256" };
const SIGNING = { name: "ECDSA", hash: "SHA-256" };
const LIFETIME_S = 240;

/** @typedef {{keys: CryptoKeyPair, organization: string, name: string, role: string, channel: string, chain?: string[]}} Member chain: base64 of DER, the leaf first */

/** @template T @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest<T>} work @returns {Promise<T>} */
function inStore(mode, work) {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const asking = work(opening.result.transaction(STORE, mode).objectStore(STORE));
      asking.onsuccess = () => resolve(asking.result);
      asking.onerror = () => reject(asking.error);
    };
  });
}

/** @returns {Promise<Member | undefined>} */
export const storedMember = () => inStore("readonly", (store) => store.get(NAME)).catch(() => undefined);

/** @param {Member} member */
export const storeMember = (member) => inStore("readwrite", (store) => store.put(member, NAME));

export const forgetMember = () => inStore("readwrite", (store) => store.delete(NAME));

/** @param {string} organization @param {string} name @param {string} role @param {string} channel @returns {Promise<Member>} */
export async function makeMember(organization, name, role, channel) {
  const keys = await crypto.subtle.generateKey(KIND, false, ["sign", "verify"]);
  return { keys, organization, name, role, channel };
}

/** @param {Uint8Array} bytes */
const base64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
/** @param {Uint8Array} bytes */
const base64url = (bytes) => base64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

/**
 * One DER element.
 * @param {number} tag @param {...Uint8Array} parts @returns {Uint8Array}
 */
function der(tag, ...parts) {
  const content = parts.flatMap((part) => [...part]);
  const length = content.length < 128 ? [content.length] : content.length < 256 ? [0x81, content.length] : [0x82, content.length >> 8, content.length & 255];
  return Uint8Array.from([tag, ...length, ...content]);
}

/** @param {string} digits */
const bytesOf = (digits) => Uint8Array.from(digits.match(/../g) || [], (pair) => parseInt(pair, 16));

/**
 * An attribute of a name, X.520: 10 organization, 11 organizational unit, 3 common name.
 * @param {number} kind @param {string} value
 */
const attribute = (kind, value) => der(0x31, der(0x30, der(0x06, Uint8Array.of(0x55, 0x04, kind)), der(0x0c, new TextEncoder().encode(value))));

/** @param {Uint8Array} digits 32 bytes of an ECDSA signature */
function integer(digits) {
  let first = digits.findIndex((byte) => byte !== 0);
  if (first < 0) first = digits.length - 1;
  const short = digits.subarray(first);
  return der(0x02, short[0] & 0x80 ? Uint8Array.from([0, ...short]) : short);
}

/**
 * The request for a certificate (PKCS #10, RFC 2986) as PEM.
 * @param {Member} member @returns {Promise<string>}
 */
export async function requestOf(member) {
  const spki = new Uint8Array(await crypto.subtle.exportKey("spki", member.keys.publicKey));
  const subject = der(0x30, attribute(10, member.organization), attribute(11, member.role), attribute(3, member.name));
  const body = der(0x30, der(0x02, Uint8Array.of(0)), subject, spki, der(0xa0));
  const raw = new Uint8Array(await crypto.subtle.sign(SIGNING, member.keys.privateKey, body));
  const signature = der(0x30, integer(raw.subarray(0, 32)), integer(raw.subarray(32)));
  const ecdsaWithSha256 = der(0x30, der(0x06, bytesOf("2a8648ce3d040302")));
  const whole = der(0x30, body, ecdsaWithSha256, der(0x03, Uint8Array.of(0), signature));
  const lines = base64(whole).match(/.{1,64}/g) || [];
  return ["-----BEGIN CERTIFICATE REQUEST-----", ...lines, "-----END CERTIFICATE REQUEST-----", ""].join("\n");
}

/**
 * A token for reading that lives for minutes.
 * @param {Member} member @returns {Promise<string>}
 */
export async function tokenOf(member) {
  const encode = (/** @type {object} */ part) => base64url(new TextEncoder().encode(JSON.stringify(part)));
  const now = Math.floor(Date.now() / 1000);
  const signed = `${encode({ alg: "ES256", typ: "JWT", x5c: member.chain })}.${encode({ aud: member.channel, iat: now, exp: now + LIFETIME_S, scope: "read" })}`;
  const signature = await crypto.subtle.sign(SIGNING, member.keys.privateKey, new TextEncoder().encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}
