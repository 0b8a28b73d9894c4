"""A contract of a third party, in its package: nodes that have it endorse it, all commit it, and no misdeed ends one."""

import json
import os
import pathlib
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import tally

MISCHIEF = os.environ["TALLY_MISCHIEF"]
DEEDS = ("crash", "loop", "grow", "open_file", "make_socket", "fork_child", "make_thread", "kill_parent", "exec_again",
         "leave", "deep_recursion")


class Packages(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest())
        cls.package = cls.cluster.folder / "mischief-1.tallyc"
        cls.cluster.up()
        tally("contract", "pack", MISCHIEF, "--out", cls.package)
        for number in (1, 2, 3):  # a majority of four; the fourth node never sees the package
            tally("contract", "install", cls.package, cls.cluster.network / f"nodes/node{number}")
        cls.cluster.run("down")
        cls.cluster.up()
        config = None
        for organization, command in (("A", "propose"), ("B", "approve"), ("C", "approve")):
            what = ["--set", f"contracts.mischief={cls.package}"] if command == "propose" else [config]
            config = cls.cluster.run_as(organization, "config", command, *what)["config"]
        eventually(lambda: "mischief" in cls.contracts(1))

    @classmethod
    def contracts(cls, number):
        with cls.cluster.client(number, "admin") as admin:
            answer = json.loads(admin.request("GET", "/v1/contracts").body)
        return {each["name"]: each for each in answer["contracts"]}

    def call(self, number, function, *options, expect=0, contract="mischief"):
        return self.cluster.run_as("ABCD"[number - 1], "call", contract, function, *options, expect=expect)

    def test_it_is_called_like_any_other(self):
        written = self.call(1, "put", "--name", "first", "--text", "hello")
        self.assertEqual(written["validation_code"], "VALID")
        self.assertEqual(self.call(2, "get", "--name", "first"), {"name": "first", "text": "hello"})
        again = self.call(3, "put", "--name", "first", "--text", "other", expect=1)
        self.assertEqual(again["code"], "name_taken")
        self.assertIn("the note \"first\" is there", again["detail"])

    def test_a_node_without_the_package_commits_and_says_that_it_cannot_answer(self):
        self.call(1, "put", "--name", "everywhere", "--text", "x")
        self.cluster.agreed(at_least=1)
        self.assertEqual(self.contracts(4)["mischief"]["functions"], [])
        refused = self.call(4, "get", "--name", "everywhere", expect=4)
        self.assertIn("mischief", refused["detail"])
        with self.cluster.client(4, "admin") as admin:
            self.assertEqual(json.loads(admin.request("GET", "/readyz").body)["ok"], True)

    def test_no_misdeed_ends_a_node(self):
        for deed in DEEDS:
            refused = self.call(1, "misbehave", "--deed", deed, expect=1)
            self.assertEqual(refused["code"], "contract_failed", deed)
        self.assertEqual(self.call(1, "get", "--name", "nobody"), None)

    def test_it_neither_writes_nor_leads_contracts_that_all_run(self):
        refused = self.call(1, "elsewhere", "--contract", "registry", "--function", "register_schema", "--arguments",
                            json.dumps({"id": "s", "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]}),
                            expect=1)
        self.assertEqual(refused["code"], "permission_denied")

    def test_the_ledger_verifies_where_the_package_is_and_where_it_is_not(self):
        self.call(1, "put", "--name", "verified", "--text", "x")
        self.cluster.agreed(at_least=1)
        self.cluster.run("down")
        try:
            for number in (1, 4):
                tally("ledger", "verify", self.cluster.network / f"nodes/node{number}")
        finally:
            self.cluster.up()

    def test_a_file_that_is_no_package_is_not_installed(self):
        broken = pathlib.Path(self.cluster.folder) / "broken.tallyc"
        broken.write_bytes(self.package.read_bytes()[:1000])
        tally("contract", "install", broken, self.cluster.network / "nodes/node4", expect=1)
        tally("contract", "pack", "/bin/true", "--out", broken, expect=1)

    def examined(self, node, expect):
        """The verdict on the node's packages; None where there is none."""
        findings = json.loads(tally("--json", "doctor", node, expect=expect).stdout)
        return next((each["verdict"] for each in findings if each["subject"] == "contracts"), None)

    def test_a_machine_that_cannot_hide_its_clock_runs_packages_only_where_that_is_allowed(self):
        node = self.cluster.network / "nodes/node1"
        file = node / "node.toml"
        text = file.read_text()
        if "allow_clock" not in text:  # this machine can: there is nothing to allow and to report
            self.assertEqual(self.examined(node, 0), None)
            return
        self.assertEqual(self.examined(node, 0), "warning")
        self.assertEqual(self.examined(self.cluster.network / "nodes/node4", 0), None)
        file.write_text(text.replace("allow_clock = true", "allow_clock = false"))
        try:
            self.assertEqual(self.examined(node, 1), "bad")
            refused = tally("contract", "install", self.package, node, expect=4)
            self.assertIn("PR_SET_TSC", refused.stderr)
        finally:
            file.write_text(text)


if __name__ == "__main__":
    unittest.main()
