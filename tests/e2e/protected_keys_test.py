"""Keys with a passphrase: nodes and members use them, with a file or a systemd credential, and say what is missing."""

import os
import subprocess
import unittest

from node_under_test import TALLY, NodeUnderTest, tally

PASSPHRASE = "seven small stones"


class ProtectedKeys(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.file = cls.node.folder / "passphrase"
        cls.file.write_text(PASSPHRASE + "\n")
        cls.member = cls.node.network / "organizations/Operator/members/admin"
        cls.keys = [cls.member / "key.pem", *cls.node.home.rglob("*-key.pem"),
                    *cls.node.network.glob("organizations/*/ca/*-key.pem")]
        assert len(cls.keys) > 4, cls.keys

    def run_with(self, *command, expect=0, **environment):
        done = subprocess.run([TALLY, *map(str, command)], capture_output=True, text=True,
                              env={**os.environ, **environment})
        self.assertEqual(done.returncode, expect, done.stderr)
        return done.stdout + done.stderr

    def test_1_keys_are_encrypted_in_place_and_openssl_reads_them(self):
        told = self.run_with("identity", "protect", *self.keys, expect=1)
        self.assertIn("TALLY_PASSPHRASE_FILE", told)
        self.run_with("identity", "protect", *self.keys, TALLY_PASSPHRASE_FILE=str(self.file))
        for key in self.keys:
            self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", key.read_text())
            self.assertEqual(key.stat().st_mode & 0o777, 0o600)
            for passphrase, code in ((PASSPHRASE, 0), ("another", 1)):
                done = subprocess.run(["openssl", "pkey", "-in", key, "-passin", f"pass:{passphrase}", "-noout"],
                                      capture_output=True)
                self.assertEqual(done.returncode, code)
        self.assertIn("already", self.run_with("identity", "protect", self.keys[0], expect=1,
                                               TALLY_PASSPHRASE_FILE=str(self.file)))

    def test_2_without_the_passphrase_the_key_is_named(self):
        for environment in ({}, {"TALLY_PASSPHRASE_FILE": str(self.node.folder / "nowhere")}):
            done = subprocess.run([TALLY, "node", "start", self.node.home], capture_output=True, text=True, timeout=60,
                                  env={**os.environ, **environment})
            self.assertNotEqual(done.returncode, 0)
            self.assertRegex(done.stdout + done.stderr, "-key.pem is encrypted|nowhere")
        wrong = self.node.folder / "wrong"
        wrong.write_text("eight large stones\n")
        done = subprocess.run([TALLY, "node", "start", self.node.home], capture_output=True, text=True, timeout=60,
                              env={**os.environ, "TALLY_PASSPHRASE_FILE": str(wrong)})
        self.assertIn("passphrase does not open", done.stdout + done.stderr)

    def test_3_a_node_and_a_member_use_them(self):
        credentials = self.node.folder / "credentials"
        credentials.mkdir()
        (credentials / "tally-passphrase").write_text(PASSPHRASE)
        os.environ["CREDENTIALS_DIRECTORY"] = str(credentials)
        self.addCleanup(os.environ.pop, "CREDENTIALS_DIRECTORY")
        self.node.spawn()
        self.assertTrue(self.node.started.wait(60), "".join(self.node.log))
        profile = self.member / "profile.toml"
        tally("query", "registry", "list_devices", "--profile", profile)
        # A new key is protected as the old one was.
        tally("identity", "renew", self.node.network / "organizations/Operator", self.member / "certificate.pem",
              "--new-key")
        self.assertIn("BEGIN ENCRYPTED PRIVATE KEY", (self.member / "key.pem").read_text())
        tally("query", "registry", "list_devices", "--profile", profile)
        self.run_with("identity", "protect", "--remove", self.member / "key.pem")
        self.assertIn("BEGIN PRIVATE KEY", (self.member / "key.pem").read_text())
        tally("query", "registry", "list_devices", "--profile", profile)


if __name__ == "__main__":
    unittest.main()
