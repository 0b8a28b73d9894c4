// HTTPS to a gateway: deadlines and bounded answers, over fetch. In Node, `node.js` gives a fetch with the network's
// authorities and the member's client certificate; a browser has authorities of its own, and members sign tokens.

import { BadAnswer, Refused, TallyError, Unavailable } from "./errors.js";

const MAX_ANSWER = 64 << 20;  // the most that a node answers
const MAX_PROBLEM = 64 << 10;

/** @typedef {{method: string, headers: Record<string, string>, body?: Uint8Array, signal: AbortSignal, cache: "no-store", credentials: "omit"}} Init */
/** @typedef {{status: number, headers: {get(name: string): string | null}, body: ReadableStream<Uint8Array> | null}} Response */
/** @typedef {(url: string, init: Init) => Promise<Response>} Fetch */

export class Connection {
  /**
   * @param {string} url https://host:port, with /channels/NAME for a further channel of a node
   * @param {() => Promise<string | null>} authorization the header's value; null: there is none
   * @param {{fetch?: Fetch, timeoutMs?: number, maxBytes?: number}} options
   */
  constructor(url, authorization, { fetch, timeoutMs = 75000, maxBytes = MAX_ANSWER } = {}) {
    if (!/^https:\/\/[^/?#]+(\/[^?#]*)?$/.test(url)) throw new TallyError("invalid_argument", `"${url}" is no address like https://node1.example.org:7443`);
    this.url = url.replace(/\/+$/, "");
    this.authorization = authorization;
    /** @type {Fetch} */
    this.fetch = fetch ?? ((address, init) => globalThis.fetch(address, init));
    this.timeoutMs = timeoutMs;
    this.maxBytes = maxBytes;
  }

  /**
   * The answer's head; Unavailable where none came.
   * @param {string} method @param {string} path @param {AbortSignal} signal @param {Record<string, string>} headers @param {Uint8Array} [body]
   */
  async start(method, path, signal, headers, body) {
    const bearer = await this.authorization();
    const all = bearer ? { ...headers, Authorization: bearer } : headers;
    try {
      return await this.fetch(this.url + path, { method, headers: all, body, signal, cache: "no-store", credentials: "omit" });
    } catch (error) {
      throw failure(signal, error);
    }
  }

  /**
   * A whole answer; Refused from status 400 on.
   * @param {string} method @param {string} path @param {{body?: Uint8Array, type?: string, timeoutMs?: number}} options
   * @returns {Promise<{status: number, bytes: Uint8Array}>}
   */
  async request(method, path, { body, type, timeoutMs = this.timeoutMs } = {}) {
    const abort = new AbortController();
    const timer = setTimeout(() => abort.abort(), timeoutMs);
    try {
      /** @type {Record<string, string>} */
      const headers = type ? { "Content-Type": type } : {};
      const response = await this.start(method, path, abort.signal, headers, body);
      const bytes = await readBody(response, this.maxBytes, abort.signal);
      if (response.status >= 400) throw problemOf(response, bytes);
      if (response.status !== 200 && response.status !== 202) throw new BadAnswer("unavailable", `the answer has the status ${response.status}, which no node gives`);
      return { status: response.status, bytes };
    } catch (error) {
      abort.abort();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** @param {AbortSignal} signal @param {unknown} error */
export function failure(signal, error) {
  if (error instanceof TallyError) return error;
  return signal.aborted ? new Unavailable("timeout", "the node has not answered in time")
    : new Unavailable("unavailable", `the node cannot be reached: ${error instanceof Error ? error.message : error}`);
}

/** @param {Response} response @param {number} maxBytes @param {AbortSignal} signal @returns {Promise<Uint8Array>} */
export async function readBody(response, maxBytes, signal) {
  const parts = [];
  let size = 0;
  const reader = response.body?.getReader();
  try {
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      size += piece.value.length;
      if (size > maxBytes) throw new BadAnswer("too_large", `the answer has more than ${maxBytes} bytes`);
      parts.push(piece.value);
    }
  } catch (error) {
    throw failure(signal, error);
  }
  const out = new Uint8Array(size);
  for (let at = 0, i = 0; i < parts.length; at += parts[i++].length) out.set(parts[i], at);
  return out;
}

/**
 * Of an answer with a status from 400 on. A page that no node has written is `unavailable`: some proxy's, probably.
 * @param {Response} response @param {Uint8Array} bytes
 */
export function problemOf(response, bytes) {
  let found = null;
  try {
    found = JSON.parse(new TextDecoder().decode(bytes.subarray(0, MAX_PROBLEM)));
  } catch {
    // it is no node's
  }
  if (typeof found?.code !== "string") return new Refused(response.status, "unavailable", `the answer has the status ${response.status} and is not a node's`);
  const retry = Number(response.headers.get("retry-after"));
  return new Refused(response.status, found.code, String(found.detail ?? ""), found.validation_code, Number.isFinite(retry) && retry > 0 ? retry : undefined);
}
