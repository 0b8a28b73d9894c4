// Events of contracts and headers of blocks as they are committed: server-sent events with a durable cursor.

import { failure, problemOf, readBody } from "./connection.js";
import { BadAnswer, Refused, Unavailable } from "./errors.js";

const SILENCE_MS = 60000;  // a node sends a comment every 15 s
const MAX_EVENT = 8 << 20;
const MAX_PROBLEM = 64 << 10;
const LONGEST_PAUSE_MS = 30000;
const OVERLOADED = [429, 502, 503, 504];  // then another try is worth it

/** @typedef {{id: string, name: string, data: any}} LedgerEvent `id`: its place in the ledger; `data` of an event: transaction, contract, name, time_ms, payload */
/**
 * @typedef {{load(): Promise<string | null>, save(id: string): Promise<void>}} Cursor
 * The last event that was handled: a reader that starts again misses nothing, and gets the last one again when it stopped
 * before it came back for the next. `fileCursor` of node.js keeps it in a file, `storageCursor` in a browser.
 */

/** @param {string} name @returns {Cursor} */
export const storageCursor = (name) => ({
  load: async () => localStorage.getItem(name),
  save: async (id) => localStorage.setItem(name, id),
});

/** @returns {Cursor} */
export function memoryCursor() {
  /** @type {string | null} */
  let last = null;
  return { load: async () => last, save: async (id) => { last = id; } };
}

/**
 * The events of one connection, until it ends.
 * @param {import("./connection.js").Connection} connection @param {string} path @param {string | null} last
 * @param {AbortSignal | undefined} stop @returns {AsyncGenerator<LedgerEvent>}
 */
async function* stream(connection, path, last, stop) {
  const abort = new AbortController();
  const end = () => abort.abort();
  stop?.addEventListener("abort", end);
  let timer = setTimeout(end, SILENCE_MS);
  try {
    /** @type {Record<string, string>} */
    const headers = { Accept: "text/event-stream", ...(last ? { "Last-Event-ID": last } : {}) };
    const response = await connection.start("GET", path, abort.signal, headers);
    if (response.status !== 200) throw problemOf(response, await readBody(response, MAX_PROBLEM, abort.signal));
    const reader = response.body?.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (let piece = await reader?.read(); piece && !piece.done; piece = await reader?.read()) {
      clearTimeout(timer);
      timer = setTimeout(end, SILENCE_MS);
      text += decoder.decode(piece.value, { stream: true });
      const events = text.split(/\r?\n\r?\n/);
      text = events.pop() ?? "";
      for (const each of events) {
        const event = eventOf(each);
        if (event?.name === "problem" && event.id === "") return;  // the node ends the stream, and says why
        if (event && event.id !== "") yield event;
      }
      if (text.length > MAX_EVENT) throw new BadAnswer("too_large", `an event has more than ${MAX_EVENT} bytes`);
    }
  } catch (error) {
    throw failure(abort.signal, error);
  } finally {
    clearTimeout(timer);
    stop?.removeEventListener("abort", end);
    abort.abort();
  }
}

/** @param {string} text @returns {LedgerEvent | null} null: a comment */
function eventOf(text) {
  const event = { id: "", name: "", data: /** @type {any} */ (undefined) };
  for (const line of text.split(/\r?\n/)) {
    const at = line.indexOf(":");
    const value = line.slice(at + 1).replace(/^ /, "");
    if (line.startsWith("id:")) event.id = value;
    if (line.startsWith("event:")) event.name = value;
    if (!line.startsWith("data:")) continue;
    try {
      event.data = JSON.parse(value);
    } catch {
      throw new BadAnswer("malformed", "an event is no JSON");
    }
  }
  return event.data === undefined ? null : event;
}

/** @param {number} ms @param {AbortSignal | undefined} stop @returns {Promise<void>} */
function pause(ms, stop) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    stop?.addEventListener("abort", () => { clearTimeout(timer); resolve(); });
  });
}

/**
 * Until `stop`: when the stream breaks, or the node is overloaded, from the cursor on.
 * @param {import("./connection.js").Connection} connection @param {string} path @param {Cursor} cursor @param {AbortSignal} [stop]
 * @returns {AsyncGenerator<LedgerEvent>}
 */
export async function* follow(connection, path, cursor, stop) {
  for (let wait = 100; !stop?.aborted;) {
    try {
      for await (const event of stream(connection, path, await cursor.load(), stop)) {
        yield event;
        await cursor.save(event.id);
        wait = 100;
      }
    } catch (error) {
      if (!(error instanceof Unavailable) && !(error instanceof Refused && OVERLOADED.includes(error.status))) throw error;
    }
    if (!stop?.aborted) await pause(wait * (0.5 + Math.random() / 2), stop);
    wait = Math.min(2 * wait, LONGEST_PAUSE_MS);
  }
}
