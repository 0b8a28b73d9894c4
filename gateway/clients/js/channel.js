// A channel's configuration: what a verifier trusts. Have it from elsewhere than from the node whose word you check.

import { Certificate, pemBlocks, readCertificate, readRevocations, same } from "./certificates.js";
import { NotProven, require } from "./checks.js";
import { hex, sha256 } from "./hashes.js";
import { isSatisfied, parsePolicy } from "./policy.js";
import { Cut, readSimulation, readTransaction } from "./transactions.js";

const ROLES = new Set(["client", "peer", "orderer", "admin", "auditor"]);
const MAX_CHAIN = 8, MAX_PATH = 10, MAX_SIGNATURES = 64;
const decoder = new TextDecoder();

/** @typedef {{organization: string, role: string, name: string, spki: Uint8Array}} Member whom a certificate stands for */
/** @typedef {import("./certificates.js").RevocationList} RevocationList */

/** @param {Member} member */
export const nameOf = (member) => `${member.name} of ${member.organization}`;

/** A member of the channel, with what the configuration says of its authorities. */
class Organization {
  /** @param {{id: string, roots: string[], intermediates: string[], crls: string[]}} config */
  constructor(config) {
    const load = (/** @type {string[]} */ texts) => texts.flatMap(pemBlocks).map((der) => new Certificate(der));
    this.id = config.id;
    this.roots = load(config.roots);
    this.intermediates = load(config.intermediates);
    this.lists = config.crls.flatMap(pemBlocks).map(readRevocations);
    /** @type {Map<string, Promise<Certificate[][]>>} by the presented chain */
    this.known = new Map();
  }

  /**
   * Every path from what is presented to a root; what does not depend on the time is checked.
   * @param {Certificate[]} chain @returns {Promise<Certificate[][]>}
   */
  async paths(chain) {
    for (let i = 1; i < chain.length; ++i)
      require(await chain[i - 1].isIssuedBy(chain[i]), `the certificate of ${chain[i].name}, presented next, has not issued that of ${chain[i - 1].name}`, "certificate_untrusted");
    /** @type {Certificate[][]} */
    const found = [];
    let left = MAX_SIGNATURES;
    const onward = async (/** @type {Certificate[]} */ path) => {
      const last = path[path.length - 1];
      if (this.roots.some((root) => root.isSame(last))) {
        found.push(path);
        return;
      }
      for (const issuer of [...this.roots, ...this.intermediates]) {
        if (path.some((each) => each.isSame(issuer)) || !same(issuer.subject, last.issuer) || path.length >= MAX_PATH || left === 0) continue;
        --left;
        if (await last.isIssuedBy(issuer)) await onward([...path, issuer]);
      }
    };
    await onward(chain);
    const sound = await Promise.all(found.map(isSound));
    return found.filter((_, index) => sound[index]);
  }

  /**
   * @param {Certificate[]} chain @param {number} time @param {boolean} listsMustBeCurrent
   * @throws {NotProven} unless a path holds at the time
   */
  async judge(chain, time, listsMustBeCurrent) {
    const presented = chain.map((each) => hex(sha256(each.der))).join();
    const known = this.known.get(presented) || this.paths(chain);
    this.known.set(presented, known);
    const paths = await known;
    require(paths.length > 0, `the certificate of ${chain[0].name} leads to no root of ${this.id}`, "certificate_untrusted");
    const problems = paths.map((path) => this.problem(path, time, listsMustBeCurrent));
    const first = problems[0];
    if (first && !problems.includes(null)) throw first;
  }

  /** @param {Certificate[]} path @param {number} time @param {boolean} listsMustBeCurrent @returns {NotProven | null} */
  problem(path, time, listsMustBeCurrent) {
    for (const each of [...path].reverse()) {
      if (time < each.notBefore) return new NotProven(`the certificate of ${each.name} is not yet valid at that time`, "certificate_not_yet_valid");
      if (time >= each.notAfter) return new NotProven(`the certificate of ${each.name} has expired at that time`, "certificate_expired");
    }
    for (let i = 0; i + 1 < path.length; ++i) {
      const certificate = path[i];
      const lists = this.lists.filter((list) => same(list.issuer, path[i + 1].subject)).sort(newestFirst);
      if (lists.some((list) => list.serials.has(hex(certificate.serial)))) return new NotProven(`the certificate of ${certificate.name} is revoked`, "certificate_revoked");
      if (lists.length === 0 || !listsMustBeCurrent) continue;
      const newest = lists.find((list) => list.thisUpdate <= time) || lists[0];
      if (time < newest.thisUpdate || time >= newest.nextUpdate)
        return new NotProven(`the revocation list for the certificate of ${certificate.name} is not current at that time`, "crl_expired");
    }
    return null;
  }
}

/** @param {RevocationList} a @param {RevocationList} b */
function newestFirst(a, b) {
  if (a.number !== b.number) return a.number < b.number ? 1 : -1;
  return b.thisUpdate - a.thisUpdate || b.nextUpdate - a.nextUpdate;
}

/**
 * What is demanded of a path's certificates at any time.
 * @param {Certificate[]} path @returns {Promise<boolean>}
 */
async function isSound(path) {
  let below = 0;  // authorities between this one and the leaf
  for (const [index, each] of path.entries()) {
    if (!each.isUnderstood) return false;
    if (index === 0) continue;
    if (!each.mayCertify || (each.pathLength !== null && each.pathLength < below)) return false;
    if (!same(each.issuer, each.subject)) ++below;
  }
  const root = path[path.length - 1];
  return root.isIssuedBy(root);
}

export class Channel {
  /** @param {any} config the JSON of channel.json @param {Uint8Array} digest SHA-256 of its text */
  constructor(config, digest) {
    this.name = String(config.channel);
    this.organizations = new Map(config.organizations.map((/** @type {any} */ each) => [each.id, new Organization(each)]));
    /** @type {Map<string, any>} */
    this.contracts = new Map(config.contracts.map((/** @type {any} */ each) => [each.contract, each]));
    /** @type {Map<string, string>} */
    this.policies = new Map(config.policies.map((/** @type {any} */ each) => [each.contract, each.policy]));
    /** @type {string} */
    this.endorsement = config.endorsement;
    /** @type {string} */
    this.receipt = config.receipt;
    this.digest = digest;
    for (const policy of [this.receipt, this.endorsement, ...this.policies.values()]) this.satisfied(policy, []);
  }

  /**
   * Of channel.json (`tally config show --out FILE`) or genesis.block.
   * @param {string | Uint8Array} content @returns {Channel} @throws {NotProven}
   */
  static of(content) {
    const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
    try {
      const text = bytes[0] === 0x7b ? bytes : configOfGenesis(bytes);
      return new Channel(JSON.parse(decoder.decode(text)), sha256(text));
    } catch (error) {
      throw new NotProven(`this is not a channel's configuration: ${error instanceof Error ? error.message : error}`, "bad_configuration");
    }
  }

  /**
   * The text of a contract's endorsement policy.
   * @param {string} contract
   */
  policyOf(contract) {
    return this.policies.get(contract) ?? this.endorsement;
  }

  /** @param {string} policy @param {Member[]} signers each once */
  satisfied(policy, signers) {
    const rule = parsePolicy(policy, [...this.organizations.keys()]);
    require(rule, `the policy "${String(policy).slice(0, 200)}" cannot be read`, "bad_configuration");
    return isSatisfied(rule, signers);
  }

  /**
   * The member that a chain (DER, leaf first) stands for at a time.
   * @param {Uint8Array[]} chain @param {number} time ms since 1970 @param {string} [contract] for which it has signed
   * @returns {Promise<Member>} @throws {NotProven}
   */
  async identify(chain, time, contract = "") {
    require(chain.length >= 1 && chain.length <= MAX_CHAIN, `a chain of ${chain.length} certificates`, "unauthenticated");
    const certificates = chain.map(readCertificate);
    const { name, role, organization: id, spki, algorithm, isAuthority, maySign } = certificates[0];
    const organization = this.organizations.get(id);
    require(organization, `the certificate of ${name} is of no organization of the channel`, "unauthenticated");
    require(ROLES.has(role), `the certificate of ${name} has the role "${role}"`, "unauthenticated");
    require(algorithm !== "ES384", `the key of ${name} is neither P-256 nor Ed25519`, "bad_key");
    require(!isAuthority && maySign, `the certificate of ${name} is not for signing`, "certificate_wrong_purpose");
    // Admins and peers may replace an expired revocation list of their organization.
    await organization.judge(certificates, time, !(contract === "config" && (role === "admin" || role === "peer")));
    return { organization: id, role, name, spki };
  }
}

/**
 * What `verify` gives under the first configuration that proves it, or its last NotProven. One is enough, as organizations
 * change with time.
 * @template T @param {Channel[]} channels @param {(channel: Channel) => Promise<T>} verify @returns {Promise<T>}
 */
export async function underOneOf(channels, verify) {
  let problem = new NotProven("there is no configuration to verify it with");
  for (const channel of channels) {
    try {
      return await verify(channel);
    } catch (error) {
      if (!(error instanceof NotProven)) throw error;
      problem = error;
    }
  }
  throw problem;
}

/**
 * The channel's configuration in its block 0 (docs/formats.md, Snapshots: a block).
 * @param {Uint8Array} block
 */
function configOfGenesis(block) {
  const cut = new Cut(block, "the genesis block");
  const channel = cut.text(), number = cut.wide();
  cut.take(3 * 32 + 8 + 8 + 8 + 4 + 1);  // hashes, time, epoch, view, proposer, flags
  cut.take(24 * cut.number());  // lanes
  const transactions = cut.list(() => cut.list(() => cut.string())).flat();
  require(number === 0n && transactions.length === 1, "this is neither channel.json nor a genesis block", "bad_configuration");
  const { kind, simulation } = readTransaction(transactions[0]);
  const { writes } = readSimulation(simulation);
  const text = writes.length === 1 && writes[0].space === "config" && decoder.decode(writes[0].key) === "channel" ? writes[0].value : null;
  require(kind === 0 && text, "the genesis block has no configuration", "bad_configuration");
  require(JSON.parse(decoder.decode(text)).channel === channel, "the genesis block is of another channel", "bad_configuration");
  return text;
}
