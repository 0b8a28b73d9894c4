// Recorded audit runs, and files that the page verifies (view_verify.js).

import { get } from "./api.js";
import { facts, h, link, state, table } from "./dom.js";
import { devicesText } from "./evidence.js";
import { short, time } from "./format.js";
import { chooseAgreement } from "./view_invoice.js";
import { verifier } from "./view_verify.js";

/** @typedef {import("../clients/js/audit").AuditRun} AuditRun */

/** @type {import("./main.js").View} */
export async function auditView({ path: [agreement, id], query }) {
  if (agreement === "verify") return [h("h1", null, "Verify a file"), verifier()];
  if (!agreement) return [...await chooseAgreement("Audits", "audits"), h("h2", null, "Verify a file"), verifier()];
  if (id) return one(await get(["agreements", agreement, "audits", id]));
  const page = await get(["agreements", agreement, "audits"], { cursor: query.cursor, limit: 100 });
  return [h("h1", null, `Audits of ${agreement}`), table("Audit runs", ["Run", "Verdict", "From", "Until", "#Devices", "#Days", "#Missing", "#Findings", "By", "Time"],
    (page.runs || []).map((/** @type {AuditRun} */ run) => [link(["audits", agreement, run.id]), state(run.verdict), run.from, run.until, run.devices, run.days, run.missing,
      (run.findings || []).length, `${run.by}/${run.name}`, time(run.time_ms)])),
  page.next ? h("p", null, link(["audits", agreement], { cursor: page.next }, "Next page")) : "",
  h("h2", null, "Verify a file"), verifier()];
}

/** @param {AuditRun} run */
function one(run) {
  return [h("h1", null, `Audit ${run.id} of ${run.agreement}`),
    facts([["verdict", state(run.verdict)], ["days", `${run.from} until ${run.until} (not included)`], ["devices", run.device ? link(["device", run.device]) : devicesText(run)],
      ["by", `${run.by}/${run.name}, ${time(run.time_ms)}`], ["transaction", link(["ledger"], { id: run.transaction }, short(run.transaction))],
      ["days examined", run.days], ["records", run.records], ["days without a record", run.missing], ["days that are not final", run.open]]),
    table("Checks", ["Check", "#Made", "#Failed"], (run.checks || []).map((each) => [each.check, each.made, each.failed])),
    table("Findings", ["Check", "Device", "Day", "Expected", "Found"], (run.findings || []).map((each) =>
      [each.check, each.device ? link(["device", each.device]) : "", each.day && each.device ? link(["day", each.device, each.day], { agreement: run.agreement }) : each.day, each.expected, each.found])),
    h("p", { class: "note" }, "The proof of a run, down to the readings: ", h("code", null, `tally agreement audit ${run.agreement} --evidence FILE`), ", verified by ", h("code", null, "tally verify FILE"), " or ", link(["audits", "verify"], {}, "in this page"), ", without the node.")];
}
