"""Four organizations in one command: what goes in at one gateway comes out at the others, and a lost node is no loss."""

import concurrent.futures
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import tempfile
import threading
import time
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import tally
from tally.errors import Refused
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device

FIELDS = [Field("power", "W", 0)]


class Cluster(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest())
        cls.started = cls.cluster.up()
        cls.today = int(time.time()) // DAY * DAY

    def setUp(self):
        self.cluster.run("start", "node1")
        for node in self.cluster.status().values():
            if node["state"] == "paused":
                self.cluster.run("resume", node["node"])
            if node["state"] == "stopped":
                self.cluster.run("start", node["node"])
        eventually(self.all_ready)

    def all_ready(self):
        return {node["state"] for node in self.cluster.status().values()} == {"ready"}

    def device(self, name):
        """Registered at node 1."""
        device = Device(name, new_key(ES256), FIELDS)
        with self.cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": name, "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            # At once: endorsers elsewhere wait until they have the block that this builds on.
            admin.submit("registry", "register_device", device.registration(name + "@1", organization=admin.organization))
        self.cluster.agreed()
        return device

    def publish(self, device, number, day):
        """At gateway NUMBER; the block."""
        with self.cluster.client(number) as client:
            outcome = client.publish(device.day(self.today - day * DAY, [[0, day]]))
        self.assertEqual(outcome["transaction"]["validation_code"], "VALID")
        return outcome["transaction"]["block"]

    def days(self, number, device):
        with self.cluster.client(number) as client:
            return len(client.get(f"/v1/devices/{device.id}/days")["days"])

    def test_up_again_changes_nothing(self):
        self.assertEqual([(node["node"], node["organization"], node["started"]) for node in self.started["nodes"]],
                         [(f"node{i}", o, True) for i, o in enumerate("ABCD", 1)])
        again = self.cluster.up("--organizations", "A,B,C,D")
        self.assertEqual([(node["pid"], node["started"]) for node in again["nodes"]],
                         [(node["pid"], False) for node in self.cluster.status().values()])
        refused = tally("cluster", "up", self.cluster.network, "--organizations", "A,B", expect=1)
        self.assertIn("consortium of A, B, C, D with 4 nodes", refused.stderr)

    def test_what_one_gateway_takes_all_give(self):
        device = self.device("shared")
        block = self.publish(device, 1, 1)
        height = self.cluster.agreed(at_least=block)[0]
        for number in (2, 3, 4):
            self.assertEqual(self.days(number, device), 1)
        status = self.cluster.status()
        self.assertEqual({node["height"] for node in status.values()}, {height})
        self.assertEqual(len({node["block_hash"] for node in status.values()}), 1)
        for name, node in status.items():
            self.assertEqual({peer["node"] for peer in node["peers"]}, set(status) - {name})
            self.assertIn(node["ordering"]["leader"], status)
            for peer in node["peers"]:
                self.assertGreater(peer["sent_bytes"], 0)
                self.assertGreater(peer["received_bytes"], 0)
                self.assertEqual(peer["malformed"], 0)  # a peer that was away may have missed some

    def test_metrics_tell_of_ordering_and_peers(self):
        self.device("measured")

        def metrics():
            with self.cluster.client(2, "admin") as admin:
                return admin.request("GET", "/metrics").body.decode().splitlines()
        lines = metrics()
        names = {line.split("{")[0].split(" ")[0] for line in lines}
        for name in ("view", "epoch", "nullified_views_total", "evidence_total", "pending_batches", "ready",
                     "strangers_total", "peer_sent_bytes_total", "peer_received_bytes_total", "peer_dropped_total",
                     "peer_lag_blocks", "mempool_bytes", "mempool_transactions", "block_source_switches_total"):
            self.assertIn("tally_" + name, names)
        self.assertIn('tally_peer_lag_blocks{peer="node1",channel="main"}', " ".join(lines))
        types = dict(line.split()[2:4] for line in lines if line.startswith("# TYPE"))
        for name, kind in types.items():  # as Prometheus wants them
            self.assertEqual(name.endswith("_total"), kind == "counter", name)
            self.assertNotRegex(name, "_(ms|millis|kb|mb|minutes)(_|$)")
        of_the_node = re.compile("tally_(http_|certificate_)")
        for line in lines:
            if not line.startswith("#") and not of_the_node.match(line):
                self.assertIn('channel="main"', line)
        for kind in ("vote", "status"):
            for direction in ("sent", "received"):
                name = f'tally_consensus_messages_total{{direction="{direction}",kind="{kind}",channel="main"}}'
                eventually(lambda name=name: any(line.startswith(name) for line in metrics()))  # once in a while

    def test_one_is_killed_and_the_others_go_on(self):
        device = self.device("killed")
        self.assertEqual(self.cluster.run("kill", "node4")["state"], "killed")
        self.assertIn("does not run", self.cluster.run("kill", "node4", expect=3)["detail"])
        begin = time.monotonic()
        last = max(self.publish(device, number, day) for day, number in enumerate((1, 2, 3, 1, 2, 3), 1))
        self.assertLess(time.monotonic() - begin, 15)
        self.assertEqual(self.cluster.status()["node4"]["state"], "stopped")
        self.cluster.agreed((1, 2, 3), at_least=last)
        self.cluster.run("start", "node4")
        self.cluster.agreed(at_least=last)
        self.assertEqual(self.days(4, device), 6)
        eventually(self.all_ready)

    def test_one_is_paused_and_catches_up(self):
        device = self.device("paused")
        self.cluster.run("pause", "node2")
        self.assertEqual(self.cluster.status()["node2"]["state"], "paused")
        last = max(self.publish(device, number, day) for day, number in enumerate((1, 3, 4, 1), 1))
        self.cluster.run("resume", "node2")
        self.cluster.agreed(at_least=last)
        self.assertEqual(self.days(2, device), 4)

    def test_all_are_restarted_one_after_another_while_the_channel_goes_on(self):
        device = self.device("restarted")
        before = {name: node["pid"] for name, node in self.cluster.status().items()}
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            restarting = pool.submit(self.cluster.run, "restart")
            days = 0
            while not restarting.done():
                try:
                    self.publish(device, days % 4 + 1, days + 1)
                except (OSError, http.client.HTTPException):  # this gateway is the one that is away
                    pass
                days += 1
        self.assertEqual(restarting.result(), {"restarted": ["node1", "node2", "node3", "node4"]})
        after = {name: node["pid"] for name, node in self.cluster.status().items()}
        self.assertTrue(all(before[name] != after[name] for name in before))
        self.cluster.agreed()
        self.assertGreater(self.days(1, device), 3)

    def test_waiting_for_a_node_says_what_is_wrong_with_the_question(self):
        profile = self.cluster.profile("A")
        self.assertIn("is not an https URL",
                      tally("node", "wait", "nodes/node1", "--profile", profile, expect=1).stderr)
        with tempfile.TemporaryDirectory() as folder:
            tally("network", "create", pathlib.Path(folder) / "other")
            stranger = next(pathlib.Path(folder).glob("other/organizations/*/members/admin/profile.toml"))
            url = self.started["nodes"][0]["url"]
            refused = tally("node", "wait", url, "--profile", stranger, expect=5)
            self.assertIn("authorities.pem", refused.stderr)

    def test_without_a_quorum_nothing_is_ready_and_nothing_is_lost(self):
        device = self.device("halved")
        for node in ("node3", "node4"):
            self.cluster.run("pause", node)
        eventually(lambda: self.cluster.status()["node1"]["state"] == "not ready")
        with self.cluster.client(1) as client:
            answer = client.request("GET", "/readyz")
            self.assertEqual(answer.status, 503)
            self.assertIn(b"2 of 4 orderers are heard; 3 are needed", answer.body)
            self.assertEqual(client.request("GET", "/healthz").status, 200)
            record = device.day(self.today - DAY, [[0, 1]])
            with self.assertRaises(Refused) as refused:
                client.publish(record)
            self.assertIn("node3 did not answer", str(refused.exception))
            for node in ("node3", "node4"):
                self.cluster.run("resume", node)
            eventually(self.all_ready)
            self.assertEqual(client.publish(record)["duplicate"], False)
        eventually(lambda: self.days(4, device) == 1)

    def test_a_number_in_a_stale_file_is_nobody(self):
        self.cluster.run("kill", "node3")
        bystander = threading.get_native_id()
        (self.cluster.network / "nodes/node3/node.pid").write_text(f"{bystander}\n")
        self.assertEqual(self.cluster.status()["node3"]["state"], "stopped")
        error = self.cluster.run("pause", "node3", expect=3)
        self.assertEqual(error["code"], "not_found")
        self.cluster.run("start", "node3")
        eventually(self.all_ready)

    def test_a_node_is_killed_and_started_at_once(self):
        """A process that exits holds its ports a few milliseconds longer than its command line."""
        for _ in range(10):
            self.cluster.run("kill", "node3")
            with socket.socket() as listener:
                listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                listener.bind(("127.0.0.1", self.cluster.port + 2))
                listener.listen()
            started = self.cluster.run("start", "node3")
            os.kill(started["pid"], signal.SIGKILL)
            again = self.cluster.run("start", "node3")
            self.assertEqual(again["state"], "running")
            self.assertNotEqual(again["pid"], started["pid"])

    def test_a_node_whose_folder_is_lost_does_not_stop_the_commands_for_the_others(self):
        self.cluster.run("kill", "node4")
        folder, elsewhere = self.cluster.network / "nodes/node4", self.cluster.folder / "node4"
        folder.rename(elsewhere)
        try:
            self.assertEqual(sorted(self.cluster.status()), ["node1", "node2", "node3"])
            self.cluster.run("pause", "node2")
            self.cluster.run("resume", "node2")
            self.assertEqual([node["node"] for node in self.cluster.up("--port", self.cluster.port)["nodes"]],
                             ["node1", "node2", "node3"])
            self.assertIn("there is no node node4", self.cluster.run("start", "node4", expect=3)["detail"])
        finally:
            elsewhere.rename(folder)

    def test_a_port_that_is_taken_is_named(self):
        self.cluster.run("kill", "node3")
        with socket.socket() as squatter:
            squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            squatter.bind(("127.0.0.1", self.cluster.port + 2))
            squatter.listen()
            error = self.cluster.run("start", "node3", expect=4)
        self.assertIn(f"node3's gateway cannot listen: 127.0.0.1:{self.cluster.port + 2}", error["detail"])

    def test_wrong_names_and_folders(self):
        error = self.cluster.run("kill", "node9", expect=3)
        self.assertIn("there are node1, node2, node3, node4", error["detail"])
        nothing = tally("cluster", "status", self.cluster.folder / "nothing", expect=3)
        self.assertIn("holds no consortium", nothing.stderr)

    def test_zz_down_closes_every_ledger_in_order(self):
        done = self.cluster.run("down")
        self.assertEqual((sorted(done["stopped"]), done["killed"]), ([f"node{i}" for i in range(1, 5)], []))
        for number in range(1, 5):
            self.assertTrue((self.cluster.network / f"nodes/node{number}/data/SEAL").exists())
            tally("ledger", "verify", self.cluster.network / f"nodes/node{number}")
        self.assertEqual(self.cluster.run("down"), {"stopped": [], "killed": []})


class OnSeveralHosts(unittest.TestCase):
    """Each node at an address of its own; ports count up on each."""

    def test_nodes_listen_and_are_found_where_their_host_is(self):
        with ClusterUnderTest(organizations="ABCD") as cluster:
            tally("network", "create", cluster.network, *cluster.options, "--host", "127.0.0.2,127.0.0.3,127.0.0.4")
            up = cluster.run("up")
            self.assertTrue(up["ready"])
            places = [("127.0.0.2", 0), ("127.0.0.3", 0), ("127.0.0.4", 0), ("127.0.0.2", 1)]
            for node, (host, offset) in zip(up["nodes"], places, strict=True):
                port = cluster.port + offset
                self.assertEqual((node["url"], node["network"]), (f"https://{host}:{port}", f"{host}:{port + 1000}"))
            profile = cluster.profile("B", "client1")
            status = tally("--json", "node", "status", TALLY_PROFILE=str(profile))
            self.assertEqual(json.loads(status.stdout)["node"], "node2")
            for host, offset in (("127.0.0.5", 0), ("127.0.0.2", 2)):
                added = tally("--json", "network", "add-nodes", cluster.network, "A", "--host", host)
                (folder,) = json.loads(added.stdout)["nodes"]
                entry = json.loads((pathlib.Path(folder) / "join.json").read_text())["nodes"][0]
                self.assertEqual(entry["address"], f"{host}:{cluster.port + offset + 1000}")

    def test_a_host_with_a_name_is_found_by_it_and_listens_at_all_its_addresses(self):
        with tempfile.TemporaryDirectory() as folder:
            network = pathlib.Path(folder) / "network"
            tally("network", "create", network, "--host", "meter-1.grid.example")
            (node,) = json.loads((network / "channel.json").read_text())["nodes"]
            self.assertEqual(node["address"], "meter-1.grid.example:8443")
            home = network / "nodes" / "node1"
            self.assertIn('address = "0.0.0.0"', (home / "node.toml").read_text())
            shown = json.loads(tally("--json", "identity", "show", home / "identity" / "tls.pem").stdout)
            self.assertIn("meter-1.grid.example", json.dumps(shown))
            profile = network / "organizations" / "Operator" / "members" / "client1" / "profile.toml"
            self.assertIn('url = "https://meter-1.grid.example:7443"', profile.read_text())

    def test_what_is_no_host_is_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            for host in ("", "localhost", "::g", "10.0.0.11,10.0.0.256", '1.2.3.4"', "-a.b", "a..b", "a.", "a_b.c", "1.2.3",
                         "a" * 64 + ".b", ".".join(["a" * 50] * 6)):
                refused = tally("--json", "network", "create", pathlib.Path(folder) / "network", "--host", host, expect=1)
                self.assertEqual(json.loads(refused.stderr)["code"], "invalid_argument", host)
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [])



if __name__ == "__main__":
    unittest.main()
