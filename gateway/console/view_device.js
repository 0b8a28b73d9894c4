// One device: a strip of its last 90 days, its daily figures compared with the month before, and what happened to it.

import { find, get } from "./api.js";
import { barChart } from "./chart.js";
import { address, choice, facts, field, finder, h, link, state, table } from "./dom.js";
import { DAY, day, shifted, short, time } from "./format.js";

/** @typedef {import("../clients/js/data").DayView} DayView */
/** @typedef {import("../clients/js/data").SettledDay} SettledDay */
/** @typedef {import("../clients/js/registry").DeviceView} DeviceView */

const SHOWN = 90;
const MARKS = { FINAL: "F", OPEN: "O", RECONCILING: "R", MISMATCH: "!", MISSING: "–", SUSPENDED: "S", ZERO: "0", BEFORE: "·" };

/** @typedef {keyof typeof MARKS} Mark */

/** @type {import("./main.js").View} */
export async function deviceView({ path: [id], query }) {
  const end = query.to || day(Date.now() / 1000);
  const first = shifted(end, -SHOWN);
  const from = Date.parse(first + "T00:00:00Z") / 1000;
  /** @type {[DeviceView, any, any]} */
  const [device, page, agreements] = await Promise.all([get(["devices", id]),
    get(["devices", id, "days"], { from: from - DAY / 2, to: from + (SHOWN - 0.5) * DAY, limit: SHOWN + 5 }), get(["agreements"], { limit: 100 })]);
  const names = (agreements.agreements || []).map((/** @type {{id: string}} */ each) => each.id);
  const agreement = query.agreement || names[0];
  const settled = agreement ? await find(["agreements", agreement, "devices", id, "days"], { from: first, to: end, limit: SHOWN + 5 }) : null;
  /** @type {Map<string, DayView>} */
  const days = new Map((page.days || []).map((/** @type {DayView} */ each) => [day((each.from + each.to) / 2), each]));  // whatever its zone
  /** @type {Map<string, SettledDay>} */
  const finals = new Map((settled?.days || []).map((/** @type {SettledDay} */ each) => [each.day, each]));
  const dates = Array.from({ length: SHOWN }, (_, index) => shifted(first, index));
  const registered = day(device.registered_ms / 1000);
  const known = [registered, ...days.keys()].sort()[0];
  const strip = dates.map((date) => ({ date, mark: /** @type {Mark} */ (date < known ? "BEFORE" : markOf(date, days.get(date), finals.get(date), device)) }));
  return [h("h1", null, `Device ${id}`),
    facts([["operator", device.organization], ["shard", link(["devices"], { shard: device.shard, organization: device.organization }, device.shard)],
      ["status", [state(device.status), device.reason ? `: ${device.reason}` : ""]], ["schemas", (device.schemas || []).join(", ")],
      ["registered", registered], ["measures every", `${device.polling_interval_s} s`], ["location", device.location]]),
    finder((values) => address(["device", id], values), field("90 days before", "to", end, "date"),
      names.length ? choice("Agreement", "agreement", names, agreement) : null, h("button", null, "Show")),
    h("h2", null, `Days from ${first} on`), legend(strip.map((each) => each.mark)),
    h("ol", { class: "strip" }, strip.map(({ date, mark }) => h("li", null,
      h("a", { class: mark, href: address(["day", id, date], dayQuery(days.get(date), agreement)), title: `${date}: ${mark}`, "aria-label": `${date}: ${mark}` }, MARKS[mark], h("small", null, date.slice(5)))))),
    month(dates, days, end),
    table("Days", ["Day", "State", "Field", "#Sum", "Unit", "#Readings", "#Missing", "Record", "Received"], strip.filter(({ mark }) => mark !== "BEFORE").flatMap(({ date, mark }) => figures(id, date, mark, days.get(date), agreement))),
    h("p", null, link(["ledger"], { device: id }, "What happened to the device")),
  ];
}

/** @param {string} date @param {DayView | undefined} record @param {SettledDay | undefined} final @param {DeviceView} device @returns {Mark} */
function markOf(date, record, final, device) {
  const begin = Date.parse(date + "T00:00:00Z");
  const isSuspended = (device.suspensions || []).some((each) => each.from_ms <= begin && (!each.to_ms || each.to_ms > begin));
  if (isSuspended && !record) return "SUSPENDED";
  if (final && (final.match === "MISMATCH" || final.match === "OUT_OF_RANGE")) return "MISMATCH";
  if (!record) return "MISSING";
  const fields = record.fields || [];
  if (fields.length && fields.every((each) => each.count > 0 && Number(each.sum) === 0)) return "ZERO";
  return final ? final.state : "OPEN";
}

/** @param {Mark[]} marks */
function legend(marks) {
  const words = { FINAL: "final", OPEN: "a record, not final", RECONCILING: "being compared", MISMATCH: "device and operator differ", MISSING: "no record", SUSPENDED: "suspended", ZERO: "a record of zeros", BEFORE: "before its first record" };
  const seen = /** @type {Mark[]} */ (Object.keys(MARKS)).filter((mark) => marks.includes(mark));
  return h("p", { class: "key" }, seen.map((mark) => h("span", null, h("strong", null, MARKS[mark]), ` ${words[mark]}: ${marks.filter((each) => each === mark).length}`)));
}

/** @param {DayView | undefined} record @param {string | undefined} agreement */
const dayQuery = (record, agreement) => ({ agreement, from: record?.from, to: record?.to });

/**
 * The last month with records, and the month before it.
 * @param {string[]} dates @param {Map<string, DayView>} days @param {string} end
 */
function month(dates, days, end) {
  const last = [...days.keys()].sort().pop() || end;
  const name = last.slice(0, 7);
  const before = shifted(name + "-01", -1).slice(0, 7);
  const figure = (/** @type {string} */ date) => days.get(date)?.fields?.[0];
  const sum = (/** @type {string} */ date) => {
    const found = figure(date);
    return found ? Number(found.sum) * 10 ** found.scale : null;
  };
  const shown = figure(last);
  if (!shown) return h("p", { class: "note" }, "There are no daily figures in these days.");
  const bars = dates.filter((date) => date.startsWith(name)).map((date) => ({ label: date, value: sum(date), compared: sum(before + date.slice(7)) }));
  return barChart(`${shown.name}, each day of ${name}`, shown.unit, bars, name, before);
}

/** @param {string} id @param {string} date @param {Mark} mark @param {DayView | undefined} record @param {string | undefined} agreement */
function figures(id, date, mark, record, agreement) {
  const where = () => link(["day", id, date], dayQuery(record, agreement));
  if (!record) return [[where(), state(mark), "", "", "", "", "", "", ""]];
  return (record.fields || []).map((each) => [where(), state(mark), each.name, scaled(each.sum, each.scale), each.unit, each.count, each.missing,
    h("a", { href: address(["ledger"], { id: record.transaction }), title: record.transaction }, short(record.transaction)), time(record.received_ms)]);
}

/** @param {string} sum @param {number} scale */
export const scaled = (sum, scale) => (scale === 0 ? sum : scale > 0 ? sum + "0".repeat(scale) : decimal(sum, -scale));

/** @param {string} digits @param {number} decimals */
function decimal(digits, decimals) {
  const sign = digits.startsWith("-") ? "-" : "";
  const padded = digits.slice(sign.length).padStart(decimals + 1, "0");
  return `${sign}${padded.slice(0, -decimals)}.${padded.slice(-decimals)}`;
}
