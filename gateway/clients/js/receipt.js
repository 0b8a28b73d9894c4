// Verifies receipt files of Tally offline: RFC 9942 receipts with RFC 9162 inclusion proofs (docs/formats.md, Receipts).
// What is trusted is the channel's configuration, which the caller has from elsewhere. README.md has an example.

import { decode } from "./cbor.js";
import { Channel, nameOf } from "./channel.js";
import { NotProven, require, verified } from "./checks.js";
import { algorithmOfSignature, readSign1, signedBytes, verifyMessage } from "./cose.js";
import { hex, leafHash, rootOfInclusion, sha256 } from "./hashes.js";
import { same } from "./certificates.js";
import { CODES, CONFIGURATION, CONTRACT, endorsementStatement, readProposal, readSimulation, readTransaction, readUpdate } from "./transactions.js";

export { NotProven };

const MAX_RECEIPTS = 256;
/** @type {Member} */
const NOBODY = { organization: "", role: "", name: "", spki: new Uint8Array() };

/** @typedef {import("./channel.js").Member} Member */
/** @typedef {import("./checks.js").Checks} Checks */
/** @typedef {import("./transactions.js").Proposal} Proposal */
/**
 * @typedef {{id: string, channel: string, contract: string, function: string, arguments: string, result: string, attachments: Uint8Array[],
 *            createdMs: number, creator: Member, ranges: import("./transactions.js").RangeRead[]}} ProvenTransaction
 * arguments and result are JSON texts; of a configuration update, which is config.apply, `arguments` is the new configuration; a
 * creator without a name: of a configuration update, or of what no member has signed
 */
/**
 * @typedef {{kind: "receipt", sentence: string, transaction: ProvenTransaction, code: string, block: number, signers: string[],
 *            checks: import("./checks.js").Check[]}} Receipt
 * `code` VALID, or why the transaction has changed nothing; it was on the ledger no later than with `block`
 */

/** @param {number} ms */
export const isoTime = (ms) => new Date(ms).toISOString();

/** @param {any} value @returns {value is [Uint8Array, Uint8Array][]} */
export const arePairs = (value) => Array.isArray(value) && value.length >= 1 && value.length <= MAX_RECEIPTS &&
  value.every((each) => Array.isArray(each) && each.length === 2 && each.every((part) => part instanceof Uint8Array));

/**
 * Proves that a transaction is on the ledger, with its validation code.
 * @param {Uint8Array} file the receipt file @param {Channel} channel @returns {Promise<Receipt>} @throws {NotProven}
 */
export function verifyReceipt(file, channel) {
  return verified("a receipt", (checks) => proveReceipt(file, channel, checks));
}

/**
 * The same as a part of another verification.
 * @param {Uint8Array} file @param {Channel} channel @param {Checks} checks @returns {Promise<Receipt>}
 */
export async function proveReceipt(file, channel, checks) {
  const parts = decode(file);
  require(parts instanceof Map && [...parts.keys()].join() === "1,2,3,4" && parts.get(1) === "tally-receipt/1", "the file is not a receipt file", "malformed");
  const bytes = parts.get(2), code = parts.get(3), receipts = parts.get(4);
  require(bytes instanceof Uint8Array && arePairs(receipts), "the file is not a receipt file", "malformed");
  require(typeof code === "number" && Object.hasOwn(CODES, code), "the validation code is unknown", "malformed");
  const { kind, proposal: encoded, simulation: simulated, endorsements } = readTransaction(bytes);
  require(kind === CONTRACT || kind === CONFIGURATION, "the receipt is of the genesis transaction", "malformed");
  const proposal = kind === CONFIGURATION ? readUpdate(encoded) : readProposal(encoded);
  if (CODES[code] !== "TARGET_CHAIN_NOT_FOUND") checks.same("the channel", channel.name, proposal.channel, "wrong_channel");
  let creator = NOBODY;
  if (kind === CONFIGURATION) checks.held("the approvals", "judged by `tally verify`", "not judged here: the committers are believed");
  else if (await checkSignatures(proposal, simulated, endorsements, CODES[code], channel, checks) !== "BAD_CREATOR_SIGNATURE")
    creator = await unless(() => channel.identify(proposal.chain, proposal.createdMs, proposal.contract), NOBODY);
  // Of a transaction that is not valid it may be unreadable.
  const simulation = await unless(async () => readSimulation(simulated), null);
  const leaf = leafHash(sha256(proposal.id, Uint8Array.of(code), sha256(bytes)));
  /** @type {Member[]} */
  const signers = [];
  let block = Infinity;
  for (const [receipt, certificate] of receipts) {
    const what = `receipt ${signers.length + 1}`, expected = `of a committer at ${isoTime(proposal.createdMs)}, over a log that holds the transaction`;
    const one = await checks.judged(what, expected, () => checkOne(receipt, certificate, leaf, proposal.createdMs, channel));
    checks.must(!signers.some((each) => nameOf(each) === nameOf(one.member)), what, "of another committer", `of ${nameOf(one.member)} again`);
    checks.held(what, expected, nameOf(one.member));
    signers.push(one.member);
    block = Math.min(block, one.block);
  }
  const names = signers.map(nameOf);
  if (!channel.satisfied(channel.receipt, signers)) throw checks.failed("the signers", channel.receipt, `${names.join(", ")} alone, which is not enough`);
  checks.held("the signers", channel.receipt, names.join(", "));
  const id = hex(proposal.id);
  return {
    kind: "receipt", sentence: `transaction ${id} is ${CODES[code]} in block ${block} of channel ${channel.name}`,
    transaction: {
      id, channel: proposal.channel, contract: proposal.contract, function: proposal.function, arguments: proposal.arguments, result: simulation?.result ?? "",
      attachments: proposal.attachments, createdMs: proposal.createdMs, creator, ranges: simulation?.ranges ?? [],
    },
    code: CODES[code], block, signers: names, checks: checks.all,
  };
}

/**
 * What `work` gives, or `instead` where it is not proven.
 * @template T, U @param {() => Promise<T>} work @param {U} instead @returns {Promise<T | U>}
 */
async function unless(work, instead) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof NotProven) return instead;
    throw error;
  }
}

/**
 * The creator's and the endorsers' signatures; of a transaction that is not valid they may be what is wrong.
 * @param {Proposal} proposal @param {Uint8Array} simulated @param {{certificate: Uint8Array, signature: Uint8Array}[]} endorsements
 * @param {string} code @param {Channel} channel @param {Checks} checks @returns {Promise<string>} the code that they alone give
 */
async function checkSignatures(proposal, simulated, endorsements, code, channel, checks) {
  const what = "the transaction's signatures", expected = `as the code ${code} says`;
  const [own, reason] = await checks.judged(what, expected, () => judge(proposal, simulated, endorsements, channel));
  if (own !== "VALID" && own !== code) throw checks.failed(what, expected, `${own} (${reason})`, "bad_signature");
  checks.held(what, expected, own);
  return own;
}

/**
 * The code that committers gave it for what does not depend on the state, and why.
 * @param {Proposal} proposal @param {Uint8Array} simulated @param {{certificate: Uint8Array, signature: Uint8Array}[]} endorsements
 * @param {Channel} channel @returns {Promise<[string, string]>}
 */
async function judge(proposal, simulated, endorsements, channel) {
  if (proposal.channel !== channel.name) return ["TARGET_CHAIN_NOT_FOUND", `the proposal is for channel ${proposal.channel}`];
  try {
    const creator = await channel.identify(proposal.chain, proposal.createdMs, proposal.contract);
    await verifyMessage(creator.spki, proposal.algorithm, proposal.signature, proposal.message);
  } catch (error) {
    if (error instanceof NotProven) return ["BAD_CREATOR_SIGNATURE", error.message];
    throw error;
  }
  const simulation = readSimulation(simulated);
  if (!same(simulation.transaction, proposal.id)) return ["BAD_PROPOSAL_TXID", "the simulation is of another proposal"];
  if (simulation.contract !== proposal.contract || simulation.function !== proposal.function) return ["INVALID_ENDORSER_TRANSACTION", "the simulation is of another function"];
  const contract = channel.contracts.get(simulation.contract);
  if (!contract) return ["INVALID_CHAINCODE", `there is no contract ${simulation.contract}`];
  if (contract.version !== simulation.version) return ["EXPIRED_CHAINCODE", `it was simulated with version ${simulation.version}`];
  if (contract.manifest !== undefined && [...simulation.spaces].some((space) => channel.contracts.get(space)?.manifest === undefined))
    return ["ILLEGAL_WRITESET", "a package's contract writes the state of another one"];
  return judgeEndorsements(simulation, simulated, endorsements, proposal.createdMs, channel);
}

/**
 * @param {import("./transactions.js").Simulation} simulation @param {Uint8Array} simulated
 * @param {{certificate: Uint8Array, signature: Uint8Array}[]} endorsements @param {number} time @param {Channel} channel
 * @returns {Promise<[string, string]>}
 */
async function judgeEndorsements(simulation, simulated, endorsements, time, channel) {
  const statement = endorsementStatement(channel.name, simulated);
  /** @type {Map<string, Member>} */
  const signers = new Map();
  let reason = "no endorsement";
  for (const { certificate, signature } of endorsements) {
    try {
      const member = await channel.identify([certificate], time, simulation.contract);
      await verifyMessage(member.spki, algorithmOfSignature(member.spki, signature), signature, statement);
      signers.set(nameOf(member), member);
    } catch (error) {
      if (!(error instanceof NotProven)) throw error;
      reason = error.message;
    }
  }
  for (const space of new Set([simulation.contract, ...simulation.spaces])) {
    if (!channel.satisfied(channel.policyOf(space), [...signers.values()]))
      return ["ENDORSEMENT_POLICY_FAILURE", `${signers.size} valid endorsements do not satisfy the policy of ${space} (${reason})`];
  }
  return ["VALID", ""];
}

/**
 * One committer's signature on a log that holds the leaf, with the block after which it signed.
 * @param {Uint8Array} receipt @param {Uint8Array} certificate @param {Uint8Array} leaf @param {number} time @param {Channel} channel
 * @returns {Promise<{member: Member, block: number}>}
 */
async function checkOne(receipt, certificate, leaf, time, channel) {
  const member = await channel.identify([certificate], time);
  const sign1 = readSign1(receipt);
  const { fields } = sign1;
  const isHash = (/** @type {any} */ value) => value instanceof Uint8Array && value.length === 32;
  require(sign1.payload === null && fields.get(395) === 1, "it is not an RFC 9942 receipt over RFC9162_SHA256", "malformed");
  require(isHash(fields.get(4)) && same(fields.get(4), sha256(certificate)), "the receipt names another certificate");
  require(fields.get(-70001) === channel.name, "the receipt is of another channel", "wrong_channel");
  const block = fields.get(-70002);
  require(Number.isSafeInteger(block) && isHash(fields.get(-70003)) && isHash(fields.get(-70005)), "the receipt is not bound to a block and a state");
  const proofs = sign1.unprotected.get(396);
  require(sign1.unprotected.size === 1 && proofs instanceof Map && proofs.size === 1 && Array.isArray(proofs.get(-1)) && proofs.get(-1).length === 1 &&
    proofs.get(-1)[0] instanceof Uint8Array, "the receipt has no inclusion proof", "malformed");
  const proof = decode(proofs.get(-1)[0]);
  require(Array.isArray(proof) && proof.length === 3, "the receipt's proof is none", "malformed");
  const [size, index, path] = proof;
  require(size === fields.get(-70004), "the proof is for another tree than the one that is signed");
  const root = rootOfInclusion(leaf, index, size, path);
  require(root, "the inclusion proof leads nowhere");
  await verifyMessage(member.spki, fields.get(1), sign1.signature, signedBytes(sign1, root));
  return { member, block };
}
