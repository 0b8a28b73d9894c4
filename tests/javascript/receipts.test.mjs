// The library that verifies receipts (gateway/clients/js), on files that the first release has written and that other
// implementations verify too.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { decode, Malformed } from "../../gateway/clients/js/cbor.js";
import { Certificate, organizationOf, pemBlocks } from "../../gateway/clients/js/certificates.js";
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

test("another channel, other authorities and too few signers are refused", async () => {
  const file = receipt("VALID");
  const refused = async (changes, sentence) => assert.rejects(verifyReceipt(file, { ...channel, ...changes }), sentence);
  await refused({ channel: "other" }, /of the channel "[^"]+", not of "other"/);
  await refused({ organizations: channel.organizations.slice(0, 1) }, /leads to no root|cannot be read/);
  await refused({ receipt: "ALL" }, /do not satisfy the policy ALL/);
  await refused({ receipt: "AND('A.admin')" }, /do not satisfy/);
  await refused({ receipt: "MOST" }, /cannot be read/);
});

const python = (program, ...more) => execFileSync("/usr/bin/python3", ["-W", "ignore", "-c", program, ...more], { encoding: "utf8" });

// A revocation list for the first signer's certificate; its signature is not checked, as it stands in the configuration.
const REVOKE = `
import datetime, sys, cbor2
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
der = cbor2.loads(open(sys.argv[1], "rb").read())[4][0][1]
signer, now = x509.load_der_x509_certificate(der), datetime.datetime(2026, 1, 1)
listed = x509.RevokedCertificateBuilder().serial_number(signer.serial_number + int(sys.argv[2])).revocation_date(now).build()
crl = (x509.CertificateRevocationListBuilder().issuer_name(signer.issuer).last_update(now)
       .next_update(now + datetime.timedelta(days=365)).add_revoked_certificate(listed)
       .sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256()))
print(crl.public_bytes(serialization.Encoding.PEM).decode())
`;

test("a signer whose certificate is revoked does not count", async () => {
  const file = fileURLToPath(new URL("receipts/VALID", golden));
  const withList = (offset) => {
    const list = python(REVOKE, file, String(offset));
    return { ...channel, organizations: channel.organizations.map((each) => ({ ...each, crls: [list] })) };
  };
  await assert.rejects(verifyReceipt(receipt("VALID"), withList(0)), /leads to no root of the channel/);
  assert.equal((await verifyReceipt(receipt("VALID"), withList(1))).validationCode, 0);
});

test("one signer's receipt counts once, however often it is there", async () => {
  const file = fileURLToPath(new URL("receipts/VALID", golden));
  const repeated = python("import cbor2, sys\nfile = cbor2.loads(open(sys.argv[1], 'rb').read())\nfile[4] = file[4][:1] * 4\nprint(cbor2.dumps(file, canonical=True).hex())", file);
  const twice = ["A", "B", "C", "D"].map((each) => `AND('${each}.peer','${each}.peer')`).join(",");
  await assert.rejects(verifyReceipt(bytes(repeated.trim()), { ...channel, receipt: `OR(${twice})` }), /do not satisfy/);
  assert.equal((await verifyReceipt(bytes(repeated.trim()), { ...channel, receipt: "ANY" })).signers.length, 1);
});

// A root, and certificates of which only the first leads to it: signed by the root; by another key in its name; by a
// member that is no authority; for a time that is over.
const CERTIFY = `
import datetime, json
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
new = lambda: ec.generate_private_key(ec.SECP256R1())
name = lambda text: x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
def certify(subject, key, issuer, by, authority=False, days=3650):
    begin = datetime.datetime(2026, 1, 1)
    return (x509.CertificateBuilder().subject_name(name(subject)).issuer_name(name(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(authority, None), True).sign(by, hashes.SHA256()))
root, other, member = new(), new(), new()
made = [certify("root", root, "root", root, True), certify("member", member, "root", root), certify("false", new(), "root", other),
        certify("below", new(), "member", member), certify("old", new(), "root", root, days=1)]
print(json.dumps([each.public_bytes(serialization.Encoding.PEM).decode() for each in made]))
`;

test("a certificate counts when it leads to a root by signatures of authorities that are valid", async () => {
  const [root, member, ...others] = JSON.parse(python(CERTIFY));
  const organizations = [{ id: "O", roots: [root], intermediates: [member], crls: [] }];
  const judge = (pem, time = Date.UTC(2026, 5, 1)) => organizationOf(new Certificate(pemBlocks(pem)[0]), organizations, time);
  assert.equal(await judge(member), "O");
  assert.equal(await judge(member, Date.UTC(2025, 5, 1)), null);
  for (const pem of others) assert.equal(await judge(pem), null);
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

test("the README's example does what it says, as a program that has installed the package", () => {
  const library = fileURLToPath(new URL("../../gateway/clients/js/", import.meta.url));
  const [, example] = /```js\n([^]*?)```/.exec(readFileSync(join(library, "README.md"), "utf8"));
  const shown = readFileSync(new URL("../../README.md", import.meta.url), "utf8").replace(/^ {4}/gm, "");
  assert.ok(shown.includes(example), "the README of the repository shows the same example");
  const folder = mkdtempSync(join(tmpdir(), "tally-receipts-"));
  try {
    mkdirSync(join(folder, "node_modules"));
    symlinkSync(library, join(folder, "node_modules", "tally-receipts"));
    writeFileSync(join(folder, "example.mjs"), example);
    const files = ["receipts/VALID", "channel.json"].map((name) => fileURLToPath(new URL(name, golden)));
    const printed = execFileSync(process.execPath, [join(folder, "example.mjs"), ...files], { encoding: "utf8" });
    assert.match(printed, /^\w+ \w+ [0-9a-f]{64}\nVALID\non the ledger by block \d+, signed by [A-D](, [A-D])+\n$/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
