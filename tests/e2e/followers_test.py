"""A node that does not order: it follows the orderers' blocks, endorses, and serves its organization's clients."""

import json
import shutil
import time
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import tally
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device


class Followers(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest(organizations="ABCDE"))
        tally("network", "create", cls.cluster.network, *cls.cluster.options, "--orderers", 4)
        cls.cluster.up("--organizations", "A,B,C,D,E")
        cls.today = int(time.time()) // DAY * DAY

    def test_a_follower_serves_its_clients_whichever_orderer_is_lost(self):
        device = Device("meter", new_key(ES256), [Field("power", "W", 0)])
        with self.cluster.client(5, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "meter", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            admin.submit("registry", "register_device", device.registration("meter@1", organization=admin.organization))
        for lost in range(1, 5):  # one after another: also the one that it follows, and the one that takes its work
            self.cluster.run("kill", f"node{lost}")
            with self.cluster.client(5) as client:
                outcome = client.publish(device.day(self.today - (9 - lost) * DAY, [[0, lost]]))
            self.assertEqual(outcome["transaction"]["validation_code"], "VALID")
            self.cluster.run("start", f"node{lost}")
            self.cluster.agreed(at_least=outcome["transaction"]["block"])
        with self.cluster.client(5) as client:
            self.assertEqual(len(client.get("/v1/devices/meter/days")["days"]), 4)

    def test_a_follower_that_was_away_catches_up(self):
        self.cluster.run("kill", "node5")
        with self.cluster.client(1, "admin") as admin:
            for version in range(1, 30):
                admin.submit("registry", "register_schema", {
                    "id": "other", "version": version, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
        seen = {peer["node"]: peer for peer in self.cluster.status()["node1"]["peers"]}["node5"]
        self.assertGreaterEqual(seen["lag"], 25)
        self.assertEqual(seen["height"] + seen["lag"], self.cluster.status()["node1"]["highest"])
        self.cluster.run("start", "node5")
        profile = self.cluster.profile("E")
        waited = json.loads(tally("--json", "node", "wait", "--profile", profile).stdout)
        self.assertTrue(waited["ready"])
        height = self.cluster.agreed(at_least=29)[0]
        told = self.cluster.status()
        self.assertIn(told["node5"]["source"], ("node1", "node2", "node3", "node4"))
        self.assertIsNone(told["node1"]["source"])
        # Who follows knows from the others how far the channel is, and they know of it.
        eventually(lambda: self.cluster.status()["node5"]["highest"] >= height)
        eventually(lambda: {peer["lag"] for node in self.cluster.status().values() for peer in node["peers"]} == {0})
        with self.cluster.client(1, "admin") as admin:
            self.assertIn('tally_peer_lag_blocks{peer="node5",channel="main"} 0', admin.request("GET", "/metrics").body.decode())


class LeftBehind(unittest.TestCase):
    def test_a_follower_behind_everyones_pruning_says_that_only_a_snapshot_helps(self):
        options = ("--nodes-per-organization", 2, "--orderers", 1)
        cluster = self.enterContext(ClusterUnderTest(*options, organizations="A", nodes=2))
        tally("network", "create", cluster.network, *cluster.options)
        cluster.up("--organizations", "A")
        with cluster.client(1, "admin") as admin:
            for version in range(1, 6):
                admin.submit("registry", "register_schema", {
                    "id": "some", "version": version, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
        cluster.agreed()
        cluster.run("down")
        tally("ledger", "prune", cluster.network / "nodes/node1", "--before", 4)
        shutil.rmtree(cluster.network / "nodes/node2/data")
        for node in ("node1", "node2"):
            cluster.run("start", node)
        eventually(lambda: cluster.status()["node2"]["left_behind"])
        with cluster.client(2) as client:
            answer = client.request("GET", "/readyz")
        self.assertEqual(answer.status, 503)
        self.assertIn("no orderer keeps block 1 any more: begin again with a snapshot", answer.json["why"])
        eventually(lambda: "event=left_behind height=0" in (cluster.network / "nodes/node2/node.log").read_text())
        profile = cluster.profile("A")
        refused = tally("node", "wait", f"https://127.0.0.1:{cluster.port + 1}", "--profile", profile, expect=4)
        self.assertIn("begin again with a snapshot", refused.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
