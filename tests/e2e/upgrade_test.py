"""Two releases in one channel: before, through and after a switch of contract versions and rules.

`tally_next` (tests/next) knows one function, one contract and one level of the rules more than `tally`.
"""

import json
import os
import pathlib
import subprocess
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from lies_test import LIARS
from node_under_test import TALLY
from ports import free_ports
from tally.errors import Refused

NEXT = os.environ.get("TALLY_NEXT", str(pathlib.Path(TALLY).parent.parent / "tests" / "next" / "tally_next"))


def run(program, *arguments, expect=0, **environment):
    done = subprocess.run([program, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          env={**os.environ, **environment}, stdin=subprocess.DEVNULL)
    if done.returncode != expect:
        raise AssertionError(f"{pathlib.Path(program).name} {' '.join(map(str, arguments))} exits with "
                             f"{done.returncode}, not {expect}:\n{done.stdout}{done.stderr}")
    return done


class TwoReleases(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(ClusterUnderTest())
        self.cluster.up()
        self.written = 0

    def replace(self, node, program):
        """NODE runs another program from now on."""
        self.cluster.run("kill", node)
        self.start(node, program)

    def start(self, node, program, expect=0):
        return run(program, "-q", "cluster", "start", node, self.cluster.network, expect=expect)

    def config(self, program, organization, *command, expect=0):
        profile = self.cluster.profile(organization)
        done = run(program, "--json", "config", *command, "--profile", profile, expect=expect)
        return json.loads(done.stdout if expect == 0 else done.stderr)

    def write(self, number):
        self.written += 1
        with self.cluster.client(number, "admin") as admin:
            outcome = admin.submit("registry", "register_schema", {
                "id": f"s{self.written}", "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]})
        self.assertEqual(outcome["validation_code"], "VALID")
        return outcome["block"]

    def greet(self, number, contract="registry"):
        with self.cluster.client(number, "admin") as admin:
            outcome = admin.submit(contract, "greet", {"name": "ada"})
        self.assertEqual((outcome["validation_code"], outcome["result"]), ("VALID", "hello ada"))
        return outcome["block"]

    def refusal_of_greet(self, number, contract="registry"):
        with self.cluster.client(number, "admin") as admin, self.assertRaises(Refused) as refused:
            admin.submit(contract, "greet", {"name": "ada"})
        return refused.exception.code

    def plant(self):
        """A node of A's orders transactions of the coming function and contract, without an endorsement."""
        self.cluster.run("kill", "node1")
        run(LIARS / "tally_planter", "-q", "cluster", "start", "node1", self.cluster.network)
        blocks = []
        for contract in ("registry", "greeter"):
            with self.cluster.client(1, "admin") as admin:
                proposal, transaction = admin.identity.proposal(contract, "greet", {"name": "eve"})
                answer = eventually(lambda p=proposal: admin.request(
                    "POST", "/v1/transactions?wait=committed", p, "application/cose"))
            self.assertEqual(answer.json.get("validation_code"), "INVALID_CHAINCODE", answer.body)
            with self.cluster.client(4, "admin") as other:
                def committed(which=transaction, by=other):
                    status = by.get(f"/v1/transactions/{which}")
                    return status["state"] == "committed" and status
                found = eventually(committed)
            self.assertEqual(found["validation_code"], "INVALID_CHAINCODE")
            blocks.append(found["block"])
        return max(blocks)

    def heard_by_node1(self):
        """Waits until every other node has told node1 what it knows."""
        def all_known():
            with self.cluster.client(1, "admin") as admin:
                peers = admin.get("/v1/node")["peers"]
            return all(peer["knows"] and 0 <= peer["heard_ms_ago"] < 3000 for peer in peers)
        eventually(all_known)

    def log_of(self, node):
        return (self.cluster.network / "nodes" / node / "node.log").read_text(errors="replace")

    def verify(self, program, node, expect=0):
        return run(program, "ledger", "verify", self.cluster.network / "nodes" / node, expect=expect)

    def agreed_without(self, number, at_least):
        return self.cluster.agreed([n for n in range(1, 5) if n != number], at_least=at_least)

    def test_nodes_are_upgraded_one_after_another_and_the_channel_switches_once(self):
        self.write(1)
        block = self.plant()
        for node in ("node1", "node2", "node3"):
            self.replace(node, NEXT)
            block = self.write(4)
            self.cluster.agreed(at_least=block)
        # Whatever a program knows: what the channel does not name is not there.
        self.assertEqual(self.refusal_of_greet(1), "unknown_function")
        self.assertEqual(self.refusal_of_greet(2, "greeter"), "unknown_contract")
        self.plant()
        self.replace("node1", NEXT)
        self.cluster.agreed(at_least=block)

        # The switch: who is not ready is named before.
        self.heard_by_node1()
        proposed = self.config(NEXT, "A", "propose", "--upgrade")
        warnings = " ".join(proposed["warnings"])
        self.assertIn("node4 will stop", warnings)
        self.assertIn("rules 2", warnings)
        self.assertNotIn("node2", warnings)
        self.config(NEXT, "B", "approve", proposed["config"])
        applied = self.config(NEXT, "C", "approve", proposed["config"])
        self.assertTrue(applied["applied"])
        switch = applied["block"]
        self.greet(1)
        block = self.greet(2, "greeter")
        self.agreed_without(4, at_least=block)

        # The old one stands before the switch, says what it needs, and serves what it has.
        self.assertIn("needs_upgrade", eventually(lambda: "needs_upgrade" in self.log_of("node4") and self.log_of("node4")))
        with self.cluster.client(4) as client:
            self.assertEqual(client.get("/v1/checkpoints/latest")["block"], switch - 1)
            ready = client.request("GET", "/readyz")
        self.assertEqual(ready.status, 503)
        self.assertIn("registry 2", ready.body.decode())
        self.assertIn("rules 2", ready.body.decode())
        # A restart of the same program changes nothing; the next release goes on.
        self.replace("node4", TALLY)
        eventually(lambda: self.log_of("node4").count("needs_upgrade") >= 2)
        self.replace("node4", NEXT)
        block = max(block, self.greet(4))
        self.cluster.agreed(at_least=block)

        self.cluster.run("down")
        for node in ("node1", "node2", "node3", "node4"):
            self.verify(NEXT, node)
        self.assertIn("needs_upgrade", self.verify(TALLY, "node1", expect=1).stderr)
        self.assertIn("needs_upgrade", run(TALLY, "node", "start", self.cluster.network / "nodes" / "node1",
                                           expect=1).stderr)
        before = self.tip_of("node2")
        run(NEXT, "ledger", "rebuild", self.cluster.network / "nodes" / "node2" / "data")
        self.assertEqual(self.tip_of("node2"), before)

    def tip_of(self, node):
        shown = json.loads(run(NEXT, "--json", "ledger", "verify", self.cluster.network / "nodes" / node).stdout)
        return shown["tip"], shown["log_root"], shown["corrected"]

    def test_a_switch_needs_approvals_whose_nodes_know_it_and_newcomers_of_either_release_begin_at_block_0(self):
        self.plant()
        self.replace("node1", NEXT)
        self.write(1)
        self.heard_by_node1()
        # The other order: it is approved before the others are upgraded. Their approvals do not count.
        proposed = self.config(NEXT, "A", "propose", "--upgrade")
        for organization in "BC":
            refused = self.config(TALLY, organization, "approve", proposed["config"], expect=1)
            self.assertEqual(refused["code"], "needs_upgrade")
        for organization in "BC":  # with a newer command line, on a node that is too old
            refused = self.config(NEXT, organization, "approve", proposed["config"], expect=1)
            self.assertEqual(refused["code"], "needs_upgrade")
        refused = self.config(NEXT, "A", "apply", proposed["config"], expect=1)
        self.assertEqual(refused["code"], "permission_denied")
        self.write(2)
        for node, organization in (("node2", "B"), ("node3", "C")):
            self.replace(node, NEXT)
            eventually(lambda n=node: self.cluster.status()[n]["state"] == "ready")
            last = self.config(NEXT, organization, "approve", proposed["config"])
        self.assertTrue(last["applied"])
        switch = last["block"]
        self.greet(1)

        # node4 has missed it all. It comes back as what it was, and then as what is needed.
        self.cluster.run("kill", "node4")
        block = self.greet(2)
        self.start("node4", TALLY)
        eventually(lambda: "needs_upgrade" in self.log_of("node4"))
        self.replace("node4", NEXT)
        self.cluster.agreed(at_least=block)

        # Two newcomers join from block 0: the one of the next release follows, the other stands before the switch.
        for name, program in (("new", NEXT), ("old", TALLY)):
            organization = name.upper()
            run(NEXT, "network", "add-nodes", self.cluster.network, organization, "--name", name, "--port",
                free_ports(1))
            join = self.cluster.network / "nodes" / name / "join.json"
            added = json.loads(join.read_text())
            join.write_text(json.dumps({**added, "orderers": []}))  # it follows, so that the others do not need it
            joining = self.config(NEXT, "A", "propose", "--add", join)
            self.config(NEXT, "B", "approve", joining["config"])
            self.assertTrue(self.config(NEXT, "C", "approve", joining["config"])["applied"])
            self.start(name, program)
        eventually(lambda: "needs_upgrade" in self.log_of("old"), 60)
        self.assertEqual(eventually(lambda: self.cluster.status()["new"]["state"] == "ready", 60), True)
        self.assertRegex(self.log_of("old"), f"event=needs_upgrade block={switch} ")
        self.replace("old", NEXT)
        eventually(lambda: self.cluster.status()["old"]["state"] == "ready", 60)
        self.cluster.run("down")
        for node in ("new", "old", "node4"):
            self.verify(NEXT, node)


if __name__ == "__main__":
    unittest.main()
