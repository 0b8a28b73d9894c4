// Providers' bills compared with metered use, line by line, and disputes of bills and invoices.

import { get } from "./api.js";
import { facts, h, link, state, table } from "./dom.js";
import { chooseAgreement, timeline } from "./view_invoice.js";
import { nameOf } from "./view_payment.js";

/** @typedef {import("../clients/js/billing").Invoice} Invoice */
/** @typedef {import("../clients/js/billing").Bill} Bill */

/** @type {import("./main.js").View} */
export async function disputeView({ path: [agreement] }) {
  if (!agreement) return chooseAgreement("Disputes and variances", "disputes");
  const [invoices, page] = await Promise.all([get(["agreements", agreement, "invoices"], { limit: 500 }), get(["agreements", agreement, "bills"], { limit: 500 })]);
  /** @type {Bill[]} */
  const bills = page.bills || [];
  /** @type {(Invoice | Bill)[]} */
  const all = [...(invoices.invoices || []), ...bills];
  return [h("h1", null, `Disputes and variances of ${agreement}`),
    table("Disputes", ["Of", "Period", "By", "Reason", "Open", "Lapses", "Holds up"], all.flatMap((each) => (each.disputes || []).map((dispute) =>
      [nameOf(each), link(["invoices", agreement, each.from]), dispute.by, dispute.reason, dispute.open ? "yes" : "no", dispute.until, each.disputed_from]))),
    h("h2", null, "Bills"), bills.length ? bills.flatMap(bill) : h("p", { class: "note" }, "No provider has posted a bill.")];
}

/** @param {Bill} each */
function bill(each) {
  return [h("h3", null, `Bill ${each.number} of ${each.provider}`),
    facts([["period", `${each.from} until ${each.until} (not included)`], ["issued", each.issued], ["state", state(each.state)], ["payable", `${each.totals.payable} ${each.currency}`],
      ["within the tolerance", each.within_tolerance ? "yes" : "no"], ["authorized by", (each.audits || []).map((id) => [link(["audits", each.agreement, id]), " "])]]),
    table(`Variances of ${each.number}`, ["Line", "Device", "#Billed quantity", "#Metered", "#Billed amount", "#Agreed", "#Difference", "Verdict"], (each.variances || []).map((line) =>
      [line.name, line.device, line.billed_quantity, line.metered_quantity, line.billed_amount, line.agreed_amount, line.difference, state(line.verdict)])),
    timeline(each)];
}
