// The library that verifies files (gateway/clients/js), on files that the first release has written and that other
// implementations verify too, and on the altered ones that all of them must refuse (tests/golden/evidence).

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash, randomBytes, webcrypto } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import { decode, encode, Malformed } from "../../gateway/clients/js/cbor.js";
import { pemBlocks } from "../../gateway/clients/js/certificates.js";
import { Channel, NotProven, SigningKey, readRecord, signDay, verify, verifyReceipt } from "../../gateway/clients/js/index.js";
import { rootOfInclusion, sha256, treeHead } from "../../gateway/clients/js/hashes.js";
import { jsonText, parseJson } from "../../gateway/clients/js/json.js";
import { isSatisfied, parsePolicy } from "../../gateway/clients/js/policy.js";
import { checkSeries, unpack } from "../../gateway/clients/js/series.js";
import { decompress, rawFrame } from "../../gateway/clients/js/zstd.js";

const golden = new URL("../golden/0.2.0/", import.meta.url);
const config = JSON.parse(readFileSync(new URL("channel.json", golden), "utf8"));
const channelOf = (changes = {}) => Channel.of(JSON.stringify({ ...config, ...changes }));
const channel = channelOf();
const contents = JSON.parse(readFileSync(new URL("contents.json", golden), "utf8"));
const receipt = (name) => new Uint8Array(readFileSync(new URL(`receipts/${name}`, golden)));
const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
const hex = (data) => Buffer.from(data).toString("hex");

test("every receipt of the first release is proven, with its code and block", async () => {
  const names = readdirSync(new URL("receipts/", golden));
  assert.ok(names.length >= 10);
  for (const name of names) {
    const proven = await verifyReceipt(receipt(name), channel);
    const code = name === "config.apply" ? "VALID" : name;
    const expected = contents.transactions.find((each) => each.id === proven.transaction.id && each.code === code);
    assert.equal(proven.code, code);
    if (name === "config.apply") assert.equal(`${proven.transaction.contract}.${proven.transaction.function}`, name);
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
  const refused = async (changes, sentence) => assert.rejects(async () => verifyReceipt(file, channelOf(changes)), sentence);
  await refused({ channel: "other" }, /the channel: expected other, found main/);
  await refused({ organizations: config.organizations.slice(0, 1), receipt: "ANY", endorsement: "ANY", policies: [] }, /is of no organization/);
  await refused({ receipt: "ALL" }, /the signers: expected ALL, found: .* which is not enough/);
  await refused({ receipt: "AND('A.admin')" }, /which is not enough/);
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
    return channelOf({ organizations: config.organizations.map((each) => ({ ...each, crls: [list] })) });
  };
  await assert.rejects(verifyReceipt(receipt("VALID"), withList(0)), /is revoked/);
  assert.equal((await verifyReceipt(receipt("VALID"), withList(1))).code, "VALID");
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
name = lambda text, organization="O": x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization), x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "peer"), x509.NameAttribute(NameOID.COMMON_NAME, text)])
def certify(subject, key, issuer, by, authority=False, days=3650, **more):
    begin = datetime.datetime(2026, 1, 1)
    return (x509.CertificateBuilder().subject_name(name(subject, **more)).issuer_name(name(issuer)).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(begin).not_valid_after(begin + datetime.timedelta(days=days))
            .add_extension(x509.BasicConstraints(authority, None), True).sign(by, hashes.SHA256()))
root, other, member = new(), new(), new()
made = [certify("root", root, "root", root, True), certify("member", member, "root", root), certify("false", new(), "root", other),
        certify("below", new(), "member", member), certify("old", new(), "root", root, days=1), certify("stranger", new(), "root", root, organization="P")]
print(json.dumps([each.public_bytes(serialization.Encoding.PEM).decode() for each in made]))
`;

test("a certificate counts when it leads to a root by signatures of authorities that are valid", async () => {
  const [root, member, ...others] = JSON.parse(python(CERTIFY));
  const small = Channel.of(JSON.stringify({ channel: "main", organizations: [{ id: "O", roots: [root], intermediates: [member], crls: [] }], contracts: [], policies: [], endorsement: "ANY", receipt: "ANY" }));
  const judge = (pem, time = Date.UTC(2026, 5, 1)) => small.identify([pemBlocks(pem)[0]], time);
  assert.deepEqual({ ...await judge(member), spki: null }, { organization: "O", role: "peer", name: "member", spki: null });
  await assert.rejects(judge(member, Date.UTC(2025, 5, 1)), /not yet valid/);
  for (const [index, pem] of others.entries()) await assert.rejects(judge(pem), [/leads to no root/, /leads to no root/, /has expired/, /no organization/][index]);
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

test("inclusion proofs follow RFC 9162", () => {
  // The tree over the entries 0, 1 and 2 (one byte each), computed with Python's hashlib.
  const [leaf0, leaf1, leaf2] = [0, 1, 2].map((entry) => sha256(Uint8Array.of(0, entry)));
  assert.equal(hex(treeHead([0, 1, 2].map((entry) => Uint8Array.of(entry)))), "3b6cccd7e3e023ff393006f030315ee7ad9eb111b022b41fba7e5b7a3973f688");
  const root = "3b6cccd7e3e023ff393006f030315ee7ad9eb111b022b41fba7e5b7a3973f688";
  const left = sha256(Uint8Array.of(1), leaf0, leaf1);
  assert.equal(hex(rootOfInclusion(leaf2, 2, 3, [left])), root);
  assert.equal(hex(rootOfInclusion(leaf1, 1, 3, [leaf0, leaf2])), root);
  assert.equal(rootOfInclusion(leaf1, 3, 3, [leaf0]), null);
  assert.equal(rootOfInclusion(leaf1, 1, 3, [leaf0]), null);
  assert.equal(rootOfInclusion(leaf1, 1, 2, [leaf0, leaf2]), null);
});

test("CBOR that is not deterministic is refused", () => {
  // RFC 8949, appendix A; and encodings of the same values that are not the shortest.
  for (const text of ["1a000f4240", "1bffffffffffffffff", "3903e7", "826161a161626163", "3b7fffffffffffffff"]) assert.equal(hex(encode(decode(bytes(text)))), text);
  assert.equal(decode(bytes("1a000f4240")), 1000000);
  assert.equal(decode(bytes("1bffffffffffffffff")), 18446744073709551615n);
  assert.equal(decode(bytes("3903e7")), -1000);
  assert.deepEqual(decode(bytes("826161a161626163")), ["a", new Map([["b", "c"]])]);
  for (const text of ["", "1800", "190010", "9f01ff", "a201020102", "a202010102", "0000", "61ff", "5a7fffffff00", "9a7fffffff00", "f97e00", "81".repeat(40) + "00"])
    assert.throws(() => decode(bytes(text)), Malformed, text);
});

const folder = new URL("../golden/evidence/", import.meta.url);
const fileOf = (name) => new Uint8Array(readFileSync(new URL(name, folder)));
const unpacked = (name) => decode(name.endsWith(".evidence") ? decompress(fileOf(name), 1 << 28, name) : fileOf(name));
const at = (parts, path) => path.reduce((found, step) => (step === "cbor" ? decode(found) : found instanceof Map ? found.get(step) : found[step]), parts);

function altered(parts, [step, ...rest], change) {
  if (step === undefined) return change(parts);
  if (step === "cbor") return encode(altered(decode(parts), rest, change));
  if (parts instanceof Map) return new Map(parts).set(step, altered(parts.get(step), rest, change));
  return parts.map((each, index) => (index === step ? altered(each, rest, change) : each));
}

function flipped(value, position) {
  const data = typeof value === "string" ? new TextEncoder().encode(value) : value.slice();
  data[position < 0 ? data.length + position : position] ^= 1;
  return typeof value === "string" ? new TextDecoder().decode(data) : data;
}

// As tests/e2e/forgeries.py says.
const CHANGES = {
  drop: (parts, path) => altered(parts, path.slice(0, -1), (found) => found.filter((_, index) => index !== path[path.length - 1])),
  repeat: (parts, path) => altered(parts, path.slice(0, -1), (found) => [...found, found[path[path.length - 1]]]),
  keep: (parts, path, count) => altered(parts, path, (found) => found.slice(0, count)),
  flip: (parts, path, position) => altered(parts, path, (found) => flipped(found, position)),
  set: (parts, path, value) => altered(parts, path, () => value),
  put: (parts, path, from) => altered(parts, path, () => at(parts, from)),
  take: (parts, path, name, from) => altered(parts, path, () => at(unpacked(name), from)),
  swap: (parts, path, other) => altered(altered(parts, path, () => at(parts, other)), other, () => at(parts, path)),
};

function forged({ file, change, cut }) {
  let content = fileOf(file);
  if (change) {
    content = encode(change.reduce((parts, [kind, ...rest]) => CHANGES[kind](parts, ...rest), unpacked(file)));
    if (file.endsWith(".evidence")) content = rawFrame(content);
  }
  return cut ? content.slice(0, cut) : content;
}

for (const forgery of JSON.parse(readFileSync(new URL("forgeries.json", folder), "utf8"))) {
  test(`${forgery.file}: ${forgery.name}`, async () => {
    const text = readFileSync(new URL("channel.json", folder), "utf8");
    const trusted = Channel.of(forgery.channel ? JSON.stringify({ ...JSON.parse(text), ...forgery.channel }) : text);
    const verdict = verify(forged(forgery), trusted);
    if (forgery.check === undefined) return assert.equal((await verdict).withheld ?? 0, forgery.withheld ?? 0);
    const error = await verdict.then(() => assert.fail("it is proven"), (found) => found);
    assert.ok(error instanceof NotProven, error);
    assert.deepEqual(error.checks.filter((check) => !check.holds).map((check) => check.what), [forgery.check]);
    assert.ok(error.checks[error.checks.length - 1].found.includes(forgery.found ?? ""), error.message);
  });
}

test("evidence is proven down to readings and lines", async () => {
  const proven = await verify(fileOf("audit.evidence"), Channel.of(fileOf("channel.json")));
  assert.deepEqual([proven.records, proven.readings, proven.withheld, proven.invoices], [9, 9, 0, 1]);
  assert.deepEqual([proven.run.days, proven.run.missing, proven.run.verdict], [10, 1, "GAPS"]);
  assert.ok(proven.checks.every((check) => check.holds));
});

test("hostile bytes are refused and cost little", async () => {
  const hostile = ["", "a1", "9bffffffffffffffff", "5b7fffffffffffffff", "81".repeat(100), "28b52ffde0000000000000004028", "28b52ffda00000800c", "28b52ffd", "f97e00", "c2".repeat(20)];
  for (const text of hostile) await assert.rejects(verify(bytes(text), channel), NotProven, text);
  for (const text of ["{}", '{"channel":', "", "\u0004\u0000\u0000\u0000main"]) assert.throws(() => Channel.of(text), NotProven, text);
});

test("SHA-256 is Node's", () => {
  for (let length = 0; length < 200; ++length) {
    const data = new Uint8Array(randomBytes(length));
    assert.equal(hex(sha256(data)), createHash("sha256").update(data).digest("hex"), `${length} bytes`);
  }
});

const PACK = `
import ctypes, sys
zstd = ctypes.CDLL("libzstd.so.1")
for name in ("ZSTD_compress", "ZSTD_compressBound"): getattr(zstd, name).restype = ctypes.c_size_t
data = open(sys.argv[1], "rb").read()
out = ctypes.create_string_buffer(zstd.ZSTD_compressBound(ctypes.c_size_t(len(data))))
size = zstd.ZSTD_compress(out, ctypes.c_size_t(len(out)), data, ctypes.c_size_t(len(data)), int(sys.argv[2]))
print(out.raw[:size].hex())
`;

test("Zstandard frames of the library are unpacked, and damaged ones refused", () => {
  const file = fileURLToPath(new URL("../../docs/formats.md", import.meta.url));
  for (const level of [1, 3, 9, 19]) {
    const frame = bytes(python(PACK, file, String(level)).trim());
    assert.ok(Buffer.from(decompress(frame, 1 << 20, "the page")).equals(readFileSync(file)));
    assert.throws(() => decompress(frame, 1000, "the page"), /1000 are read/);
    for (let at = 0; at < frame.length; at += 31) {
      const spoilt = frame.slice();
      spoilt[at] ^= 1 << at % 8;
      try {
        decompress(spoilt, 1 << 20, "the page");
      } catch (error) {
        assert.ok(error instanceof NotProven, error);
      }
    }
  }
});

test("JSON of contracts is read exactly, and nothing else", () => {
  const text = '{"a":[1,-2,12345678901234567890,"\u00e9\\n"],"b":{"c":null,"d":true}}';
  assert.equal(jsonText(parseJson(text, "it")), text);
  for (const bad of ["1.5", '{"a":1,"a":2}', "[1,]", "01", '{"__proto__":1}', "[", "1e3", " ", "[1] 2", "[".repeat(50)]) assert.throws(() => parseJson(bad, "it"), NotProven, bad);
});

// What Python's cryptography and cbor2 say of a record that this library has signed.
const JUDGE = `
import json, sys, cbor2
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
given = json.load(sys.stdin)
header, _, payload, signature = cbor2.loads(bytes.fromhex(given["message"])).value
key = serialization.load_der_public_key(bytes.fromhex(given["spki"]))
signed = cbor2.dumps(["Signature1", header, b"main", payload])
key.verify(utils.encode_dss_signature(*(int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))), signed, ec.ECDSA(hashes.SHA256()))
content = cbor2.loads(payload)
print(json.dumps([cbor2.loads(header)[4].decode(), content[3], content[8], content[10].hex()]))
`;

test("a sealed invoice is that of its commitment", async () => {
  const channel = channelOf();
  const file = readFileSync(new URL("sealed.invoice", golden)), content = JSON.parse(file.toString());
  const proof = await verify(new Uint8Array(file), channel);
  assert.equal(proof.kind, "sealed invoice");
  assert.equal(proof.invoice.agreement, "hidden");
  assert.equal(JSON.parse(proof.receipt.transaction.result).sealed.commitment, proof.commitment);
  const cases = /** @type {[object, RegExp][]} */ ([
    [{ invoice: content.invoice.replace(proof.invoice.totals.payable, "0.01") }, /^the commitment: expected/], [{ salt: "00".repeat(32) }, /^the commitment: expected/],
    [{ invoice: content.invoice.replace('"hidden"', '"sold"') }, /^the agreement/], [{ receipt: "" }, /no receipt/], [{ salt: "00" }, /the salt/], [{ invoice: "{}" }, /no sealed invoice/],
    [{ format: "tally-sealed-invoice/2" }, /unknown/], [{ receipt: "%" }, /not a sealed invoice/],
    [{ receipt: readFileSync(new URL("receipts/VALID", golden)).toString("base64") }, /^the transaction's function: expected billing.seal/]]);
  for (const [changed, sentence] of cases) {
    const altered = new TextEncoder().encode(JSON.stringify({ ...content, ...changed }));
    await assert.rejects(verify(altered, channel), (error) => error instanceof NotProven && sentence.test(error.message), String(sentence));
  }
});

test("an opening that another implementation made gives the figures of its commitment", () => {
  const message = (/** @type {string} */ name) => Uint8Array.from(Buffer.from(readFileSync(new URL(`../golden/records/${name}.hex`, import.meta.url), "utf8").split("\n")[0], "hex"));
  const record = readRecord(message("opened")), bare = readRecord(message("commitment"));
  assert.deepEqual(record.summary, readRecord(message("linked")).summary);
  checkSeries(record, unpack(record, record.packed));
  assert.deepEqual([bare.summary, bare.root.length, bare.rows], [[], 0, 0]);
  const altered = message("opened");
  altered[altered.length - 100] ^= 1;
  assert.throws(() => readRecord(altered), NotProven);
  const place = Buffer.from(message("opened")).indexOf(Buffer.from(Array.from({ length: 32 }, (_, i) => 32 + i)));
  const salted = message("opened");
  salted[place] ^= 1;
  assert.throws(() => readRecord(salted), /not that of its commitment/);
});

test("a day that is signed here is a record, and its readings fit", async () => {
  const { key, publicKey } = await SigningKey.generate();
  const spki = hex(new Uint8Array(await webcrypto.subtle.exportKey("spki", publicKey)));
  const rows = Array.from({ length: 96 }, (_, i) => [900 * i, i === 5 ? null : (i * i) % 17, 2n ** 50n + BigInt(i)]);
  const fields = [{ name: "power", unit: "W", scale: 0 }, { name: "energy", unit: "Wh", scale: -1 }];
  const previous = sha256(Uint8Array.of(1));
  const { message, contentId } = await signDay(key, { device: "meter-1", channel: "main", sequence: 7, previous, previousDaily: previous, startS: 86400, endS: 172800, intervalS: 900, fields, rows });
  const judged = JSON.parse(execFileSync("/usr/bin/python3", ["-c", JUDGE], { encoding: "utf8", input: JSON.stringify({ message: hex(message), spki }) }).replace(/(\d{16,})/g, '"$1"'));
  const present = rows.map((row) => row[1]).filter((value) => value !== null);
  assert.deepEqual(judged, ["meter-1", 7, [[95, 1, present.reduce((a, b) => a + b), 0, 16, 0, present[94]],
    [96, 0, String(96n * 2n ** 50n + 4560n), String(2n ** 50n), String(2n ** 50n + 95n), String(2n ** 50n), String(2n ** 50n + 95n)]], hex(previous)]);
  const record = readRecord(message);
  checkSeries(record, unpack(record, record.packed));
  assert.equal(hex(record.contentId), hex(contentId));
});
