// The ledger: any id, blocks and their transactions, checkpoints by organization, nodes.

import { find, get, getFile } from "./api.js";
import { address, facts, field, finder, h, link, saveFile, state, table } from "./dom.js";
import { short, time } from "./format.js";

const BLOCKS = 20;

/** @type {import("./main.js").View} */
export async function ledgerView({ query }) {
  if (query.block !== undefined) return block(query.block);
  if (query.device) return history(query.device, query.cursor);
  if (query.id) return search(query.id);
  const [node, checkpoint] = await Promise.all([get(["node"]), get(["checkpoints", "latest"])]);
  const from = query.from ? Number(query.from) : Math.max(0, checkpoint.block - BLOCKS + 1);
  const page = await get(["blocks"], { from, limit: BLOCKS, header_only: true });
  return [h("h1", null, `Ledger of ${node.channel}`), searcher(),
    facts([["this node", `${node.node} of ${node.organization}, ${node.roles.join(", ")}`], ["state", node.ready ? state("ACTIVE") : `not ready: ${node.why_not}`],
      ["height", `${node.height} of ${node.highest}`], ["led by", node.ordering?.leader]]),
    table("Checkpoint", ["Organization", "Signer", "Block", "#Transactions", "Root of the log", "State"], checkpoint.signatures.map((/** @type {any} */ each) =>
      [each.organization, each.name || each.error, link(["ledger"], { block: checkpoint.block }, checkpoint.block), checkpoint.tree_size, short(checkpoint.root), short(checkpoint.state)])),
    table("Nodes", ["Node", "Organization", "Heard", "#Height", "#Lag"], [[node.node, node.organization, "this node", node.height, node.highest - node.height],
      ...node.peers.map((/** @type {any} */ each) => [each.node, each.organization, each.heard_ms_ago >= 0 ? `${each.heard_ms_ago} ms ago` : "never", each.height, each.lag])]),
    table("Blocks", ["Block", "Time", "#Transactions", "Codes", "Hash", "Written by"], (page.blocks || []).reverse().map((/** @type {any} */ each) =>
      [link(["ledger"], { block: each.number }, each.number), time(each.time_ms), each.transaction_count, codes(each.codes), short(each.hash), each.writer?.organization])),
    h("p", { class: "tools" }, from > 0 ? link(["ledger"], { from: Math.max(0, from - BLOCKS) }, "Earlier blocks") : "",
      page.next !== undefined && page.next <= page.height ? link(["ledger"], { from: page.next }, "Later blocks") : "")];
}

/** @param {Record<string, number>} counted */
const codes = (counted) => Object.entries(counted).map(([code, count]) => [state(code), ` ${count} `]);

const searcher = () => finder((values) => address(["ledger"], { id: values.id }),
  field("Block number, transaction, device or agreement", "id"), h("button", null, "Search"));

/** @param {string} id */
async function search(id) {
  if (/^\d{1,15}$/.test(id)) return block(id);
  if (/^[0-9a-f]{64}$/i.test(id)) return transaction(id.toLowerCase());
  const [device, agreement] = await Promise.all([find(["devices", id]), find(["agreements", id])]);
  return [h("h1", null, `Search: ${id}`), searcher(), table("Found", ["What", "Id", "State"], [
    ...(device ? [["device", link(["device", id]), state(device.status)]] : []), ...(agreement ? [["agreement", link(["agreements", id]), state(agreement.state)]] : [])])];
}

/** @param {string} id */
async function transaction(id) {
  const found = await get(["transactions", id]);
  const whole = found.state === "committed" ? await get(["blocks", String(found.block)]) : null;
  const save = async () => saveFile(`${id}.receipt`, await getFile(["transactions", id, "receipt"]));
  return [h("h1", null, "Transaction"), searcher(),
    facts([["id", id], ["state", state(found.state)], ["code", state(found.validation_code)], ["block", found.block === undefined ? "" : link(["ledger"], { block: found.block }, found.block)]]),
    whole ? h("p", { class: "tools" }, h("button", { type: "button", click: save }, "Save its receipt"), h("a", { href: address(["audits", "verify"]) }, "Verify a file")) : "",
    ...(whole ? one(whole.transactions[found.index]) : [])];
}

/** @param {any} each */
function one(each) {
  const text = (/** @type {any} */ value) => h("pre", { class: "scroll", tabindex: 0 }, JSON.stringify(value, null, 2));
  return [facts([["call", each.contract ? `${each.contract}.${each.function}` : ""], ["signed", each.created], ["by", each.creator && signer(each.creator)], ["bytes", each.bytes],
    ["endorsed by", (each.endorsers || []).map(signer).join(", ")], ["error", each.error]]),
  h("h2", null, "Arguments"), text(each.arguments), h("h2", null, "Result"), text(each.result), h("h2", null, "Events"), text(each.events)];
}

/** @param {any} each */
const signer = (each) => each.error || `${each.organization}/${each.name} (${each.role})`;

/** @param {string} number */
async function block(number) {
  const found = await get(["blocks", number]);
  return [h("h1", null, `Block ${found.number}`), searcher(),
    facts([["time", time(found.time_ms)], ["hash", found.hash], ["block before", found.number > 0 ? link(["ledger"], { block: found.number - 1 }, found.previous_hash) : ""],
      ["written by", found.writer && signer(found.writer)], ["view", found.view], ["root of the log", found.checkpoint.root], ["digest of the state", found.checkpoint.state],
      ["signed by", found.checkpoint.signatures.map(signer).join(", ")]]),
    table("Transactions", ["#Index", "Transaction", "Code", "Call", "By", "#Bytes"], (found.transactions || []).map((/** @type {any} */ each) =>
      [each.index, each.id ? link(["ledger"], { id: each.id }, short(each.id)) : "", state(each.code), each.contract ? `${each.contract}.${each.function}` : "", each.creator ? signer(each.creator) : "", each.bytes]))];
}

/** @param {string} device @param {string | undefined} cursor */
async function history(device, cursor) {
  const page = await get(["devices", device, "timeline"], { limit: 200, cursor });
  return [h("h1", null, `What happened to ${device}`), h("p", null, link(["device", device])),
    table("Timeline", ["Time", "What", "By", "Transaction", "Block"], (page.entries || []).map((/** @type {any} */ each) =>
      [time(each.time_ms), each.kind.replace(/_/g, " "), each.by, link(["ledger"], { id: each.transaction }, short(each.transaction)), link(["ledger"], { block: each.block }, each.block)])),
    page.next ? h("p", null, link(["ledger"], { device, cursor: page.next }, "Next page")) : ""];
}
