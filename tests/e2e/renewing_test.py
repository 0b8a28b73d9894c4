"""Certificates are renewed for other hosts, with other keys, all at once and by an authority elsewhere; or nothing changes."""

import datetime
import json
import os
import shutil
import subprocess
import unittest

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key

from node_under_test import NodeUnderTest, tally
from ports import free_ports


def certificate(file):
    return x509.load_pem_x509_certificate(file.read_bytes())


def hosts(file):
    names = certificate(file).extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return {str(name.value) for name in names}


def spki(public):
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def key(file):
    return load_pem_private_key(file.read_bytes(), None)


class Renewing(unittest.TestCase):
    def setUp(self):
        self.node = self.enterContext(NodeUnderTest())
        self.organization = self.node.network / "organizations/Operator"
        self.identity = self.node.home / "identity"
        self.profile = self.node.member_folder("admin") / "profile.toml"

    def renew(self, *arguments, expect=0):
        return tally("--json", "identity", "renew", self.organization, *arguments, expect=expect)

    def query(self, expect=0):
        return tally("query", "registry", "list_devices", TALLY_PROFILE=str(self.profile), expect=expect)

    def files(self, folder):
        return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def move_to(self, address, shown):
        self.node.configure("address", f'"{address}"')
        self.profile.write_text(self.profile.read_text().replace("https://127.0.0.1:", f"https://{shown}:"))

    def test_a_node_gets_another_address(self):
        for address, shown in (("127.0.0.7", "127.0.0.7"), ("::1", "[::1]")):
            with self.subTest(address):
                before = self.profile.read_text()
                self.move_to(address, shown)
                self.node.spawn()
                self.assertTrue(self.node.started.wait(30))
                self.assertIn("certificate_untrusted", self.query(expect=5).stderr)
                self.renew(self.identity / "tls.pem", "--host", f"{address},node1.example.org")
                self.assertEqual(hosts(self.identity / "tls.pem"), {address, "node1.example.org", "localhost", "127.0.0.1"})
                self.node.stop()
                self.node.spawn()
                self.assertTrue(self.node.started.wait(30))
                self.query()
                self.node.stop()
                self.profile.write_text(before)

    def test_the_address_in_node_toml_is_in_the_next_certificate(self):
        self.move_to("127.0.0.9", "127.0.0.9")
        self.renew(self.identity / "tls.pem")
        self.assertIn("127.0.0.9", hosts(self.identity / "tls.pem"))
        self.node.spawn()
        self.assertTrue(self.node.started.wait(30))
        self.query()
        self.node.stop()

    def test_what_is_wrong_changes_nothing(self):
        """Another organization's authority, one of the same name, hosts where there are none: all is checked first."""
        other, twin = self.node.folder / "other", self.node.folder / "twin"
        tally("network", "create", other, "--port", free_ports(1), "--organizations", "Bank")
        tally("network", "create", twin, "--port", free_ports(1))
        before = self.files(self.node.network)
        tls, peer = self.identity / "tls.pem", self.identity / "peer.pem"
        for organization, files, more, code in (
                (other / "organizations/Bank", [tls], [], "invalid_argument"),
                (twin / "organizations/Operator", [tls], [], "certificate_untrusted"),
                (twin / "organizations/Operator", [peer], ["--new-key"], "certificate_untrusted"),
                (self.organization, [tls, other / "nodes/node1/identity/peer.pem"], [], "invalid_argument"),
                (self.organization, [tls, peer], ["--host", "10.1.1.1"], "invalid_argument"),
                (self.organization, [tls], ["--host", "no host"], "invalid_argument"),
                (self.organization, [self.identity / "orderer.pem"], ["--new-key"], "invalid_argument"),
                (self.organization, [tls], ["--new-key", "--algorithm", "ed25519"], "invalid_argument"),
                (self.organization, [tls, self.identity / "none.pem"], [], "not_found"),
                (self.organization, [], [], "invalid_argument")):
            with self.subTest(code=code, files=files, more=more):
                done = tally("--json", "identity", "renew", organization, *files, *more, expect=None)
                self.assertEqual(json.loads(done.stderr)["code"], code)
                self.assertEqual(self.files(self.node.network), before)

    def test_all_that_ends_soon_at_once(self):
        names = {"members/admin/certificate.pem", "members/client1/certificate.pem"}
        self.renew(*(self.organization / name for name in names), "--days", 20)
        self.renew(self.identity / "peer.pem", "--days", 10)
        self.assertEqual(json.loads(self.renew("--within", 5).stdout), [])
        self.assertEqual([each["path"] for each in json.loads(self.renew("--within", 15, "--days", 12).stdout)],
                         [str(self.organization.parent.parent / "nodes/node1/identity/peer.pem")])
        renewed = json.loads(self.renew("--within", 30).stdout)
        self.assertEqual(len(renewed), 3)
        soon = datetime.datetime.utcnow() + datetime.timedelta(days=300)
        for each in renewed:
            self.assertGreater(certificate(self.node.folder / each["path"]).not_valid_after, soon)
        self.assertEqual(json.loads(self.renew("--within", 30).stdout), [])
        self.node.start()
        self.query()

    def test_new_keys(self):
        old = {name: key(self.identity / f"{name}-key.pem").public_key() for name in ("peer", "client", "tls")}
        self.renew(self.identity / "peer.pem", self.identity / "client.pem", "--new-key", "--algorithm", "ed25519")
        self.renew(self.identity / "tls.pem", self.node.member_folder("admin") / "certificate.pem", "--new-key")
        for name, kind in (("peer", ed25519.Ed25519PublicKey), ("client", ed25519.Ed25519PublicKey),
                           ("tls", ec.EllipticCurvePublicKey)):
            fresh = key(self.identity / f"{name}-key.pem").public_key()
            self.assertIsInstance(fresh, kind)
            self.assertEqual(spki(fresh), spki(certificate(self.identity / f"{name}.pem").public_key()))
            self.assertNotEqual(spki(fresh), spki(old[name]))
            self.assertFalse((self.identity / f"{name}-key.pem.next").exists())
        self.node.start()
        with self.node.client("admin") as admin:
            admin.submit("registry", "register_schema", {"id": "s", "version": 1, "fields": [
                {"name": "power", "unit": "W", "scale": 0}]})

    def test_a_crash_between_certificate_and_key(self):
        """The certificate is new and the key is not: the node takes the key that waits."""
        for name in ("peer", "tls"):
            file = self.identity / f"{name}-key.pem"
            before = file.read_bytes()
            self.renew(self.identity / f"{name}.pem", "--new-key")
            shutil.copy(file, f"{file}.next")
            file.write_bytes(before)
        self.node.start()
        self.query()
        self.assertFalse((self.identity / "peer-key.pem.next").exists())

    def test_an_authority_that_is_elsewhere(self):
        """Our own, and one of openssl's: a request goes there, a certificate comes back."""
        request, answer = self.node.folder / "tls.csr", self.node.folder / "tls-new.pem"
        tls = self.identity / "tls.pem"
        before = tls.read_bytes()
        tally("identity", "request", tls, "--host", "127.0.0.9,::1", "--out", request)
        subprocess.run(["openssl", "req", "-in", request, "-verify", "-noout"], check=True, capture_output=True)
        self.assertEqual(tls.read_bytes(), before)
        tally("identity", "sign", self.organization, request, "--out", answer, "--days", 90)
        tally("identity", "install", tls, answer)
        self.assertEqual(tls.read_bytes(), answer.read_bytes())
        self.assertEqual(hosts(tls), {"127.0.0.9", "::1", "localhost", "127.0.0.1"})
        self.node.start()
        self.query()
        self.node.stop()
        ca = self.organization / "ca"
        extensions = self.node.folder / "extensions"
        extensions.write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth\nkeyUsage=critical,digitalSignature\n")
        subprocess.run(["openssl", "x509", "-req", "-in", request, "-CA", ca / "intermediate.pem", "-CAkey",
                        ca / "intermediate-key.pem", "-CAcreateserial", "-days", "30", "-out", answer, "-extfile", extensions],
                       check=True, capture_output=True)
        answer.write_bytes(answer.read_bytes() + (ca / "intermediate.pem").read_bytes())
        tally("identity", "install", tls, answer)
        self.node.start()
        self.query()

    def test_what_is_not_the_answer_is_not_installed(self):
        tls, peer, client = (self.identity / f"{name}.pem" for name in ("tls", "peer", "client"))
        old = self.node.folder / "old.pem"
        issuer = certificate(self.organization / "ca/intermediate.pem")
        now = datetime.datetime.utcnow()
        old.write_bytes(x509.CertificateBuilder().subject_name(certificate(peer).subject).issuer_name(issuer.subject)
                        .public_key(certificate(peer).public_key()).serial_number(7)
                        .not_valid_before(now - datetime.timedelta(days=9)).not_valid_after(now - datetime.timedelta(days=1))
                        .sign(key(self.organization / "ca/intermediate-key.pem"), hashes.SHA256()).public_bytes(Encoding.PEM))
        for target, offered, code in ((tls, peer, "bad_key"), (peer, client, "bad_key"), (peer, old, "certificate_expired"),
                                      (peer, self.profile, "certificate_malformed")):
            with self.subTest(code):
                before = target.read_bytes()
                done = tally("--json", "identity", "install", target, offered, expect=None)
                self.assertEqual(json.loads(done.stderr)["code"], code)
                self.assertEqual(target.read_bytes(), before)
        bank = self.node.folder / "bank"
        tally("network", "create", bank, "--port", free_ports(1), "--organizations", "Bank")
        request = self.node.folder / "peer.csr"
        tally("identity", "request", peer, "--out", request)
        self.assertIn("invalid_argument", tally("identity", "sign", bank / "organizations/Bank", request, "--out",
                                                self.node.folder / "x.pem", expect=1).stderr)

    def test_a_certificate_that_ends_soon_is_announced_to_its_member(self):
        self.node.start()
        self.assertEqual(self.query().stderr, "")
        self.renew(self.node.member_folder("admin") / "certificate.pem", "--days", 5)
        self.assertIn("renew", self.query().stderr)

    def test_a_ledger_on_a_medium_that_is_read_only(self):
        self.node.start()
        self.node.stop()
        network = self.node.network
        new_root = ("unshare", "-m") if os.geteuid() == 0 else ("unshare", "-rm")
        mount = f"mount --bind {network} {network} && mount -o remount,ro,bind {network}"
        self.assertIn("valid", tally("ledger", "verify", self.node.home,
                                     before=(*new_root, "sh", "-c", f'{mount} && exec "$@"', "sh")).stdout)


if __name__ == "__main__":
    unittest.main()
