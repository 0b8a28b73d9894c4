// Verifies attested answers offline: what a query answered at one block, signed by enough organizations (docs/formats.md).

import { decode } from "./cbor.js";
import { same } from "./certificates.js";
import { Channel, nameOf } from "./channel.js";
import { require, verified } from "./checks.js";
import { readSign1, signedBytes, verifyMessage } from "./cose.js";
import { hex, sha256 } from "./hashes.js";
import { arePairs, isoTime } from "./receipt.js";
import { LATEST_MS, readProposal } from "./transactions.js";

const CONTENT_TYPE = "application/tally-answer+cbor";

/** @typedef {import("./channel.js").Member} Member */
/** @typedef {import("./checks.js").Checks} Checks */
/**
 * @typedef {{question: Uint8Array, channel: string, config: Uint8Array, contract: string, version: number, function: string, arguments: string,
 *            organization: string, role: string, timeMs: number, block: number, blockHash: Uint8Array, blockTimeMs: number, result: Uint8Array}} Statement
 */
/**
 * @typedef {{kind: "answer", sentence: string, statement: Statement, result: string, caller: Member, signers: string[],
 *            checks: import("./checks.js").Check[]}} Answer
 * `result` is a JSON text
 */

/**
 * Proves what a query answered. The configuration must be the one in force at that block.
 * @param {Uint8Array} file @param {Channel} channel @returns {Promise<Answer>} @throws {import("./checks.js").NotProven}
 */
export function verifyAnswer(file, channel) {
  return verified("an answer", (checks) => prove(file, channel, checks));
}

/** @param {Uint8Array} bytes @returns {Statement} */
function readStatement(bytes) {
  const items = decode(bytes);
  require(Array.isArray(items) && items.length === 15 && items[0] === 1, "the statement is unknown", "malformed");
  const [, question, channel, config, contract, version, called, text, organization, role, timeMs, block, blockHash, blockTimeMs, result] = items;
  require([question, config, blockHash, result].every((each) => each instanceof Uint8Array && each.length === 32) &&
    [channel, contract, called, text, organization, role].every((each) => typeof each === "string") &&
    [version, block].every((each) => typeof each === "number" && each >= 0) && [timeMs, blockTimeMs].every((each) => typeof each === "number" && each >= 0 && each < LATEST_MS),
  "the statement is unknown", "malformed");
  return { question, channel, config, contract, version, function: called, arguments: text, organization, role, timeMs, block, blockHash, blockTimeMs, result };
}

/** @param {Uint8Array} file @param {Channel} channel @param {Checks} checks @returns {Promise<Answer>} */
async function prove(file, channel, checks) {
  const parts = decode(file);
  require(parts instanceof Map && [...parts.keys()].join() === "1,2,3,4,5" && parts.get(1) === "tally-answer/1", "the file is not an answer file", "malformed");
  const [, question, encoded, result, signatures] = parts.values();
  require(question instanceof Uint8Array && encoded instanceof Uint8Array && typeof result === "string" && arePairs(signatures), "the file is not an answer file", "malformed");
  const statement = readStatement(encoded);
  const called = `${statement.contract}.${statement.function}`;
  checks.same("the channel", channel.name, statement.channel, "wrong_channel");
  checks.same("the configuration in force", hex(channel.digest), hex(statement.config));
  checks.same("the contract", `${statement.contract} ${channel.contracts.get(statement.contract)?.version ?? 0}`, `${statement.contract} ${statement.version}`);
  const caller = await checkQuestion(question, statement, channel, checks);
  checks.same("the result's SHA-256", hex(statement.result), hex(sha256(new TextEncoder().encode(result))));
  /** @type {Member[]} */
  const signers = [];
  for (const [signature, certificate] of signatures) {
    const what = `signature ${signers.length + 1}`, expected = `of a member at ${isoTime(statement.blockTimeMs)}`;
    const member = await checks.judged(what, expected, () => checkOne(signature, certificate, encoded, statement, channel));
    checks.must(!signers.some((each) => nameOf(each) === nameOf(member)), what, "of another member", `of ${nameOf(member)} again`);
    checks.held(what, expected, nameOf(member));
    signers.push(member);
  }
  const policy = channel.policyOf(statement.contract), names = signers.map(nameOf);
  if (!channel.satisfied(policy, signers)) throw checks.failed("the signers", policy, `${names.join(", ")} alone, which is not enough`);
  checks.held("the signers", policy, names.join(", "));
  return {
    kind: "answer", sentence: `${called} answered so after block ${statement.block} of channel ${statement.channel}`,
    statement, result, caller, signers: names, checks: checks.all,
  };
}

/** @param {Uint8Array} bytes @param {Statement} statement @param {Channel} channel @param {Checks} checks @returns {Promise<Member>} */
async function checkQuestion(bytes, statement, channel, checks) {
  const question = readProposal(bytes);
  const what = "the caller's certificate", expected = `of a member at ${isoTime(question.createdMs)}`;
  const caller = await checks.judged(what, expected, () => channel.identify(question.chain, question.createdMs, question.contract));
  checks.held(what, expected, nameOf(caller));
  await checks.judged("the question", "signed by its caller", () => verifyMessage(caller.spki, question.algorithm, question.signature, question.message));
  checks.held("the question", "signed by its caller", "a good signature");
  checks.same("the question's id", hex(statement.question), hex(question.id));
  checks.same("the question's channel", statement.channel, question.channel);
  checks.same("the question's function", `${statement.contract}.${statement.function}`, `${question.contract}.${question.function}`);
  checks.same("the question's arguments", statement.arguments, question.arguments);
  checks.same("the question's time", isoTime(statement.timeMs), isoTime(question.createdMs));
  checks.same("the caller", `${statement.role} of ${statement.organization}`, `${caller.role} of ${caller.organization}`);
  return caller;
}

/**
 * @param {Uint8Array} signature @param {Uint8Array} certificate @param {Uint8Array} encoded @param {Statement} statement
 * @param {Channel} channel @returns {Promise<Member>}
 */
async function checkOne(signature, certificate, encoded, statement, channel) {
  const member = await channel.identify([certificate], statement.blockTimeMs, statement.contract);
  const sign1 = readSign1(signature);
  require([...sign1.fields.keys()].join() === "1,3,4" && sign1.fields.get(3) === CONTENT_TYPE && sign1.payload === null && sign1.unprotected.size === 0,
    `what ${nameOf(member)} signed is no answer to a query`, "malformed");
  const kid = sign1.fields.get(4);
  require(kid instanceof Uint8Array && same(kid, sha256(certificate)), `the signature names another certificate than that of ${nameOf(member)}`);
  await verifyMessage(member.spki, sign1.fields.get(1), sign1.signature, signedBytes(sign1, encoded));
  return member;
}
