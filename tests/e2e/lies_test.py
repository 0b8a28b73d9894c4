"""Four organizations of which one is lost and one lies: the whole job goes on, and the lies are found out."""

import json
import os
import pathlib
import re
import subprocess
import time
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import TALLY, tally
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device

FIELDS = [Field("power", "W", 0)]
TWO = "OutOf(2,'A.peer','B.peer','C.peer','D.peer')"
LIARS = pathlib.Path(os.environ.get("LIARS", pathlib.Path(TALLY).parent.parent / "tests" / "liars"))


class Lies(unittest.TestCase):
    def start(self, *options):
        cluster = self.enterContext(ClusterUnderTest(*options))
        tally("network", "create", cluster.network, *cluster.options)
        cluster.run("up")
        return cluster

    def replace(self, cluster, node, program):
        """NODE runs another program from now on."""
        cluster.run("kill", node)
        subprocess.run([LIARS / f"tally_{program}", "-q", "cluster", "start", node, cluster.network], check=True)

    def whole_job(self, cluster, name, gateway, elsewhere, never_signs="node3"):
        """A device registered, its signed days published, audited elsewhere down to the reading, and proven offline."""
        device = Device(name, new_key(ES256), FIELDS)
        with cluster.client(gateway, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": name, "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            admin.submit("registry", "register_device", device.registration(name + "@1", organization=admin.organization))
        first = int(time.time()) // DAY * DAY - 5 * DAY
        rows = [[minute * 60, minute % 7] for minute in range(1440)]
        published = []
        with cluster.client(gateway) as client:
            for day in range(3):
                record = device.day(first + day * DAY, rows)
                outcome = client.publish(record)
                self.assertEqual(outcome["transaction"]["validation_code"], "VALID")
                published.append((record, outcome["transaction"]["id"]))
        with cluster.client(elsewhere) as other:
            eventually(lambda: len(other.get(f"/v1/devices/{name}/days")["days"]) == 3)
        profile = cluster.profile("ABCD"[elsewhere - 1], "auditor")
        audit = json.loads(tally("--json", "audit", name, "--profile", profile).stdout)
        self.assertEqual((len(audit["days"]), audit["recomputed_days"], audit["gaps"]["missing_days"]), (3, 3, []))
        for record, transaction in published:
            with cluster.client(elsewhere) as other:
                receipt = other.receipt(transaction)
            files = {"receipt": receipt, "record": record}
            for file, content in files.items():
                (cluster.folder / file).write_bytes(content)
            proof = json.loads(tally("--json", "receipt", "verify", cluster.folder / "receipt", "--config",
                                     cluster.network / "channel.json", "--record", cluster.folder / "record").stdout)
            self.assertTrue(proof["proven"])
            self.assertGreaterEqual(len(proof["signers"]), 2)
            self.assertFalse(any(never_signs in signer for signer in proof["signers"]))

    def metric(self, cluster, node, name):
        with cluster.client(node) as client:
            text = client.request("GET", "/metrics").body.decode()
        return float(next(line for line in text.splitlines() if line.startswith(name + "{channel=")).split()[1])

    def test_the_whole_job_with_one_lost_and_one_that_lies(self):
        cluster = self.start("--endorsement", TWO, "--receipt", TWO)
        self.replace(cluster, "node3", "liar")
        self.whole_job(cluster, "with-four", 1, 2)
        cluster.run("kill", "node4")
        self.whole_job(cluster, "with-three", 1, 2)
        self.whole_job(cluster, "from-b", 2, 1)
        # It was seen: two votes for one view, and checkpoints of another history.
        for node in (1, 2):
            eventually(lambda n=node: self.metric(cluster, n, "tally_evidence_total") > 0)
            eventually(lambda n=node: self.metric(cluster, n, "tally_disagreeing_committers") == 1)
            log = (cluster.network / "nodes" / f"node{node}" / "node.log").read_text()
            self.assertIn("event=checkpoints_differ node=node3", log)
            self.assertIn("event=evidence orderer=2", log)
        # Nobody followed it, and the lost one finds back.
        cluster.run("start", "node4")
        eventually(lambda: cluster.status()["node4"]["state"] == "ready")
        eventually(lambda: self.metric(cluster, 4, "tally_disagreeing_committers") == 1)
        cluster.agreed((1, 2, 4))

    def test_nobody_takes_a_transactions_place_and_nobody_swallows_it(self):
        cluster = self.start("--endorsement", "ALL", "--receipt", TWO)
        self.replace(cluster, "node3", "thief")
        self.whole_job(cluster, "stolen", 1, 2, "nobody")
        with cluster.client(1) as client:
            codes = [code for line in client.request("GET", "/metrics").body.decode().splitlines()
                     for code in re.findall(r'^tally_transactions_total\{code="(\w+)",channel="main"\} [1-9]', line)]
        self.assertEqual(sorted(codes), ["BAD_PAYLOAD", "VALID"])
        self.replace(cluster, "node3", "swallower")
        eventually(lambda: cluster.status()["node3"]["state"] == "ready")
        with cluster.client(3, "admin") as admin:  # through the very node that forgets it
            admin.submit("registry", "register_schema", {
                "id": "swallowed", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
        log = (cluster.network / "nodes" / "node3" / "node.log").read_text()
        self.assertRegex(log, "event=ordered_again id=[0-9a-f]{64} after=node3 at=node4")

    def test_an_audit_shows_what_was_signed_whatever_the_gateway_says(self):
        cluster = self.start()
        device = Device("shown", new_key(ES256), FIELDS)
        with cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "shown", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            admin.submit("registry", "register_device", device.registration("shown@1", organization=admin.organization))
        first = int(time.time()) // DAY * DAY - 3 * DAY
        with cluster.client(1) as client:
            client.publish(device.day(first, [[minute * 60, 3] for minute in range(1440)]))
            device.sequence, device.previous = 2, b"\1" * 32  # a keep-alive that never came
            client.publish(device.day(first + DAY, [[minute * 60, 4] for minute in range(1440)]))
        self.replace(cluster, "node2", "embellisher")
        eventually(lambda: cluster.status()["node2"]["state"] == "ready")
        with cluster.client(2) as client:
            told = client.get("/v1/devices/shown/days")["days"][0]["fields"][0]
        self.assertEqual((told["sum"], told["unit"]), ("432000", "kW"), "the gateway lies")
        profile = cluster.profile("B", "auditor")
        receipts = cluster.folder / "receipts"
        audit = json.loads(tally("--json", "audit", "shown", "--receipts", receipts, "--profile", profile).stdout)
        figures = [(day["fields"][0]["sum"], day["fields"][0]["unit"], day["recomputed"], day["epoch"])
                   for day in audit["days"]]
        self.assertEqual(figures, [("4320", "W", True, 1), ("5760", "W", True, 1)])
        self.assertEqual(audit["gaps"]["missing_sequences"], [{"from": 2, "to": 2}])
        bucket = audit["series"][0]["buckets"][0]
        self.assertEqual((audit["series"][0]["unit"], bucket["sum"], bucket["mean"]), ("W", "45", "3.000"))
        # What was kept proves it again, offline; with another channel's founders it proves nothing.
        (day, *_) = sorted(receipts.glob("shown-2*.receipt"))
        proof = json.loads(tally("--json", "receipt", "verify", day, "--config", cluster.network / "channel.json", "--key",
                                 receipts / "shown-key-1.receipt").stdout)
        self.assertEqual(proof["key_epoch"], 1)
        other = cluster.folder / "other"
        tally("network", "create", other, "--organizations", "A,B,C,D", "--port", 9)
        tally("audit", "shown", "--profile", profile, "--config", other / "genesis.block", expect=5)

    def test_all_who_endorse_together_put_nothing_on_the_ledger_that_the_contract_does_not_give(self):
        cluster = self.start("--endorsement", "AND('A.peer','B.peer','C.peer')")
        device = Device("honest", new_key(ES256), FIELDS)
        with cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "honest", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            admin.submit("registry", "register_device", device.registration("honest@1", organization=admin.organization))
        for node in ("node1", "node2", "node3"):
            self.replace(cluster, node, "forger")
        eventually(lambda: all(node["state"] == "ready" for node in cluster.status().values()))
        record = device.day(int(time.time()) // DAY * DAY - 2 * DAY, [[minute * 60, 1] for minute in range(1440)])
        with cluster.client(1) as client:
            answer = client.request("POST", "/v1/records?wait=committed", record, "application/cose")
        self.assertIn("SIMULATION_MISMATCH", answer.body.decode())
        cluster.agreed()
        for node in (1, 2, 3, 4):
            with cluster.client(node) as client:
                self.assertEqual(client.get("/v1/devices/honest/days")["days"], [])
            self.assertEqual(self.metric(cluster, node, "tally_disagreeing_committers"), 0)

    def test_a_node_that_went_astray_stops_and_comes_back_rebuilt(self):
        cluster = self.start()
        self.replace(cluster, "node3", "astray")
        device = Device("d", new_key(ES256), FIELDS)
        with cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "d", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
        eventually(lambda: cluster.status()["node3"]["state"] == "stopped")
        folder = cluster.network / "nodes" / "node3"
        both = (folder / "data" / "DISAGREEMENT").read_text()
        self.assertRegex(both, r"own: +block=\d+ .*root=[0-9a-f]{64}.*\ntheirs: block=\d+ .*root=[0-9a-f]{64}")
        self.assertIn("event=checkpoints_differ", (folder / "node.log").read_text())
        refused = tally("cluster", "start", "node3", cluster.network, expect=None)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("DISAGREEMENT", refused.stderr)
        with cluster.client(2, "admin") as admin:
            admin.submit("registry", "register_device", device.registration("d@1", organization=admin.organization))
        tally("ledger", "verify", folder, expect=5)
        tally("ledger", "rebuild", folder)
        cluster.run("start", "node3")
        cluster.agreed(at_least=2)


if __name__ == "__main__":
    unittest.main()
