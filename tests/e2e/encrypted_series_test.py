"""Encrypted series: they lie on every node and are read only by those who were handed the key, and only if they are what
the device has signed. The expected values come from the meter's file, and the messages are opened by Python as well."""

import base64
import csv
import datetime
import json
import re
import unittest

import cbor2
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from cluster_under_test import OnFourNodes
from node_under_test import tally

FIRST = datetime.date(2026, 3, 1)
DAYS = 2


def rows():
    for index in range(DAYS * 96):
        time = datetime.datetime.combine(FIRST, datetime.time()) + datetime.timedelta(minutes=15 * index)
        yield f"{time:%Y-%m-%dT%H:%M:%SZ}", (index * 7919) % 1009


class EncryptedSeries(OnFourNodes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls.folder / "meter"
        cls.csv = cls.folder / "meter.csv"
        cls.csv.write_text("time,energy_Wh\n" + "".join(f"{time},{value}\n" for time, value in rows()))
        tally("device", "new", cls.meter)
        cls.key_id = json.loads(tally("--json", "device", "encrypt", cls.meter).stdout)["key_id"]
        cls.cluster.run_as("A", "device", "register", cls.meter, "--schema", "meters", "--csv", cls.csv)
        terms = cls.folder / "terms.toml"
        tally("agreement", "new", terms, "--operator", "A", "--consumer", "B", "--verifier", "C", "--provider", "D",
              "--zone", "UTC", "--from", "2026-01-01")
        terms.write_text(re.sub(r"# until = 2031-01-01 ", "until = 2031-01-01 ", terms.read_text()))
        cls.cluster.run_as("A", "agreement", "deploy", "a1", terms)
        for organization in "DBC":
            cls.cluster.run_as(organization, "agreement", "sign", "a1")
        cls.published = cls.cluster.run_as("A", "device", "publish", cls.meter, "--csv", cls.csv)["records"]

    def export(self, organization, name, *options, expect=0):
        file = self.folder / name
        said = self.cluster.run_as(organization, "export", "meter", "--from", str(FIRST), "--until",
                                   str(FIRST + datetime.timedelta(days=DAYS)), "--out", file, *options, expect=expect)
        return file, said

    def record(self, number):
        """The signed payload of a record on the ledger."""
        with self.cluster.client(4, "admin") as client:
            raw = client.request("GET", f"/v1/transactions/{self.published[number]['transaction']['id']}/raw").body
            size = int.from_bytes(raw[1:5], "little")
            proposal = cbor2.loads(cbor2.loads(raw[5:5 + size]).value[2])
            return cbor2.loads(cbor2.loads(proposal[5][0]).value[2])

    def test_1_the_rows_are_in_no_answer_and_figures_are(self):
        question = {"device": "meter", "from": 0, "to": 2_000_000_000}
        for organization in "AB":
            answer = self.cluster.run_as(organization, "query", "data", "series", json.dumps(question))
            self.assertEqual([(each["withheld"], each["why"]) for each in answer["records"]],
                             [(True, "ENCRYPTED")] * DAYS)
        (day, _) = self.cluster.run_as("B", "query", "data", "days", json.dumps({"device": "meter"}))["days"]
        self.assertEqual(float(day["fields"][0]["sum"]), sum(value for time, value in rows() if time.startswith(str(FIRST))))
        protected, unprotected, sealed = cbor2.loads(self.record(0)[17]).value
        self.assertEqual((cbor2.loads(protected), unprotected[4].hex()), ({1: 3}, self.key_id))
        self.assertLess(len(sealed), 2000)
        key = bytes.fromhex((self.meter / "series-keys").read_text().split()[-1])
        packed = AESGCM(key).decrypt(unprotected[5], sealed, cbor2.dumps(["Encrypt0", protected, b""]))
        self.assertEqual(packed[:4], bytes.fromhex("28b52ffd"), "a Zstandard frame: the packed series")
        with self.assertRaises(InvalidTag):
            AESGCM(key).decrypt(unprotected[5], sealed, b"")
        self.assertEqual((self.meter / "series-keys").stat().st_mode & 0o777, 0o600)

    def test_2_who_was_handed_the_key_reads_the_rows(self):
        key = self.folder / "b.pem"
        tally("reading-key", "new", key)
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        problem = self.cluster.run_as("A", "device", "hand-over", self.meter, "--agreement", "a1", "--to", "B", expect=3)
        self.assertIn("published no reading key", problem["detail"])
        self.cluster.run_as("B", "reading-key", "publish", key)
        _, problem = self.export("B", "early.csv", "--reading-key", key, expect=3)
        self.assertIn("hand-over", problem["detail"])
        handed = self.cluster.run_as("A", "device", "hand-over", self.meter, "--agreement", "a1", "--to", "B")
        self.assertEqual([(each["organization"], each["key_id"]) for each in handed], [("B", self.key_id)])
        file, said = self.export("B", "rows.csv", "--reading-key", key)
        self.assertEqual((said["records"], said["withheld"]), (DAYS, 0))
        with open(file, newline="") as text:
            found = [(line["time"], float(line["energy_Wh"])) for line in csv.DictReader(text)]
        self.assertEqual(found, [(time, float(value)) for time, value in rows()])
        _, problem = self.export("B", "without.csv", expect=3)
        self.assertIn("withheld", problem["detail"])
        self.opened_by_python(key)

    def opened_by_python(self, file):
        """The wrapped key is what RFC 9053 says."""
        (handed,) = self.cluster.run_as("C", "query", "data", "handed_keys", json.dumps({"device": "meter"}))["keys"]
        protected, unprotected, sealed, ((kind, recipient, nothing),) = cbor2.loads(base64.b64decode(handed["wrapped"])).value
        self.assertEqual((cbor2.loads(protected), cbor2.loads(kind), nothing), ({1: 3}, {1: -25}, b""))
        reader = serialization.load_pem_private_key(file.read_bytes(), None)
        secret = reader.exchange(X25519PublicKey.from_public_bytes(recipient[-1][-2]))
        context = cbor2.dumps([3, [None] * 3, [None] * 3, [256, kind]])
        key = HKDF(hashes.SHA256(), 32, None, context).derive(secret)
        aad = cbor2.dumps(["tally/handed-key/v1", "meter", "B"])
        content_key = AESGCM(key).decrypt(unprotected[5], sealed, cbor2.dumps(["Encrypt", protected, aad]))
        self.assertEqual(content_key.hex(), (self.meter / "series-keys").read_text().split()[0])

    def test_3_others_read_nothing(self):
        key = self.folder / "c.pem"
        tally("reading-key", "new", key)
        _, problem = self.export("C", "c.csv", "--reading-key", key, expect=3)
        self.assertIn("handed over to C", problem["detail"])
        _, problem = self.export("B", "wrong.csv", "--reading-key", key, expect=1)
        self.assertEqual(problem["code"], "bad_key")
        for arguments, reason in {
            ("B", "a1", "B"): "",
            ("A", "a1", "D"): "neither a consumer nor a verifier",
            ("A", "a2", "B"): "",
        }.items():
            caller, agreement, organization = arguments
            wrapped = self.cluster.run_as("C", "query", "data", "handed_keys", json.dumps({"device": "meter"}))["keys"][0]["wrapped"]
            file = self.folder / "arguments.json"
            file.write_text(json.dumps({"agreement": agreement, "device": "meter", "organization": organization,
                                        "key_id": self.key_id, "wrapped": wrapped}))
            problem = self.cluster.run_as(caller, "transaction", "submit", "data", "hand_over_key", f"@{file}", expect=None)
            self.assertIn(problem["code"], ("permission_denied", "invalid_argument", "not_found"))
            self.assertIn(reason, problem["detail"])
        for member, value in {"wrapped": "AAAA", "key_id": "ab", "organization": "Nobody"}.items():
            file.write_text(json.dumps({"agreement": "a1", "device": "meter", "organization": "B", "key_id": self.key_id,
                                        "wrapped": wrapped} | {member: value}))
            problem = self.cluster.run_as("A", "transaction", "submit", "data", "hand_over_key", f"@{file}", expect=1)
            self.assertEqual(problem["code"], "invalid_argument")

    def test_4_a_new_key_is_for_further_days_and_is_handed_over_too(self):
        key_id = json.loads(tally("--json", "device", "encrypt", self.meter).stdout)["key_id"]
        self.assertNotEqual(key_id, self.key_id)
        more = self.folder / "more.csv"
        day = FIRST + datetime.timedelta(days=DAYS)
        more.write_text("time,energy_Wh\n" + "".join(f"{day}T{hour:02}:00:00Z,{hour}\n" for hour in range(24)))
        self.cluster.run_as("A", "device", "publish", self.meter, "--csv", more)
        file = self.folder / "third.csv"
        options = ("export", "meter", "--from", str(day), "--until", str(day + datetime.timedelta(days=1)), "--out", file,
                   "--reading-key", self.folder / "b.pem")
        self.assertIn("was not handed over", self.cluster.run_as("B", *options, expect=3)["detail"])
        handed = self.cluster.run_as("A", "device", "hand-over", self.meter, "--agreement", "a1", "--to", "B")
        self.assertEqual({each["key_id"] for each in handed}, {self.key_id, key_id})
        self.assertEqual(self.cluster.run_as("B", *options, "--again")["records"], 1)
        self.assertEqual(len(file.read_text().splitlines()), 25)

    def test_5_a_key_that_opens_other_rows_is_named(self):
        """The operator hands over a key that is not the records': what it opens is not what was signed."""
        keys = self.meter / "series-keys"
        before = keys.read_text()
        keys.write_text("00" * 32 + "\n")
        self.addCleanup(keys.write_text, before)
        handed = self.cluster.run_as("A", "device", "hand-over", self.meter, "--agreement", "a1", "--to", "B")
        self.assertEqual(len(handed), 1)
        keys.write_text("zz\n")
        problem = self.cluster.run_as("A", "device", "hand-over", self.meter, "--agreement", "a1", expect=None)
        self.assertIn("line 1", problem["detail"])


if __name__ == "__main__":
    unittest.main()
