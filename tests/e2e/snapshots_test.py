"""A node begins in the middle, with a snapshot of another one's ledger; a forged one is refused."""

import json
import random
import shutil
import threading
import time
import unittest

from cluster_under_test import ClusterUnderTest
from node_under_test import tally
from tally.channel import Channel
from tally.errors import NotProven
from tally.formats import DAY, ES256, consistency_holds, new_key
from tally.receipts import verify_receipt
from tally.records import Field
from tally_client import Device
from tally_snapshots import BLOCK, read_parts, verify_snapshot, with_another_value, without_signatures, write_parts

FIELDS = [Field("power", "W", 0)]


class Load:
    """Records of one device after another, through one node, for as long as the context lasts."""

    def __init__(self, cluster, number, name="load"):
        self.cluster, self.number, self.name = cluster, number, name
        self.published, self.ended, self.failure = [], False, None
        self.thread = threading.Thread(target=self.run)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.ended = True
        self.thread.join()
        if self.failure:
            raise self.failure

    def run(self):
        try:
            with self.cluster.client(self.number, "admin") as admin, self.cluster.client(self.number) as client:
                while not self.ended:
                    device = Device(f"{self.name}-{len(self.published)}", new_key(ES256), FIELDS)
                    admin.submit("registry", "register_device", device.registration("meter@1", organization=admin.organization))
                    client.publish(device.day(int(time.time()) // DAY * DAY - 5 * DAY, [[0, 1]]))
                    self.published.append(device)
        except Exception as failure:  # told by the test's own thread
            self.failure = failure


class Snapshots(unittest.TestCase):
    """Two nodes of one organization: the first orders, the second follows."""
    options = ("--nodes-per-organization", 2, "--orderers", 1)
    organizations, nodes, joining = "A", 2, 2

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(
            ClusterUnderTest(*cls.options, organizations=cls.organizations, nodes=cls.nodes))
        tally("network", "create", cls.cluster.network, *cls.cluster.options)
        cls.cluster.up("--organizations", ",".join(cls.organizations))
        cls.channel = Channel.load(cls.cluster.network / "channel.json")
        cls.genesis = cls.cluster.network / "genesis.block"
        cls.home = cls.cluster.network / f"nodes/node{cls.joining}"
        cls.profile = cls.cluster.profile(cls.organizations[0])
        cls.file = cls.cluster.folder / "it.snapshot"
        cls.device = Device("meter", new_key(ES256), FIELDS)
        cls.today = int(time.time()) // DAY * DAY
        with cls.cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "meter", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            admin.submit("registry", "register_device", cls.device.registration("meter@1", organization=admin.organization))
        cls.old_record = cls.device.day(cls.today - 9 * DAY, [[0, 7]])
        with cls.cluster.client(1) as client:
            cls.old = client.publish(cls.old_record)["transaction"]
            cls.genesis_hash = bytes.fromhex(client.get("/v1/blocks/0")["hash"])

    def create(self):
        return json.loads(tally("--json", "snapshot", "create", self.file, "--profile", self.profile).stdout)

    def join(self, file, expect=0):
        return tally("snapshot", "join", "--node", self.home, "--snapshot", file, expect=expect)

    def empty_the_node(self):
        self.cluster.run("kill", self.home.name)
        shutil.rmtree(self.home / "data")

    def test_1_a_node_begins_with_a_snapshot_while_others_work(self):
        with Load(self.cluster, 1) as load:
            self.empty_the_node()
            before = len(load.published)
            while len(load.published) < before + 5:
                time.sleep(0.01)
                self.assertIsNone(load.failure)
            created = self.create()
            self.assertEqual(created["bytes"], self.file.stat().st_size)
            looked = json.loads(tally("--json", "snapshot", "inspect", self.file, "--genesis", self.genesis).stdout)
            self.assertTrue(looked["holds"])
            self.assertEqual(looked["block"], created["block"])
            proven = json.loads(tally("--json", "verify", self.file, "--config", self.genesis).stdout)
            self.assertEqual((proven["kind"], proven["block"]), ("snapshot", str(created["block"])))
            self.join(self.file)
            self.cluster.run("start", self.home.name)
            before = len(load.published)
            while len(load.published) < before + 5:
                time.sleep(0.01)
                self.assertIsNone(load.failure)
        tip = self.cluster.agreed(at_least=created["block"] + 5)
        self.assertGreater(tip[0], created["block"])
        self.check_the_file(created, looked)
        self.check_the_joined_node(created["block"], load)

    def check_the_file(self, created, looked):
        checkpoint, state, ids = verify_snapshot(self.file.read_bytes(), self.genesis_hash, self.channel)
        self.assertEqual((checkpoint.block, checkpoint.state.hex(), checkpoint.root.hex(), len(state), len(ids)),
                         tuple(looked[name] for name in ("block", "state", "log_root", "entries", "transactions")))
        self.assertIn(bytes.fromhex(self.old["id"]), ids)
        with self.cluster.client(1) as client:
            served = client.get(f"/v1/checkpoints/{created['block']}")
        self.assertEqual((served["state"], served["root"]), (checkpoint.state.hex(), checkpoint.root.hex()))

    def check_the_joined_node(self, begin, load):
        record = self.device.day(self.today - 8 * DAY, [[0, 8]])
        with self.cluster.client(self.joining) as client:
            # What is older than the snapshot is known, refused again, and not there.
            again = client.publish(self.old_record)
            self.assertEqual((again["duplicate"], again["transaction"]["id"]), (True, self.old["id"]))
            known = client.get(f"/v1/transactions/{self.old['id']}")
            self.assertEqual((known["state"], known["block"], known["validation_code"]),
                             ("committed", self.old["block"], "VALID"))
            for path in ("/v1/blocks/1", "/v1/checkpoints/1", f"/v1/transactions/{self.old['id']}/receipt",
                         f"/v1/transactions/{self.old['id']}/raw", "/v1/devices/meter/timeline",
                         f"/v1/checkpoints/{begin + 1}/consistency?from=1"):
                answer = client.request("GET", path)
                self.assertEqual((answer.status, answer.code), (410, "not_kept"), path)
                self.assertIn("before", answer.json["detail"])
            self.assertEqual(client.get("/v1/blocks/0")["hash"], self.genesis_hash.hex())
            # What is newer is like on any node.
            outcome = client.publish(record)
            verify_receipt(client.receipt(outcome["transaction"]["id"]), self.channel)
            self.assertEqual(len(client.get("/v1/devices/meter/days")["days"]), 2)
            last = client.get(f"/v1/devices/{load.published[-1].id}/days")["days"]
            self.assertEqual(len(last), 1)
        self.cluster.agreed(at_least=outcome["transaction"]["block"])

    def test_2_what_is_forged_is_refused_and_leaves_nothing(self):
        if not self.file.exists():
            self.create()
        good = self.file.read_bytes()
        self.empty_the_node()
        flipped = bytearray(good)
        flipped[random.SystemRandom().randrange(len(good))] ^= 1 << random.SystemRandom().randrange(8)
        forgeries = {
            "flipped": (bytes(flipped), 1, "at byte|not a snapshot"),
            "cut": (good[:-100], 1, "cut off"),
            "empty": (b"", 1, "cut off"),
            "unsigned": (without_signatures(good), 5, "signed by nobody"),
            "another state": (with_another_value(good), 5, "the state has the digest"),
        }
        path = self.cluster.folder / "forged.snapshot"
        for name, (data, code, sentence) in forgeries.items():
            with self.subTest(name):
                path.write_bytes(data)
                with self.assertRaises(NotProven):
                    verify_snapshot(data, self.genesis_hash, self.channel)
                self.assertRegex(self.join(path, expect=code).stderr, sentence)
                self.assertRegex(tally("snapshot", "inspect", path, expect=code).stderr, sentence)
                if code == 5:
                    self.assertRegex(tally("verify", path, "--config", self.genesis, expect=5).stderr, sentence)
                self.assertEqual([p.name for p in (self.home / "data").iterdir()], ["LOCK"])
        self.join(self.file)
        self.cluster.run("start", self.home.name)
        self.cluster.agreed()

    def test_3_a_joined_ledger_is_verified(self):
        self.cluster.agreed()
        self.cluster.run("kill", self.home.name)
        alone = json.loads(tally("--json", "ledger", "verify", self.home).stdout)
        self.assertFalse(alone["recomputed"])
        whole = json.loads(tally("--json", "ledger", "verify", self.home, "--snapshot", self.file).stdout)
        self.assertTrue(whole["recomputed"])
        self.assertEqual((whole["tip"], whole["log_root"]), (alone["tip"], alone["log_root"]))
        refused = tally("ledger", "rebuild", self.home, expect=3)
        self.assertIn("it is needed", refused.stderr)
        self.cluster.run("start", self.home.name)

    def test_4_only_an_admin_makes_one(self):
        with self.cluster.client(1) as client:
            for method in ("POST", "GET"):
                answer = client.request(method, "/v1/snapshots")
                self.assertEqual((answer.status, answer.code), (403, "permission_denied"))
        with self.cluster.client(1, "admin") as admin:
            self.assertEqual(admin.request("GET", "/v1/snapshots/999999").code, "not_found")


class SnapshotsOfSeveralOrganizations(Snapshots):
    """Five organizations, of which four order: most of them must have signed the very height of the snapshot."""
    options = ("--orderers", 4)
    organizations, nodes, joining = "ABCDE", 5, 5

    def test_5_an_orderer_begins_with_a_snapshot_too(self):
        self.cluster.agreed()
        self.create()
        self.cluster.run("kill", "node4")
        home = self.cluster.network / "nodes/node4"
        shutil.rmtree(home / "data")
        with Load(self.cluster, 1, "orderer") as load:
            tally("snapshot", "join", "--node", home, "--snapshot", self.file)
            self.cluster.run("start", "node4")
            before = len(load.published)
            while len(load.published) < before + 5:
                time.sleep(0.01)
                self.assertIsNone(load.failure)
        self.cluster.agreed()

    def config(self, organization, *command):
        return self.cluster.run_as(organization, "config", *command)

    def test_6_a_snapshot_proves_the_changes_of_the_configuration(self):
        for timeout in (111, 222):
            answer = self.config("A", "propose", "--set", f"batch.timeout_ms={timeout}")
            for organization in "BC":
                answer = self.config(organization, "approve", answer["config"])
            self.assertTrue(answer["applied"])
        block = self.cluster.agreed()[0]
        self.create()
        looked = json.loads(tally("--json", "snapshot", "inspect", self.file, "--genesis", self.genesis).stdout)
        self.assertTrue(looked["holds"])
        self.assertEqual(looked["epoch"], 1)  # which the tip itself ends
        verify_snapshot(self.file.read_bytes(), self.genesis_hash, self.channel)
        parts = read_parts(self.file.read_bytes())
        sealing = [payload for kind, payload in parts if kind == BLOCK][1:]
        self.assertEqual(len(sealing), 2)
        self.empty_the_node()
        forged = self.cluster.folder / "forged.snapshot"
        forged.write_bytes(write_parts([part for part in parts if part[1] != sealing[1]]))
        self.assertRegex(self.join(forged, expect=1).stderr, "are counted")  # it does not even count right
        self.join(self.file)
        self.cluster.run("start", self.home.name)
        self.assertGreaterEqual(self.cluster.agreed()[0], block)
        self.assertEqual(self.config("E", "show")["batch"]["timeout_ms"], 222)
        self.cluster.run("kill", self.home.name)
        for more in ((), ("--snapshot", self.file)):
            tally("ledger", "verify", self.home, *more)
        self.cluster.run("start", self.home.name)

    def test_7_old_transactions_are_pruned_and_what_they_proved_stays(self):
        with self.cluster.client(3) as client:
            receipt = client.receipt(self.old["id"])
            height = client.get("/v1/checkpoints/latest")["block"]
        self.cluster.run("kill", "node3")
        home = self.cluster.network / "nodes/node3"
        pruned = json.loads(tally("--json", "ledger", "prune", home, "--before", height - 2).stdout)
        self.assertEqual(pruned, {"from": 0, "before": height - 2})
        found = json.loads(tally("--json", "ledger", "verify", home).stdout)
        self.assertEqual((found["recomputed"], found["first_whole_block"]), (False, height - 2))
        self.cluster.run("start", "node3")
        self.cluster.agreed(at_least=height)
        proven = verify_receipt(receipt, self.channel)
        self.assertEqual((proven.id, proven.code), (self.old["id"], "VALID"))
        with self.cluster.client(3) as client:
            answer = client.request("GET", f"/v1/blocks/{self.old['block']}")
            self.assertEqual((answer.status, answer.code), (410, "not_kept"))
            self.assertIn(f"the transactions before block {height - 2} are not kept", answer.json["detail"])
            self.assertEqual(client.request("GET", f"/v1/transactions/{self.old['id']}/receipt").code, "not_kept")
            self.assertEqual(client.get(f"/v1/blocks/{self.old['block']}?header_only=true")["number"],
                             self.old["block"])
            proof = client.get(f"/v1/checkpoints/{height}/consistency?from={self.old['block']}")
            old, new = proof["from"], proof["to"]
            self.assertTrue(consistency_holds(old["tree_size"], bytes.fromhex(old["root"]), new["tree_size"],
                                              bytes.fromhex(new["root"]), [bytes.fromhex(h) for h in proof["path"]]))
            self.assertTrue(client.publish(self.old_record)["duplicate"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
