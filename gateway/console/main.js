// The frame of the console: which view the address names, how it is shown, and which calls it has made.

import { ApiError, made } from "./api.js";
import { address, append, h } from "./dom.js";
import { describe, forget, takeToken } from "./session.js";
import { agreementView } from "./view_agreement.js";
import { auditView } from "./view_audit.js";
import { dayView } from "./view_day.js";
import { deviceView } from "./view_device.js";
import { disputeView } from "./view_dispute.js";
import { fleetView } from "./view_fleet.js";
import { invoiceView } from "./view_invoice.js";
import { keyView } from "./view_key.js";
import { ledgerView } from "./view_ledger.js";
import { paymentView } from "./view_payment.js";
import { refusedView } from "./view_refused.js";

/** @typedef {{path: string[], query: Record<string, string>}} Place what follows the view's name */
/** @typedef {(place: Place) => Promise<any[]>} View */

/** @type {Record<string, {title: string, view: View, under?: string}>} */
const VIEWS = {
  devices: { title: "Devices", view: fleetView },
  device: { title: "Device", view: deviceView, under: "devices" },
  day: { title: "Day", view: dayView, under: "devices" },
  refused: { title: "Refused", view: refusedView },
  agreements: { title: "Agreements", view: agreementView },
  invoices: { title: "Invoices", view: invoiceView },
  payments: { title: "Payments", view: paymentView },
  disputes: { title: "Disputes", view: disputeView },
  audits: { title: "Audits", view: auditView },
  ledger: { title: "Ledger", view: ledgerView },
  key: { title: "Sign in", view: keyView },
};

/** @param {string} id @returns {HTMLElement} */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

let turn = 0;  // the answer of an earlier view that comes late is dropped

/** @returns {Place & {name: string}} */
function place() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const decode = (/** @type {string} */ text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  const [name, ...rest] = path.split("/").filter(Boolean).map(decode);
  return { name: name || "devices", path: rest, query: Object.fromEntries(new URLSearchParams(query)) };
}

/** @param {unknown} error */
function problem(error) {
  const isApi = error instanceof ApiError;
  const parts = [h("h1", null, "That did not work"),
    h("p", { class: "problem", role: "alert" }, error instanceof Error ? error.message : String(error), isApi ? ` (${error.code})` : null)];
  if (isApi && error.status === 401) {
    forget();
    parts.push(h("p", null, "Run ", h("code", null, "tally console open"), " and open the address that it prints, or ",
      h("a", { href: "#/key" }, "sign in with a key of this browser"), "."));
  } else {
    parts.push(h("button", { type: "button", click: () => show() }, "Try again"));
  }
  return parts;
}

function showCalls() {
  const calls = made.map((call) => h("li", null, h("code", null, `GET ${call.path}`), ` ${call.status || "no answer"}, ${call.ms} ms`));
  part("calls").replaceChildren(...(calls.length ? [h("span", null, "Calls of this view"), h("ul", null, calls)] : []));
}

/** @param {string} name */
function showFrame(name) {
  part("views").replaceChildren(...Object.entries(VIEWS).filter(([, each]) => !each.under).map(([key, each]) =>
    h("a", { href: address([key]), "aria-current": key === (VIEWS[name]?.under || name) ? "page" : null }, each.title)));
  describe().then((text) => part("who").replaceChildren(text));
}

async function show() {
  const mine = ++turn;
  const { name, ...where } = place();
  const chosen = VIEWS[name];
  showFrame(name);
  made.length = 0;
  showCalls();
  const content = part("content");
  content.setAttribute("aria-busy", "true");
  content.replaceChildren(h("p", { class: "note", role: "status" }, "Asking the node…"));
  let parts;
  try {
    parts = chosen ? await chosen.view(where) : [h("h1", null, `There is no view "${name}"`)];
  } catch (error) {
    parts = problem(error);
  }
  if (mine !== turn) return;
  content.replaceChildren();
  append(content, parts);
  content.removeAttribute("aria-busy");
  document.title = `${content.querySelector("h1")?.textContent || name} · Tally`;
  showCalls();
  describe().then((text) => part("who").replaceChildren(text));
}

addEventListener("hashchange", () => {
  takeToken();
  show();
  part("content").focus();
});
takeToken();
show();
