// What was refused, with a sentence for each code, and what waits for somebody.

import { ApiError, get } from "./api.js";
import { address, field, finder, h, link, state, table } from "./dom.js";
import { short, time } from "./format.js";

const BLOCKS = 100;

// What `tally explain CODE` says, in short.
/** @type {Record<string, string>} */
const MEANINGS = {
  BAD_PAYLOAD: "The bytes in the block are no transaction. The program that sent it is faulty.",
  BAD_CREATOR_SIGNATURE: "The proposal's signature is false, or its signer's certificate does not count.",
  INVALID_ENDORSER_TRANSACTION: "An endorsement is malformed, or its signer may not endorse.",
  BAD_PROPOSAL_TXID: "The transaction's id is not the hash of its proposal.",
  DUPLICATE_TXID: "The same proposal is in force already.",
  ENDORSEMENT_POLICY_FAILURE: "Fewer organizations have endorsed it than the contract's policy asks for.",
  MVCC_READ_CONFLICT: "A document that it had read was changed before it was ordered. The gateway sends it again.",
  PHANTOM_READ_CONFLICT: "A range that it had read gained or lost a document. The gateway sends it again.",
  UNKNOWN_TX_TYPE: "It is of a kind that this channel does not have.",
  TARGET_CHAIN_NOT_FOUND: "It is for another channel.",
  INVALID_CONFIG_TRANSACTION: "The change of the configuration does not hold.",
  ILLEGAL_WRITESET: "It writes what its contract may not write.",
  INVALID_CHAINCODE: "The channel's configuration does not name this contract or function.",
  EXPIRED_CHAINCODE: "It was endorsed with a contract version that is not in force any more.",
  SIMULATION_MISMATCH: "The contract gives another result than the endorsers have signed.",
  INCREMENT_OUT_OF_BOUNDS: "A running total would leave the range of 64-bit integers.",
  PROPOSAL_EXPIRED: "The proposal was older, or newer, than the channel allows.",
};

/** @type {import("./main.js").View} */
export async function refusedView({ query }) {
  const [tip, waiting, suspended, asking] = await Promise.all([get(["checkpoints", "latest"]),
    get(["agreements"], { state: "PROPOSED", limit: 100 }), get(["devices"], { status: "SUSPENDED", limit: 200 }), registrations()]);
  const last = query.last ? Number(query.last) : tip.block;
  const first = Math.max(0, last - BLOCKS + 1);
  const page = await get(["blocks"], { from: first, limit: BLOCKS, header_only: true });
  const refused = (page.blocks || []).filter((/** @type {any} */ block) => block.number <= last).reverse().flatMap((/** @type {any} */ block) =>
    Object.entries(block.codes).filter(([code]) => code !== "VALID").map(([code, count]) =>
      [link(["ledger"], { block: block.number }, block.number), time(block.time_ms), h("span", { class: "bad" }, code), count, MEANINGS[code] || "Run `tally explain` with the code."]));
  return [h("h1", null, "Refused and pending"),
    h("p", { class: "note" }, `Blocks ${first} to ${last}. What a gateway refuses before it is ordered is answered to its sender and stands in no block.`),
    finder((values) => address(["refused"], values), field("Up to block", "last", String(last), "number"), h("button", null, "Show")),
    table("Refused transactions", ["Block", "Time", "Code", "#Transactions", "What it means"], refused),
    first > 0 ? h("p", null, link(["refused"], { last: first - 1 }, "Earlier blocks")) : "",
    table("Agreements that wait for signatures", ["Agreement", "State", "Parties"], (waiting.agreements || []).map((/** @type {any} */ each) =>
      [link(["agreements", each.id]), state(each.state), (each.parties || []).join(", ")])),
    asking ? table("Devices that wait for admission", ["Device", "Key", "Authority", "Asked", "Expires", "Admit it"], asking.registrations.map((/** @type {any} */ each) =>
      [each.device, each.fingerprint.slice(0, 16), each.authority_subject, time(each.received_ms), time(each.expires_ms),
        h("code", null, `tally device admit ${each.device} --like DEVICE`)]))
      : h("p", { class: "note" }, "Devices that wait for admission: shown to members of the gateway's organization only."),
    table("Suspended devices", ["Device", "Since", "Reason", "By", "Transaction"], (suspended.devices || []).map((/** @type {any} */ each) =>
      [link(["device", each.id]), time(each.effective_ms), each.reason, each.change.by, link(["ledger"], { id: each.change.transaction }, short(each.change.transaction))]))];
}

/** Devices that ask this gateway to be registered; null: the reader is of another organization. */
async function registrations() {
  try {
    return await get(["registrations"]);
  } catch (error) {
    if (error instanceof ApiError && error.code === "permission_denied") return null;
    throw error;
  }
}
