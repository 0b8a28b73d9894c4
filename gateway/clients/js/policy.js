// Policies of a channel: who must have signed. The language of docs/formats.md: 'ORG.role', AND, OR, OutOf(n, ...), and
// MAJORITY, ANY and ALL of the organizations' peers. One signature counts for one principal only; within one expression
// a principal with a role takes its signature before 'ORG.member' does, and both before nested expressions.

/** @typedef {{organization: string, role: string}} Signer */
/** @typedef {{needed: number, children: Rule[], principal?: Signer}} Rule */

const MAX_DEPTH = 8;
const MAX_TEXT = 4096;
const ROLES = new Set(["member", "client", "peer", "orderer", "admin", "auditor"]);

/** @param {string} text @param {string[]} organizations @returns {Rule | null} null: it cannot be read */
export function parsePolicy(text, organizations) {
  if (text.length > MAX_TEXT) return null;
  const tokens = text.match(/'[^']*'|"[^"]*"|\w+|[(),]|\S/g) || [];
  let at = 0;
  const peers = (/** @type {number} */ needed) =>
    ({ needed, children: organizations.map((organization) => leaf({ organization, role: "peer" })) });

  /** @param {number} depth @returns {Rule | null} */
  function rule(depth) {
    const word = tokens[at++];
    if (word === undefined || depth > MAX_DEPTH) return null;
    if (word === "MAJORITY") return peers(Math.floor(organizations.length / 2) + 1);
    if (word === "ANY") return peers(1);
    if (word === "ALL") return peers(organizations.length);
    if (/^['"]./.test(word)) return principal(word.slice(1, -1));
    if (!["AND", "OR", "OutOf"].includes(word) || tokens[at++] !== "(") return null;
    let needed = word === "OR" ? 1 : 0;
    if (word === "OutOf") {
      needed = Number(tokens[at++]);
      if (!Number.isInteger(needed) || tokens[at++] !== ",") return null;
    }
    /** @type {Rule[]} */
    const children = [];
    do {
      const child = rule(depth + 1);
      if (!child) return null;
      children.push(child);
    } while (tokens[at++] === ",");
    if (tokens[at - 1] !== ")") return null;
    if (word === "AND") needed = children.length;
    return needed >= 1 && needed <= children.length ? { needed, children } : null;
  }

  /** @param {string} name */
  function principal(name) {
    const dot = name.lastIndexOf(".");
    const organization = name.slice(0, dot);
    return dot > 0 && organizations.includes(organization) && ROLES.has(name.slice(dot + 1)) ? leaf({ organization, role: name.slice(dot + 1) }) : null;
  }

  const parsed = rule(0);
  return at === tokens.length ? parsed : null;
}

/** @param {Signer} principal @returns {Rule} */
function leaf(principal) {
  return { needed: 0, children: [], principal };
}

/** @param {Rule} rule */
const rank = (rule) => (rule.principal ? (rule.principal.role === "member" ? 1 : 0) : 2);

/**
 * @param {Rule} rule @param {Signer[]} signers one entry for each distinct signer
 * @returns {boolean}
 */
export function isSatisfied(rule, signers) {
  return remaining(rule, signers) !== null;
}

/**
 * The signers that the rule has not used; null: it does not hold.
 * @param {Rule} rule @param {Signer[]} signers @returns {Signer[] | null}
 */
function remaining(rule, signers) {
  const { principal } = rule;
  if (principal) {
    const taken = signers.findIndex((signer) => signer.organization === principal.organization &&
      (principal.role === "member" || signer.role === principal.role));
    return taken < 0 ? null : signers.filter((_, index) => index !== taken);
  }
  let held = 0, left = signers;
  for (const child of [...rule.children].sort((a, b) => rank(a) - rank(b))) {
    const after = held < rule.needed ? remaining(child, left) : null;
    if (!after) continue;
    ++held;
    left = after;
  }
  return held >= rule.needed ? left : null;
}
