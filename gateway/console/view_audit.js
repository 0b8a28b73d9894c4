// Recorded audit runs, and receipt files that this page verifies by itself: nothing of them leaves the browser.

import { get } from "./api.js";
import { facts, h, link, state, table } from "./dom.js";
import { short, time } from "./format.js";
import { verifyReceipt } from "./receipt.js";
import { chooseAgreement } from "./view_invoice.js";

/** @typedef {import("../clients/js/audit").AuditRun} AuditRun */

/** @type {import("./main.js").View} */
export async function auditView({ path: [agreement, id], query }) {
  if (agreement === "verify") return [h("h1", null, "Verify a receipt"), verifier()];
  if (!agreement) return [...await chooseAgreement("Audits", "audits"), h("h2", null, "Verify a receipt"), verifier()];
  if (id) return one(await get(["agreements", agreement, "audits", id]));
  const page = await get(["agreements", agreement, "audits"], { cursor: query.cursor, limit: 100 });
  return [h("h1", null, `Audits of ${agreement}`), table("Audit runs", ["Run", "Verdict", "From", "Until", "#Devices", "#Days", "#Missing", "#Findings", "By", "Time"],
    (page.runs || []).map((/** @type {AuditRun} */ run) => [link(["audits", agreement, run.id]), state(run.verdict), run.from, run.until, run.devices, run.days, run.missing,
      (run.findings || []).length, `${run.by}/${run.name}`, time(run.time_ms)])),
  page.next ? h("p", null, link(["audits", agreement], { cursor: page.next }, "Next page")) : "",
  h("h2", null, "Verify a receipt"), verifier()];
}

/** @param {AuditRun} run */
function one(run) {
  return [h("h1", null, `Audit ${run.id} of ${run.agreement}`),
    facts([["verdict", state(run.verdict)], ["days", `${run.from} until ${run.until} (not included)`], ["device", run.device ? link(["device", run.device]) : "all"],
      ["by", `${run.by}/${run.name}, ${time(run.time_ms)}`], ["transaction", link(["ledger"], { id: run.transaction }, short(run.transaction))],
      ["days examined", run.days], ["records", run.records], ["days without a record", run.missing], ["days that are not final", run.open]]),
    table("Checks", ["Check", "#Made", "#Failed"], (run.checks || []).map((each) => [each.check, each.made, each.failed])),
    table("Findings", ["Check", "Device", "Day", "Expected", "Found"], (run.findings || []).map((each) =>
      [each.check, each.device ? link(["device", each.device]) : "", each.day && each.device ? link(["day", each.device, each.day], { agreement: run.agreement }) : each.day, each.expected, each.found])),
    h("p", { class: "note" }, "The proof of a run, down to the readings: ", h("code", null, `tally agreement audit ${run.agreement} --evidence FILE`), ", verified offline by ", h("code", null, "tally verify FILE"), ".")];
}

/** Two files, chosen or dropped: a receipt and the channel's configuration. */
function verifier() {
  const answer = h("div", { id: "verdict", "aria-live": "polite" });
  const input = (/** @type {string} */ id, /** @type {string} */ title) => h("label", null, title, h("input", { type: "file", id, change: () => check() }));
  const files = { receipt: /** @type {File | null} */ (null), channel: /** @type {File | null} */ (null) };
  const check = async () => {
    files.receipt = chosen("receipt-file") || files.receipt;
    files.channel = chosen("channel-file") || files.channel;
    if (files.receipt && files.channel) answer.replaceChildren(...await verdict(files.receipt, files.channel));
  };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    for (const file of event.dataTransfer?.files || []) files[file.name.endsWith(".json") ? "channel" : "receipt"] = file;
    check();
  };
  return h("section", { drop, dragover: (/** @type {Event} */ event) => event.preventDefault() },
    h("p", null, "Choose or drop a receipt (", h("code", null, "tally receipt"), ") and the channel's configuration, channel.json, that you have from elsewhere. The page checks them without the node. ",
      "Evidence files and answer files are checked by ", h("code", null, "tally verify FILE"), "."),
    h("form", null, input("receipt-file", "Receipt"), input("channel-file", "channel.json")), answer);
}

/** @param {string} id */
const chosen = (id) => /** @type {HTMLInputElement | null} */ (document.getElementById(id))?.files?.[0] || null;

/** @param {File} receipt @param {File} channel */
async function verdict(receipt, channel) {
  try {
    const bytes = new Uint8Array(await receipt.arrayBuffer());
    const proven = await verifyReceipt(bytes, configuration(await channel.text()));
    const { transaction } = proven;
    return [h("p", null, h("strong", { class: "good" }, "PROVEN"), `: the transaction is on the ledger since block ${proven.block} or earlier, `,
      proven.validationCode === 0 ? "and VALID." : `but not valid (code ${proven.validationCode}): it has changed nothing.`),
    facts([["transaction", transaction.id], ["channel", transaction.channel], ["call", `${transaction.contract}.${transaction.function}`],
      ["arguments", transaction.arguments], ["signed", `${time(transaction.createdMs)}, by a member of ${transaction.organization}`]]),
    table("Checks of the receipt", ["Check", "Found"], proven.checks.map((each) => [each.what, each.found]))];
  } catch (error) {
    return [h("p", { class: "problem", role: "alert" }, h("strong", null, "NOT PROVEN"), `: ${error instanceof Error ? error.message : error}`)];
  }
}

/** @param {string} text */
function configuration(text) {
  try {
    const value = JSON.parse(text);
    if (typeof value?.channel === "string" && typeof value.receipt === "string" && Array.isArray(value.organizations)) return value;
  } catch {
    // the sentence is the same
  }
  throw new Error("the second file is not a channel's configuration");
}
