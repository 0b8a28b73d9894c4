// Days of an agreement's time zone, as its terms carry it: an offset from UTC and every change of it. A date is a text,
// "2026-03-29"; such texts sort as their days do.

import { require } from "./checks.js";

/** @typedef {{offset_s: number, shifts: {at_s: number, offset_s: number}[]}} Zone */

const DAY_S = 86400;

/** @param {string} date @returns {number} days since 1970 */
function daysOf(date) {
  const days = Date.parse(`${date}T00:00:00Z`) / (DAY_S * 1000);
  require(/^\d{4}-\d\d-\d\d$/.test(date) && Number.isInteger(days), `"${String(date).slice(0, 40)}" is no date`, "invalid_argument");
  return days;
}

/** @param {number} days since 1970 */
const dateOf = (days) => new Date(days * DAY_S * 1000).toISOString().slice(0, 10);

/** @param {number} year @param {number} month from 1 on, or beyond a year @param {number} day */
const dateAt = (year, month, day) => new Date(Date.UTC(year, month - 1, day)).toISOString().slice(0, 10);

/** @param {string} date @returns {[number, number, number]} */
const civil = (date) => [Number(date.slice(0, 4)), Number(date.slice(5, 7)), Number(date.slice(8, 10))];

/** @param {string} date @param {number} days */
export const plusDays = (date, days) => dateOf(daysOf(date) + days);

/** @param {string} from @param {string} until */
export const daysBetween = (from, until) => daysOf(until) - daysOf(from);

/**
 * 29 February is 1 March in other years.
 * @param {string} date @param {number} years
 */
export function plusYears(date, years) {
  const [year, month, day] = civil(date);
  return dateAt(year + years, month, day);
}

/** @param {string} date */
export function firstOfNextMonth(date) {
  const [year, month] = civil(date);
  return dateAt(year, month + 1, 1);
}

/** @param {string} date */
export function firstOfNextYear(date) {
  return dateAt(civil(date)[0] + 1, 1, 1);
}

/** @param {string} date */
export function daysOfMonth(date) {
  return daysBetween(`${date.slice(0, 8)}01`, firstOfNextMonth(date));
}

/** @param {string} date */
export function daysOfYear(date) {
  return daysBetween(`${date.slice(0, 4)}-01-01`, firstOfNextYear(date));
}

/**
 * The month, quarter or year that a day lies in; the second date is not in it.
 * @param {string} period @param {string} date @returns {[string, string]}
 */
export function periodOf(period, date) {
  const months = /** @type {Record<string, number>} */ ({ MONTH: 1, QUARTER: 3, YEAR: 12 })[period];
  require(months, `there is no period ${period}`, "invalid_argument");
  const [year, month] = civil(date);
  const first = Math.floor((month - 1) / months) * months + 1;
  return [dateAt(year, first, 1), dateAt(year, first + months, 1)];
}

/**
 * The first instant whose local date it is, in seconds since 1970.
 * @param {string} date @param {Zone} zone
 */
export function beginningOf(date, zone) {
  const local = daysOf(date) * DAY_S;
  let since = -Infinity, offset = zone.offset_s;
  for (const shift of zone.shifts) {
    if (local - offset < shift.at_s) return Math.max(local - offset, since);
    since = shift.at_s;
    offset = shift.offset_s;
  }
  return Math.max(local - offset, since);
}
