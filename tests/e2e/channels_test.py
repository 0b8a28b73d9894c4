"""A further channel beside the root channel: its own chain and members on the same nodes, anchored on the root."""

import json
import shutil
import time
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import tally
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device

FIELDS = [Field("power", "W", 0)]


class Channels(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest(organizations="ABC"))
        cls.cluster.up()
        tally("channel", "create", cls.cluster.network, "north", "--organizations", "A,B", "--residency", "EU")
        for number in (1, 2):  # the root channel goes on while they start again
            node = f"node{number}"
            cls.cluster.run("kill", node)
            cls.cluster.run("start", node)
        eventually(lambda: {node["state"] for node in cls.cluster.status().values()} == {"ready"})

    def profile(self, organization, member="admin", channel="north"):
        suffix = f"-{channel}" if channel != "main" else ""
        return self.cluster.network / "organizations" / organization / "members" / member / f"profile{suffix}.toml"

    def submit(self, organization, contract, function, arguments, channel="north", expect=0):
        done = tally("--json", "transaction", "submit", contract, function, json.dumps(arguments), "--profile",
                     self.profile(organization, channel=channel), expect=expect)
        return json.loads(done.stdout if expect == 0 else done.stderr)

    def query(self, organization, contract, function, arguments, channel="north"):
        return json.loads(tally("--json", "query", contract, function, json.dumps(arguments), "--profile",
                                self.profile(organization, channel=channel)).stdout)

    def test_each_channel_has_a_ledger_of_its_own_and_the_root_holds_their_checkpoints(self):
        schema = {"id": "meter", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]}
        device = Device("d1", new_key(ES256), FIELDS, channel="north")
        self.submit("A", "registry", "register_schema", schema)
        self.submit("A", "registry", "register_device", device.registration("meter@1", organization="A"))
        self.assertEqual([d["id"] for d in self.query("B", "registry", "list_devices", {})["devices"]], ["d1"])
        self.assertEqual(self.query("A", "registry", "list_devices", {}, "main")["devices"], [])

        # A record is signed for one channel: the device's signature holds there alone.
        today = int(time.time()) // DAY * DAY
        record = self.cluster.folder / "record"
        payload = device.payload(today - DAY, [[0, 5]])
        record.write_bytes(device.sign(payload))
        with self.cluster.client(1) as client:
            answer = client.request("POST", "/channels/north/v1/records", record.read_bytes(), "application/cose")
            self.assertEqual((answer.status, answer.json["transaction"]["validation_code"]), (200, "VALID"))
            answer = client.request("POST", "/v1/records", record.read_bytes(), "application/cose")
            self.assertNotEqual(answer.status, 200)
            self.assertEqual(client.request("GET", "/channels/south/v1/blocks/0").status, 404)
            north = client.request("GET", "/channels/north/v1/checkpoints/latest").json
            self.assertEqual(client.request("GET", "/channels/main/v1/checkpoints/latest").json["channel"], "main")
            led = client.request("GET", "/channels/north", accept="text/html")
            self.assertEqual((led.status, led.headers["location"]), (303, "north/console/"))
            self.assertEqual(client.request("GET", "/channels/north/console/").status, 200)
        self.assertEqual(north["channel"], "north")

        # C is not in it.
        with self.cluster.client(3) as client:
            self.assertEqual(client.request("GET", "/channels/north/v1/checkpoints/latest").status, 404)

        def anchored():
            listed = json.loads(tally("--json", "channel", "anchors", "north", "--profile",
                                      self.profile("C", channel="main")).stdout)
            return {a["organization"]: a["root"] for a in listed["anchors"]}
        # Both organizations anchor what they hold; the first checkpoints came at the start.
        eventually(lambda: set(anchored()) == {"A", "B"}, 60)

        receipt, config = self.cluster.folder / "receipt", self.cluster.network / "channels" / "north" / "channel.json"
        block = self.submit("B", "registry", "register_schema", {**schema, "version": 2})
        tally("receipt", "get", block["id"], "--out", receipt, "--profile", self.profile("B"))
        tally("receipt", "verify", receipt, "--config", config)
        tally("receipt", "verify", receipt, "--config", self.cluster.network / "channel.json", expect=5)

    def test_one_text_has_the_figures_of_each_channel_and_a_further_channel_shows_only_its_own(self):
        with self.cluster.client(1) as client:
            text = client.request("GET", "/metrics").body.decode()
            for channel in ("main", "north"):
                self.assertRegex(text, rf'tally_block_height{{channel="{channel}"}} \d')
            self.assertEqual(text.count("# TYPE tally_block_height "), 1)
            further = client.request("GET", "/channels/north/metrics").body.decode()
            self.assertIn('tally_ready{channel="north"}', further)
            self.assertNotIn("main", further)

    def test_the_tools_show_each_channel_of_a_node(self):
        cluster, home = self.cluster, self.cluster.network / "nodes/node1"
        status = cluster.status()
        for name, channels in (("node1", ["north"]), ("node2", ["north"]), ("node3", [])):
            self.assertEqual(status[name]["channel"], "main")
            self.assertEqual([further["channel"] for further in status[name]["channels"]], channels)
            for further in status[name]["channels"]:
                self.assertEqual((further["state"], len(further["block_hash"])), ("ready", 64))
        table = tally("cluster", "status", cluster.network).stdout
        self.assertRegex(table, "node1 +A +north +ready")
        for running in (True, False):
            if not running:
                cluster.run("down")
            findings = json.loads(tally("--json", "doctor", home).stdout)
            subjects = {finding["subject"] for finding in findings if finding["channel"] == "north"}
            self.assertTrue({"genesis", "data", "network", "identity.peer", "disk"} <= subjects, subjects)
        verified = json.loads(tally("--json", "ledger", "verify", home).stdout)
        self.assertEqual([verified["channel"], *(further["channel"] for further in verified["channels"])], ["main", "north"])
        alone = json.loads(tally("--json", "ledger", "verify", home, "--channel", "north").stdout)
        self.assertEqual((alone["channel"], alone["channels"]), ("north", []))
        tally("ledger", "verify", home, "--channel", "south", expect=3)
        self.a_channel_begins_with_a_snapshot()
        self.a_damaged_channel_is_named(home)
        cluster.run("up")
        eventually(lambda: {node["state"] for node in cluster.status().values()} == {"ready"})

    def a_channel_begins_with_a_snapshot(self):
        """node2's part in north is lost; the stopped node1 has it."""
        home, file = self.cluster.network / "nodes/node2", self.cluster.folder / "north.snapshot"
        made = json.loads(tally("--json", "snapshot", "create", file, "--data", self.cluster.network / "nodes/node1",
                                "--channel", "north").stdout)
        tally("snapshot", "join", "--node", home, "--snapshot", file, "--channel", "north", expect=1)  # it has one
        shutil.rmtree(home / "data-north")
        (home / "data-north").mkdir()
        tally("snapshot", "join", "--node", home, "--snapshot", file, expect=1)  # not of the root
        joined = json.loads(tally("--json", "snapshot", "join", "--node", home, "--snapshot", file, "--channel",
                                  "north").stdout)
        self.assertEqual((joined["channel"], joined["block"]), ("north", made["block"]))

    def a_damaged_channel_is_named(self, home):
        current = home / "data-north/ledger/CURRENT"
        content = current.read_bytes()
        current.write_bytes(b"MANIFEST-999999\n")
        refused = tally("ledger", "verify", home, expect=5).stderr
        self.assertIn("channel north", refused)
        findings = json.loads(tally("--json", "doctor", home, expect=1).stdout)
        self.assertEqual({f["channel"] for f in findings if f["verdict"] == "bad"}, {"north"})
        current.write_bytes(content)

    def test_the_folder_lists_them_and_a_name_is_used_once(self):
        listed = json.loads(tally("--json", "channel", "list", self.cluster.network).stdout)
        self.assertEqual([(c["channel"], c["organizations"]) for c in listed],
                         [("main", ["A", "B", "C"]), ("north", ["A", "B"])])
        self.assertEqual([c["residency"] for c in listed], [None, "EU"])
        for name, code in (("north", 1), ("main", 1)):
            tally("channel", "create", self.cluster.network, name, expect=code)
        tally("channel", "create", self.cluster.network, "east", "--organizations", "A,Z", expect=3)
        self.assertFalse((self.cluster.network / "channels" / "east").exists())


if __name__ == "__main__":
    unittest.main()
