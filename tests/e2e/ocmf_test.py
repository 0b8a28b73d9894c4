"""Signed meters in the field: OCMF records that python3-cryptography signs, from the file to the ledger."""

import base64
import hashlib
import json
import pathlib
import subprocess
import tempfile
import unittest
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

import evidence
from cluster_under_test import ClusterUnderTest
from node_under_test import NodeUnderTest, tally
from tally import Channel, NotProven, verify
from tally.errors import Refused
from tally_client import OCMF

CHECKS = ["signature", "pagination", "clock", "status", "plausibility", "identity"]
CURVES = {"secp192r1": ec.SECP192R1, "secp256k1": ec.SECP256K1, "secp384r1": ec.SECP384R1,
          "brainpoolP256r1": ec.BrainpoolP256R1}


def spki(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def reading(time, value, place="", status="S", **more):
    return {"TM": f"{time},000+0000 {status}", "TX": place, "RV": value, "RI": "1-b:1.8.0", "RU": "kWh", "RT": "AC",
            "EF": "", "ST": "G", **more}


def payload(serial, page, *readings, **more):
    return json.dumps({"FV": "1.4", "GI": "Gateway | 1", "GS": "", "PG": page, "MV": "Maker", "MM": "M", "MS": serial,
                       "IS": True, "IL": "VERIFIED", "IF": [], "IT": "ISO14443", "ID": "1F2D3A4F", **more,
                       "RD": list(readings)}, separators=(",", ":"))


def signed(key, text, **section):
    signature = key.sign(text.encode(), ec.ECDSA(hashes.SHA256())).hex()
    return f"OCMF|{text}|" + json.dumps({"SD": signature, **section})


def container(*records, key=None):
    """Of transparency software: each value with the key beside the record."""
    shown = f'<publicKey encoding="hex">{spki(key).hex()}</publicKey>' if key else ""
    values = "".join(f'<value transactionId="7"><signedData format="OCMF" encoding="plain">\r\n{escape(record)}\r\n'
                     f"</signedData>{shown}</value>" for record in records)
    return f'\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<values>{values}</values>'


class Offline(unittest.TestCase):
    """`tally device ocmf-check`: one verdict for each check."""

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.key = ec.generate_private_key(ec.SECP256R1())

    def check(self, text, *options, expect=0):
        file = self.folder / "records"
        file.write_text(text, newline="")
        return json.loads(tally("--json", "device", "ocmf-check", file, *options, expect=expect).stdout)

    def results(self, text, *options, expect=0):
        return [{check: verdict["result"] for check, verdict in record["verdicts"].items()}
                for record in self.check(text, *options, expect=expect)]

    def test_a_good_transaction_passes_every_check(self):
        text = payload("SN-1", "T1", reading("2026-03-01T10:00:00", 10.25, "B"),
                       {"TM": "2026-03-01T10:30:00,000+0000 S", "TX": "E", "RV": "12.5"})
        (record,) = self.check(container(signed(self.key, text), key=self.key))
        self.assertEqual({name: verdict["result"] for name, verdict in record["verdicts"].items()},
                         dict.fromkeys(CHECKS, "PASSED"))
        self.assertEqual(record["content_id"], hashlib.sha256(text.encode()).hexdigest())
        (session,) = record["sessions"]
        self.assertEqual((session["begin"], session["end"], session["quantity"], session["unit"]),
                         ("10.25", "12.5", "2.25", "kWh"))

    def test_the_key_is_taken_in_every_form(self):
        text = signed(self.key, payload("SN-1", "T1", reading("2026-03-01T10:00:00", 1, "B")))
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        pem = self.folder / "key.pem"
        pem.write_bytes(self.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
        der = self.folder / "key.der"
        der.write_bytes(spki(self.key))
        for key in (der, spki(self.key).hex(), spki(self.key).hex(" ", 2).upper(), point.hex(), point[1:].hex(),
                    base64.b64encode(spki(self.key)).decode(), pem):
            self.assertEqual(self.results(text, "--key", key)[0]["signature"], "PASSED", key)
        self.assertEqual(self.results(text)[0]["signature"], "NOT_CHECKED")
        other = spki(ec.generate_private_key(ec.SECP256R1())).hex()
        self.assertEqual(self.results(text, "--key", other, expect=5)[0]["signature"], "FAILED")

    def test_other_curves_are_unsupported_by_name(self):
        for name, curve in CURVES.items():
            key = ec.generate_private_key(curve())
            text = payload("SN-1", "T1", reading("2026-03-01T10:00:00", 1, "B"))
            for section in ({}, {"SA": f"ECDSA-{name}-SHA256"}):
                (record,) = self.check(container(signed(key, text, **section), key=key), expect=5)
                verdict = record["verdicts"]["signature"]
                self.assertEqual(verdict["result"], "UNSUPPORTED")
                self.assertIn(name, verdict["detail"])

    def test_pages_follow_each_other_and_a_transaction_may_be_in_two_records(self):
        records = [signed(self.key, payload("SN-1", page, reading(*values))) for page, *values in (
            ("T4", "2026-03-01T10:00:00", "100", "B"), ("T5", "2026-03-01T11:00:00", "104.5", "E"),
            ("F9", "2026-03-01T12:00:00", "104.5"), ("T8", "2026-03-01T13:00:00", "104.5", "B"))]
        checked = self.check(container(*records, key=self.key))
        self.assertEqual([record["verdicts"]["pagination"]["detail"] for record in checked],
                         ["T4", "T5 follows T4", "F9", "T6 to T7 are missing before T8"])
        self.assertEqual([[session["quantity"] for session in record["sessions"]] for record in checked],
                         [[], ["4.5"], [], []])

    def test_what_cannot_be_read_is_named(self):
        (self.folder / "empty").write_text("")
        for file, part in (("empty", "the file is empty"), ("missing", "missing")):
            done = tally("device", "ocmf-check", self.folder / file, expect=3 if file == "missing" else 1)
            self.assertIn(part, done.stderr)
        good = signed(self.key, payload("SN-1", "T1", reading("2026-03-01T10:00:00", 1, "B")))
        broken, fine = self.check(container(good.replace('"FV":"1.4"', '"FV":"1.4","FV":"1.3"'), good, key=self.key),
                                  expect=5)
        self.assertIn("occurs twice", broken["verdicts"]["format"]["detail"])
        self.assertEqual(fine["verdicts"]["signature"]["result"], "PASSED")


class OnTheLedger(unittest.TestCase):
    """Registration, publication by REST and by the command line, and what the ledger shows."""

    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()
        cls.admin, cls.client = cls.node.client("admin"), cls.node.client("client1")
        cls.profile = ("--profile", cls.node.member_folder("admin") / "profile.toml")

    @classmethod
    def tearDownClass(cls):
        assert cls.node.stop() == 0, "".join(cls.node.log)
        cls.node.verify()

    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.key = ec.generate_private_key(ec.SECP256R1())

    def register(self, serial, key=None):
        self.admin.submit("registry", "register_device", {
            "id": serial, "shard": "field", "profile": "ocmf-1", "public_key": key or spki(self.key).hex(),
            "polling_interval_s": 900, "keepalive_interval_s": 86400})

    def publish(self, record):
        return self.client.publish(record.encode(), content_type=OCMF)

    def refused(self, code, call, *arguments):
        with self.assertRaises(Refused) as refusal:
            call(*arguments)
        self.assertEqual(refusal.exception.code, code)

    def test_records_become_a_session_and_come_back_as_they_were(self):
        self.register("SN-10")
        begin = payload("SN-10", "T1", reading("2026-03-01T10:00:00", "100.10", "B"))
        end = payload("SN-10", "T2", reading("2026-03-01T11:00:00", 104.5, "E"))
        first = self.publish(signed(self.key, begin))
        self.assertEqual((first["content_id"], first["duplicate"]), (hashlib.sha256(begin.encode()).hexdigest(), False))
        again = self.publish(signed(self.key, begin))  # signed anew: the same record
        self.assertEqual((again["content_id"], again["duplicate"], again["transaction"]["id"]),
                         (first["content_id"], True, first["transaction"]["id"]))
        self.publish(signed(self.key, end))
        (session,) = self.client.get("/v1/devices/SN-10/sessions")["sessions"]
        self.assertEqual((session["begin"], session["end"], session["quantity"], session["billable"]),
                         ("100.10", "104.5", "4.40", True))
        self.assertEqual((session["begin_content_id"], session["content_id"]),
                         (first["content_id"], hashlib.sha256(end.encode()).hexdigest()))
        records = self.client.get("/v1/devices/SN-10/ocmf")["records"]
        self.assertEqual([record["page"] for record in records], ["T1", "T2"])
        self.assertEqual([verdict["check"] for verdict in records[0]["verdicts"]], CHECKS)
        self.assertEqual({verdict["result"] for verdict in records[0]["verdicts"]}, {"PASSED"})

    def test_what_is_wrong_is_refused_by_its_name(self):
        self.register("SN-20")
        text = payload("SN-20", "T1", reading("2026-03-01T10:00:00", 1, "B"))
        self.refused("bad_signature", self.publish, signed(ec.generate_private_key(ec.SECP256R1()), text))
        self.refused("unsupported", self.publish, signed(self.key, text, SA="ECDSA-secp192r1-SHA256"))
        self.refused("unknown_device", self.publish, signed(self.key, text.replace("SN-20", "SN-21")))
        self.refused("malformed", self.publish, signed(self.key, text.replace('"FV"', '"PG"')))
        self.refused("malformed", self.publish, "OCMF|")
        self.refused("clock_ahead", self.publish, signed(self.key, text.replace("2026-03", "2126-03")))
        for name, curve in CURVES.items():
            self.refused("unsupported", self.register, "SN-22", spki(ec.generate_private_key(curve())).hex())
        generator = ec.derive_private_key(1, ec.SECP256R1())
        self.refused("bad_key", self.register, "SN-22", spki(generator).hex())
        self.refused("already_exists", self.register, "SN-22")

    def test_the_command_line_registers_from_a_container_and_publishes_a_folder(self):
        records = [signed(self.key, payload("SN-30", f"T{page}", reading(f"2026-03-01T1{page}:00:00", page, place,
                                                                          status=status)))
                   for page, place, status in ((1, "B", "S"), (2, "E", "S"), (3, "B", "I"), (4, "E", "R"))]
        (self.folder / "1.xml").write_text(container(*records[:2], key=self.key), newline="")
        (self.folder / "2.ocmf").write_text("\r\n".join(records[2:]) + "\r\n", newline="")
        tally("device", "ocmf-register", self.folder / "1.xml", *self.profile)
        self.assertEqual(self.client.get("/v1/devices/SN-30")["profile"], "ocmf-1")
        done = json.loads(tally("--json", "device", "publish", "--ocmf", self.folder, *self.profile).stdout)
        self.assertEqual((len(done["records"]), done["known"], done["refused"]), (4, 0, []))
        done = json.loads(tally("--json", "device", "publish", "--ocmf", self.folder, *self.profile).stdout)
        self.assertEqual((len(done["records"]), done["known"]), (0, 4))
        good, informative = self.client.get("/v1/devices/SN-30/sessions")["sessions"]
        self.assertEqual((good["billable"], informative["billable"], informative["informative"]), (True, False, True))
        self.assertIn("informative", informative["reasons"][0])
        forged = records[0].replace('"RV":1', '"RV":0')
        (self.folder / "3.ocmf").write_text(forged)
        (self.folder / "0.txt").write_text("notes")
        done = json.loads(tally("--json", "device", "publish", "--ocmf", self.folder, *self.profile, expect=1).stdout)
        self.assertEqual([each["code"] for each in done["refused"]], ["malformed", "bad_signature"])
        self.assertEqual(done["known"], 4)


TERMS = {
    "title": "Power from the field", "from": "2024-03-01", "until": "2024-03-03", "period": "MONTH", "currency": "EUR",
    "rounding": "HALF_UP",
    "parties": [{"organization": organization, "role": role}
                for organization, role in zip("ABCD", ("OPERATOR", "RC", "DV", "SP"))],
    "scope": [{"shard": "field", "devices": []}], "zone": {"name": "UTC", "offset_s": 0, "shifts": []},
    "fields": [{"field": "1-b:1.8.0", "unit": "kWh", "measure": "SESSION"},
               {"field": "1-b:2.8.0", "unit": "kWh", "measure": "REGISTER_DIFFERENCE"}],
    "windows": [],
    "tariff": [{"name": name, "kind": "QUANTITY", "field": field, "prices": [{"from": "0", "price": price}],
                "tax": {"category": "S", "percent": "20"}}
               for name, field, price in (("charged", "1-b:1.8.0", "0.40"), ("delivered", "1-b:2.8.0", "0.10"))],
    "reconciliation": {"cloud": "NONE", "window_minutes": 0, "on_mismatch": "DEVICE"},
    "payees": [{"organization": "A", "percent": "100"}], "payees_assignable": False, "confirmations": 1,
    "payment_days": 14, "dispute_days": 14, "keepalive_minutes": 60, "notice_days": 0,
}


class UnderAnAgreement(unittest.TestCase):
    """From the records of two meters to an invoice, and evidence of them that no forgery passes."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest())
        cls.cluster.up()
        cls.folder = cls.cluster.folder
        members = {name: cls.cluster.client(number, "admin") for number, name in enumerate("ABCD", 1)}
        cls.keys = {serial: ec.generate_private_key(ec.SECP256R1()) for serial in ("SN-1", "SN-2")}
        for serial, key in cls.keys.items():
            members["A"].submit("registry", "register_device", {
                "id": serial, "shard": "field", "profile": "ocmf-1", "public_key": spki(key).hex(),
                "polling_interval_s": 900, "keepalive_interval_s": 86400})
            cls.cluster.agreed()
            members["B"].submit("registry", "confirm_device", {
                "organization": "A", "id": serial, "fingerprint": hashlib.sha256(spki(key)).hexdigest()})
            cls.cluster.agreed()
        cls.publish(members["A"], "SN-1", "T1", ("01T08", "10.25", "B"), ("01T09", "12.5", "E"))
        cls.publish(members["A"], "SN-1", "T2", ("01T22", "12.5", "B"))
        cls.publish(members["A"], "SN-1", "T3", ("02T01", "15", "E"))
        cls.publish(members["A"], "SN-1", "T4", ("02T08", "15", "B"), ("02T09", "99", "E"), status="I")
        cls.publish(members["A"], "SN-1", "F1", ("01T00", "100", ""), ("01T23", "110", ""), RI="1-b:2.8.0")
        cls.publish(members["A"], "SN-1", "F2", ("02T23", "125.5", ""), RI="1-b:2.8.0")
        cls.publish(members["A"], "SN-2", "T1", ("01T08", "1", "B"), ("01T09", "2", "E"))
        members["A"].submit("agreement", "propose", {"id": "a1", "terms": TERMS})
        for name in "BCD":
            cls.cluster.agreed()
            version = members[name].ask("agreement", "get_version", {"id": "a1", "version": 1})
            members[name].submit("agreement", "sign", {"id": "a1", "version": 1, "hash": version["hash"]})
        cls.cluster.agreed()
        # Days before the meters were registered are named; the settlement goes on from them.
        for serial in cls.keys:
            members["A"].submit("data", "finalize", {"agreement": "a1", "days": [{"device": serial, "day": "2024-03-01"}]})
        cls.cluster.agreed()
        cls.cluster.run_as("A", "agreement", "settle", "a1")
        for member in members.values():
            member.close()

    @classmethod
    def publish(cls, member, serial, page, *readings, status="S", **more):
        text = payload(serial, page, *(reading(f"2024-03-{time}:00:00", value, place, status, **more)
                                       for time, value, place in readings))
        member.publish(signed(cls.keys[serial], text).encode(), content_type=OCMF)

    def audit(self, name):
        file = self.folder / name
        run = self.cluster.run_as("C", "agreement", "audit", "a1", "--from", "2024-03-01", "--until", "2024-03-03",
                                  "--evidence", file)
        return run, file

    def verify(self, file, expect=0):
        return json.loads(tally("--json", "verify", file, "--config", self.cluster.network / "genesis.block",
                                expect=expect).stdout)

    def test_sessions_and_registers_are_billed_and_proven_offline(self):
        items = self.cluster.run_as("B", "query", "billing", "items", '{"agreement": "a1", "day": "2024-03-01"}')["items"]
        (meter,) = [each for each in items if each["item"] == "SN-1"]
        self.assertEqual([(line["quantity"], line["amount"]) for line in meter["lines"]],
                         [("4.75", "1.90"), ("25.5", "2.55")])  # 12.5 - 10.25 and 15 - 12.5; 125.5 - 100
        run, file = self.audit("whole.evidence")
        self.assertIn(run["run"]["verdict"], ("PASSED", "GAPS"))
        proven = self.verify(file)
        self.assertEqual((proven["proven"], proven["records"], proven["OCMF records"], proven["invoices"]),
                         (True, "0", "7", "1"))

    def test_a_forged_record_is_found_and_named(self):
        _, file = self.audit("forged.evidence")
        bad = self.folder / "bad.evidence"
        ocmf = 5  # of a device's list: its confirmed keys, its records

        def place(records, page):
            return next(i for i, each in enumerate(records) if f'"PG":"{page}"'.encode() in each)

        def forged(change):
            parts = evidence.read(file)
            devices = {device[0]: device for device in parts[4]}
            change(devices["SN-1"], devices["SN-2"])
            evidence.write(bad, parts)
            answer = self.verify(bad, expect=5)
            self.assertFalse(answer["proven"])
            return answer["checks"][-1]

        def without(page):
            return forged(lambda device, _: device[ocmf][1].pop(place(device[ocmf][1], page)))

        for page, day in (("T1", "01"), ("T3", "02"), ("F1", "01"), ("F2", "02")):
            last = without(page)
            self.assertEqual((last["check"], last["found"]), (f"SN-1 on 2024-03-{day}", "no such record in the file"), page)
            self.assertRegex(last["expected"], "^record [0-9a-f]{64}$")
        last = without("T2")  # the beginning of a transaction that ends in another record
        self.assertEqual(last["check"], "SN-1 on 2024-03-02")
        self.assertIn("of a session is not in the file", last["found"])
        last = without("T4")  # not billed
        self.assertEqual((last["check"], last["found"]), ("SN-1 on 2024-03-02", "records with 2 of them"))
        self.assertIn("3 sessions and fiscal readings", last["expected"])

        def altered(device, _):
            records, at = device[ocmf][1], place(device[ocmf][1], "T1")
            records[at] = records[at].replace(b'"RV":"12.5"', b'"RV":"13.5"')

        def swapped(device, other):
            device[ocmf][1][place(device[ocmf][1], "T1")] = other[ocmf][1][0]

        def twice(device, _):
            device[ocmf][1].append(device[ocmf][1][0])

        def as_another_function(device, _):
            device[ocmf][1].append(device[1][0])

        for change, found in ((altered, ""), (swapped, 'is of "SN-2"'), (twice, "is there twice"),
                              (as_another_function, "carries no OCMF record")):
            last = forged(change)
            self.assertEqual(last["check"], "an OCMF record of SN-1", change.__name__)
            self.assertIn(found, last["found"])
        for keys in (lambda other: [], lambda other: other[ocmf][0]):
            last = forged(lambda device, other: device[ocmf].__setitem__(0, keys(other)))
            self.assertEqual(last["check"], "a key of SN-1")
            self.assertIn("is not in the file", last["found"])
        self.assertEqual(forged(lambda device, _: device.pop(ocmf))["check"], "a key of SN-1")

    def test_the_packages_say_that_they_do_not_check_these_records(self):
        _, file = self.audit("packages.evidence")
        channel = self.cluster.network / "channel.json"
        with self.assertRaises(NotProven) as refused:
            verify(file.read_bytes(), Channel.load(channel))
        self.assertEqual((refused.exception.code, refused.exception.checks[-1].what), ("unsupported", "device SN-1"))
        index = pathlib.Path(__file__).parents[2] / "gateway/clients/js/index.js"
        program = f"""
            import {{ readFileSync }} from "node:fs";
            import {{ Channel, verify }} from "{index}";
            verify(readFileSync(process.argv[1]), Channel.of(readFileSync(process.argv[2])))
                .catch((error) => console.log(error.code, error.checks.at(-1).what));
        """
        done = subprocess.run(["node", "--input-type=module", "-e", program, str(file), str(channel)],
                              capture_output=True, text=True, check=True)
        self.assertEqual(done.stdout.strip(), "unsupported device SN-1", done.stderr)


if __name__ == "__main__":
    unittest.main()
