// An invoice of an evidence file: one that the audit has computed again, its items, its totals, its lines.

import { periodOf } from "./calendar.js";
import { NotProven } from "./checks.js";
import { hex, sha256 } from "./hashes.js";
import { jsonText, parseJson } from "./json.js";
import { priceDevice, totalsOf } from "./pricing.js";

/** @typedef {import("./checks.js").Checks} Checks */
/** @typedef {import("./pricing.js").Segment} Segment */

/**
 * 1; 0 where the audit is of a part of the invoice's period, so that no lines could be computed again.
 * @param {import("./receipt.js").Receipt} receipt @param {string[]} texts of its items @param {any} run @param {Map<number, any>} versions
 * @param {Map<string, Map<string, any>>} settled FINAL days, by device and day @param {Checks} checks
 */
export function checkInvoice(receipt, texts, run, versions, settled, checks) {
  const invoice = parseJson(receipt.transaction.result, "the invoice");
  const name = `the invoice from ${invoice.from} on`;
  checks.same(`${name}, of the agreement`, run.agreement, invoice.agreement);
  checks.must(run.invoices.some((/** @type {any} */ each) => each.items === invoice.items), name, "one that the audit has computed again", `items ${invoice.items}`);
  checks.same(`${name}, its items`, invoice.items, hex(sha256(...texts.map((text) => sha256(new TextEncoder().encode(text))))));
  const segments = invoice.versions.map((/** @type {any} */ part) => segmentOf(part, versions));
  if (segments.length === 0) throw new NotProven(`${name} names no version of the terms`);
  const { terms } = segments[segments.length - 1];
  const items = texts.map((text) => parseJson(text, "an item of the invoice"));
  let recomputed = 0;
  for (const item of items) {
    const days = settled.get(item.item);
    if (days) recomputed += checkItem(name, invoice, segments, item, days, checks);
  }
  checks.same(`${name}, its totals`, jsonText(totalsOf(terms, items.flatMap((item) => item.lines))), jsonText(invoice.totals));
  checks.held(`${name}, its lines`, "as terms and FINAL days give them", `of ${recomputed} devices computed again`);
  return recomputed > 0 ? 1 : 0;
}

/** @param {any} part @param {Map<number, any>} versions @returns {Segment} */
function segmentOf(part, versions) {
  const version = versions.get(part.version);
  if (!version) throw new NotProven(`version ${part.version} of the terms is not in the file`);
  // Lines of a provider are on its bills.
  const terms = { ...version.terms, tariff: version.terms.tariff.filter((/** @type {any} */ line) => line.provider === undefined) };
  return { version: part.version, from: part.from, until: part.until, terms };
}

/**
 * The lines of one device, computed again: 1; 0 when not all of its days are proven.
 * @param {string} name @param {any} invoice @param {Segment[]} segments @param {any} item @param {Map<string, any>} settled @param {Checks} checks
 */
function checkItem(name, invoice, segments, item, settled, checks) {
  const days = [];
  for (const cited of item.days) {
    const final = settled.get(cited.day);
    if (!final) return 0;
    const what = `${name}, ${item.item} on ${cited.day}`;
    checks.must(final.content_id === cited.content_id, what, final.content_id ?? "no record", cited.content_id ?? "no record");
    checks.must(jsonText(citedReadings(final)) === jsonText(cited.sessions ?? null), `${what}, its readings`, "those of the FINAL day", "others");
    days.push(final);
  }
  const { terms } = segments[segments.length - 1];
  const expected = jsonText(priceDevice(segments, periodOf(terms.period, invoice.from), item.item, days)), found = jsonText(item.lines);
  checks.must(expected === found, `${name}, the lines of ${item.item}`, expected, found);
  return 1;
}

/**
 * Of OCMF meters: the content ids of every record that the day's quantities come from.
 * @param {any} day
 */
export function citedReadings(day) {
  const found = new Set(day.fields.flatMap((/** @type {any} */ field) => field.sessions ?? []));
  return found.size ? [...found].sort() : null;
}
