// What a device's day is under an agreement's terms: the quantities that its signed record gives, or of a meter that signs
// OCMF its sessions and fiscal readings.

import { Decimal } from "./amounts.js";

/** @typedef {import("./ocmf_sessions.js").OcmfDay} OcmfDay */
/** @typedef {import("./records.js").DeviceRecord} DeviceRecord */
/**
 * @typedef {{field: string, quantity: Decimal | null, first: Decimal | null, last: Decimal | null, sessions?: string[]}} DeviceFigures
 * quantity null: there is none, or a register went back; `sessions`: of an OCMF meter, the content ids of the records that the
 * quantity comes from
 */

/** @param {number | bigint} value @param {number} scale */
const scaled = (value, scale) => (scale > 0 ? new Decimal(BigInt(value) * 10n ** BigInt(scale)) : new Decimal(value, -scale));

/**
 * @param {any} terms @param {DeviceRecord | null} record @param {OcmfDay | null} ocmf @param {any} before the day before as it was settled, where
 * a register goes on @returns {DeviceFigures[]}
 */
export function deviceFigures(terms, record, ocmf, before) {
  return terms.fields.map((/** @type {any} */ wanted) => {
    if (ocmf && !record?.commitment) return ocmfFigures(wanted, ocmf, before);
    return record ? figuresOf(wanted, record, before) : noFigures(wanted);
  });
}

/** @param {any} wanted @returns {DeviceFigures} */
const noFigures = (wanted) => ({ field: wanted.field, quantity: null, first: null, last: null });

/** @param {any} day @param {any} wanted @returns {Decimal | null} */
function lastOf(day, wanted) {
  const known = day?.fields.find((/** @type {any} */ each) => each.field === wanted.field)?.last;
  return known === undefined ? null : Decimal.of(known);
}

/** @param {any} wanted @param {DeviceRecord} record @param {any} before @returns {DeviceFigures} */
function figuresOf(wanted, record, before) {
  const none = noFigures(wanted);
  const index = record.fields.findIndex((field) => field.name === wanted.field && field.unit === wanted.unit);
  if (wanted.measure === "SESSION" || index < 0 || record.commitment) return none;
  const [count, , sum, , , first, last] = record.summary[index];
  if (count === 0 || sum === null || first === null || last === null) return none;
  const { scale } = record.fields[index];
  const begins = scaled(first, scale), ends = scaled(last, scale);
  if (wanted.measure !== "REGISTER_DIFFERENCE") return { field: wanted.field, quantity: scaled(sum, scale), first: begins, last: ends };
  return { field: wanted.field, quantity: registerDifference(wanted, lastOf(before, wanted) ?? begins, ends), first: begins, last: ends };
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

// OCMF ---------------------------------------------------------------------------------------------------------

/** @param {any} wanted @param {OcmfDay} ocmf @param {any} before @returns {DeviceFigures} */
function ocmfFigures(wanted, ocmf, before) {
  if (wanted.measure === "SESSION") return sessionFigures(wanted, ocmf);
  return wanted.measure === "REGISTER_DIFFERENCE" ? fiscalFigures(wanted, ocmf, before) : noFigures(wanted);
}

/** @param {any} wanted @param {OcmfDay} ocmf @returns {DeviceFigures} */
function sessionFigures(wanted, ocmf) {
  let sum = new Decimal();
  /** @type {string[]} */
  const sessions = [];
  for (const session of ocmf.sessions) {
    if (!counts(wanted, session.register_id, session)) continue;
    const quantity = inUnit(Decimal.of(session.quantity), session.unit, wanted.unit);
    if (!quantity) continue;
    sum = sum.plus(quantity);
    cite(sessions, session.content_id);
  }
  return sessions.length ? { ...noFigures(wanted), quantity: sum, sessions } : noFigures(wanted);
}

/** @param {any} wanted @param {OcmfDay} ocmf @param {any} before @returns {DeviceFigures} */
function fiscalFigures(wanted, ocmf, before) {
  /** @type {Decimal[]} */
  const values = [];
  /** @type {string[]} */
  const sessions = [];
  for (const reading of ocmf.fiscal) {
    if (!counts(wanted, reading.registerId, reading)) continue;
    const value = inUnit(reading.value, reading.unit, wanted.unit);
    if (!value) continue;
    values.push(value);
    cite(sessions, reading.contentId);
  }
  if (values.length === 0) return noFigures(wanted);
  const first = values[0], last = values[values.length - 1];
  return { field: wanted.field, quantity: registerDifference(wanted, lastOf(before, wanted) ?? first, last), first, last, sessions };
}

/**
 * A field is a register: "1-0:1.8.0" is also "1-0:1.8.0*198".
 * @param {any} wanted @param {string} registerId @param {{billable: boolean, informative: boolean}} reading
 */
const counts = (wanted, registerId, { billable, informative }) => registerId.split("*")[0] === wanted.field &&
  (billable || (informative && wanted.informative_times === true));

/**
 * Wh and kWh are exact multiples of each other.
 * @param {Decimal} value @param {string} unit @param {string} wanted @returns {Decimal | null} null: of another unit
 */
function inUnit(value, unit, wanted) {
  if (unit === wanted) return value;
  if (unit === "Wh" && wanted === "kWh") return new Decimal(value.units, value.decimals + 3);
  return unit === "kWh" && wanted === "Wh" ? new Decimal(value.units * 1000n, value.decimals) : null;
}

/** @param {string[]} ids @param {string} contentId */
function cite(ids, contentId) {
  if (ids[ids.length - 1] !== contentId) ids.push(contentId);
}
