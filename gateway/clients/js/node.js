// For Node: a client of a member's profile, with the network's authorities and the member's TLS certificate; a cursor in a
// file. Not for browsers, which have neither files nor client certificates of their own.

import { Channel } from "./channel.js";
import { Client } from "./client.js";
import { TallyError } from "./errors.js";
import { Identity } from "./identity.js";

// As variables, so that types do not need those of Node.
const modules = { fs: "node:fs/promises", https: "node:https", path: "node:path", stream: "node:stream" };
const { open, readFile, rename, stat } = await import(modules.fs);
const { Agent, request } = await import(modules.https);
const { dirname, join } = await import(modules.path);
const { Readable } = await import(modules.stream);

/**
 * fetch, as far as the client needs it, with authorities and a client certificate (PEM).
 * @param {{ca: string, cert?: string, key?: string}} tls @returns {import("./connection.js").Fetch}
 */
export function fetchWith(tls) {
  const agent = new Agent({ ...tls, keepAlive: true, timeout: 90000 });
  return (url, { method, headers, body, signal }) => new Promise((resolve, reject) => {
    const sent = request(url, { method, headers: body ? { ...headers, "Content-Length": body.length } : headers, agent, signal }, (/** @type {any} */ answer) => {
      const get = (/** @type {string} */ name) => answer.headers[name] ?? null;
      resolve({ status: answer.statusCode, headers: { get }, body: Readable.toWeb(answer) });
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

/**
 * A client of a member's profile.toml, or the folder with it, as `tally network create` and `tally identity` make them. What the
 * profile names as `genesis` is trusted unless `trust` is given.
 * @param {string} profile @param {Partial<import("./client.js").Options>} options @returns {Promise<Client>}
 */
export async function clientOfProfile(profile, options = {}) {
  const file = (await stat(profile)).isDirectory() ? join(profile, "profile.toml") : profile;
  const text = await readFile(file, "utf8");
  const value = (/** @type {string} */ name) => new RegExp(`^${name}\\s*=\\s*"([^"\\\\]*)"`, "m").exec(text)?.[1];
  const read = (/** @type {string} */ name) => {
    const found = value(name);
    if (!found) throw new TallyError("bad_configuration", `${file}: "${name}" is missing or not a text`);
    return readFile(found.startsWith("/") ? found : join(dirname(file), found), "utf8");
  };
  const [ca, cert, key] = await Promise.all(["authorities", "certificate", "key"].map(read));
  const url = value("url"), genesis = value("genesis");
  if (!url) throw new TallyError("bad_configuration", `${file}: "url" is missing or not a text`);
  const trust = options.trust ?? (genesis ? Channel.of(new Uint8Array(await readFile(join(dirname(file), genesis)))) : []);
  return new Client({
    url, identity: await Identity.ofPem(cert, key), channel: value("channel") ?? "main", token: false, fetch: fetchWith({ ca, cert, key }), ...options, trust,
  });
}

/**
 * Keeps the place in a file.
 * @param {string} file @returns {import("./events.js").Cursor}
 */
export const fileCursor = (file) => ({
  load: () => readFile(file, "utf8").then((/** @type {string} */ text) => text.trim() || null, () => null),
  save: async (id) => {
    const out = await open(`${file}.new`, "w");
    await out.writeFile(`${id}\n`);
    await out.sync();
    await out.close();
    await rename(`${file}.new`, file);
  },
});
