"""Signed meters in the field: OCMF records that python3-cryptography signs, from the file to the ledger."""

import base64
import hashlib
import json
import pathlib
import tempfile
import unittest

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from node_under_test import NodeUnderTest, tally
from ocmf_records import container, payload, reading, signed, spki
from tally.errors import Refused
from tally_client import OCMF

CHECKS = ["signature", "pagination", "clock", "status", "plausibility", "identity"]
CURVES = {"secp192r1": ec.SECP192R1, "secp256k1": ec.SECP256K1, "secp384r1": ec.SECP384R1,
          "brainpoolP256r1": ec.BrainpoolP256R1}


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


if __name__ == "__main__":
    unittest.main()
