// Times, decimals and sizes as text. Decimals of the ledger are strings; sums use integers, so nothing is rounded.

export const DAY = 86400;

/** @param {number} seconds since 1970 */
export const day = (seconds) => new Date(seconds * 1000).toISOString().slice(0, 10);

/** @param {number | undefined} milliseconds since 1970 */
export const time = (milliseconds) => (milliseconds === undefined ? "" : new Date(milliseconds).toISOString().replace("T", " ").slice(0, 19) + " UTC");

/** @param {string} date 2026-03-29 @param {number} days */
export const shifted = (date, days) => day(Date.parse(date + "T00:00:00Z") / 1000 + days * DAY);

/** @param {string | undefined} id */
export const short = (id) => (id && id.length > 16 ? id.slice(0, 12) + "…" : id || "");

/** @param {number} seconds */
export function span(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.floor(seconds / 60)} min`;
  return seconds < 2 * DAY ? `${Math.floor(seconds / 3600)} h` : `${Math.floor(seconds / DAY)} days`;
}

/** An exact decimal. */
export class Decimal {
  /** @param {bigint} digits @param {number} decimals */
  constructor(digits, decimals) {
    this.digits = digits;
    this.decimals = decimals;
  }

  /** @param {string} text @returns {Decimal} @throws {RangeError} */
  static of(text) {
    const parts = /^(-?)(\d{1,30})(?:\.(\d{1,30}))?$/.exec(text.trim());
    if (!parts) throw new RangeError(`"${text}" is not a decimal number`);
    const [, sign, whole, fraction = ""] = parts;
    return new Decimal(BigInt(sign + whole + fraction), fraction.length);
  }

  /** @param {number} decimals not fewer than there are */
  at(decimals) {
    return this.digits * 10n ** BigInt(decimals - this.decimals);
  }

  /** @param {Decimal} other */
  plus(other) {
    const decimals = Math.max(this.decimals, other.decimals);
    return new Decimal(this.at(decimals) + other.at(decimals), decimals);
  }

  /** @param {Decimal} other */
  minus(other) {
    return this.plus(new Decimal(-other.digits, other.decimals));
  }

  /** @param {Decimal} other */
  times(other) {
    return new Decimal(this.digits * other.digits, this.decimals + other.decimals);
  }

  /**
   * Rounded, halves away from zero or to even.
   * @param {Decimal} other @param {number} decimals @param {string} rounding of the agreement
   */
  over(other, decimals, rounding) {
    const above = this.digits * 10n ** BigInt(decimals + other.decimals);
    const below = other.digits * 10n ** BigInt(this.decimals);
    return new Decimal(divided(above, below, rounding), decimals);
  }

  isLess(/** @type {Decimal} */ other) {
    return this.minus(other).digits < 0n;
  }

  toString() {
    const digits = (this.digits < 0n ? -this.digits : this.digits).toString().padStart(this.decimals + 1, "0");
    const split = digits.length - this.decimals;
    return `${this.digits < 0n ? "-" : ""}${digits.slice(0, split)}${this.decimals ? "." + digits.slice(split) : ""}`;
  }
}

/** @param {bigint} above @param {bigint} below @param {string} rounding HALF_UP, HALF_EVEN, DOWN or UP */
function divided(above, below, rounding) {
  const negative = above < 0n !== below < 0n;
  const magnitude = (/** @type {bigint} */ value) => (value < 0n ? -value : value);
  const [top, bottom] = [magnitude(above), magnitude(below)];
  let result = top / bottom;
  const twice = (top % bottom) * 2n;
  const up = rounding === "UP" ? twice > 0n
    : rounding === "DOWN" ? false
      : twice > bottom || (twice === bottom && (rounding === "HALF_UP" || (result & 1n) === 1n));
  if (up) result += 1n;
  return negative ? -result : result;
}
