// Charts as SVG. What they show is also in a table beside them, so they are hidden from screen readers but for a title.

import { h } from "./dom.js";

const WIDTH = 720, HEIGHT = 220, LEFT = 70, BOTTOM = 24, TOP = 10, RIGHT = 10;

/** @typedef {{label: string, value: number | null, compared?: number | null}} Bar */
/** @typedef {{name: string, points: [number, number | null][]}} Series x is a fraction of the day */

/** @typedef {[number, number]} Ends of the vertical axis */

/** @param {number} value @param {Ends} ends */
const y = (value, [low, high]) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - (value - low) / (high - low || 1));

/**
 * Ends of the axis that are easy to read.
 * @param {number[]} values @returns {Ends}
 */
function range(values) {
  const low = Math.min(0, ...values), high = Math.max(0, ...values);
  if (low === high) return [0, 1];
  const step = 10 ** Math.floor(Math.log10(high - low));
  return [Math.floor(low / step) * step, Math.ceil(high / step) * step];
}

/** @param {string} title @param {Ends} ends @param {string} unit @param {...any} parts */
function frame(title, ends, unit, ...parts) {
  const lines = [ends[0], (ends[0] + ends[1]) / 2, ends[1]].map((value) => [
    h("line", { class: "axis", x1: LEFT, x2: WIDTH - RIGHT, y1: y(value, ends), y2: y(value, ends) }),
    h("text", { x: LEFT - 6, y: y(value, ends) + 4, "text-anchor": "end" }, Number(value.toPrecision(6)).toLocaleString("en"))]);
  return h("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": `${title}, in ${unit}` }, lines, parts);
}

/** @param {string} text @param {string} [other] */
function key(text, other) {
  return h("p", { class: "key" }, h("span", null, "— ", text), other ? h("span", null, "- - ", other) : null);
}

/**
 * Lines over one day: the second is dashed.
 * @param {string} title @param {string} unit @param {Series} first @param {Series | null} second
 */
export function dayChart(title, unit, first, second) {
  const known = [first, second].flatMap((series) => (series ? series.points : [])).map(([, value]) => value).filter((value) => value !== null);
  const ends = range(/** @type {number[]} */ (known));
  const x = (/** @type {number} */ at) => LEFT + at * (WIDTH - LEFT - RIGHT);
  /**
   * A reading that is missing is a gap in the line.
   * @param {Series} series
   */
  const path = (series) => {
    let pen = "M";
    return series.points.map(([at, value]) => {
      if (value === null) {
        pen = "M";
        return "";
      }
      const part = `${pen}${x(at).toFixed(1)},${y(value, ends).toFixed(1)}`;
      pen = "L";
      return part;
    }).join("");
  };
  const hours = [0, 6, 12, 18, 24].map((hour) => h("text", { x: x(hour / 24), y: HEIGHT - 6, "text-anchor": hour === 24 ? "end" : "middle" }, `${hour}:00`));
  return h("figure", null, h("figcaption", null, `${title} (${unit})`),
    frame(title, ends, unit, hours, second ? h("path", { class: "second", d: path(second) }) : null, h("path", { class: "first", d: path(first) })),
    key(first.name, second?.name));
}

/**
 * A bar for each day; outlines are what it is compared with. A day without a value has a cross.
 * @param {string} title @param {string} unit @param {Bar[]} bars @param {string} name @param {string} [compared]
 */
export function barChart(title, unit, bars, name, compared) {
  const values = bars.flatMap((bar) => [bar.value, bar.compared ?? null]).filter((value) => value !== null);
  const ends = range(/** @type {number[]} */ (values));
  const step = (WIDTH - LEFT - RIGHT) / Math.max(bars.length, 1);
  /** @param {string} kind @param {number} value @param {number} at @param {number} width */
  const rectangle = (kind, value, at, width) => h("rect", {
    class: kind, x: at.toFixed(1), width: width.toFixed(1), y: Math.min(y(value, ends), y(0, ends)).toFixed(1),
    height: Math.max(Math.abs(y(value, ends) - y(0, ends)), 1).toFixed(1) });
  const drawn = bars.map((bar, index) => {
    const at = LEFT + index * step;
    return h("g", null, h("title", null, `${bar.label}: ${bar.value === null ? "missing" : bar.value}`),
      bar.value === null ? h("text", { x: at + step / 2, y: y(0, ends) - 4, "text-anchor": "middle" }, "×")
        : rectangle("bar", bar.value, at + step * 0.15, step * 0.7),
      bar.compared === null || bar.compared === undefined ? null : rectangle("bar second", bar.compared, at, step * 0.98),
      bars.length <= 12 || index % 5 === 0 ? h("text", { x: at + step / 2, y: HEIGHT - 6, "text-anchor": "middle" }, bar.label.slice(-5)) : null);
  });
  return h("figure", null, h("figcaption", null, `${title} (${unit})`), frame(title, ends, unit, drawn), key(name, compared));
}
