"""Who may ask: client certificates, tokens that members sign themselves, and everybody else."""

import base64
import datetime
import json
import ssl
import time
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

from node_under_test import NodeUnderTest, tally
from tally.formats import ES256, new_key, sign
from tally.identity import Identity, base64url
from tally_client import Client


def stranger(folder):
    """An administrator of Operator, or so its self-made certificate says."""
    key = new_key(ES256)
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Operator"),
                      x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, "admin"),
                      x509.NameAttribute(NameOID.COMMON_NAME, "admin")])
    now, day = datetime.datetime.utcnow(), datetime.timedelta(days=1)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
                   .serial_number(x509.random_serial_number()).not_valid_before(now - day).not_valid_after(now + day)
                   .sign(key, hashes.SHA256()))
    certificate_file, key_file = folder / "stranger.pem", folder / "stranger-key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                           serialization.NoEncryption()))
    return Identity(key, [certificate], certificate_file, key_file)


class Identities(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()
        cls.member = cls.node.member("client1")
        cls.stranger = stranger(cls.node.folder)

    def ask(self, authorization=None, path="/v1/contracts"):
        with self.node.client() as client:
            headers = {} if authorization is None else {"Authorization": authorization}
            return client.request("GET", path, **headers)

    def test_a_certificate_and_a_token_identify_alike(self):
        with self.node.client("client1") as by_certificate, self.node.client("client1", token=True) as by_token:
            self.assertEqual(by_certificate.get("/v1/contracts"), by_token.get("/v1/contracts"))
            for number, client in enumerate((by_certificate, by_token)):
                outcome = client.submit("registry", "register_schema", {
                    "id": f"schema-{number}", "version": 1, "fields": [{"name": "a", "unit": "W", "scale": 0}]})
                self.assertEqual(outcome["validation_code"], "VALID")
                self.assertEqual(client.ask("registry", "get_schema", {"id": "schema-0", "version": 1})["version"], 1)

    def test_nobody_is_asked_for_an_identity(self):
        for path in ("/v1/contracts", "/v1/blocks", "/v1/checkpoints/latest", "/v1/devices", "/metrics"):
            answer = self.ask(path=path)
            self.assertEqual((answer.status, answer.code), (401, "unauthenticated"), path)
            self.assertIn("Bearer", answer.headers["www-authenticate"])
        for path in ("/", "/healthz", "/readyz", "/version", "/v1/openapi.json"):
            self.assertEqual(self.ask(path=path).status, 200, path)

    def test_tokens_that_do_not_count(self):
        now, token = int(time.time()), self.member.token
        thief = Identity(self.stranger.key, self.member.chain)
        good = token("main").split(".")
        claims = json.loads(base64.urlsafe_b64decode(good[1] + "=="))
        other_claims = base64url(json.dumps({**claims, "exp": claims["exp"] + 30}).encode()).decode()
        cases = {
            "expired": token("main", issued=now - 600),
            "from the future": token("main", issued=now + 120),
            "too long a life": token("main", lifetime=301),
            "ends before it begins": token("main", lifetime=-1),
            "for another channel": token("other"),
            "for several channels, not this": token(["other", "another"]),
            "no algorithm": token("main", header={"alg": "none"}),
            "a shared secret's algorithm": token("main", header={"alg": "HS256"}),
            "the other key type's algorithm": token("main", header={"alg": "EdDSA"}),
            "no certificates": token("main", header={"x5c": []}),
            "a stranger's certificate": self.stranger.token("main"),
            "a member's certificate, a stranger's key": thief.token("main"),
            "other claims than were signed": ".".join((good[0], other_claims, good[2])),
            "without its signature": ".".join((good[0], good[1], "")),
            "cut off": token("main")[:-4],
            "no token": "x.y.z",
            "nothing": "",
        }
        for name, text in cases.items():
            with self.subTest(name):
                answer = self.ask("Bearer " + text)
                self.assertEqual(answer.status, 401, answer.body)
                self.assertEqual(answer.code, "certificate_untrusted" if name == "a stranger's certificate"
                                 else "unauthenticated")
        self.assertEqual(self.ask("Basic YTpi").status, 401)
        self.assertEqual(self.ask("Bearer " + token("main", lifetime=300)).status, 200)

    def test_a_token_without_a_time_does_not_count(self):
        for missing in ("iat", "exp", "aud"):
            head, body, _ = self.member.token("main").split(".")
            claims = json.loads(base64.urlsafe_b64decode(body + "=="))
            del claims[missing]
            signed = head.encode() + b"." + base64url(json.dumps(claims).encode())
            answer = self.ask("Bearer " + (signed + b"." + base64url(sign(self.member.key, signed))).decode())
            self.assertEqual((answer.status, answer.code), (401, "unauthenticated"), missing)

    def test_a_strangers_certificate(self):
        """In the handshake or in a proposal: refused, whatever it says about itself."""
        with Client(self.node.port, self.node.authorities, self.stranger) as client:
            try:
                answer = client.request("GET", "/v1/contracts")
                self.assertEqual((answer.status, answer.code), (401, "certificate_untrusted"))
            except ssl.SSLError:
                pass
        proposal, _ = self.stranger.proposal("registry", "register_schema", {"id": "s", "version": 1, "fields": []})
        with self.node.client("client1") as client:
            answer = client.request("POST", "/v1/transactions", proposal, "application/cose")
            self.assertEqual((answer.status, answer.code), (403, "certificate_untrusted"))
            stolen, _ = Identity(self.stranger.key, self.node.member("admin").chain).proposal(
                "registry", "register_schema", {"id": "s", "version": 1, "fields": []})
            answer = client.request("POST", "/v1/transactions", stolen, "application/cose")
            self.assertEqual((answer.status, answer.code), (422, "bad_signature"))

    def test_roles(self):
        """An auditor reads everything and writes nothing."""
        schema = {"id": "by-auditor", "version": 1, "fields": [{"name": "a", "unit": "W", "scale": 0}]}
        with self.node.client("auditor") as auditor:
            self.assertTrue(auditor.get("/v1/blocks?from=0")["blocks"])
            proposal, _ = auditor.identity.proposal("registry", "register_schema", schema)
            answer = auditor.request("POST", "/v1/transactions", proposal, "application/cose")
            self.assertEqual((answer.status, answer.code), (403, "permission_denied"))
            answer = auditor.request("POST", "/v1/records", b"", "application/cose")
            self.assertEqual((answer.status, answer.code), (403, "permission_denied"))
            found = auditor.request("POST", "/v1/contracts/registry/get_schema",
                                    json.dumps({"id": "by-auditor", "version": 1}), "application/json")
            self.assertEqual(found.status, 404)

    def test_a_monitor(self):
        """It reads metrics and health. Nothing else, and what it signs is refused whoever carries it."""
        tally("identity", "issue", self.node.network / "organizations" / "Operator", "prometheus", "--role", "monitor")
        with self.node.client("prometheus") as monitor:
            self.assertIn("tally_ready", monitor.request("GET", "/metrics").body.decode())
            for path in ("/healthz", "/readyz"):
                self.assertEqual(monitor.request("GET", path).status, 200)
            for path in ("/v1/node", "/v1/blocks", "/v1/devices", "/v1/contracts"):
                answer = monitor.request("GET", path)
                self.assertEqual((answer.status, answer.code), (403, "permission_denied"), path)
            proposal, _ = monitor.identity.proposal("registry", "register_schema", {
                "id": "by-monitor", "version": 1, "fields": [{"name": "a", "unit": "W", "scale": 0}]})
        with self.node.client("client1") as client:
            answer = client.request("POST", "/v1/transactions", proposal, "application/cose")
            self.assertEqual((answer.status, answer.code), (403, "permission_denied"))


if __name__ == "__main__":
    unittest.main()
