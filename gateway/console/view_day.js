// One day of a device: its readings, compared with another day, the operator's figures, and every check's verdict.

import { find, get } from "./api.js";
import { dayChart } from "./chart.js";
import { address, facts, field, finder, h, link, state, table } from "./dom.js";
import { DAY, shifted, short, time } from "./format.js";
import { scaled } from "./view_device.js";

/** @typedef {import("../clients/js/data").SeriesPage} SeriesPage */
/** @typedef {import("../clients/js/data").SettledDay} SettledDay */

/** @type {import("./main.js").View} */
export async function dayView({ path: [id, date], query }) {
  const compared = query.compared || shifted(date, -7);
  const { agreement } = query;
  /** @type {(SettledDay | null)[]} */
  const [settled, settledOther] = agreement
    ? await Promise.all([date, compared].map((each) => find(["agreements", agreement, "devices", id, "days", each]))) : [null, null];
  const bounds = boundsOf(date, query, settled);
  const earlier = start(date) - start(compared);
  const others = boundsOf(compared, { from: String(bounds.from - earlier), to: String(bounds.to - earlier) }, settledOther);
  const [series, other, gaps] = await Promise.all([seriesOf(id, bounds), seriesOf(id, others), get(["devices", id, "gaps"], bounds)]);
  const source = series?.records?.[0];
  return [h("h1", null, `${id}, ${date}`),
    h("p", { class: "tools" }, link(["day", id, shifted(date, -1)], { agreement }, "Day before"), link(["day", id, shifted(date, 1)], { agreement }, "Day after"), link(["device", id], { agreement }, "Device")),
    source ? facts([["record", [link(["ledger"], { id: source.transaction }, short(source.transaction)), `, number ${source.sequence}`]],
      ["content id", source.content_id], ["root of the series", source.root], ["rows", source.rows]])
      : h("p", { class: "problem" }, "There is no record of this day."),
    source?.withheld ? h("p", { class: "note" }, "The series is not on the ledger: its holder keeps it.") : "",
    finder((values) => address(["day", id, date], { agreement, from: query.from, to: query.to, ...values }), field("Compare with", "compared", compared, "date"), h("button", null, "Compare")),
    (series?.fields || []).map((each) => chartOf(each, date, series, other, compared)),
    h("h2", null, "Checks"), checks(settled, gaps, source),
    settled ? operator(settled) : "",
    rows(series)];
}

/** @typedef {{from: number, to: number}} Bounds of a day, in seconds since 1970 */

/**
 * As the agreement says in its zone, or the address; else the day in UTC.
 * @param {string} date @param {Record<string, string>} query @param {SettledDay | null} settled @returns {Bounds}
 */
function boundsOf(date, query, settled) {
  if (settled) return { from: settled.from, to: settled.to };
  if (Number(query.from) < Number(query.to)) return { from: Number(query.from), to: Number(query.to) };
  return { from: start(date), to: start(date) + DAY };
}

/**
 * Of midnight, UTC.
 * @param {string} date
 */
const start = (date) => Date.parse(date + "T00:00:00Z") / 1000;

/** @param {string} id @param {Bounds} bounds @returns {Promise<SeriesPage>} */
const seriesOf = (id, bounds) => get(["devices", id, "series"], bounds);

/** @param {import("../clients/js/data").Column} column @param {string} date @param {SeriesPage} series @param {SeriesPage} other @param {string} compared */
function chartOf(column, date, series, other, compared) {
  const points = (/** @type {import("../clients/js/data").Column} */ each, /** @type {SeriesPage} */ page) => (each.samples || []).map(([at, value]) =>
    /** @type {[number, number | null]} */ ([(at - page.from) / (page.to - page.from), value === null ? null : Number(value) * 10 ** each.scale]));
  const match = (other.fields || []).find((each) => each.name === column.name && each.unit === column.unit);
  return dayChart(column.name, column.unit, { name: date, points: points(column, series) },
    match ? { name: compared, points: points(match, other) } : null);
}

/** @param {SettledDay | null} settled @param {import("../clients/js/data").GapReport} gaps @param {import("../clients/js/data").SeriesSource | undefined} source */
function checks(settled, gaps, source) {
  const none = (/** @type {any[] | undefined} */ list) => !list || list.length === 0;
  const incomplete = gaps.incomplete_days || [];
  const verdicts = [
    ["A record covers the day", none(gaps.missing_days) && source ? "PASSED" : "FAILED", none(gaps.missing_days) ? "" : "a part of the day has no record"],
    ["Every row is there", none(incomplete) ? "PASSED" : "FAILED", incomplete.map((each) => `${each.rows} of ${each.expected_rows} rows`).join(", ")],
    ["The day names the day before", none(gaps.broken_days) ? "PASSED" : "FAILED", (gaps.broken_days || []).map((each) => `record ${each.sequence}`).join(", ")],
    ["Readings fit the signed root", source && !source.withheld ? "PASSED" : "OPEN", source ? "checked by the node when it answered" : "no record"]];
  if (settled) {
    verdicts.push(["The day is final", settled.state === "FINAL" ? "PASSED" : "OPEN", settled.settled_ms ? `${time(settled.settled_ms)}, by ${settled.settled_by}` : ""]);
    verdicts.push(["Device and operator agree", settled.match, ""]);
  }
  return table("Verdicts", ["Check", "Verdict", "Found"], verdicts.map(([what, verdict, found]) => [what, state(verdict), found]));
}

/** @param {SettledDay} settled */
function operator(settled) {
  return table("Device and operator", ["Field", "Match", "#Device", "#Operator", "#Billed", "Unit"],
    (settled.fields || []).map((each) => [each.field, state(each.match), each.device, each.cloud, each.billed, each.unit]));
}

/** @param {SeriesPage} series */
function rows(series) {
  return (series?.fields || []).map((column) => table(`Readings of ${column.name}`, ["Time", `#${column.name} (${column.unit})`],
    (column.samples || []).map(([at, value]) => [time(at * 1000), value === null ? "missing" : scaled(value, column.scale)])));
}
