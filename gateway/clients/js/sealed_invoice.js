// Verifies sealed invoices offline: figures that the parties have, and a commitment on the ledger (docs/formats.md, Invoices).

import { require, verified } from "./checks.js";
import { hex, sha256 } from "./hashes.js";
import { parseJson } from "./json.js";
import { proveReceipt } from "./receipt.js";

const HEAD = '{"format":"tally-sealed-invoice/', FORMAT = "tally-sealed-invoice/1";
const SALT_BYTES = 32;

/**
 * @typedef {{kind: "sealed invoice", sentence: string, invoice: any, text: string, commitment: string, receipt: import("./receipt.js").Receipt,
 *            checks: import("./checks.js").Check[]}} SealedInvoice
 * `text` is the invoice's JSON, of which the ledger has the commitment
 */

/** @param {Uint8Array} file */
export const isSealedInvoice = (file) => new TextDecoder().decode(file.subarray(0, HEAD.length)) === HEAD;

/**
 * That the ledger has the commitment to this very invoice.
 * @param {Uint8Array} file @param {import("./channel.js").Channel} channel @returns {Promise<SealedInvoice>} @throws {import("./checks.js").NotProven}
 */
export function verifySealedInvoice(file, channel) {
  return verified("a sealed invoice", async (checks) => {
    const { salt, text, receipt: content } = read(file);
    require(content.length > 0, "the file has no receipt of the transaction that sealed the invoice");
    const receipt = await proveReceipt(content, channel, checks);
    checks.same("the transaction's code", "VALID", receipt.code);
    checks.same("the transaction's function", "billing.seal", `${receipt.transaction.contract}.${receipt.transaction.function}`);
    const stated = parseJson(receipt.transaction.arguments, "the arguments"), invoice = parseJson(text, "the invoice");
    checks.same("the agreement", stated.agreement, invoice.agreement);
    const holds = invoice.from <= stated.day && stated.day < invoice.until;
    checks.same("the period", `with ${stated.day}`, holds ? `with ${stated.day}` : `from ${invoice.from} until before ${invoice.until}`);
    const bytes = new TextEncoder().encode(text), preimage = new Uint8Array(SALT_BYTES + bytes.length);
    preimage.set(salt);
    preimage.set(bytes, SALT_BYTES);
    const commitment = hex(sha256(preimage));
    checks.same("the commitment", stated.commitment, commitment);
    return {
      kind: "sealed invoice", text, invoice, commitment, receipt, checks: checks.all,
      sentence: `invoice ${invoice.number} of ${invoice.agreement} from ${invoice.from} until before ${invoice.until}: ${invoice.totals.payable} ${invoice.currency}`,
    };
  });
}

/** @param {Uint8Array} file */
function read(file) {
  const parts = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(file), "the file");
  const { format, salt, invoice, receipt } = parts;
  require(Object.keys(parts).length === 4 && [format, salt, invoice, receipt].every((each) => typeof each === "string"), "the file is no sealed invoice", "malformed");
  require(format === FORMAT, `the format ${format.slice(0, 64)} is unknown`, "unsupported");
  require(/^[0-9a-f]{64}$/i.test(salt), `the salt has not ${SALT_BYTES} bytes`, "malformed");
  const { from, until, agreement, totals } = parseJson(invoice, "the invoice in the file");
  require([from, until].every((day) => /^\d{4}-\d\d-\d\d$/.test(day)) && typeof agreement === "string" && typeof totals?.payable === "string", "the file is no sealed invoice", "malformed");
  const bytes = (/** @type {string} */ text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
  return { salt: Uint8Array.from(salt.match(/../g) ?? [], (/** @type {string} */ each) => parseInt(each, 16)), text: invoice, receipt: bytes(receipt) };
}
