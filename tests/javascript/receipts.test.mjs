// The library that verifies receipts (gateway/clients/js), on files that the first release has written and that other
// implementations verify too.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";

import { decode, Malformed } from "../../gateway/clients/js/cbor.js";
import { isSatisfied, parsePolicy } from "../../gateway/clients/js/policy.js";
import { NotProven, rootOfInclusion, sha256, verifyReceipt } from "../../gateway/clients/js/receipt.js";

const golden = new URL("../golden/0.2.0/", import.meta.url);
const channel = JSON.parse(readFileSync(new URL("channel.json", golden), "utf8"));
const contents = JSON.parse(readFileSync(new URL("contents.json", golden), "utf8"));
const receipt = (name) => new Uint8Array(readFileSync(new URL(`receipts/${name}`, golden)));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data) => Buffer.from(data).toString("hex");

test("every receipt of the first release is proven, with its code and block", async () => {
  const names = readdirSync(new URL("receipts/", golden));
  assert.ok(names.length >= 10);
  for (const name of names) {
    const proven = await verifyReceipt(receipt(name), channel);
    const expected = contents.transactions.find((each) => each.id === proven.transaction.id && each.code === name);
    assert.equal(proven.validationCode === 0, name === "VALID");
    assert.ok(proven.block >= expected.block);
    assert.ok(proven.signers.length >= 3);
  }
});

test("a change of any byte is found", async () => {
  const file = receipt("VALID");
  for (let at = 0; at < file.length; at += 23) {
    const spoilt = file.slice();
    spoilt[at] ^= 1;
    await assert.rejects(verifyReceipt(spoilt, channel), NotProven, `byte ${at}`);
  }
  for (let length = 0; length < file.length; length += 97) await assert.rejects(verifyReceipt(file.slice(0, length), channel), NotProven);
});

test("another channel, other authorities, too few signers and revoked signers are refused", async () => {
  const file = receipt("VALID");
  const refused = async (changes, sentence) => assert.rejects(verifyReceipt(file, { ...channel, ...changes }), sentence);
  await refused({ channel: "other" }, /of the channel "[^"]+", not of "other"/);
  await refused({ organizations: channel.organizations.slice(0, 1) }, /leads to no root|cannot be read/);
  await refused({ receipt: "ALL" }, /do not satisfy the policy ALL/);
  await refused({ receipt: "AND('A.admin')" }, /do not satisfy/);
  await refused({ receipt: "MOST" }, /cannot be read/);
});

test("policies count each signature once", () => {
  const signers = [{ organization: "A", role: "peer" }, { organization: "B", role: "peer" }];
  const holds = (text) => {
    const rule = parsePolicy(text, ["A", "B", "C"]);
    return rule && isSatisfied(rule, signers);
  };
  for (const text of ["MAJORITY", "ANY", "AND('A.peer','B.member')", "OutOf(1,'C.peer','A.peer')", "OR(AND('A.peer','C.peer'),'B.peer')"]) assert.equal(holds(text), true, text);
  for (const text of ["ALL", "AND('A.peer','A.peer')", "AND('A.member','A.peer')", "'C.peer'", "'A.admin'"]) assert.equal(holds(text), false, text);
  for (const text of ["", "AND()", "OutOf(0,'A.peer')", "OutOf(3,'A.peer')", "'D.peer'", "ANY ANY", "AND('A.peer'"]) assert.equal(holds(text), null, text);
});

test("inclusion proofs follow RFC 9162", async () => {
  // The tree over the entries 0, 1 and 2 (one byte each), computed with Python's hashlib.
  const [leaf0, leaf1, leaf2] = await Promise.all([0, 1, 2].map((entry) => sha256(Uint8Array.of(0, entry))));
  const root = "3b6cccd7e3e023ff393006f030315ee7ad9eb111b022b41fba7e5b7a3973f688";
  const left = await sha256(Uint8Array.of(1), leaf0, leaf1);
  assert.equal(hex(await rootOfInclusion(leaf2, 2, 3, [left])), root);
  assert.equal(hex(await rootOfInclusion(leaf1, 1, 3, [leaf0, leaf2])), root);
  assert.equal(await rootOfInclusion(leaf1, 3, 3, [leaf0]), null);
  assert.equal(await rootOfInclusion(leaf1, 1, 3, [leaf0]), null);
  assert.equal(await rootOfInclusion(leaf1, 1, 2, [leaf0, leaf2]), null);
});

test("CBOR that is not deterministic is refused", () => {
  // RFC 8949, appendix A; and encodings of the same values that are not the shortest.
  assert.equal(decode(bytes("1a000f4240")), 1000000);
  assert.equal(decode(bytes("1bffffffffffffffff")), 18446744073709551615n);
  assert.equal(decode(bytes("3903e7")), -1000);
  assert.deepEqual(decode(bytes("826161a161626163")), ["a", new Map([["b", "c"]])]);
  for (const text of ["", "1800", "190010", "9f01ff", "a201020102", "a202010102", "0000", "61ff", "5a7fffffff00", "9a7fffffff00", "f97e00", "81".repeat(40) + "00"])
    assert.throws(() => decode(bytes(text)), Malformed, text);
});
