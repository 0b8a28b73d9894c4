"""Keys in a token (PKCS#11): a node, a member and an authority use keys that no file holds. SoftHSM is the token."""

import json
import os
import shutil
import subprocess
import unittest
import unittest.mock

from node_under_test import TALLY, NodeUnderTest, tally

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN, OFFICER = "2468-token", "officer-1357"


class TokenKeys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest("--node-algorithm", "p256"))
        folder = cls.node.folder
        (folder / "tokens").mkdir()
        (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
        cls.enterClassContext(unittest.mock.patch.dict(os.environ, SOFTHSM2_CONF=str(folder / "softhsm2.conf")))
        subprocess.run(["softhsm2-util", "--init-token", "--free", "--label", "tally", "--pin", PIN, "--so-pin",
                        OFFICER], check=True, capture_output=True)
        cls.pin = folder / "pin"
        cls.pin.write_text(PIN + "\n")
        cls.organization = cls.node.network / "organizations/Operator"
        cls.member = cls.organization / "members/admin"
        cls.profile = cls.member / "profile.toml"
        cls.numbers = iter(range(1, 100))

    @classmethod
    def tool(cls, *arguments):
        subprocess.run(["pkcs11-tool", "--module", MODULE, "--token-label", "tally", "--login", "--pin", PIN,
                        *map(str, arguments)], check=True, capture_output=True)

    @classmethod
    def uri(cls, label, pin=True):
        return (f"pkcs11:token=tally;object={label}?module-path={MODULE}" +
                (f"&pin-source=file:{cls.pin}" if pin else ""))

    @classmethod
    def imported(cls, label, key):
        """The key of the file, in the token as well."""
        subprocess.run(["softhsm2-util", "--import", key, "--token", "tally", "--label", label, "--id",
                        f"{next(cls.numbers):02x}", "--pin", PIN], check=True, capture_output=True)
        return cls.uri(label)

    @classmethod
    def generated(cls, label, kind="EC:prime256v1"):
        """A key that was made in the token and never was elsewhere."""
        cls.tool("--keypairgen", "--key-type", kind, "--label", label, "--id", f"{next(cls.numbers):02x}")
        return cls.uri(label)

    def move(self, label, key, expect=0):
        uri = self.imported(label, key)
        done = tally("identity", "token", key, uri, expect=expect)
        self.assertEqual(key.read_text(), uri + "\n")
        self.assertEqual(key.stat().st_mode & 0o777, 0o600)
        return done

    def refused(self, *command, expect=1, **environment):
        done = tally("--json", *command, expect=expect, **environment)
        return json.loads(done.stderr.splitlines()[-1])["detail"]  # the token's library may say more before it

    def test_1_a_node_with_its_keys_in_a_token_orders_endorses_and_serves_tls(self):
        for number, key in enumerate(sorted(self.node.home.rglob("*-key.pem"))):
            self.move(f"node-{number}", key)
        self.node.start()
        self.assertEqual(self.publish("before"), "VALID")

    def publish(self, schema):
        """The code of a transaction, out of its verified receipt."""
        arguments = {"id": schema, "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]}
        done = tally("--json", "transaction", "submit", "registry", "register_schema", json.dumps(arguments),
                     "--profile", self.profile)
        receipt = self.node.folder / f"{schema}.receipt"
        tally("receipt", "get", json.loads(done.stdout)["id"], "--out", receipt, "--profile", self.profile)
        return json.loads(tally("--json", "verify", receipt, "--config", self.node.network / "channel.json").stdout)["code"]

    def test_2_a_member_signs_and_speaks_tls_with_a_key_in_a_token(self):
        self.move("admin", self.member / "key.pem")
        self.assertEqual(self.publish("by_token"), "VALID")
        without = self.uri("admin", pin=False)
        (self.member / "key.pem").write_text(without)
        told = self.refused("query", "registry", "list_devices", "--profile", self.profile)
        self.assertIn("without a PIN", told)
        tally("query", "registry", "list_devices", "--profile", self.profile, TALLY_PASSPHRASE_FILE=str(self.pin))
        (self.member / "key.pem").write_text(self.uri("admin"))

    def test_3_an_authority_in_a_token_issues_certificates_that_others_trust(self):
        self.move("authority", self.organization / "ca/intermediate-key.pem")
        tally("identity", "issue", self.organization, "fresh", "--role", "client")
        tally("query", "registry", "list_devices", "--profile", self.organization / "members/fresh/profile.toml")
        tally("identity", "revoke", self.organization, self.organization / "members/fresh/certificate.pem")

    def test_4_a_key_that_was_made_in_the_token_is_certified(self):
        tally("identity", "issue", self.organization, "born", "--role", "admin", "--token", self.generated("born"))
        folder = self.organization / "members/born"
        self.assertEqual((folder / "key.pem").read_text(), self.uri("born") + "\n")
        tally("query", "registry", "list_devices", "--profile", folder / "profile.toml")
        told = self.refused("identity", "renew", self.organization, folder / "certificate.pem", "--new-key")
        self.assertIn("make the new key there", told)
        tally("identity", "renew", self.organization, folder / "certificate.pem")
        tally("query", "registry", "list_devices", "--profile", folder / "profile.toml")
        self.assertIn("in a token", self.refused("identity", "protect", folder / "key.pem",
                                                 TALLY_PASSPHRASE_FILE=str(self.pin)))

    def test_4_a_device_signs_with_a_key_that_was_made_in_its_secure_element(self):
        device = self.node.folder / "meter"
        self.assertIn("no PKCS#11 URI", self.refused("device", "new", device, "--token", "element"))
        self.assertIn("absent", self.refused("device", "new", device, "--token", self.uri("absent")))
        self.assertFalse((device / "device.json").exists())
        uri = self.generated("element")
        tally("device", "new", device, "--id", "serial-0123af", "--token", uri)
        self.assertEqual((device / "key.pem").read_text(), uri + "\n")
        measured = ("--generate", "--days", "2", "--profile", self.profile)
        tally("device", "register", device, "--schema", "household", *measured)
        tally("device", "publish", device, *measured)
        days = json.loads(tally("--json", "query", "data", "records", '{"device": "serial-0123af"}',
                                "--profile", self.profile).stdout)
        self.assertEqual(len(days["records"]), 2)

    def test_5_a_request_from_elsewhere_is_certified_and_no_key_is_made(self):
        key, request = self.node.folder / "own.pem", self.node.folder / "own.csr"
        subprocess.run(["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", request, "-subj", "/CN=any name"], check=True, capture_output=True)
        tally("identity", "issue", self.organization, "own", "--role", "client", "--csr", request)
        folder = self.organization / "members/own"
        self.assertFalse((folder / "key.pem").exists())
        shown = json.loads(tally("--json", "identity", "show", folder / "certificate.pem").stdout)[0]
        self.assertEqual((shown["role"], "own" in shown["subject"]), ("client", True))
        shutil.copy(key, folder / "key.pem")
        tally("query", "registry", "list_devices", "--profile", folder / "profile.toml")
        self.assertIn("exists already", self.refused("identity", "issue", self.organization, "own", "--role", "client",
                                                     "--csr", request))

    def test_6_what_is_wrong_is_named(self):
        key = self.organization / "members/client1/key.pem"
        before = key.read_bytes()
        other = self.generated("other")
        self.generated("large", "EC:secp384r1")
        for uri, reason in {
            other: "not the one in",
            self.uri("large"): "P-256",
            self.uri("nowhere"): "no key",
            other.replace("softhsm2.so", "nothing.so"): "cannot be read",
            other.replace(str(self.pin), "/nowhere"): "/nowhere",
            other.replace("pin-source=file:" + str(self.pin), "pin-value=1"): "pin-source",
            other.replace("module-path", "modul"): "modul",
            "pkcs11:": "names no key",
            "pkcs11:object=%zz": "",
            "file.pem": "PKCS#11 URI",
            "pkcs11:object=" + "x" * 3000: "characters",
        }.items():
            with self.subTest(uri):
                self.assertIn(reason, self.refused("identity", "token", key, uri))
                self.assertEqual(key.read_bytes(), before)
        wrong = self.node.folder / "wrong"
        wrong.write_text("0000\n")
        self.assertIn("no key", self.refused("identity", "token", key, other.replace(str(self.pin), str(wrong))))

    def test_7_a_token_that_is_gone_ends_a_node_with_a_sentence(self):
        self.node.stop()
        tokens = self.node.folder / "tokens"
        away = tokens.rename(self.node.folder / "away")
        tokens.mkdir()
        done = subprocess.run([TALLY, "node", "start", self.node.home], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no key pkcs11:", done.stdout + done.stderr)
        tokens.rmdir()
        away.rename(tokens)
        self.node.start()


if __name__ == "__main__":
    unittest.main()
