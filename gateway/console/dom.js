// Elements of the page. Text always becomes a text node: nothing that comes from the ledger is read as HTML.

/** @typedef {Node | string | number | null | undefined | any[]} Part lists have parts */

const SVG = new Set(["svg", "path", "rect", "line", "text", "title", "g"]);

/**
 * @param {string} name @param {Record<string, string | number | boolean | ((event: any) => void) | null | undefined> | null} [properties]
 * attributes; functions are listeners of the event
 * @param {...Part} parts
 * @returns {any}
 */
export function h(name, properties, ...parts) {
  const element = SVG.has(name) ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(key, value === true ? "" : String(value));
  }
  append(element, parts);
  return element;
}

/** @param {Element} element @param {Part[]} parts */
export function append(element, parts) {
  for (const part of parts) {
    if (part === null || part === undefined) continue;
    if (Array.isArray(part)) append(element, part);
    else element.append(part instanceof Node ? part : String(part));
  }
}

/**
 * A link to a view.
 * @param {string[]} path @param {Record<string, string | number | undefined>} [query] @param {Part} [text]
 */
export function link(path, query = {}, text = path[path.length - 1]) {
  return h("a", { href: address(path, query) }, text);
}

/** @param {string[]} path @param {Record<string, string | number | undefined>} [query] */
export function address(path, query = {}) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "")
    .map(([key, value]) => `${key}=${encodeURIComponent(String(value))}`);
  return `#/${path.map(encodeURIComponent).join("/")}${pairs.length ? "?" + pairs.join("&") : ""}`;
}

/** @param {[string, Part][]} rows */
export function facts(rows) {
  return h("dl", null, rows.filter(([, value]) => value !== undefined && value !== null && value !== "" && !(Array.isArray(value) && value.length === 0))
    .map(([name, value]) => [h("dt", null, name), h("dd", null, value)]));
}

const GOOD = new Set(["FINAL", "ACTIVE", "ALIVE", "VALID", "MATCH", "WITHIN_TOLERANCE", "PASSED", "PAYMENT_CONFIRMED", "RECEIVED", "EXACT", "SIGNED"]);
const BAD = new Set(["MISMATCH", "OUT_OF_RANGE", "SILENT", "FAILED", "DISPUTED", "PAYMENT_REJECTED", "PAYMENT_RETURNED", "TOO_MUCH", "NOT_AGREED", "RETIRED"]);

/**
 * A state as a word; the colour only repeats it.
 * @param {string | undefined} word
 */
export function state(word) {
  if (!word) return "";
  return h("span", { class: GOOD.has(word) ? "good" : BAD.has(word) ? "bad" : "warn" }, word);
}

/**
 * A table with a button that saves what it shows as CSV.
 * @param {string} name of the file @param {string[]} columns "#" in front: numbers @param {Part[][]} rows
 */
export function table(name, columns, rows) {
  const titles = columns.map((column) => column.replace(/^#/, ""));
  const kind = (/** @type {number} */ index) => (columns[index].startsWith("#") ? "number" : null);
  if (rows.length === 0) return h("p", { class: "note" }, `${name}: none.`);
  const body = h("tbody", null, rows.map((row) => h("tr", null, row.map((cell, index) => h("td", { class: kind(index) }, cell)))));
  const element = h("table", null, h("caption", null, name),
    h("thead", null, h("tr", null, titles.map((title, index) => h("th", { scope: "col", class: kind(index) }, title)))), body);
  const save = () => saveCsv(name, [titles, ...rows.map((_, index) => cellsOf(body.rows[index]))]);
  return h("section", null, h("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": name }, element),
    h("button", { type: "button", click: save, "data-csv": name }, "Save as CSV"));
}

/** @param {HTMLTableRowElement} row */
const cellsOf = (row) => Array.from(row.cells, (cell) => cell.textContent || "");

/**
 * RFC 4180. A cell that a spreadsheet would read as a formula gets an apostrophe.
 * @param {string[][]} lines
 */
export function csvText(lines) {
  const cell = (/** @type {string} */ text) => {
    const safe = /^[=+@\t\r]|^-(?![\d.]+$)/.test(text) ? "'" + text : text;
    return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, '""')}"` : safe;
  };
  return lines.map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
}

/** @param {string} name @param {string[][]} lines */
function saveCsv(name, lines) {
  saveFile(`${name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.csv`, new Blob([csvText(lines)], { type: "text/csv" }));
}

/** @param {string} name @param {Blob} blob */
export function saveFile(name, blob) {
  const url = URL.createObjectURL(blob);
  h("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
}

/** @param {string} title @param {string} name @param {string} [value] @param {string} [type] */
export function field(title, name, value = "", type = "text") {
  return h("label", null, title, h("input", { name, value, type, autocomplete: "off", spellcheck: "false" }));
}

/** @param {string} title @param {string} name @param {string[]} choices @param {string} [value] @param {string} [empty] what "" is called */
export function choice(title, name, choices, value = "", empty = "any") {
  return h("label", null, title, h("select", { name },
    choices.map((each) => h("option", { value: each, selected: each === value }, each || empty))));
}

/**
 * A form that leads to a view.
 * @param {(values: Record<string, string>) => string} where @param {...Part} parts
 */
export function finder(where, ...parts) {
  return h("form", {
    submit: (/** @type {Event} */ event) => {
      event.preventDefault();
      const values = new FormData(/** @type {HTMLFormElement} */ (event.target));
      location.hash = where(Object.fromEntries([...values].map(([key, value]) => [key, String(value).trim()])));
    },
  }, ...parts);
}
