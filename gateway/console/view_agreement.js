// Agreements: their versions with differences, who has signed, and the tariff with a calculator.

import { get } from "./api.js";
import { address, choice, facts, field, finder, h, link, state, table } from "./dom.js";
import { Decimal, short, time } from "./format.js";

/** @typedef {import("../clients/js/agreement").Agreement} Agreement */
/** @typedef {import("../clients/js/agreement").Version} Version */
/** @typedef {import("../clients/js/agreement").TariffLine} TariffLine */
/** @typedef {import("../clients/js/agreement").Terms} Terms */

/** @type {import("./main.js").View} */
export async function agreementView({ path: [id], query }) {
  if (!id) return list(query.cursor);
  /** @type {Agreement} */
  const agreement = await get(["agreements", id]);
  const number = Number(query.version) || (agreement.in_force || []).slice(-1)[0] || agreement.versions;
  const other = Number(query.compared) || (number > 1 ? number - 1 : 0);
  /** @type {[Version, Version | null]} */
  const [version, before] = await Promise.all([get(["agreements", id, "versions", String(number)]), other ? get(["agreements", id, "versions", String(other)]) : null]);
  const { terms } = version;
  const numbers = Array.from({ length: agreement.versions }, (_, index) => String(index + 1));
  return [h("h1", null, `Agreement ${id}`), h("p", null, terms.title),
    facts([["state", state(agreement.state)], ["in force", (agreement.in_force || []).map((each) => `version ${each}`).join(", ")],
      ["billed until", agreement.billed_until], ["ends", agreement.ending && `${agreement.ending.until}, notice by ${agreement.ending.by}: ${agreement.ending.reason}`],
      ["suspended", agreement.pause && `by ${agreement.pause.by}: ${agreement.pause.reason}`], ["invoices", link(["invoices", id], {}, "show")],
      ["bills", link(["disputes", id], {}, "compare")], ["audits", link(["audits", id], {}, "show")]]),
    finder((values) => address(["agreements", id], values), choice("Version", "version", numbers, String(number)),
      choice("Compared with", "compared", ["", ...numbers], other ? String(other) : "", "none"), h("button", null, "Show")),
    h("h2", null, `Version ${number}`),
    facts([["state", state(version.state)], ["hash", version.hash], ["proposed", `${time(version.proposed_ms)} by ${version.proposed_by}`],
      ["from", terms.from], ["until", terms.until || "no end date"], ["period", terms.period], ["zone", terms.zone.name], ["currency", terms.currency],
      ["devices", terms.scope.map((each) => `${each.shard}: ${(each.devices || []).join(", ") || "all"}`).join("; ")]]),
    signatures(version),
    before ? differences(before, version) : "",
    tariff(terms), calculator(terms)];
}

/** @param {string | undefined} cursor */
async function list(cursor) {
  const page = await get(["agreements"], { cursor, limit: 100 });
  return [h("h1", null, "Agreements"),
    table("Agreements", ["Agreement", "State", "#Versions", "Parties", "Billed until"], (page.agreements || []).map((/** @type {Agreement} */ each) =>
      [link(["agreements", each.id]), state(each.state), each.versions, (each.parties || []).join(", "), each.billed_until])),
    page.next ? h("p", null, link(["agreements"], { cursor: page.next }, "Next page")) : ""];
}

/** @param {Version} version */
function signatures(version) {
  const signed = new Map((version.signatures || []).map((each) => [each.organization, each]));
  return table("Signatures", ["Party", "Roles", "Signed", "By", "Transaction"], (version.signers || []).map((organization) => {
    const each = signed.get(organization);
    const roles = version.terms.parties.filter((party) => party.organization === organization).map((party) => party.role).join(", ");
    return [organization, roles, each ? time(each.time_ms) : state("OPEN"), each?.name, each ? link(["ledger"], { id: each.transaction }, short(each.transaction)) : ""];
  }));
}

/**
 * Every value by its place in the terms.
 * @param {any} value @param {string} where @param {Map<string, string>} into
 */
function flatten(value, where, into) {
  if (value === null || typeof value !== "object") into.set(where, String(value));
  else for (const [key, each] of Object.entries(value)) flatten(each, Array.isArray(value) ? `${where}[${key}]` : where ? `${where}.${key}` : key, into);
  return into;
}

/** @param {Version} before @param {Version} after */
function differences(before, after) {
  const [old, now] = [before, after].map((version) => flatten(version.terms, "", new Map()));
  const rows = [...new Set([...old.keys(), ...now.keys()])].filter((where) => old.get(where) !== now.get(where))
    .map((where) => [where, old.get(where) ?? "—", now.get(where) ?? "—"]);
  return table(`Differences from version ${before.version}`, ["Where", `Version ${before.version}`, `Version ${after.version}`], rows);
}

/** @param {Terms} terms */
function tariff(terms) {
  return table("Tariff", ["Line", "Kind", "Of", "#From", "#Price", "For each", "Tax", "Billed by"], terms.tariff.flatMap((line) => line.prices.map((tier) =>
    [line.name, line.kind, [line.field, line.window, line.per, line.counts].filter(Boolean).join(", "), tier.from, `${tier.price} ${terms.currency}`,
      `${line.base || "1"} ${unitOf(terms, line)}`, `${line.tax.category} ${line.tax.percent} %`, line.provider || "the agreement's invoice"])));
}

/** @param {Terms} terms @param {TariffLine} line */
const unitOf = (terms, line) => terms.fields.find((each) => each.field === line.field)?.unit || (line.per || line.counts || "").toLowerCase();

/**
 * A quantity's amount by the tiers of a line: each tier's part is priced by itself and rounded once.
 * @param {TariffLine} line @param {Decimal} quantity @param {string} rounding
 */
export function amountOf(line, quantity, rounding) {
  const base = Decimal.of(line.base || "1");
  return line.prices.map((tier, index) => {
    const from = Decimal.of(tier.from);
    const end = index + 1 < line.prices.length ? Decimal.of(line.prices[index + 1].from) : null;
    const top = end && end.isLess(quantity) ? end : quantity;
    const part = from.isLess(top) ? top.minus(from) : Decimal.of("0");
    return { tier, part, amount: part.times(Decimal.of(tier.price)).over(base, 2, rounding) };
  });
}

/** @param {Terms} terms */
function calculator(terms) {
  const lines = terms.tariff.filter((line) => line.kind === "QUANTITY");
  if (!lines.length) return "";
  const answer = h("div", { "aria-live": "polite", id: "calculated" });
  const form = h("form", {
    submit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const values = new FormData(form);
      answer.replaceChildren(...calculated(terms, lines.find((line) => line.name === values.get("line")) || lines[0], String(values.get("quantity"))));
    },
  }, choice("Line", "line", lines.map((line) => line.name), lines[0].name), field(`Quantity (${unitOf(terms, lines[0])})`, "quantity"), h("button", null, "Calculate"));
  return h("section", null, h("h2", null, "What would it cost?"), form, answer,
    h("p", { class: "note" }, "Without taxes, fees and the escalator. The invoice is computed by the contract."));
}

/** @param {Terms} terms @param {TariffLine} line @param {string} text */
function calculated(terms, line, text) {
  try {
    const parts = amountOf(line, Decimal.of(text), terms.rounding);
    const sum = parts.reduce((total, each) => total.plus(each.amount), Decimal.of("0.00"));
    return [table("Calculation", ["#From", "#Quantity", "#Price", "#Amount"], parts.map((each) => [each.tier.from, String(each.part), each.tier.price, String(each.amount)])),
      h("p", null, h("strong", null, `${sum} ${terms.currency}`))];
  } catch (error) {
    return [h("p", { class: "problem", role: "alert" }, error instanceof Error ? error.message : String(error))];
  }
}
