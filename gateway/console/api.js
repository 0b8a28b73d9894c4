// Calls of the REST interface. Each view shows which calls it has made.

import { authorization } from "./session.js";

const PATIENCE_MS = 20000;

/** What the node has answered instead: a problem document (RFC 9457), or none at all (status 0). */
export class ApiError extends Error {
  /** @param {number} status @param {string} code @param {string} detail */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }
}

/** @typedef {Record<string, string | number | boolean | undefined>} Query */

/** @type {{path: string, status: number, ms: number}[]} */
export const made = [];

/** @param {string[]} segments @param {Query} [query] */
export function pathOf(segments, query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return `v1/${segments.map(encodeURIComponent).join("/")}${pairs.length ? "?" + pairs.join("&") : ""}`;
}

/** @param {string} path @returns {Promise<Response>} */
async function fetchWithin(path) {
  const bearer = await authorization();
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), PATIENCE_MS);
  try {
    // The page is .../console/, of the node or of one of its channels: the interface is beside it.
    return await fetch(new URL(`../${path}`, document.baseURI), {
      headers: bearer ? { Authorization: bearer } : {}, signal: abort.signal, cache: "no-store", credentials: "omit",
    });
  } catch {
    throw new ApiError(0, abort.signal.aborted ? "timeout" : "unavailable", abort.signal.aborted
      ? `The node has not answered within ${PATIENCE_MS / 1000} seconds. Try again.` : "The node cannot be reached.");
  } finally {
    clearTimeout(timer);
  }
}

/** @param {string[]} segments @param {Query} [query] @returns {Promise<Response>} */
async function ask(segments, query) {
  const path = pathOf(segments, query);
  const begun = performance.now();
  let status = 0;
  try {
    const answer = await fetchWithin(path);
    status = answer.status;
    if (answer.ok) return answer;
    const problem = await answer.json().catch(() => ({}));
    throw new ApiError(status, problem.code || "unknown", problem.detail || `The answer has the status ${status}.`);
  } finally {
    made.push({ path: `/${path}`, status, ms: Math.round(performance.now() - begun) });
  }
}

/**
 * @param {string[]} segments of the path after /v1/ @param {Query} [query]
 * @returns {Promise<any>} the answer's JSON @throws {ApiError}
 */
export async function get(segments, query) {
  return (await ask(segments, query)).json();
}

/**
 * The same; null where there is none.
 * @param {string[]} segments @param {Query} [query] @returns {Promise<any>}
 */
export async function find(segments, query) {
  try {
    return await get(segments, query);
  } catch (error) {
    if (error instanceof ApiError && (error.status === 404 || error.code === "agreement_not_open")) return null;
    throw error;
  }
}

/** @param {string[]} segments @returns {Promise<Blob>} */
export async function getFile(segments) {
  return (await ask(segments)).blob();
}
