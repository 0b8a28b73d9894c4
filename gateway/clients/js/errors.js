// What can go wrong between a client and its gateway. `code` is the ledger's stable name for it (`tally explain CODE`).

export class TallyError extends Error {
  /** @param {string} code @param {string} detail */
  constructor(code, detail) {
    super(`${detail} [${code}]`);
    this.code = code;
    this.detail = detail;
  }
}

/** A node has answered with a problem document (RFC 9457): it will not do what was asked. */
export class Refused extends TallyError {
  /**
   * @param {number} status @param {string} code @param {string} detail @param {string} [validationCode] of a transaction that is in a block
   * and not valid @param {number} [retryAfterS]
   */
  constructor(status, code, detail, validationCode, retryAfterS) {
    super(code, detail);
    this.status = status;
    this.validationCode = validationCode;
    this.retryAfterS = retryAfterS;
  }
}

/** No answer that decides anything came in time: whether it is done is not known. The same bytes may be sent again. */
export class Unavailable extends TallyError {}

/** The answer is not what a node answers: too large, no JSON, or about something else. */
export class BadAnswer extends TallyError {}
