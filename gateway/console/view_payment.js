// Payments of an agreement's invoices and bills: what is open, overdue, booked, and what does not fit.

import { get } from "./api.js";
import { facts, h, link, state, table } from "./dom.js";
import { Decimal, day } from "./format.js";
import { chooseAgreement, payableOf, timeline } from "./view_invoice.js";

/** @typedef {import("../clients/js/billing").Invoice} Invoice */
/** @typedef {import("../clients/js/billing").Bill} Bill */

const PAID = ["PAYMENT_CONFIRMED", "RECEIVED", "FINAL"];
const OVER = [...PAID, "EXPIRED", "WITHDRAWN"];

/** @type {import("./main.js").View} */
export async function paymentView({ path: [agreement] }) {
  if (!agreement) return chooseAgreement("Payments", "payments");
  const [invoices, bills] = await Promise.all([get(["agreements", agreement, "invoices"], { limit: 500 }), get(["agreements", agreement, "bills"], { limit: 500 })]);
  /** @type {(Invoice | Bill)[]} */
  const all = [...(invoices.invoices || []), ...(bills.bills || [])];
  const today = day(Date.now() / 1000);
  return [h("h1", null, `Payments of ${agreement}`),
    facts([["open", String(all.filter((each) => !OVER.includes(each.state)).length)], ["overdue", String(all.filter((each) => isOverdue(each, today)).length)]]),
    table("Payments", ["Of", "Period", "State", "#Payable", "#Booked", "Currency", "Due", "Finding"], all.map((each) =>
      [nameOf(each), link(["invoices", agreement, each.from]), state(each.state), payableOf(each), String(booked(each)), each.currency, each.due, finding(each, today)])),
    table("Bookings", ["Of", "Payee", "Account", "Reference", "#Amount", "Date", "Statement"], all.flatMap((each) => (each.paid || []).map((booking) =>
      [nameOf(each), booking.payee, booking.account, booking.reference, booking.amount, booking.date, booking.statement]))),
    h("h2", null, "Steps"), all.map((each) => h("details", null, h("summary", null, `${nameOf(each)}, ${each.from}`), timeline(each))),
    h("p", { class: "note" }, "Findings of a bank statement are shown by ", h("code", null, "tally payment import"), ", where the statement is.")];
}

/** @param {Invoice | Bill} each */
export const nameOf = (each) => ("provider" in each ? `bill ${each.number} of ${each.provider}` : `invoice ${each.number}`);

/** @param {Invoice | Bill} each */
const booked = (each) => (each.paid || []).reduce((sum, booking) => sum.plus(Decimal.of(booking.amount)), Decimal.of("0.00"));

/** @param {Invoice | Bill} each @param {string} today */
const isOverdue = (each, today) => !OVER.includes(each.state) && each.due < today;

/** @param {Invoice | Bill} each @param {string} today */
function finding(each, today) {
  const found = [];
  if (isOverdue(each, today)) found.push("overdue");
  if ((each.disputes || []).some((dispute) => dispute.open)) found.push("disputed");
  if (each.state === "PAYMENT_REJECTED") found.push("the bank rejected it");
  if (each.state === "PAYMENT_RETURNED") found.push("the money came back");
  const isSealed = "sealed" in each && each.sealed;
  if (!isSealed && PAID.includes(each.state) && String(booked(each).minus(Decimal.of(each.totals.payable))) !== "0.00") found.push("another amount than payable was booked");
  return found.join(", ");
}
