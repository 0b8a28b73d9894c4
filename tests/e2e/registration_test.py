"""Just-in-time registration: a device with a certificate under a registered authority asks by MQTT and waits until its
operator admits it, by hand or by a policy."""

import datetime
import hashlib
import json
import pathlib
import tempfile
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from browser import Browser
from cluster_under_test import eventually
from mqtt_broker import Broker
from node_under_test import NodeUnderTest, tally
from tally.errors import Refused
from tally.records import Field
from tally_client import Device

FIELDS = [Field("energy", "Wh", 0)]
DAY = 86400


class MeterAuthority:
    """A CA of a maker of meters."""

    def __init__(self, name):
        self.key, self.name = ec.generate_private_key(ec.SECP256R1()), name
        self.certificate = self.sign(name, self.key.public_key(), True)

    def sign(self, subject, key, is_authority=False, days=30):
        now = datetime.datetime.utcnow()

        def named(text):
            return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])
        usage = x509.KeyUsage(digital_signature=not is_authority, content_commitment=False, key_encipherment=False,
                              data_encipherment=False, key_agreement=False, key_cert_sign=is_authority,
                              crl_sign=is_authority, encipher_only=False, decipher_only=False)
        return (x509.CertificateBuilder().subject_name(named(subject)).issuer_name(named(self.name)).public_key(key)
                .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=60))
                .not_valid_after(now + datetime.timedelta(days=days))
                .add_extension(x509.BasicConstraints(is_authority, None), critical=True)
                .add_extension(usage, critical=True)
                .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), False)
                .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), False)
                .sign(self.key, hashes.SHA256()))

    @staticmethod
    def pem(certificate):
        return certificate.public_bytes(serialization.Encoding.PEM).decode()


class Registration(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.broker = cls.enterClassContext(Broker(cls.folder, "persistence false"))
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.config = cls.node.home / "node.toml"
        cls.config.write_text(cls.config.read_text() + cls.broker.node_toml("registration = true"))
        cls.node.start()
        cls.authority, cls.stranger = MeterAuthority("Meters"), MeterAuthority("Strangers")
        with cls.node.client("admin") as admin:
            admin.submit("registry", "add_trust_anchor", {"pem": cls.authority.pem(cls.authority.certificate)})
        cls.model = cls.device("model")
        cls.node.register("meters", [cls.model])
        cls.profile = cls.node.member_folder("admin") / "profile.toml"
        eventually(lambda: cls.node.metric("mqtt_connected"))

    @staticmethod
    def device(name):
        return Device(name, ec.generate_private_key(ec.SECP256R1()), FIELDS)

    def request(self, device, authority=None, subject=None, days=30, **changes):
        certificate = (authority or self.authority).sign(subject or device.id, device.key.public_key(), days=days)
        return json.dumps({"certificate_chain": [MeterAuthority.pem(certificate)], "proof": device.proof("Operator"),
                           **changes}).encode()

    def ask(self, name, payload):
        """The reply to a request: status and body."""
        with self.broker.client(name) as client:
            client.subscribe(f"tally/v1/main/{name}/reply")
            client.publish(f"tally/v1/main/{name}/register", payload)
            answer = json.loads(client.receive()[1])
        self.assertEqual(answer["content_id"], hashlib.sha256(payload).hexdigest())
        return answer["status"], answer["body"]

    def pending(self):
        answer = json.loads(tally("--json", "device", "pending", "--profile", self.profile).stdout)
        return [each["device"] for each in answer["registrations"]]

    def test_1_a_device_waits_until_it_is_admitted(self):
        device = self.device("new-1")
        payload = self.request(device)
        self.assertEqual(self.ask("new-1", payload), (202, {"state": "PENDING"}))
        self.assertEqual(self.ask("new-1", payload), (202, {"state": "PENDING"}))  # again: it is one request
        self.assertEqual(self.pending(), ["new-1"])
        with Browser() as browser:
            browser.open(json.loads(tally("--json", "console", "open", "--profile", self.profile).stdout)["url"])
            browser.see("model")
            browser.run("location.hash = '#/refused'")
            browser.see("tally device admit new-1 --like DEVICE")
            self.assertEqual(browser.problems, [])
        with self.node.client("admin") as admin:
            self.assertRaises(Refused, admin.query, "registry", "get_device", {"id": "new-1"})
        # What waits outlives the node.
        self.node.kill()
        self.node.start()
        self.assertEqual(self.pending(), ["new-1"])
        self.assertIn("new-1", tally("device", "pending", "--profile", self.profile).stdout)
        missing = tally("device", "admit", "new-1", "--profile", self.profile, expect=None)
        self.assertIn("--like", missing.stderr)
        tally("device", "admit", "new-1", "--like", "model", "--profile", self.profile)
        with self.node.client("admin") as admin:
            known = admin.query("registry", "get_device", {"id": "new-1"})
            self.assertEqual((known["status"], known["shard"], known["schemas"]), ("ACTIVE", "north", ["meters@1"]))
            self.assertEqual(len(known["certificate_chain"]), 1)
            record = device.day(1_790_000_000 // DAY * DAY, [[0, 5]])
            self.assertEqual(admin.publish(record)["transaction"]["validation_code"], "VALID")
        eventually(lambda: self.pending() == [])
        self.assertEqual(self.ask("new-1", payload), (200, {"state": "REGISTERED"}))
        # Its name with another key.
        status, body = self.ask("new-1", self.request(self.device("new-1")))
        self.assertEqual((status, body["code"]), (409, "already_exists"))

    def test_2_what_is_not_proven_is_refused(self):
        device, other = self.device("bad-1"), self.device("bad-1")
        good = json.loads(self.request(device))
        cases = [(self.request(device, self.stranger), 403, "certificate_untrusted"),
                 (self.request(device, subject="bad-2"), 400, "invalid_argument"),
                 (self.request(device, days=-30), 403, "certificate_expired"),
                 (self.request(device, proof=other.proof("Operator")), 422, "bad_signature"),
                 (self.request(device, proof=device.proof("Elsewhere")), 422, None),
                 (self.request(device, proof=device.proof("Operator", channel="other")), 422, "bad_signature"),
                 (self.request(device, proof="?"), 400, "malformed"),
                 (self.request(device, certificate_chain=[]), 400, "invalid_argument"),
                 (self.request(device, certificate_chain=["x"]), 403, "certificate_malformed"),
                 (self.request(device, certificate_chain=good["certificate_chain"] * 9), 400, "invalid_argument"),
                 (self.request(device, more=1), 400, "invalid_argument"),
                 (b"", 400, "malformed"), (b"{", 400, "malformed"), (b"\xff" * 100, 400, "malformed"),
                 (b" " * 40_000, 413, "too_large")]
        for payload, status, code in cases:
            with self.subTest(code=code, payload=payload[:40]):
                got, body = self.ask("bad-1", payload)
                self.assertEqual(got, status, body)
                if code:
                    self.assertEqual(body["code"], code)
        self.assertEqual(self.pending(), [])
        # A certificate that is revoked on the ledger.
        revoked = self.device("bad-3")
        payload = self.request(revoked)
        with self.node.client("admin") as admin:
            admin.submit("registry", "revoke_certificate",
                         {"certificate": json.loads(payload)["certificate_chain"][0], "reason": "stolen"})
        self.assertEqual(self.ask("bad-3", payload)[1]["code"], "certificate_revoked")

    def test_3_only_members_of_the_operator_see_who_asks(self):
        with self.node.client() as nobody:
            self.assertEqual(nobody.request("GET", "/v1/registrations").status, 401)
        with self.node.client("client1") as member:
            self.assertEqual(member.get("/v1/registrations?device=nobody"), {"registrations": []})
        self.assertIn("does not ask", tally("device", "admit", "nobody", "--like", "model", "--profile", self.profile,
                                            expect=None).stderr)

    def test_4_a_policy_admits_without_being_asked(self):
        self.node.kill()
        text = self.config.read_text()
        self.config.write_text(text.replace("registration = true", 'registration = true\nadmit_like = "model"'))
        self.node.start()
        eventually(lambda: self.node.metric("mqtt_connected"))
        payload = self.request(self.device("auto-1"))
        self.assertEqual(self.ask("auto-1", payload), (202, {"state": "PENDING"}))

        def known():
            with self.node.client("admin") as admin:
                return admin.query("registry", "get_device", {"id": "auto-1"})
        self.assertEqual(eventually(known)["polling_interval_s"], self.model.interval)
        eventually(lambda: self.pending() == [])

    def test_5_of_one_authority_a_bounded_number_waits(self):
        """The limit is 1000 (gateway/mqtt/registrar.h); files of earlier requests are put in place of asking so often."""
        self.node.kill()
        self.config.write_text(self.config.read_text().replace('\nadmit_like = "model"', ""))
        fingerprint = self.authority.certificate.fingerprint(hashes.SHA256()).hex()
        for number in range(1000):
            entry = {"device": f"many-{number}", "certificate_chain": [], "proof": "", "fingerprint": "", "authority": fingerprint,
                     "authority_subject": "CN=Meters", "received_ms": 0, "expires_ms": 4_000_000_000_000}
            (self.node.data / f"registrations/many-{number}.json").write_text(json.dumps(entry))
        self.node.start()
        eventually(lambda: self.node.metric("mqtt_connected"))
        status, body = self.ask("one-more", self.request(self.device("one-more")))
        self.assertEqual((status, body["code"]), (429, "rate_limited"), body)
        # Those that expire make room.
        self.node.kill()
        for number in range(10):
            path = self.node.data / f"registrations/many-{number}.json"
            path.write_text(path.read_text().replace("4000000000000", "1000"))
        self.node.start()
        eventually(lambda: len(self.pending()) == 990)
        self.assertEqual(self.ask("one-more", self.request(self.device("one-more")))[0], 202)


if __name__ == "__main__":
    unittest.main()
