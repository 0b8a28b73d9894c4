"""Nodes of one role or two each: four that only order, three that endorse and commit, one that is a gateway."""

import json
import time
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import tally
from tally.channel import Channel
from tally.formats import DAY, ES256, new_key
from tally.receipts import verify_receipt
from tally.records import Field
from tally_client import Client, Device

ORDERERS, PEERS, GATEWAY = (1, 3, 5, 7), (2, 4, 6), 8
ROLES = ["orderer", "endorser,committer"] * 3 + ["orderer", "committer,gateway"]


class Roles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest("--nodes-per-organization", 2, nodes=8))
        cls.cluster.organizations = list("AABBCCDD")
        roles = [word for each in ROLES for word in ("--roles", each)]
        tally("network", "create", cls.cluster.network, *cls.cluster.options, *roles)
        cls.started = cls.cluster.up("--organizations", "A,B,C,D")

    def test_all_answer_and_tell_how_they_are(self):
        self.assertTrue(self.started["ready"])
        self.assertEqual([sorted(node["roles"]) for node in self.started["nodes"]],
                         [sorted(roles.split(",")) for roles in ROLES])
        eventually(lambda: {node["state"] for node in self.cluster.status().values()} == {"ready"})
        status = self.cluster.status()
        for number in ORDERERS:
            self.assertIsNotNone(status[f"node{number}"]["ordering"])
            self.assertIsNone(status[f"node{number}"]["source"])
        for number in (*PEERS, GATEWAY):
            self.assertIsNone(status[f"node{number}"]["ordering"])
            self.assertIn(status[f"node{number}"]["source"], [f"node{orderer}" for orderer in ORDERERS])

    def test_a_node_that_is_no_gateway_serves_its_operations_alone(self):
        for number in (1, 2):
            with self.cluster.client(number) as client:
                for path in ("/healthz", "/readyz", "/version", "/metrics", "/v1/node"):
                    self.assertEqual(client.request("GET", path).status, 200, path)
                self.assertIn('tally_ready{channel="main"} 1', client.request("GET", "/metrics").body.decode())
                for path in ("/v1/blocks", "/v1/devices", "/v1/snapshots"):
                    self.assertEqual(client.request("GET", path).status, 404, path)
            with Client(self.cluster.port + number - 1, self.cluster.network / "tls-roots.pem") as stranger:
                self.assertEqual(stranger.request("GET", "/metrics").status, 401)
                self.assertEqual(stranger.request("GET", "/healthz").status, 200)
            profile = self.cluster.profile("A")
            told = tally("--json", "node", "status", f"https://127.0.0.1:{self.cluster.port + number - 1}",
                         "--profile", profile)
            self.assertEqual(sorted(json.loads(told.stdout)["roles"]), sorted(ROLES[number - 1].split(",")))

    def test_the_job_is_done_through_the_gateway(self):
        device = Device("meter", new_key(ES256), [Field("power", "W", 0)])
        with self.cluster.client(GATEWAY, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "meter", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            admin.submit("registry", "register_device", device.registration("meter@1", organization=admin.organization))
        with self.cluster.client(GATEWAY) as client:
            outcome = client.publish(device.day(int(time.time()) // DAY * DAY - DAY, [[0, 7]]))["transaction"]
            self.assertEqual(outcome["validation_code"], "VALID")
            self.assertEqual(len(client.get("/v1/devices/meter/days")["days"]), 1)
            verify_receipt(client.receipt(outcome["id"]),
                           Channel.load(self.cluster.network / "channel.json"))
        eventually(lambda: len({(node["height"], node["block_hash"]) for node in self.cluster.status().values()}) == 1)
        self.assertGreaterEqual(self.cluster.status()["node1"]["height"], outcome["block"])
        # Members of an organization without a gateway of its own find the one that there is.
        profile = self.cluster.profile("A").read_text()
        self.assertIn(f":{self.cluster.port + GATEWAY - 1}", profile)

    def test_a_gateway_without_a_ledger_is_refused(self):
        lonely = self.cluster.folder / "lonely"
        tally("network", "create", lonely, "--roles", "gateway,orderer")
        refused = tally("node", "start", lonely / "nodes/node1", expect=1)
        self.assertIn("endorser and gateway need the ledger that the role committer keeps", refused.stderr)


if __name__ == "__main__":
    unittest.main()
