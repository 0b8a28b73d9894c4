"""The channel's configuration is changed by its admins, on the ledger, while the channel works."""

import json
import shutil
import subprocess
import threading
import unittest

from cluster_under_test import OnFourNodes, eventually
from node_under_test import TALLY, tally
from ports import free_ports
from tally.errors import Refused


class Configuration(OnFourNodes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.schemas = 0

    def config(self, organization, *command, expect=0):
        return self.cluster.run_as(organization, "config", *command, expect=expect)

    def change(self, *edits, by="ABC"):
        """Proposed by the first, approved by the others; what the last of them got."""
        answer = self.config(by[0], "propose", *edits)
        for organization in by[1:]:
            answer = self.config(organization, "approve", answer["config"])
        return answer

    def current(self, organization="A"):
        return self.config(organization, "show")

    def strangers(self):
        with self.cluster.client(1, "admin") as admin:
            return json.loads(admin.request("GET", "/v1/node").body)["strangers"]

    def write(self, number):
        """Something at gateway NUMBER; its block."""
        type(self).schemas += 1
        with self.cluster.client(number, "admin") as admin:
            outcome = admin.submit("registry", "register_schema", {
                "id": f"s{self.schemas}", "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]})
        self.assertEqual(outcome["validation_code"], "VALID")
        return outcome["block"]

    def test_a_majority_of_admins_changes_it_and_fewer_do_not(self):
        before = self.current()
        proposed = self.config("A", "propose", "--set", "batch.max_messages=77", "--note", "try")
        self.assertEqual(proposed["approved_by"], ["A"])
        self.assertEqual([d["path"] for d in proposed["differences"]], ["version", "batch.max_messages"])
        self.config("B", "approve", proposed["config"])
        refused = self.config("B", "apply", proposed["config"], expect=1)
        self.assertEqual(refused["code"], "permission_denied")
        self.assertIn("MAJORITY", refused["detail"])
        self.assertEqual(self.current(), before)
        again = self.config("B", "approve", proposed["config"])  # for longer; it counts once
        self.assertEqual((again["approved_by"], again["applied"]), (["A", "B"], False))
        applied = self.config("D", "approve", proposed["config"])
        self.assertTrue(applied["applied"])
        for organization in "ABCD":
            eventually(lambda o=organization: self.current(o)["batch"]["max_messages"] == 77)
        self.assertEqual(self.current()["version"], before["version"] + 1)
        self.write(2)

    def test_an_upgrade_to_what_is_in_force_says_so(self):
        refused = self.config("A", "propose", "--upgrade", expect=1)
        self.assertEqual(refused["detail"], "the newest contracts and rules that this program knows are in force already")

    def test_where_data_may_lie_is_said_and_taken_back(self):
        self.change("--set", "residency=EU")
        self.assertEqual(self.current()["residency"], "EU")
        self.change("--set", "residency=")
        self.assertNotIn("residency", self.current())

    def test_a_proposal_for_an_earlier_configuration_is_void(self):
        old = self.config("A", "propose", "--set", "batch.timeout_ms=111")
        self.change("--set", "batch.timeout_ms=222")
        refused = self.config("B", "approve", old["config"], expect=1)
        self.assertEqual(refused["code"], "conflict")
        self.assertNotIn(old["config"], [p["config"] for p in self.config("A", "list")["proposals"]])
        self.config("A", "withdraw", old["config"])

    def test_what_cannot_be_is_refused_where_it_is_proposed(self):
        for edit, code, named in ((("--set", "batch.timeout_ms=0"), "bad_configuration", "batch.timeout_ms"),
                                  (("--set", "endorsement=AND('Z.peer')"), "bad_configuration", "Z.peer"),
                                  (("--set", "colour=red"), "invalid_argument", "colour"),
                                  (("--remove", "organization/Z"), "not_found", "Z"),
                                  (("--set", "batch.max_messages=1000x"), "invalid_argument", "1000x")):
            refused = self.config("A", "propose", *edit, expect=3 if code == "not_found" else 1)
            self.assertEqual(refused["code"], code, edit)
            self.assertIn(named, refused["detail"])
        with self.cluster.client(1, "client1") as client, self.assertRaises(Refused) as refused:
            client.submit("config", "approve", {"base": "00" * 32, "config": "00" * 32})
        self.assertEqual(refused.exception.code, "permission_denied")

    def test_an_organization_joins_while_the_others_work_and_leaves_again(self):
        stop, failures, blocks = threading.Event(), [], []

        def work():
            while not stop.is_set():
                try:
                    blocks.append(self.write(1 + len(blocks) % 3))
                except Exception as error:  # pylint: disable=broad-except
                    failures.append(error)
                    return
        worker = threading.Thread(target=work)
        worker.start()
        try:
            tally("network", "add-nodes", self.cluster.network, "E", "--port", self.cluster.port + 4)
            joining = self.config("A", "propose", "--add", self.cluster.network / "nodes" / "node5" / "join.json")
            self.config("B", "approve", joining["config"])
            # Too early: the others do not know it yet, and say so to its connections.
            self.cluster.run("start", "node5")
            self.cluster.organizations.append("E")
            eventually(lambda: self.strangers() > 0)
            self.config("C", "approve", joining["config"])
            eventually(lambda: self.cluster.status()["node5"]["state"] == "ready", 60)
        finally:
            stop.set()
            worker.join()
        self.assertEqual(failures, [])
        self.assertGreater(len(blocks), 0)
        block = self.write(5)
        self.cluster.agreed(at_least=block)
        # It votes: with one of the five gone the quorum of four needs it.
        self.cluster.run("kill", "node4")
        block = self.write(5)
        self.cluster.run("start", "node4")
        self.cluster.agreed(at_least=block)
        # The whole consortium starts again from what is on its disks.
        self.cluster.run("down")
        self.cluster.up()
        block = self.write(3)
        self.cluster.agreed(at_least=block)
        # And leaves.
        self.change("--remove", "organization/E")
        self.write(1)
        with self.cluster.client(5, "admin") as admin, self.assertRaises(Refused):
            eventually(lambda: admin.submit("registry", "register_schema", {
                "id": "late", "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]}) and None)
        self.cluster.run("kill", "node5")
        self.cluster.organizations.pop()

    def test_an_organization_that_joins_makes_its_keys_at_home(self):
        """From the genesis block alone; the others see what a join.json says, and none of its keys."""
        home = self.cluster.folder / "home"
        home.mkdir()
        shutil.copy(self.cluster.network / "genesis.block", home)
        taken = tally("network", "add-nodes", home, "A", expect=1)
        self.assertIn("A is an organization of the channel", taken.stderr)
        for organization, name, code in (("E", "node1", "already_exists"), ("E", "../e1", "invalid_argument"),
                                         ("../E", "e1", "invalid_argument")):
            refused = tally("--json", "network", "add-nodes", home, organization, "--name", name, expect=1)
            self.assertEqual(json.loads(refused.stderr)["code"], code)
        self.assertEqual([file.name for file in home.iterdir()], ["genesis.block"])

        made = json.loads(tally("--json", "network", "add-nodes", home, "E", "--name", "e1", "--port",
                                free_ports(1)).stdout)
        node = home / "nodes" / "e1"
        self.assertEqual(made, {"nodes": [str(node)], "new_organization": True})
        join = (node / "join.json").read_text()
        self.assertNotIn("PRIVATE", join)
        self.assertNotIn((node / "identity" / "transport.key").read_text().strip(), join)
        again = json.loads(tally("--json", "network", "add-nodes", home, "E").stdout)
        self.assertEqual(again, {"nodes": [str(home / "nodes" / "node5")], "new_organization": False})

        running = subprocess.Popen([TALLY, "node", "start", node], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            self.change("--add", node / "join.json")
            admin = home / "organizations" / "E" / "members" / "admin" / "profile.toml"
            eventually(lambda: tally("node", "wait", TALLY_PROFILE=str(admin), expect=None).returncode == 0)
            tally("transaction", "submit", "registry", "register_schema", json.dumps({
                "id": "from-home", "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]}),
                TALLY_PROFILE=str(admin))
            config = json.loads(tally("--json", "config", "show", TALLY_PROFILE=str(admin)).stdout)
            self.assertIn("e1", [orderer["id"] for orderer in config["orderers"]])
            # A node's name is its organization's: another cannot take it over, even with everybody's consent.
            stolen = json.loads(join)
            for entry in stolen["nodes"] + stolen["orderers"]:
                entry["organization"] = "B"
            theft = self.cluster.folder / "theft.json"
            theft.write_text(json.dumps({**stolen, "organizations": []}))
            refused = self.config("B", "propose", "--add", theft, expect=1)
            self.assertIn("cannot become one of B", refused["detail"])
            self.change("--remove", "organization/E")
        finally:
            running.terminate()
            self.assertEqual(running.wait(30), 0)

    def test_an_orderer_that_is_removed_follows_and_one_that_returns_orders(self):
        config = self.current()
        mine = [o for o in config["orderers"] if o["id"] == "node4"]
        self.change("--remove", "orderer/node4")
        block = self.write(1)
        self.cluster.agreed(range(1, 5), at_least=block)
        block = self.write(4)  # its gateway goes to another orderer
        self.cluster.agreed(range(1, 5), at_least=block)
        back = self.cluster.folder / "back.json"
        back.write_text(json.dumps({"channel": "main", "organizations": [], "nodes": [], "orderers": mine}))
        self.change("--add", back)
        self.write(4)
        self.cluster.run("kill", "node3")
        self.write(4)
        self.cluster.run("start", "node3")
        self.cluster.agreed(range(1, 5))

    def test_an_orderer_whose_turn_it_is_removes_itself_and_follows(self):
        """Through its own gateway, when it is the one that makes the next block: the block that ends its service."""
        mine = [o for o in self.current()["orderers"] if o["id"] == "node4"]
        proposed = self.config("D", "propose", "--remove", "orderer/node4")
        for organization in "AB":
            answer = self.config(organization, "approve", proposed["config"], "--no-apply")
        self.assertEqual(answer["approved_by"], ["A", "B", "D"])

        def its_turn():
            """Each block moves the turn on; while nothing is sent it stays."""
            self.write(1)
            self.cluster.agreed()
            return self.cluster.status()["node4"]["ordering"]["leader"] == "node4"
        eventually(its_turn)
        outcome = self.config("D", "apply", proposed["config"])
        self.assertEqual(outcome["validation_code"], "VALID")
        self.assertIn(eventually(lambda: self.cluster.status()["node4"]["source"]), ("node1", "node2", "node3"))
        block = max(self.write(number) for number in (1, 2, 3, 4))  # its gateway goes to another orderer
        self.cluster.agreed(at_least=block)
        status = self.cluster.status()
        self.assertEqual((status["node4"]["state"], status["node4"]["ordering"]), ("ready", None))
        for name in ("node1", "node2", "node3"):
            self.assertNotEqual(status[name]["ordering"]["leader"], "node4")
        # The three do without it: byzantine, n = 3, f = 0, and a quorum of floor(3/2)+1 = 2.
        self.cluster.run("kill", "node4")
        block = self.write(2)
        # As what it is now, it starts again.
        self.cluster.run("start", "node4")
        self.cluster.agreed(at_least=block)
        self.assertIsNone(self.cluster.status()["node4"]["ordering"])
        back = self.cluster.folder / "itself.json"
        back.write_text(json.dumps({"channel": "main", "organizations": [], "nodes": [], "orderers": mine}))
        self.change("--add", back, by="DAB")
        eventually(lambda: self.cluster.status()["node4"]["ordering"] is not None)
        self.cluster.agreed(at_least=self.write(4))

    def test_a_revoked_member_is_refused_from_the_block_on(self):
        ca = self.cluster.network / "organizations" / "B"
        tally("identity", "issue", ca, "leaver", "--role", "admin")
        schema = {"id": "left", "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]}
        with self.cluster.client(2, "leaver") as leaver:
            leaver.get("/v1/checkpoints/latest")
            signed, _ = leaver.identity.proposal("registry", "register_schema", schema)
            tally("identity", "revoke", ca, ca / "members" / "leaver" / "certificate.pem")
            self.change("--crl", f"B={ca / 'ca' / 'crl.pem'}")
            # The connection may be remembered for seconds; what it signs is not believed any more.
            with self.assertRaises(Refused) as problem:
                leaver.send(signed)
        # By the gateway, or by the endorsers when the gateway is a block behind.
        self.assertIn(problem.exception.code, ("certificate_revoked", "endorsement_refused"))

        def refused():
            with self.cluster.client(2, "leaver") as leaver:
                try:
                    leaver.get("/v1/checkpoints/latest")
                except Refused as problem:
                    return problem.code
        self.assertEqual(eventually(refused), "certificate_revoked")
        self.write(2)

    def test_zz_every_ledger_verifies(self):
        self.write(1)
        self.cluster.run("down")
        for number in range(1, 5):
            tally("ledger", "verify", self.cluster.network / "nodes" / f"node{number}")


if __name__ == "__main__":
    unittest.main()
