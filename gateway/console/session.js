// Who asks: a token for reading, as `tally console open` makes it, which comes behind the # of the address and stays in
// this tab; or a key that this browser keeps (keys.js), which signs short tokens itself.

import { storedMember, tokenOf } from "./keys.js";

const NAME = "tally-token";

/** @param {string} token @returns {{aud?: string, exp?: number, scope?: string} | null} */
function claimsOf(token) {
  try {
    const text = atob(token.split(".")[1].replace(/-/g, "+").replace(/_/g, "/"));
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Takes a token out of the address, so that it is neither shown nor kept in the history.
 * @returns {boolean} whether there was one
 */
export function takeToken() {
  const found = /^#token=([\w.-]+)$/.exec(location.hash);
  if (!found) return false;
  sessionStorage.setItem(NAME, found[1]);
  history.replaceState(null, "", "#/devices");
  return true;
}

export function forget() {
  sessionStorage.removeItem(NAME);
}

/**
 * What the page says about the caller.
 * @returns {Promise<string>}
 */
export async function describe() {
  const token = sessionStorage.getItem(NAME);
  const claims = token && claimsOf(token);
  if (claims) return `Reading ${claims.aud} until ${new Date((claims.exp || 0) * 1000).toLocaleTimeString()}`;
  const member = await storedMember();
  return member?.chain ? `Reading ${member.channel} with this browser's key` : "Not signed in";
}

/**
 * The value of the header Authorization; null: nobody is signed in.
 * @returns {Promise<string | null>}
 */
export async function authorization() {
  const token = sessionStorage.getItem(NAME);
  if (token) return `Bearer ${token}`;
  const member = await storedMember();
  return member?.chain ? `Bearer ${await tokenOf(member)}` : null;
}
