"""What is created has the ports and names that were asked for, or nothing is created."""

import json
import pathlib
import re
import tempfile
import unittest

from node_under_test import tally


class Creating(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tally-")))
        self.network = self.folder / "network"

    def create(self, *options, expect=0):
        return tally("network", "create", self.network, *options, expect=expect)

    def ports(self):
        """Of every node: for clients, between nodes."""
        nodes = json.loads((self.network / "channel.json").read_text())["nodes"]
        found = []
        for node in nodes:
            toml = (self.network / "nodes" / node["id"] / "node.toml").read_text()
            found.append((int(re.search(r"^port = (\d+)", toml, re.MULTILINE)[1]), int(node["address"].split(":")[1])))
        return found

    def test_ports_end_at_65535(self):
        for options in (["--port", 65535, "--organizations", "A,B"], ["--port", 64536], ["--port", 64535, "--driver", "load"],
                        ["--port", 64000, "--organizations", "A", "--nodes-per-organization", 100, "--node-port", 65500],
                        ["--port", 65530, "--node-port", 1000, "--organizations", "A,B,C,D,E,F,G"]):
            with self.subTest(options):
                refused = self.create(*options, expect=1)
                self.assertIn("65535", refused.stderr)
                self.assertFalse(self.network.exists())
        for port in (0, -1, 65536, 99999):
            self.create("--port", port, expect=2)
            self.create("--node-port", port, expect=2)
            tally("cluster", "up", self.network, "--port", port, expect=2)
        self.create("--port", 64534, "--organizations", "A,B")
        self.assertEqual(self.ports(), [(64534, 65534), (64535, 65535)])
        for options in ([], ["--port", 65535], ["--port", 64536]):
            refused = tally("network", "add-nodes", self.network, "B", *options, expect=1)
            self.assertIn("65535", refused.stderr)
        self.assertFalse((self.network / "nodes/node3").exists())

    def test_ports_between_nodes_are_chosen(self):
        self.create("--port", 8443, "--node-port", 700, "--organizations", "A,B")
        self.assertEqual(self.ports(), [(8443, 700), (8444, 701)])
        self.assertIn("--node-port", tally("network", "add-nodes", self.network, "B", expect=1).stderr)
        tally("network", "add-nodes", self.network, "B", "--port", 8500, "--node-port", 702)
        added = json.loads((self.network / "nodes/node3/join.json").read_text())
        self.assertEqual(added["nodes"][0]["address"], "127.0.0.1:702")
        self.assertIn("port = 8500", (self.network / "nodes/node3/node.toml").read_text())

    def test_ports_of_clients_and_between_nodes_do_not_meet(self):
        refused = self.create("--port", 7000, "--node-port", 7001, "--organizations", "A,B", expect=1)
        self.assertIn("overlap", refused.stderr)

    def test_what_fails_leaves_nothing_behind(self):
        for options in (["--channel", "a b"], ["--channel", ".."], ["--organizations", "A,B", "--endorsement", "AND('X.peer')"],
                        ["--organizations", "A/B"], ["--roles", "cook"], ["--host", "localhost"], ["--receipt", "SOME"]):
            with self.subTest(options):
                self.create(*options, expect=1)
                self.assertFalse(self.network.exists())
                self.network.mkdir()
                self.create(*options, expect=1)
                self.assertEqual(list(self.network.iterdir()), [])
                self.network.rmdir()
        (self.network / "mine").mkdir(parents=True)
        self.create(expect=1)
        self.assertEqual(list(self.network.iterdir()), [self.network / "mine"])

    def test_a_slash_at_the_end_of_a_folder_changes_nothing(self):
        tally("network", "create", f"{self.network}/")
        tally("doctor", f"{self.network}/nodes/node1/")
        (self.folder / "meters").mkdir()
        for given, name in (("meters/m1/", "m1"), ("meters/m2//", "m2"), ("meters/../meters/m3/.", "m3")):
            made = json.loads(tally("--json", "device", "new", f"{self.folder}/{given}").stdout)
            self.assertEqual(made["id"], name)
            tally("device", "prove", f"{self.folder}/{given}", "--organization", "Operator", "--out", self.folder / "proof")
        organization = self.network / "organizations/Operator"
        tally("identity", "issue", f"{organization}/", "clerk", "--role", "client")
        told = tally("identity", "revoke", f"{organization}/", organization / "members/clerk/certificate.pem")
        self.assertIn("--crl Operator=", told.stdout)

    def test_names_that_a_path_cannot_hold_are_refused(self):
        self.create()
        organization = self.network / "organizations/Operator"
        for name in (".", "..", "a/b", "", "../../x"):
            with self.subTest(name):
                self.assertNotEqual(tally("identity", "issue", organization, name, "--role", "client", expect=None).returncode, 0)
                self.assertNotEqual(tally("network", "add-nodes", self.network, name, expect=None).returncode, 0)
                self.assertNotEqual(tally("channel", "create", self.network, name, expect=None).returncode, 0)
                if name:  # without one it is the folder's
                    tally("device", "new", self.folder / "d", "--id", name, expect=1)
        self.assertEqual(sorted(path.name for path in organization.iterdir()), ["ca", "members"])
        self.assertFalse((self.folder / "d").exists())


if __name__ == "__main__":
    unittest.main()
