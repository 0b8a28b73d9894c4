// The list of checks that a verification makes: what was checked, what was expected and what was found. It ends with the
// first check that does not hold, whose sentence is the verification's error.

/** @typedef {{what: string, expected: string, found: string, holds: boolean}} Check */

/** A file does not prove what it claims; the message names what does not hold, and `checks` ends with it. */
export class NotProven extends Error {
  /** @param {string} message @param {string} [code] the ledger's name for it @param {Check[]} [checks] */
  constructor(message, code = "bad_proof", checks = []) {
    super(message);
    this.code = code;
    this.checks = checks;
  }
}

/** @param {any} condition @param {string} what @param {string} [code] @returns {asserts condition} */
export function require(condition, what, code) {
  if (!condition) throw new NotProven(what, code);
}

export class Checks {
  constructor() {
    /** @type {Check[]} */
    this.all = [];
  }

  /** @param {string} what @param {string} expected @param {string} found @param {string} [code] */
  same(what, expected, found, code) {
    this.all.push({ what, expected, found, holds: expected === found });
    if (expected !== found) throw new NotProven(`${what}: expected ${expected}, found ${found}`, code);
  }

  /** @param {string} what @param {string} expected @param {string} found */
  held(what, expected, found) {
    this.all.push({ what, expected, found, holds: true });
  }

  /**
   * The error to throw.
   * @param {string} what @param {string} expected @param {string} found @param {string} [code]
   */
  failed(what, expected, found, code) {
    this.all.push({ what, expected, found, holds: false });
    return new NotProven(`${what}: expected ${expected}, found: ${found}`, code);
  }

  /**
   * Of what is checked often: it is listed when it does not hold.
   * @param {boolean} holds @param {string} what @param {string} expected @param {string} found
   */
  must(holds, what, expected, found) {
    if (!holds) throw this.failed(what, expected, found);
  }

  /**
   * What a step gives; where it throws NotProven, the check is listed as failed.
   * @template T @param {string} what @param {string} expected @param {() => T | Promise<T>} step @returns {Promise<T>}
   */
  async judged(what, expected, step) {
    try {
      return await step();
    } catch (error) {
      if (!(error instanceof NotProven)) throw error;
      throw this.failed(what, expected, error.message, error.code);
    }
  }
}

/**
 * Runs a verification: whatever it throws is a NotProven that has the checks made until then. The last one fails: that of
 * the file itself where a part of it cannot be read.
 * @template T @param {string} kind of file @param {(checks: Checks) => Promise<T>} verification @returns {Promise<T>}
 */
export async function verified(kind, verification) {
  const checks = new Checks();
  try {
    return await verification(checks);
  } catch (error) {
    const refusal = error instanceof NotProven ? error
      : new NotProven(`the file is not ${kind}: ${error instanceof Error ? error.message : error}`, "malformed");
    if (checks.all.every((check) => check.holds)) checks.failed("the file", kind, refusal.message);
    refusal.checks = checks.all;
    throw refusal;
  }
}
