"""OCMF records in the packages for Python and JavaScript: they read and judge them as `tally device ocmf-check` does, and believe
no answer on a record that does not follow from it."""

import base64
import hashlib
import json
import pathlib
import subprocess
import tempfile
import unittest
from types import SimpleNamespace

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from node_under_test import tally
from ocmf_records import payload, reading, signed, spki
from tally import NotProven
from tally.device_evidence import DeviceEvidence, Key
from tally.meter_keys import meter_key_of
from tally.ocmf import read_ocmf, verify_ocmf
from tally.ocmf_evidence import OcmfEvidence
from tally.ocmf_sessions import counted, verdicts_on

CLIENT = pathlib.Path(__file__).parents[2] / "gateway/clients/js"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the group of P-256

JUDGED_IN_JAVASCRIPT = f"""
    import {{ readFileSync }} from "node:fs";
    import {{ NotProven }} from "{CLIENT / "index.js"}";
    import {{ readOcmf, verifyOcmf }} from "{CLIENT / "ocmf.js"}";
    import {{ sessionsWith, verdictsOn }} from "{CLIENT / "ocmf_sessions.js"}";
    import {{ meterKeyOf }} from "{CLIENT / "public_keys.js"}";
    const [key, records] = JSON.parse(readFileSync(process.argv[1]));
    const refusal = (error) => {{
      if (!(error instanceof NotProven)) throw error;
      return error.code;
    }};
    async function judged(content) {{
      let record;
      try {{
        record = readOcmf(content);
      }} catch (error) {{
        return refusal(error) && null;
      }}
      const code = await verifyOcmf(record, meterKeyOf(key)).catch(refusal);
      const stored = {{ contentId: record.contentId, record, epoch: 1, receivedMs: 0, verdicts: [] }};
      return [record.contentId, !code ? "PASSED" : code === "unsupported" ? "UNSUPPORTED" : "FAILED",
        verdictsOn(record, 1, false).slice(1).map((each) => Object.values(each)),
        sessionsWith("", stored, stored).map((each) => [each.begin, each.end, each.quantity, each.begin_ms, each.end_ms])];
    }}
    console.log(JSON.stringify(await Promise.all(records.map((each) => judged(Uint8Array.from(Buffer.from(each, "hex")))))));
"""


def strange_records(key):
    """Good ones and bad ones: what is in JSON, numbers, times, texts, and the forms of a signature."""
    begin, end = reading("2026-03-01T10:00:00", "1.50", "B"), {"TM": "2026-03-01T11:00:00,000+0000 S", "TX": "E", "RV": "2.5"}
    good = payload("SN-1", "T1", begin, end)
    texts = [good, good.replace('"RD"', '"__proto__":{"a":1.5},"RD"'), good.replace('"FV"', '"GI"'),
             good.replace('"Maker"', '"\\ud800"'), good.replace('"Maker"', '"\\ud83d\\ude00 | } \\u202e"'), good[:-1] + ",}",
             good.replace('"IF":[]', '"IF":' + "[" * 15 + "]" * 15), good.replace('"IF":[]', '"X":' + "[" * 15 + "]" * 15),
             good.replace('"IF":[]', '"X":' + "[" * 16 + "]" * 16), good.replace('"Maker"', json.dumps("é" * 128)),
             good.replace('"Maker"', json.dumps("é" * 129)), good.replace('"T1"', '"T0001"'), good.replace('"T1"', '"Z1"')]
    texts += [good.replace('"RV":"2.5"', f'"RV":{number}') for number in (
        "2.50", "2.5e0", "1e400", "-0", '"-0.0"', '""', "null", "true", '"02"', "0.1", "-1", "12345678901234567.5",
        "1234567890123456789", '"0.123456789012345678"', '"0.1234567890123456789"', '"+3"')]
    texts += [good.replace("2026-03-01T11:00:00,000+0000 S", time) for time in (
        "2026-03-01T11:00:00.001+00:00 S", "2026-03-01T11:00:00Z R", "2026-03-01T11:00:60,999-2359 I", "2026-03-01T11:00:00+2400 S",
        "2026-02-29T11:00:00,000+0000 S", "2024-02-29T11:00:00,000+0000 S", "2026-03-01T11:00:00,00+0000 S", "", "2026-03-01T09:00:00Z",
        "1969-12-31T23:59:59Z S", "2026-03-01T11:00:00Z X")]
    texts += [payload("SN-1", "F2", {**begin, name: value}, end, **more) for name, value, more in (
        ("ST", "N\n", {}), ("EF", "tE", {}), ("EF", "t", {}), ("RU", "", {}), ("RI", "", {"IL": "MISMATCH"}), ("TX", "E", {"IS": False}),
        ("TX", "", {"IL": "NONE"}), ("CL", "x", {}), ("RT", "DC", {"IS": None, "LC": {"LR": "0.1", "LU": "Ohm"}}))]
    records = [signed(key, text).encode("utf-8", "surrogatepass") for text in texts]
    r, s = utils.decode_dss_signature(key.sign(good.encode(), ec.ECDSA(hashes.SHA256())))
    raw = [number.to_bytes(32, "big") for number in (r, ORDER - s)]  # the other one of the two that verify
    long = b"".join(bytes([2, 0x81, 35, 0, 0, 0]) + number for number in raw)
    for section in ({"SD": b"".join(raw).hex().upper()}, {"SD": (bytes([0x30, 0x81, len(long)]) + long).hex()},
                    {"SD": (bytes([0x30, 0x81, len(long)]) + long + b"0").hex()}, {"SD": "\n" + b"".join(raw).hex(" ")},
                    {"SE": "Base64", "SD": base64.b64encode(b"".join(raw)).decode()}, {"SE": "base64", "SD": "AB=="}, {"SD": "abc"},
                    {"SD": bytes(64).hex()}, {"SD": ""}, *({"SA": name, "SD": b"".join(raw).hex()} for name in (
                        "ecdsa-P-256-sha256", "ECDSA-secp256r1-SHA-256", "ECDSA-secp256k1-SHA256", "ECDSA"))):
        records.append(f"OCMF|{good}|{json.dumps(section)}".encode())
    return [*records, b"\xef\xbb\xbf \r\n" + records[0] + b"\n", records[0] + b"x", records[0][:-1], b"OCMF|{}", records[0].replace(b"Maker", b"\xff")]


class Records(unittest.TestCase):
    """The packages read a record as `tally device ocmf-check` does, and come to the same verdicts and sessions."""

    def test_strange_records_are_judged_alike(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        key = ec.generate_private_key(ec.SECP256R1())
        records = strange_records(key)
        in_python, seen = [judged(record, meter_key_of(spki(key).hex())) for record in records], []
        (folder / "records.json").write_text(json.dumps([spki(key).hex(), [record.hex() for record in records]]))
        ran = subprocess.run(["node", "--input-type=module", "-e", JUDGED_IN_JAVASCRIPT, folder / "records.json"],
                             capture_output=True, text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        for index, (record, python, javascript) in enumerate(zip(records, in_python, json.loads(ran.stdout), strict=True)):
            (folder / f"{index}.xml").write_text(
                f'<values><value><signedData format="OCMF" encoding="hex">{record.hex()}</signedData>'
                f'<publicKey encoding="hex">{spki(key).hex()}</publicKey></value></values>')
            done = tally("--json", "device", "ocmf-check", folder / f"{index}.xml", expect=None)
            (shown,) = json.loads(done.stdout)
            verdicts = shown["verdicts"]
            expected = None if "format" in verdicts else [
                shown["content_id"], verdicts.pop("signature")["result"], [[name, *each.values()] for name, each in verdicts.items()],
                [[session[name] for name in ("begin", "end", "quantity", "begin_ms", "end_ms")] for session in shown["sessions"]]]
            self.assertEqual(python, expected, record)
            self.assertEqual(javascript, expected, record)
            seen.append(expected and expected[1])
        self.assertEqual(set(seen), {None, "PASSED", "FAILED", "UNSUPPORTED"})


def judged(content, key):
    """None: it cannot be read."""
    try:
        record = read_ocmf(content)
    except NotProven:
        return None
    try:
        verify_ocmf(record, key)
        signature = "PASSED"
    except NotProven as refused:
        signature = "UNSUPPORTED" if refused.code == "unsupported" else "FAILED"
    sessions = [[str(first.value), str(last.value), str(quantity), first.time_ms, last.time_ms]
                for first, last, quantity in counted(record.readings)]
    return [record.content_id, signature, [list(each.values()) for each in verdicts_on(record, 1, False)[1:]], sessions]


def session_of(content_id, **changed):
    return {"device": "SN-1", "content_id": content_id, "begin_content_id": content_id, "billable": True, "informative": True,
            "reasons": [], "transaction": "ab", "completed_ms": 1772400000000, "register_id": "1-b:1.8.0", "unit": "kWh",
            "begin": "1.50", "end": "2.5", "quantity": "1.00", "begin_ms": 1772359200000, "end_ms": 1772362800000, **changed}


def answer_on(content_id, *sessions, **verdicts):
    """What publishing answers on a good record."""
    found = {"signature": ("PASSED", "by the key of epoch 1"), "pagination": ("PASSED", "T1"),
             "clock": ("PASSED", "every time is synchronised (S) or relative to such a time (R)"),
             "status": ("PASSED", "every reading is good (G)"), "plausibility": ("PASSED", "2 readings of 1 register"),
             "identity": ("PASSED", "a user is assigned with the level VERIFIED"), **verdicts}
    return {"content_id": content_id, "transaction": "ab", "device": "SN-1", "page": "T1", "sessions": sessions,
            "verdicts": [{"check": check, "result": result, "detail": detail} for check, (result, detail) in found.items()]}


def told(key, record, answer):
    """How many sessions the record proves, and how many of them may be billed; or why it proves none."""
    keys = DeviceEvidence("SN-1", lambda _: None)
    keys.keys.append(Key(key, 0))
    ocmf = OcmfEvidence("SN-1", keys)
    try:
        ocmf.add(SimpleNamespace(id="ab", contract="data", function="publish_ocmf", attachments=[record], result=json.dumps(answer),
                                 created_ms=1772400000000))
        sessions = ocmf.day(0, 1 << 32).sessions
        return [len(sessions), sum(each["billable"] for each in sessions)]
    except NotProven as refused:
        return refused.detail


TOLD_IN_JAVASCRIPT = f"""
    import {{ readFileSync }} from "node:fs";
    import {{ DeviceEvidence }} from "{CLIENT / "device_evidence.js"}";
    import {{ OcmfEvidence }} from "{CLIENT / "ocmf_evidence.js"}";
    import {{ meterKeyOf }} from "{CLIENT / "public_keys.js"}";
    const [key, cases] = JSON.parse(readFileSync(process.argv[1]));
    async function told([record, answer]) {{
      const keys = new DeviceEvidence("SN-1", async () => null);
      keys.keys.push({{ spki: meterKeyOf(key), fromMs: 0, untilMs: Infinity, compromised: false }});
      const ocmf = new OcmfEvidence("SN-1", keys), attachments = [Uint8Array.from(Buffer.from(record, "hex"))];
      try {{
        await ocmf.add({{ id: "ab", contract: "data", function: "publish_ocmf", attachments, result: JSON.stringify(answer), createdMs: 1772400000000 }});
        const {{ sessions }} = ocmf.day(0, 2 ** 32);
        return [sessions.length, sessions.filter((each) => each.billable).length];
      }} catch (error) {{
        return error.message;
      }}
    }}
    console.log(JSON.stringify(await Promise.all(cases.map(told))));
"""


class Answers(unittest.TestCase):
    """What the contract has answered on a record must follow from it. The ledger alone can add a reason to refuse."""

    def test_an_answer_that_does_not_follow_is_refused(self):
        key = ec.generate_private_key(ec.SECP256R1())
        text = payload("SN-1", "T1", reading("2026-03-01T10:00:00", "1.50", "B"),
                       {"TM": "2026-03-01T11:00:00,000+0000 S", "TX": "E", "RV": "2.5"})
        name, record = hashlib.sha256(text.encode()).hexdigest(), signed(key, text).encode()
        refused = {"billable": False, "informative": False}
        taken = "T1 was used by another record"
        cases = [
            (answer_on(name, session_of(name)), [1, 1]),
            (answer_on(name), [0, 0]),
            (answer_on(name, session_of(name, **refused, reasons=["overlap: in another record"])), [1, 0]),
            (answer_on(name, session_of(name, **refused, reasons=["pagination: " + taken]), pagination=("FAILED", taken)), [1, 0]),
            (answer_on(name, session_of(name), pagination=("FAILED", taken)), "does not follow from its records"),
            (answer_on(name, session_of(name, quantity="2.00")), "does not follow from its records"),
            (answer_on(name, session_of(name, quantity="1.0")), "does not follow from its records"),
            (answer_on(name, session_of(name, device="SN-2")), "does not follow from its records"),
            (answer_on(name, session_of(name, **refused)), "does not follow from its records"),
            (answer_on(name, session_of(name), session_of(name)), "give no such session"),
            (answer_on(name, session_of(name, begin_content_id="00" * 32)), f"the record {'00' * 32} of a session is not in the file"),
            (answer_on(name, session_of(name), clock=("NOTED", "")), f"the verdicts on the record {name} do not follow from it"),
            (answer_on(name, session_of(name), signature=("PASSED", "by the key of epoch 2")), "do not follow from it"),
            ({**answer_on(name), "device": "SN-2"}, 'the record of transaction ab is of "SN-2"'),
        ]
        records = [record] * len(cases)
        records.append(signed(ec.generate_private_key(ec.SECP256R1()), text).encode())
        cases.append((answer_on(name, session_of(name)), f"the signature of the record {name} verifies under no proven key of the device"))
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "cases.json").write_text(json.dumps([spki(key).hex(), [
            [record.hex(), answer] for record, (answer, _) in zip(records, cases)]]))
        ran = subprocess.run(["node", "--input-type=module", "-e", TOLD_IN_JAVASCRIPT, folder / "cases.json"],
                             capture_output=True, text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        for record, (answer, expected), javascript in zip(records, cases, json.loads(ran.stdout), strict=True):
            with self.subTest(answer):
                python = told(key.public_key(), record, answer)
                self.assertEqual(python, javascript)
                if isinstance(expected, str):
                    self.assertIn(expected, python)
                else:
                    self.assertEqual(python, expected)


if __name__ == "__main__":
    unittest.main()
