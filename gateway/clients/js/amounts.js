// Exact decimal numbers of the ledger: at most 18 digits; a number keeps the decimals that it was written with.

import { NotProven } from "./checks.js";

const MAX_DIGITS = 18;
const LIMIT = 10n ** 18n;
const WITHOUT = new Set("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" "));
const WITH_THREE = new Set("BHD IQD JOD KWD LYD OMR TND".split(" "));

/**
 * Decimals of the currency's smallest unit (ISO 4217).
 * @param {string} currency
 */
export const decimalsOf = (currency) => (WITHOUT.has(currency) ? 0 : WITH_THREE.has(currency) ? 3 : 2);

/** @param {bigint} value */
const absolute = (value) => (value < 0n ? -value : value);

/** A fraction: n / d, with d above 0. It is not reduced. */
export class Ratio {
  /** @param {bigint | number} n @param {bigint | number} [d] */
  constructor(n, d = 1n) {
    if (BigInt(d) === 0n) throw new NotProven("a division by zero", "invalid_argument");
    const sign = BigInt(d) < 0n ? -1n : 1n;
    this.n = BigInt(n) * sign;
    this.d = BigInt(d) * sign;
  }

  /** @param {Ratio} other */
  times(other) {
    return new Ratio(this.n * other.n, this.d * other.d);
  }

  /** @param {Ratio} other */
  over(other) {
    return new Ratio(this.n * other.d, this.d * other.n);
  }

  /** @param {Ratio} other */
  plus(other) {
    return new Ratio(this.n * other.d + other.n * this.d, this.d * other.d);
  }

  /** @param {Ratio} other below 0, 0 or above 0 */
  compare(other) {
    const difference = this.n * other.d - other.n * this.d;
    return difference < 0n ? -1 : difference > 0n ? 1 : 0;
  }

  get size() {
    return new Ratio(absolute(this.n), this.d);
  }
}

export class Decimal {
  /** @param {bigint | number} units @param {number} decimals */
  constructor(units = 0n, decimals = 0) {
    this.units = BigInt(units);
    this.decimals = decimals;
    if (absolute(this.units) >= LIMIT || !(decimals >= 0 && decimals <= MAX_DIGITS)) throw new NotProven("a figure has more than 18 digits", "invalid_argument");
  }

  /** @param {any} text @returns {Decimal} */
  static of(text) {
    if (typeof text !== "string" || !/^-?(0|[1-9]\d{0,17})(\.\d{1,18})?$/.test(text)) throw new NotProven(`"${String(text).slice(0, 64)}" is no decimal number`, "invalid_argument");
    const found = new Decimal(BigInt(text.replace(".", "")), (text.split(".")[1] || "").length);
    if (text[0] === "-" && found.units === 0n) throw new NotProven(`"${text}" is no decimal number: zero has no sign`, "invalid_argument");
    return found;
  }

  toString() {
    const digits = String(absolute(this.units)).padStart(this.decimals + 1, "0");
    const at = digits.length - this.decimals;
    return (this.units < 0n ? "-" : "") + digits.slice(0, at) + (this.decimals ? `.${digits.slice(at)}` : "");
  }

  get value() {
    return new Ratio(this.units, 10n ** BigInt(this.decimals));
  }

  /** @param {Decimal} other */
  plus(other) {
    const decimals = Math.max(this.decimals, other.decimals);
    const scaled = (/** @type {Decimal} */ each) => each.units * 10n ** BigInt(decimals - each.decimals);
    return new Decimal(scaled(this) + scaled(other), decimals);
  }

  /** @param {Decimal} other */
  minus(other) {
    return this.plus(new Decimal(-other.units, other.decimals));
  }

  /** @param {Decimal} other */
  isBelow(other) {
    return this.value.compare(other.value) < 0;
  }

  /**
   * By value: 12.5 is 12.50.
   * @param {Decimal} other
   */
  isSame(other) {
    return this.value.compare(other.value) === 0;
  }
}

/**
 * HALF_EVEN, HALF_UP (halves away from zero), DOWN (towards zero), UP (away from zero).
 * @param {Ratio} number @param {number} decimals @param {string} how
 */
export function rounded(number, decimals, how) {
  const scaled = absolute(number.n) * 10n ** BigInt(decimals);
  let quotient = scaled / number.d;
  const rest = scaled % number.d;
  const twice = 2n * rest;
  if (how === "HALF_EVEN" ? twice > number.d || (twice === number.d && quotient % 2n === 1n) : how === "HALF_UP" ? twice >= number.d : how === "UP" ? rest > 0n : false) ++quotient;
  else if (!["HALF_EVEN", "HALF_UP", "DOWN", "UP"].includes(how)) throw new NotProven(`there is no rounding ${how}`, "invalid_argument");
  return new Decimal(number.n < 0n ? -quotient : quotient, decimals);
}
