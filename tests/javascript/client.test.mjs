// The client of gateway/clients/js without a node: how it meets a gateway that is slow, too talkative, overloaded, or that
// answers about something else. `fetch` is scripted.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decode } from "../../gateway/clients/js/cbor.js";
import { BadAnswer, Channel, Client, NotProven, readRecord, Refused, TallyError, Unavailable, verify } from "../../gateway/clients/js/index.js";
import { memoryCursor } from "../../gateway/clients/js/events.js";
import { hex } from "../../gateway/clients/js/hashes.js";
import { decompress } from "../../gateway/clients/js/zstd.js";

const golden = new URL("../golden/evidence/", import.meta.url);
const fileOf = (name) => new Uint8Array(readFileSync(new URL(name, golden)));
const channel = Channel.of(fileOf("channel.json"));
const GATEWAY = "https://gateway.example.org:7443";

const bodyOf = (...pieces) => new ReadableStream({
  start(controller) {
    for (const piece of pieces) controller.enqueue(typeof piece === "string" ? new TextEncoder().encode(piece) : piece);
    controller.close();
  },
});
const answer = (status, body, headers = {}) => ({ status, headers: { get: (name) => headers[name] ?? null }, body: bodyOf(typeof body === "object" && !(body instanceof Uint8Array) ? JSON.stringify(body) : body) });
const problem = (status, code, headers) => answer(status, { code, detail: "as the test says" }, headers);

/** A client whose n-th request gets the n-th answer, the last one for ever; `sent` has the requests. */
function clientOf(answers, options = {}) {
  const sent = [];
  const fetch = async (url, init) => {
    sent.push({ url, ...init });
    const next = answers[Math.min(sent.length, answers.length) - 1];
    if (next instanceof Error) throw next;
    return typeof next === "function" ? next(init) : next;
  };
  return { sent, client: new Client({ url: GATEWAY, fetch, timeoutMs: 5000, ...options }) };
}

const hung = ({ signal }) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));

test("the same bytes are sent until an answer decides", async () => {
  const receipt = decode(decompress(fileOf("audit.evidence"), 1 << 28, "it")).get(4)[0][2][0];
  const { transaction } = await verify(receipt, channel);
  const [message] = transaction.attachments;
  const outcome = { content_id: hex(readRecord(message).contentId), duplicate: true, transaction: { id: transaction.id, state: "committed", validation_code: "VALID", block: 7 } };
  const { client, sent } = clientOf([problem(503, "busy"), new Error("reset"), problem(504, "timeout"), answer(200, outcome)]);
  assert.deepEqual(await client.publish(message), { contentId: outcome.content_id, duplicate: true, transaction: transaction.id, block: 7 });
  assert.deepEqual(sent.map(({ url, body }) => [url, hex(body)]), Array(4).fill([`${GATEWAY}/v1/records`, hex(message)]));
  const other = clientOf([answer(200, { ...outcome, content_id: "0".repeat(64) })]);
  await assert.rejects(other.client.publish(message), BadAnswer);
});

test("refusals have the ledger's code, and pages of others are no node's", async () => {
  await assert.rejects(clientOf([problem(403, "permission_denied")]).client.get("/v1/devices"), (error) => error instanceof Refused && error.code === "permission_denied" && error.status === 403);
  await assert.rejects(clientOf([answer(404, "<html>no such page</html>")]).client.get("/v1/devices"), /not a node's/);
  await assert.rejects(clientOf([answer(200, "<html>welcome</html>")]).client.get("/v1/devices"), BadAnswer);
  await assert.rejects(clientOf([answer(302, "")]).client.get("/v1/devices"), BadAnswer);
});

test("an answer is bounded in time and size", async () => {
  await assert.rejects(clientOf([hung], { timeoutMs: 100 }).client.get("/v1/devices"), (error) => error instanceof Unavailable && error.code === "timeout");
  const endless = { status: 200, headers: { get: () => null }, body: new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1000)) }) };
  await assert.rejects(clientOf([endless], { maxBytes: 10000 }).client.get("/v1/devices"), (error) => error instanceof BadAnswer && error.code === "too_large");
  assert.throws(() => new Client({ url: "http://gateway.example.org" }), TallyError);
});

test("a gateway cannot give the receipt of another transaction", async () => {
  const { client } = clientOf([answer(200, fileOf("run.receipt"))], { trust: channel });
  const { transaction } = await verify(fileOf("run.receipt"), channel);
  assert.equal((await clientOf([answer(200, fileOf("run.receipt"))], { trust: channel }).client.receipt(transaction.id)).receipt.code, "VALID");
  await assert.rejects(client.receipt("0".repeat(64)), NotProven);
  await assert.rejects(client.call("registry", "register_schema", {}), /member's identity/);
  await assert.rejects(clientOf([]).client.call("registry", "register_schema", {}), /give `trust`/);
});

test("events go on from the cursor when a stream breaks", async () => {
  const event = (id) => `id: ${id}\nevent: e\ndata: {"id":"${id}","payload":{"n":${JSON.stringify(id)}}}\n\n`;
  const stream = (...pieces) => ({ status: 200, headers: { get: () => null }, body: bodyOf(...pieces) });
  const first = event("1.0.0") + ": silence\n\n" + event("1.0.1");
  const { client, sent } = clientOf([stream(first.slice(0, 40), first.slice(40)), problem(503, "busy"), stream("event: problem\ndata: {}\n\n"), stream(event("2.0.0"))]);
  const cursor = memoryCursor(), seen = [];
  for await (const { id, data } of client.events({ contract: "data", fromBlock: 1, cursor })) {
    seen.push([id, data.payload.n]);
    if (seen.length === 3) break;
  }
  assert.deepEqual(seen, [["1.0.0", "1.0.0"], ["1.0.1", "1.0.1"], ["2.0.0", "2.0.0"]]);
  assert.equal(await cursor.load(), "1.0.1", "the last one that was handled: that of the end comes again");
  assert.deepEqual(sent.map(({ headers }) => headers["Last-Event-ID"]), [undefined, "1.0.1", "1.0.1", "1.0.1"]);
  assert.equal(sent[0].url, `${GATEWAY}/v1/events?contract=data&from_block=1`);
  await assert.rejects(clientOf([problem(401, "unauthenticated")]).client.events().next(), Refused);
});
