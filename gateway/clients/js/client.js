// A member's client of a gateway: calls, queries, records, receipts, events.
//
// The gateway is not trusted: it endorses, orders and waits on the client's behalf (POST /v1/transactions), while the client
// signs what it wants itself, and takes the outcome from a receipt that it verifies against the channel's configuration
// (`trust`), not from the gateway's answer.

import { verifyAnswer } from "./answer.js";
import { underOneOf } from "./channel.js";
import { NotProven } from "./checks.js";
import { Connection } from "./connection.js";
import { BadAnswer, Refused, TallyError, Unavailable } from "./errors.js";
import { follow, memoryCursor } from "./events.js";
import { hex } from "./hashes.js";
import { parseJson } from "./json.js";
import { verifyReceipt } from "./receipt.js";
import { readRecord } from "./records.js";

const COSE = "application/cose";
const CONFLICTS = ["MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT"];
const WORTH_ANOTHER_TRY = [429, 502, 503, 504];

/** @typedef {import("./channel.js").Channel} Channel */
/** @typedef {import("./identity.js").Identity} Identity */
/** @typedef {{transaction: string, block: number, result: any, receipt: import("./receipt.js").Receipt | null, file: Uint8Array | null}} Done on the ledger and VALID; `file`: the receipt, to keep */
/** @typedef {{contentId: string, duplicate: boolean, transaction: string, block: number}} Published `duplicate`: it was there before */
/**
 * @typedef {{url: string, identity?: Identity | null, channel?: string, trust?: Channel | Channel[], token?: boolean, fetch?: import("./connection.js").Fetch,
 *            timeoutMs?: number, maxBytes?: number}} Options
 * `trust`: the channel's configuration, or several where organizations have changed; `token: false`: the connection says who asks
 */

/** @param {string} text */
const segment = encodeURIComponent;

export class Client {
  /** @param {Options} options */
  constructor({ url, identity = null, channel = "main", trust = [], token = true, fetch, timeoutMs = 75000, maxBytes }) {
    this.identity = identity;
    this.channel = channel;
    this.trust = Array.isArray(trust) ? trust : [trust];
    this.timeoutMs = timeoutMs;
    const bearer = async () => (identity && token ? `Bearer ${await identity.token(channel)}` : null);
    this.connection = new Connection(url, bearer, { fetch, timeoutMs, maxBytes });
  }

  // Transactions ------------------------------------------------------------------------------------------------

  /**
   * Signs a call, has it endorsed and ordered, waits until it is committed, and verifies its receipt. Refused says why it was not
   * done; Unavailable that this is not known. Without `prove` the gateway is believed.
   * @param {string} contract @param {string} called @param {object | string} given arguments
   * @param {{attachments?: Uint8Array[], prove?: boolean, attempts?: number}} options `attempts`: with a new signature each, when another
   * transaction came between @returns {Promise<Done>}
   */
  async call(contract, called, given, { attachments = [], prove = true, attempts = 1 } = {}) {
    if (prove && this.trust.length === 0) throw new TallyError("invalid_argument", "a receipt is verified against the channel's configuration: give `trust`");
    for (;;) {
      const { message, id } = await this.me().proposal(this.channel, contract, called, given, attachments);
      try {
        return await this.send(message, id, prove);
      } catch (error) {
        if (--attempts <= 0 || !(error instanceof Refused) || !CONFLICTS.includes(error.validationCode ?? "")) throw error;
      }
    }
  }

  /**
   * Sends a signed proposal, again and again until an answer decides: the same bytes are one transaction.
   * @param {Uint8Array} proposal @param {string} id @param {boolean} [prove] @returns {Promise<Done>}
   */
  async send(proposal, id, prove = true) {
    const outcome = await this.untilDecided("/v1/transactions", proposal, COSE);
    if (outcome?.id !== id || outcome.validation_code !== "VALID" || !Number.isSafeInteger(outcome.block))
      throw new BadAnswer("unavailable", "the answer speaks of another transaction, or of none that is VALID");
    if (!prove) return { transaction: id, block: outcome.block, result: outcome.result, receipt: null, file: null };
    const { receipt, file } = await this.receipt(id);
    if (receipt.code !== "VALID") throw new Refused(409, "transaction_invalid", `the transaction ${id} is ${receipt.code}`, receipt.code);
    return { transaction: id, block: receipt.block, result: parseJson(receipt.transaction.result, "the result"), receipt, file };
  }

  /**
   * id and state (unknown, pending, committed); once committed validation_code, block, index and result.
   * @param {string} transaction @returns {Promise<any>}
   */
  status(transaction) {
    return this.get(`/v1/transactions/${segment(transaction)}`);
  }

  /**
   * The verified receipt of a transaction, once enough committers have signed; and its file, to keep.
   * @param {string} transaction @param {number} [waitMs] @returns {Promise<{receipt: import("./receipt.js").Receipt, file: Uint8Array}>}
   */
  async receipt(transaction, waitMs = 30000) {
    const { bytes } = await this.again((timeoutMs) => this.connection.request("GET", `/v1/transactions/${segment(transaction)}/receipt`, { timeoutMs }), waitMs);
    const receipt = await underOneOf(this.trust, (channel) => verifyReceipt(bytes, channel));
    if (receipt.transaction.id !== transaction) throw new NotProven(`the gateway gave the receipt of another transaction, ${receipt.transaction.id}`);
    return { receipt, file: bytes };
  }

  // Queries -----------------------------------------------------------------------------------------------------

  /**
   * What this gateway answers. It is believed; `attested` is proven.
   * @param {string} contract @param {string} called @param {object | string} given arguments @returns {Promise<any>}
   */
  async query(contract, called, given) {
    const body = new TextEncoder().encode(typeof given === "string" ? given : JSON.stringify(given));
    const path = `/v1/contracts/${segment(contract)}/${segment(called)}`;
    return json((await this.again((timeoutMs) => this.connection.request("POST", path, { body, type: "application/json", timeoutMs }))).bytes);
  }

  /**
   * An answer that enough organizations have signed, verified; and its file, to keep.
   * @param {string} contract @param {string} called @param {object | string} given arguments
   * @returns {Promise<{result: any, answer: import("./answer.js").Answer, file: Uint8Array}>}
   */
  async attested(contract, called, given) {
    const { message, id } = await this.me().proposal(this.channel, contract, called, given);
    const { bytes } = await this.again((timeoutMs) => this.connection.request("POST", "/v1/queries?attest=true", { body: message, type: COSE, timeoutMs }));
    const answer = await underOneOf(this.trust, (channel) => verifyAnswer(bytes, channel));
    if (hex(answer.statement.question) !== id) throw new NotProven("the gateway gave the answer to another question");
    return { result: parseJson(answer.result, "the answer"), answer, file: bytes };
  }

  /**
   * Any call of the REST interface, for example /v1/devices/meter-1/days.
   * @param {string} path @returns {Promise<any>}
   */
  async get(path) {
    return json((await this.again((timeoutMs) => this.connection.request("GET", path, { timeoutMs }))).bytes);
  }

  // Records -----------------------------------------------------------------------------------------------------

  /**
   * A signed record, sent again until an answer decides; the same record is on the ledger once.
   * @param {Uint8Array} record @param {string} [type] @returns {Promise<Published>}
   */
  async publish(record, type = COSE) {
    const outcome = await this.untilDecided("/v1/records", record, type);
    const transaction = outcome?.transaction;
    if (transaction?.validation_code !== "VALID" || typeof transaction.id !== "string" || !Number.isSafeInteger(transaction.block))
      throw new BadAnswer("unavailable", "the answer is not a node's; something else answers at this address");
    if (type === COSE && outcome.content_id !== hex(readRecord(record).contentId)) throw new BadAnswer("unavailable", "the answer speaks of another record");
    return { contentId: outcome.content_id, duplicate: outcome.duplicate === true, transaction: transaction.id, block: transaction.block };
  }

  // Events ------------------------------------------------------------------------------------------------------

  /**
   * Events of contracts as they are committed, until `stop`.
   * @param {{contract?: string, event?: string, fromBlock?: number, cursor?: import("./events.js").Cursor, stop?: AbortSignal}} options
   */
  events({ contract, event, fromBlock, cursor = memoryCursor(), stop } = {}) {
    return follow(this.connection, withQuery("/v1/events", { contract, event, from_block: fromBlock }), cursor, stop);
  }

  /**
   * Headers of blocks, in the same way.
   * @param {{after?: number, cursor?: import("./events.js").Cursor, stop?: AbortSignal}} options
   */
  blocks({ after, cursor = memoryCursor(), stop } = {}) {
    return follow(this.connection, withQuery("/v1/blocks", { after }), cursor, stop);
  }

  // Inside ------------------------------------------------------------------------------------------------------

  /** @returns {Identity} */
  me() {
    if (!this.identity) throw new TallyError("unauthenticated", "this needs a member's identity");
    return this.identity;
  }

  /** @param {string} path @param {Uint8Array} body @param {string} type @returns {Promise<any>} */
  async untilDecided(path, body, type) {
    const { status, bytes } = await this.again((timeoutMs) => this.connection.request("POST", path, { body, type, timeoutMs }));
    if (status === 202) throw new Unavailable("unavailable", "it was accepted and is in no block yet");
    return json(bytes);
  }

  /**
   * Until an answer decides, or the deadline: the last failure is thrown then.
   * @template T @param {(timeoutMs: number) => Promise<T>} attempt @param {number} [patienceMs] @returns {Promise<T>}
   */
  async again(attempt, patienceMs = this.timeoutMs) {
    const ends = Date.now() + patienceMs;
    for (let pause = 100; ; pause = Math.min(2 * pause, 5000)) {
      /** @type {TallyError} */
      let failure;
      let wait = pause * (0.5 + Math.random() / 2);
      try {
        return await attempt(Math.max(ends - Date.now(), 1));
      } catch (error) {
        if (error instanceof Refused && WORTH_ANOTHER_TRY.includes(error.status)) wait = Math.max(wait, 1000 * (error.retryAfterS ?? 0));
        else if (!(error instanceof Unavailable)) throw error;
        failure = error;
      }
      if (Date.now() + wait >= ends) throw failure instanceof Refused && failure.status === 504 ? new Unavailable("timeout", failure.detail) : failure;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

/** @param {Uint8Array} bytes */
function json(bytes) {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new BadAnswer("malformed", "the answer is no JSON");
  }
}

/** @param {string} path @param {Record<string, string | number | undefined>} query */
function withQuery(path, query) {
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined).map(([name, value]) => `${name}=${segment(String(value))}`);
  return pairs.length ? `${path}?${pairs.join("&")}` : path;
}
