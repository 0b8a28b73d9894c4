// Invoices of an agreement, and one of them down to the days that it cites, compared with last period and last year.

import { find, get } from "./api.js";
import { address, choice, facts, finder, h, link, state, table } from "./dom.js";
import { barChart } from "./chart.js";
import { Decimal, shifted, short, time } from "./format.js";

/** @typedef {import("../clients/js/billing").Invoice} Invoice */
/** @typedef {import("../clients/js/billing").Item} Item */
/** @typedef {import("../clients/js/billing").Payable} Payable */

const ITEMS = 100;

/** @type {import("./main.js").View} */
export async function invoiceView({ path: [agreement, from], query }) {
  if (!agreement) return chooseAgreement("Invoices", "invoices");
  return from ? one(agreement, from, query.cursor) : list(agreement, query.cursor);
}

/** @param {string} title @param {string} view */
export async function chooseAgreement(title, view) {
  const page = await get(["agreements"], { limit: 100 });
  const ids = (page.agreements || []).map((/** @type {{id: string}} */ each) => each.id);
  if (!ids.length) return [h("h1", null, title), h("p", { class: "note" }, "Your organization is party to no agreement.")];
  return [h("h1", null, title), finder((values) => address([view, values.agreement]), choice("Agreement", "agreement", ids, ids[0]), h("button", null, "Show")),
    table("Agreements", ["Agreement", "State"], page.agreements.map((/** @type {any} */ each) => [link([view, each.id]), state(each.state)]))];
}

/** @param {string} agreement @param {string | undefined} cursor */
async function list(agreement, cursor) {
  const page = await get(["agreements", agreement, "invoices"], { cursor, limit: 100 });
  /** @type {Invoice[]} */
  const invoices = page.invoices || [], open = invoices.filter((each) => !each.sealed);
  return [h("h1", null, `Invoices of ${agreement}`), h("p", null, link(["agreements", agreement], {}, "The agreement")),
    open.length ? barChart("Payable", open[0].currency, open.map((each) => ({ label: each.from, value: Number(each.totals.payable) })), "each period") : "",
    table("Invoices", ["Period", "Until", "#Number", "State", "#Net", "#Payable", "Currency", "Due"], invoices.map((each) =>
      [link(["invoices", agreement, each.from]), each.until, each.number, state(each.state), each.sealed ? "" : each.totals.net, payableOf(each), each.currency, each.due])),
    page.next ? h("p", null, link(["invoices", agreement], { cursor: page.next }, "Next page")) : ""];
}

/** @param {string} agreement @param {string} from @param {string | undefined} cursor */
async function one(agreement, from, cursor) {
  /** @type {[Invoice, any]} */
  const [invoice, page] = await Promise.all([get(["agreements", agreement, "invoices", from]), get(["agreements", agreement, "invoices", from, "items"], { limit: ITEMS, cursor })]);
  const lastYear = `${Number(from.slice(0, 4)) - 1}${from.slice(4)}`;
  /** @type {(Invoice | null)[]} */
  const earlier = await Promise.all([shifted(invoice.from, -1), lastYear].map((date) => find(["agreements", agreement, "invoices", date])));
  /** @type {Item[]} */
  const items = page.items || [];
  return [h("h1", null, `Invoice ${invoice.number} of ${agreement}`),
    facts([["period", `${invoice.from} until ${invoice.until} (not included)`], ["state", state(invoice.state)], ["payable", `${payableOf(invoice)} ${invoice.currency}`],
      ["due", invoice.due], ["may be disputed until", invoice.disputable_until], ["devices", invoice.devices], ["days", invoice.days], ["hash of the items", invoice.items],
      ["agreement", link(["agreements", agreement])], ["payment", link(["payments", agreement], {}, "show")]]),
    h("p", { class: "tools" }, h("button", { type: "button", click: () => print() }, "Print")),
    ...(invoice.sealed ? [sealed(invoice.sealed)] : [compare(invoice, earlier), totals(invoice)]),
    h("h2", null, "Items"), items.flatMap((item) => itemParts(agreement, item, invoice.currency)),
    page.next ? h("p", null, link(["invoices", agreement, from], { cursor: page.next }, "More items")) : "",
    h("h2", null, "Files"), h("p", null, "With the member's key: ", h("code", null, `tally invoice ubl ${agreement} ${invoice.from} --out FILE`), ", ",
      h("code", null, `tally invoice html ${agreement} ${invoice.from} --out FILE`), ", ", h("code", null, `tally agreement audit ${agreement} --evidence FILE`), "."),
    timeline(invoice)];
}

/** @param {Invoice | import("../clients/js/billing").Bill} of of a sealed invoice the ledger has no amounts */
export const payableOf = (of) => ("sealed" in of && of.sealed ? "sealed" : of.totals.payable);

/** @param {import("../clients/js/billing").Sealed} of */
function sealed(of) {
  return h("section", null, h("h2", null, "Sealed"), facts([["commitment", of.commitment], ["agreed to by", (of.agreed_by || []).join(", ")]]),
    h("p", { class: "note" }, "Its lines and amounts are in a file that the parties have (", h("code", null, "tally invoice seal"), "): ", link(["audits", "verify"], {}, "verify it in this page"), "."));
}

/** @param {Invoice} invoice @param {(Invoice | null)[]} earlier */
function compare(invoice, earlier) {
  const names = ["period before", "year before"];
  const rows = earlier.map((each, index) => {
    if (!each || each.sealed || each.from === invoice.from) return [names[index], "none", "", "", ""];
    const difference = Decimal.of(invoice.totals.payable).minus(Decimal.of(each.totals.payable));
    const percent = Number(each.totals.payable) ? `${((Number(String(difference)) / Number(each.totals.payable)) * 100).toFixed(1)} %` : "";
    return [names[index], link(["invoices", each.agreement, each.from]), each.totals.payable, String(difference), percent];
  });
  return table("Compared", ["With", "Period", `#Payable (${invoice.currency})`, "#Difference", "#Change"], rows);
}

/** @param {Payable} invoice */
function totals(invoice) {
  const { totals: sums, currency } = invoice;
  return table("Totals", ["What", `#Amount (${currency})`], [["Net", sums.net],
    ...(sums.taxes || []).map((each) => [`Tax ${each.tax.category} ${each.tax.percent} % of ${each.taxable}`, each.amount]), ["Gross", sums.gross],
    ["Rounding", sums.rounding], ["Payable", sums.payable], ...(sums.shares || []).map((each) => [`Part of ${each.organization}, ${each.percent} %`, each.amount])]);
}

/** @param {string} agreement @param {Item} item @param {string} currency */
function itemParts(agreement, item, currency) {
  const name = item.item === "*" ? "Of no device" : item.item === "!" ? "Corrections" : item.item;
  const lines = table(`${name}: lines`, ["Line", "From", "Until", "#Quantity", "Unit", "#Price", "For each", `#Amount (${currency})`, "Corrects"], (item.lines || []).map((line) =>
    [line.tier ? `${line.name}, tier ${line.tier}` : line.name, line.from, line.until, line.quantity, line.unit, line.price, line.base, line.amount, line.corrects]));
  if (!(item.days || []).length) return [lines];
  const days = table(`${name}: days`, ["Day", "Match", "Record"], (item.days || []).map((each) => [link(["day", item.item, each.day], { agreement }), state(each.match), short(each.content_id)]));
  return [lines, h("details", null, h("summary", null, `The ${(item.days || []).length} days of ${name}`), days)];
}

/** @param {Payable} payable */
export function timeline(payable) {
  return table("Timeline", ["Time", "State", "By", "Remark", "Transaction"], (payable.timeline || []).map((step) =>
    [time(step.time_ms), state(step.state), step.by, step.remark, link(["ledger"], { id: step.transaction }, short(step.transaction))]));
}
