// Files that this page verifies by itself: receipts, attested answers, evidence, sealed invoices. Nothing of them leaves the browser.

import { Channel } from "./channel.js";
import { NotProven } from "./checks.js";
import { facts, h, state, table } from "./dom.js";
import { devicesText } from "./evidence.js";
import { time } from "./format.js";
import { verify } from "./verify.js";

const LONGEST = 300;  // characters of a check that are shown

/** @typedef {import("./verify.js").Proof} Proof */
/** @typedef {import("./checks.js").Check} Check */

/** A file and configurations of the channel, chosen or dropped. */
export function verifier() {
  const answer = h("div", { id: "verdict", "aria-live": "polite" });
  const input = (/** @type {string} */ id, /** @type {string} */ title, /** @type {boolean} */ multiple) =>
    h("label", null, title, h("input", { type: "file", id, multiple, change: () => check() }));
  const files = { proof: /** @type {File | null} */ (null), channels: /** @type {File[]} */ ([]) };
  let turn = 0;  // the verdict on an earlier choice that comes late is dropped
  const check = async () => {
    files.proof = chosen("proof-file")[0] || files.proof;
    if (chosen("channel-file").length) files.channels = chosen("channel-file");
    if (!files.proof || !files.channels.length) return;
    const mine = ++turn;
    answer.replaceChildren(h("p", null, `Checking ${files.proof.name} …`));
    const parts = await verdict(files.proof, files.channels);
    if (mine === turn) answer.replaceChildren(...parts);
  };
  const drop = (/** @type {DragEvent} */ event) => {
    event.preventDefault();
    const dropped = [...event.dataTransfer?.files || []];
    const isChannel = (/** @type {File} */ file) => /\.(json|block)$/.test(file.name);
    if (dropped.some(isChannel)) files.channels = dropped.filter(isChannel);
    files.proof = dropped.find((file) => !isChannel(file)) || files.proof;
    form.reset();
    check();
  };
  const form = /** @type {HTMLFormElement} */ (h("form", null, input("proof-file", "File", false), input("channel-file", "channel.json", true)));
  return h("section", { drop, dragover: (/** @type {Event} */ event) => event.preventDefault() },
    h("p", null, "Choose or drop a receipt (", h("code", null, "tally receipt"), "), an attested answer (", h("code", null, "tally query --attest"), "), a sealed invoice (", h("code", null, "tally invoice seal"), ") or evidence (",
      h("code", null, "tally agreement audit --evidence"), "), and the channel's configuration, channel.json or genesis.block, that you have from elsewhere: ",
      "several where organizations have changed. The page checks them without the node."),
    form, answer);
}

/** @param {string} id @returns {File[]} */
const chosen = (id) => [.../** @type {HTMLInputElement | null} */ (document.getElementById(id))?.files || []];

/** @param {File} file */
const bytesOf = async (file) => new Uint8Array(await file.arrayBuffer());

/** @param {File} file @param {File[]} configurations */
async function verdict(file, configurations) {
  try {
    const channels = await Promise.all(configurations.map(async (each) => Channel.of(await bytesOf(each))));
    const proof = await verify(await bytesOf(file), ...channels);
    return [h("p", null, h("strong", { class: "good" }, "PROVEN"), `: ${proof.sentence}.`), factsOf(proof), checksOf(proof.checks)];
  } catch (error) {
    const checks = error instanceof NotProven ? error.checks : [];
    return [h("p", { class: "problem", role: "alert" }, h("strong", null, "NOT PROVEN"), `: ${cut(error instanceof Error ? error.message : String(error))}`), checks.length ? checksOf(checks) : ""];
  }
}

/** @param {Proof} proof */
function factsOf(proof) {
  if (proof.kind === "evidence") {
    const { run } = proof;
    return facts([["agreement", run.agreement], ["devices", devicesText(run)], ["verdict", state(run.verdict)], ["by", `${run.name} of ${run.by}, ${time(run.time_ms)}`],
      ["days without a record", run.missing], ["records", proof.records], ["records with readings", proof.readings], ["OCMF records", proof.ocmfRecords],
      ["invoices computed again", proof.invoices], ["channel", proof.channel]]);
  }
  if (proof.kind === "answer") {
    const { statement } = proof;
    return facts([["arguments", statement.arguments], ["asked", `${time(statement.timeMs)}, by ${proof.caller.name} of ${proof.caller.organization}`], ["signed by", proof.signers.join(", ")],
      ["answer", h("pre", { class: "scroll", tabindex: 0 }, indented(proof.result))]]);
  }
  if (proof.kind === "sealed invoice") {
    const { invoice, receipt } = proof, { creator, createdMs } = receipt.transaction;
    return facts([["agreement", invoice.agreement], ["period", `${invoice.from} until before ${invoice.until}`], ["payable", `${invoice.totals.payable} ${invoice.currency}`],
      ["sealed", `${time(createdMs)}, by ${creator.name} of ${creator.organization}`], ["commitment", proof.commitment], ["committers", receipt.signers.join(", ")],
      ["invoice", h("pre", { class: "scroll", tabindex: 0 }, indented(proof.text))]]);
  }
  const { transaction } = proof;
  return facts([["code", state(proof.code)], ["call", `${transaction.contract}.${transaction.function}`], ["arguments", transaction.arguments],
    ["signed", time(transaction.createdMs) + (transaction.creator.name && `, by ${transaction.creator.name} of ${transaction.creator.organization}`)], ["committers", proof.signers.join(", ")]]);
}

/** @param {string} text JSON */
const indented = (text) => JSON.stringify(JSON.parse(text), null, 2);

/** @param {string} text */
const cut = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)} …` : text);

/** @param {Check[]} checks */
const checksOf = (checks) => table("Checks", ["Holds", "Check", "Expected", "Found"],
  checks.map((each) => [h("span", { class: each.holds ? "good" : "bad" }, each.holds ? "yes" : "NO"), each.what, cut(each.expected), cut(each.found)]));
