// JSON as the contracts write it: integers alone, which may be larger than a number holds exactly, and no member twice.
// Formats of others, which write decimals as JSON numbers, are read with the numbers as text.

import { NotProven } from "./checks.js";

const MAX_DEPTH = 32;
const MAX_NAME = 1024;
const WHITE = /[ \t\n\r]*/y;
const WORD = /true|false|null/y;
const INTEGER = /-?(?:0|[1-9]\d*)(?![.eE\d])/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;

/**
 * Integers that a number does not hold exactly become BigInt. With `numbersAsText` every number becomes a string: its
 * characters, exactly as they were written; any name is allowed then, and no text with half of a surrogate pair.
 * @param {string} text @param {string} what it is @param {{numbersAsText?: boolean, maxDepth?: number}} [options] @returns {any} @throws {NotProven}
 */
export function parseJson(text, what, options = {}) {
  const { numbersAsText = false, maxDepth = MAX_DEPTH } = options;
  let at = 0;
  const fault = () => new NotProven(`${what} is no JSON${numbersAsText ? "" : ", or has a number that is no integer"}, or a member twice (at character ${at + 1})`, "malformed");

  /** @param {RegExp} form @returns {string | null} */
  function take(form) {
    form.lastIndex = at;
    const found = form.exec(text);
    if (found) at = form.lastIndex;
    return found && found[0];
  }

  /** @returns {string | null} */
  function takeString() {
    const found = take(STRING), value = found && JSON.parse(found);
    if (numbersAsText && value !== null && /\p{Surrogate}/u.test(value)) throw fault();
    return value;
  }

  /** @param {string} wanted */
  function takes(wanted) {
    take(WHITE);
    if (text[at] !== wanted) return false;
    ++at;
    return true;
  }

  /** @param {number} depth @param {string} end @param {() => void} each */
  function elements(depth, end, each) {
    if (depth > maxDepth) throw fault();
    if (takes(end)) return;
    do each(); while (takes(","));
    if (!takes(end)) throw fault();
  }

  /** @param {number} depth @returns {any} */
  function value(depth) {
    take(WHITE);
    if (takes("[")) {
      /** @type {any[]} */
      const list = [];
      elements(depth, "]", () => list.push(value(depth + 1)));
      return list;
    }
    if (takes("{")) {
      /** @type {Record<string, any>} */
      const object = numbersAsText ? Object.create(null) : {};
      elements(depth, "}", () => {
        take(WHITE);
        const key = takeString();
        if (key === null || (key === "__proto__" && !numbersAsText) || Object.hasOwn(object, key) || !takes(":")) throw fault();
        if (numbersAsText && new TextEncoder().encode(key).length > MAX_NAME) throw fault();
        object[key] = value(depth + 1);
      });
      return object;
    }
    const word = take(WORD);
    if (word) return JSON.parse(word);
    const string = takeString();
    if (string !== null) return string;
    const digits = take(numbersAsText ? NUMBER : INTEGER);
    if (!digits) throw fault();
    if (numbersAsText) return digits;
    return Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits);
  }

  const found = value(0);
  take(WHITE);
  if (at !== text.length) throw fault();
  return found;
}

/**
 * The text that the contracts write: members in the order in which they are declared.
 * @param {any} value @returns {string}
 */
export function jsonText(value) {
  if (typeof value === "bigint") return String(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const members = Object.entries(value).filter(([, each]) => each !== undefined);
  return `{${members.map(([name, each]) => `${JSON.stringify(name)}:${jsonText(each)}`).join(",")}}`;
}
