// What a device's day is under an agreement's terms: the quantities that its signed record gives.

import { Decimal } from "./amounts.js";

/** @typedef {{field: string, quantity: Decimal | null, first: Decimal | null, last: Decimal | null}} DeviceFigures quantity null: there is none, or a register went back */

/** @param {number | bigint} value @param {number} scale */
const scaled = (value, scale) => (scale > 0 ? new Decimal(BigInt(value) * 10n ** BigInt(scale)) : new Decimal(value, -scale));

/**
 * @param {any} terms @param {import("./records.js").DeviceRecord} record @param {any} before the day before as it was settled, where a register
 * goes on @returns {DeviceFigures[]}
 */
export function deviceFigures(terms, record, before) {
  return terms.fields.map((/** @type {any} */ wanted) => figuresOf(wanted, record, before));
}

/** @param {any} wanted @param {import("./records.js").DeviceRecord} record @param {any} before @returns {DeviceFigures} */
function figuresOf(wanted, record, before) {
  const none = { field: wanted.field, quantity: null, first: null, last: null };
  const index = record.fields.findIndex((field) => field.name === wanted.field && field.unit === wanted.unit);
  if (wanted.measure === "SESSION" || index < 0 || record.commitment) return none;
  const [count, , sum, , , first, last] = record.summary[index];
  if (count === 0 || sum === null || first === null || last === null) return none;
  const { scale } = record.fields[index];
  const begins = scaled(first, scale), ends = scaled(last, scale);
  if (wanted.measure !== "REGISTER_DIFFERENCE") return { field: wanted.field, quantity: scaled(sum, scale), first: begins, last: ends };
  const known = before?.fields.find((/** @type {any} */ each) => each.field === wanted.field)?.last;
  return { field: wanted.field, quantity: registerDifference(wanted, known === undefined ? begins : Decimal.of(known), ends), first: begins, last: ends };
}

/**
 * A register goes on where the day before ended; it may begin again at its modulus.
 * @param {any} wanted @param {Decimal} begins @param {Decimal} ends
 */
function registerDifference(wanted, begins, ends) {
  let difference = ends.minus(begins);
  if (difference.units >= 0n) return difference;
  if (wanted.modulus === undefined) return null;
  const modulus = Decimal.of(wanted.modulus);
  difference = difference.plus(modulus);
  return difference.units < 0n || modulus.isBelow(difference.plus(difference)) ? null : difference;
}
