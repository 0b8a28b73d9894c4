// What metered days cost under an agreement's terms: the lines of an invoice of one device, and totals (docs/billing.md).
// Exact rational arithmetic; each line's amount is rounded once, to the currency's smallest unit, by the terms' mode.
// Terms, days and lines are JSON objects as the contracts write them (agreement.d.ts, billing.d.ts, data.d.ts).

import { Decimal, decimalsOf, Ratio, rounded } from "./amounts.js";
import { daysBetween, daysOfMonth, daysOfYear, firstOfNextMonth, firstOfNextYear, plusYears } from "./calendar.js";
import { NotProven } from "./checks.js";

const ESCALATED_DECIMALS = 9;  // of a price that an escalator has changed
const BASE_DECIMALS = 9;
/** @type {Record<string, string>} */
const UNITS = { MESSAGE: "messages", BYTE: "bytes", SAMPLE: "samples" };
/** @type {Record<string, string>} */
const COUNTERS = { MESSAGE: "messages", BYTE: "payload_bytes", SAMPLE: "samples" };
const ONE = new Ratio(1), HUNDRED = new Ratio(100);

/** @typedef {{version: number, from: string, until: string, terms: any}} Segment a part of a period in which one version of the terms holds */
/** @typedef {{from: string, until: string, prices: {from: Decimal, price: Decimal}[]}} Part of a segment, in which a line's prices are the same */
/** @typedef {(from: string, until: string) => number} Count of days that are paid */

/**
 * After so many changes of the escalator.
 * @param {any} line @param {number} times
 */
function pricesOf(line, times) {
  const prices = line.prices.map((/** @type {any} */ tier) => ({ from: Decimal.of(tier.from), price: Decimal.of(tier.price) }));
  if (times === 0) return prices;
  let factor = ONE;
  for (let i = 0; i < times; ++i) factor = factor.times(ONE.plus(Decimal.of(line.escalator.percent).value.over(HUNDRED)));
  return prices.map((/** @type {{from: Decimal, price: Decimal}} */ { from, price }) =>
    ({ from, price: rounded(price.value.times(factor), Math.max(price.decimals, ESCALATED_DECIMALS), "HALF_UP") }));
}

/** @param {any} line @param {Segment} segment @returns {Part[]} */
function partsOf(line, segment) {
  if (!line.escalator) return [{ from: segment.from, until: segment.until, prices: pricesOf(line, 0) }];
  const change = (/** @type {number} */ times) => plusYears(line.escalator.first, times);
  const parts = [];
  let times = 0;
  while (change(times) <= segment.from) ++times;
  for (let from = segment.from; from < segment.until; ++times) {
    const until = change(times) < segment.until ? change(times) : segment.until;
    parts.push({ from, until, prices: pricesOf(line, times) });
    from = until;
  }
  return parts;
}

/** Adds lines of a segment. */
class Pricing {
  /** @param {Segment} segment @param {[string, string]} period @param {any[]} lines */
  constructor(segment, period, lines) {
    this.segment = segment;
    this.period = period;
    this.lines = lines;
    this.decimals = decimalsOf(segment.terms.currency);
  }

  /**
   * @param {any} tariff @param {Part} part @param {number} tier @param {Decimal} quantity @param {string} unit @param {Ratio} divisor
   * @param {string} device
   */
  add(tariff, part, tier, quantity, unit, divisor, device) {
    if (quantity.units === 0n) return;
    const stated = tariff.base === undefined ? new Decimal(1) : Decimal.of(tariff.base);
    const exact = stated.value.times(divisor);
    let base = rounded(exact, tariff.base === undefined ? 0 : stated.decimals, "HALF_UP");
    if (base.value.compare(exact) !== 0) base = rounded(exact, BASE_DECIMALS, "HALF_UP");
    const { price } = part.prices[tier];
    const amount = rounded(quantity.value.times(price.value).over(base.value), this.decimals, this.segment.terms.rounding);
    this.lines.push({
      name: tariff.name, kind: tariff.kind, version: this.segment.version, device, field: tariff.field, window: tariff.window,
      tier: part.prices.length > 1 ? tier + 1 : undefined, from: part.from, until: part.until, quantity: String(quantity), unit,
      price: String(price), base: String(base), amount: String(amount), tax: tariff.tax,
    });
  }

  /**
   * Fills the tiers from the position on, which it returns moved.
   * @param {any} tariff @param {Part} part @param {Decimal} position @param {Decimal} quantity @param {string} unit @param {string} device
   */
  addTiers(tariff, part, position, quantity, unit, device) {
    if (quantity.units < 0n) {
      this.add(tariff, part, 0, quantity, unit, ONE, device);
      return position;
    }
    const end = position.plus(quantity);
    for (const [tier, { from: begins }] of part.prices.entries()) {
      const from = position.isBelow(begins) ? begins : position;
      const next = part.prices[tier + 1];
      const until = next && next.from.isBelow(end) ? next.from : end;
      if (from.isBelow(until)) this.add(tariff, part, tier, until.minus(from), unit, ONE, device);
    }
    return end;
  }

  /** @param {any} tariff @param {Part} part @param {string} device @param {Count} count */
  addFee(tariff, part, device, count) {
    switch (tariff.per) {
      case "DAY": return this.add(tariff, part, 0, new Decimal(count(part.from, part.until)), "days", ONE, device);
      case "YEAR_BY_365": return this.add(tariff, part, 0, new Decimal(count(part.from, part.until)), "days", new Ratio(365), device);
      case "YEAR_BY_DAYS": return this.addYears(tariff, part, device, count);
      case "MONTH": return this.addMonths(tariff, part, device, count, 1);
      case "YEAR_BY_MONTHS": return this.addMonths(tariff, part, device, count, 12);
      default: throw new NotProven(`there is no fee per ${tariff.per}`, "invalid_argument");
    }
  }

  /** @param {any} tariff @param {Part} part @param {string} device @param {Count} count */
  addYears(tariff, part, device, count) {
    for (let from = part.from; from < part.until;) {
      const next = firstOfNextYear(from), until = next < part.until ? next : part.until;
      this.add(tariff, { ...part, from, until }, 0, new Decimal(count(from, until)), "days", new Ratio(daysOfYear(from)), device);
      from = until;
    }
  }

  /**
   * Whole months as months, in one line; what is left of a month by its days.
   * @param {any} tariff @param {Part} part @param {string} device @param {Count} count @param {number} perYear
   */
  addMonths(tariff, part, device, count, perYear) {
    let months = 0;
    const whole = { ...part, until: part.from };
    for (let from = part.from; from < part.until;) {
      const next = firstOfNextMonth(from), until = next < part.until ? next : part.until;
      const days = count(from, until);
      if (days === daysOfMonth(from)) {
        if (months++ === 0) whole.from = from;
        whole.until = until;
      } else {
        this.add(tariff, { ...part, from, until }, 0, new Decimal(days), "days", new Ratio(daysOfMonth(from) * perYear), device);
      }
      from = until;
    }
    this.add(tariff, whole, 0, new Decimal(months), "months", new Ratio(perYear), device);
  }

  /** @param {Part} part */
  shareOf(part) {
    return new Ratio(daysBetween(part.from, part.until), daysBetween(...this.period));
  }
}

/** @param {any} day @param {string | undefined} name */
const fieldOf = (day, name) => day.fields.find((/** @type {any} */ each) => each.field === name);

/** @param {any} terms @param {string | undefined} field @returns {string} */
const unitOf = (terms, field) => terms.fields.find((/** @type {any} */ each) => each.field === field)?.unit ?? "";

/** @param {any} day @param {any} line */
function billed(day, line) {
  const field = fieldOf(day, line.field);
  if (field?.billed === undefined) return new Decimal();
  if (line.window === undefined) return Decimal.of(field.billed);
  const found = field.windows?.find((/** @type {any} */ each) => each.window === line.window);
  return found ? Decimal.of(found.quantity) : new Decimal();
}

/**
 * The lines of one device: `days` are its FINAL days of the period, in order.
 * @param {Segment[]} segments @param {[string, string]} period @param {string} device @param {any[]} days @returns {any[]}
 */
export function priceDevice(segments, period, device, days) {
  /** @type {any[]} */
  const lines = [];
  /** @type {Map<string, Decimal>} what the device has used of a line's tiers */
  const positions = new Map();
  const inside = (/** @type {string} */ from, /** @type {string} */ until) => days.filter((day) => from <= day.day && day.day < until);
  for (const segment of segments) {
    const pricing = new Pricing(segment, period, lines);
    for (const line of segment.terms.tariff) {
      const isFee = line.kind === "FEE" && line.each_device === true;
      if (!isFee && !["QUANTITY", "PEAK", "TRAFFIC"].includes(line.kind)) continue;
      for (const part of partsOf(line, segment)) {
        if (isFee) pricing.addFee(line, part, device, (from, until) => inside(from, until).length);
        else pricePart(pricing, line, part, device, inside(part.from, part.until), positions);
      }
    }
  }
  return lines;
}

/**
 * @param {Pricing} pricing @param {any} line @param {Part} part @param {string} device @param {any[]} days
 * @param {Map<string, Decimal>} positions
 */
function pricePart(pricing, line, part, device, days, positions) {
  let unit = unitOf(pricing.segment.terms, line.field);
  if (line.kind === "PEAK") {
    /** @type {Decimal | null} */
    let highest = null;
    for (const day of days) {
      const field = fieldOf(day, line.field);
      if (field?.billed === undefined || field.highest === undefined) continue;
      const found = Decimal.of(field.highest);
      if (!highest || highest.isBelow(found)) highest = found;
    }
    if (highest) pricing.add(line, part, 0, highest, unit, ONE.over(pricing.shareOf(part)), device);
    return;
  }
  let quantity = new Decimal();
  for (const day of days) quantity = quantity.plus(line.kind === "QUANTITY" ? billed(day, line) : new Decimal(day.traffic ? day.traffic[COUNTERS[line.counts]] : 0));
  if (line.kind === "TRAFFIC") unit = UNITS[line.counts];
  positions.set(line.name, pricing.addTiers(line, part, positions.get(line.name) || new Decimal(), quantity, unit, device));
}

/** @param {any} a @param {any} b */
const isSameTax = (a, b) => a.category === b.category && a.reason === b.reason && Decimal.of(a.percent).isSame(Decimal.of(b.percent));

/**
 * An invoice's totals from its lines.
 * @param {any} terms @param {any[]} lines
 */
export function totalsOf(terms, lines) {
  const decimals = decimalsOf(terms.currency);
  let net = new Decimal(0, decimals);
  /** @type {{tax: any, taxable: Decimal}[]} */
  const taxes = [];
  for (const line of lines) {
    const amount = Decimal.of(line.amount);
    net = net.plus(amount);
    let found = taxes.find((each) => isSameTax(each.tax, line.tax));
    if (!found) taxes.push(found = { tax: line.tax, taxable: new Decimal(0, decimals) });
    found.taxable = found.taxable.plus(amount);
  }
  let gross = net;
  const listed = taxes.map(({ tax, taxable }) => {
    const amount = rounded(taxable.value.times(Decimal.of(tax.percent).value).over(HUNDRED), decimals, terms.rounding);
    gross = gross.plus(amount);
    return { tax, taxable: String(taxable), amount: String(amount) };
  });
  let payable = gross;
  if (terms.cash_rounding !== undefined) {
    const step = Decimal.of(terms.cash_rounding).value;
    payable = rounded(rounded(gross.value.over(step), 0, "HALF_UP").value.times(step), decimals, "HALF_UP");
  }
  return {
    net: String(net), taxes: listed, gross: String(gross), rounding: String(payable.minus(gross)), payable: String(payable),
    shares: sharesOf(payable, decimals, terms.payees),
  };
}

/**
 * Together they are the amount: each is rounded towards zero, the largest remainders get the units that are left.
 * @param {Decimal} payable @param {number} decimals @param {any[]} payees
 */
function sharesOf(payable, decimals, payees) {
  const exact = payees.map((each) => payable.value.times(Decimal.of(each.percent).value).over(HUNDRED));
  const amounts = exact.map((each) => rounded(each, decimals, "DOWN"));
  const left = exact.map((each, index) => each.plus(new Ratio(-amounts[index].value.n, amounts[index].value.d)).size);
  let missing = payable.units * 10n ** BigInt(decimals - payable.decimals) - amounts.reduce((sum, each) => sum + each.units, 0n);
  const unit = missing < 0n ? -1n : 1n;
  const given = new Set();
  for (; missing !== 0n && given.size < payees.length; missing -= unit) {
    let most = -1;
    left.forEach((each, index) => { if (!given.has(index) && (most < 0 || each.compare(left[most]) > 0)) most = index; });
    given.add(most);
    amounts[most] = amounts[most].plus(new Decimal(unit, decimals));
  }
  return payees.map((each, index) => ({ organization: each.organization, percent: each.percent, amount: String(amounts[index]) }));
}
