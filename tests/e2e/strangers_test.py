"""Strangers that open connections: a node with few descriptors goes on committing, and lets its peers in."""

import json
import pathlib
import re
import resource
import socket
import ssl
import time
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import NodeUnderTest, tally
from tally.formats import DAY, ES256, KEEPALIVE, new_key
from tally.records import Field
from tally_client import Device

FIELDS = [Field("power", "W", 0)]
FEW = 256
FLOOD = 600
PLACES = 64     # HTTP connections of the node that many addresses besiege
ADDRESSES = 200


class Flood:
    """Plain TCP connections that say nothing, from an address of their own; what is closed is opened again."""

    def __init__(self, ports, count):
        self.ports, self.count, self.sockets = ports, count, {port: [] for port in ports}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for sockets in self.sockets.values():
            for each in sockets:
                each.close()

    @staticmethod
    def is_open(connection):
        try:
            return connection.recv(4096) != b""
        except (BlockingIOError, ssl.SSLWantReadError):
            return True
        except OSError:
            return False

    def go_on(self):
        for port, sockets in self.sockets.items():
            for each in [each for each in sockets if not self.is_open(each)]:
                sockets.remove(each)
                each.close()
            while len(sockets) < self.count:
                connection = socket.socket()
                connection.setblocking(False)
                connection.bind(("127.0.0.9", 0))
                connection.connect_ex(("127.0.0.1", port))
                sockets.append(connection)


def descriptors(pid):
    return len(list(pathlib.Path(f"/proc/{pid}/fd").iterdir()))


class Strangers(unittest.TestCase):
    def setUp(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4 * FLOOD)), hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))

    def test_a_node_with_few_descriptors_goes_on_under_a_flood_of_connections(self):
        cluster = self.enterContext(ClusterUnderTest())
        tally("network", "create", cluster.network, *cluster.options)
        for home in (cluster.network / "nodes").iterdir():  # parts of the log begin often
            path = home / "node.toml"
            text, count = re.subn(r"^\[storage\]$", "[storage]\nlog_segment_bytes = 65536", path.read_text(), flags=re.MULTILINE)
            assert count == 1, path
            path.write_text(text)
        # All nodes inherit it: they cannot raise it.
        tally("cluster", "up", cluster.network, before=["prlimit", f"--nofile={FEW}:{FEW}"])
        device = Device("meter", new_key(ES256), FIELDS)
        with cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema",
                         {"id": "s", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            admin.submit("registry", "register_device", device.registration("s@1", organization="A"))
        start = int(time.time()) // DAY * DAY - 100 * DAY
        peers = [int(node["address"].rsplit(":", 1)[1]) for node in json.loads(
            (cluster.network / "channel.json").read_text())["nodes"]]
        pids = [int(each["pid"]) for each in cluster.status().values()]
        with Flood([cluster.port, peers[0]], FLOOD) as flood:
            for number in range(60):
                flood.go_on()
                with cluster.client(2) as client:
                    record = device.sign(device.payload(start + 60 * number, [[0, number]], kind=KEEPALIVE,
                                                        end=start + 60 * number + 60))
                    self.assertEqual(client.publish(record)["transaction"]["validation_code"], "VALID")
                self.assertLess(max(map(descriptors, pids)), FEW - 16)
            with cluster.client(1) as client:  # its own members still get in
                self.assertEqual(client.get("/healthz")["ok"], True)
            # A peer whose connections end finds the way back.
            cluster.run("kill", "node3")
            flood.go_on()
            cluster.run("start", "node3")
            eventually(lambda: flood.go_on() or cluster.agreed(), 60)
        cluster.agreed()
        cluster.run("down")

    def besieged(self, connect):
        """A node whose places for connections were all asked for by strangers, each from an address of its own."""
        node = self.enterContext(NodeUnderTest())
        path = node.home / "node.toml"
        path.write_text(path.read_text().replace("[gateway]", f"[gateway]\nmax_connections = {PLACES}", 1))
        node.start()
        earlier = self.enterContext(node.client("client1"))
        self.assertEqual(earlier.request("GET", "/v1/blocks").status, 200)
        strangers = []
        for number in range(ADDRESSES):
            plain = socket.create_connection(("127.0.0.1", node.port), 10, source_address=(f"127.0.1.{number + 1}", 0))
            self.addCleanup(plain.close)
            try:
                stranger = connect(plain)
            except OSError:
                continue  # it was closed at once
            self.addCleanup(stranger.close)
            strangers.append(stranger)
        # A member has a place at once, and those that have told who they are keep theirs.
        for _ in range(3):
            with node.client("client1") as member:
                self.assertEqual(member.request("GET", "/v1/blocks").status, 200)
        self.assertEqual(earlier.request("GET", "/v1/blocks").status, 200)
        for stranger in strangers:
            stranger.setblocking(False)
        eventually(lambda: sum(map(Flood.is_open, strangers)) <= PLACES // 2, 10)
        self.assertEqual(node.stop(), 0, "".join(node.log[-20:]))

    def test_strangers_that_say_nothing_leave_places_for_members(self):
        self.besieged(lambda plain: plain)

    def test_strangers_that_ask_without_a_name_leave_places_for_members(self):
        def connect(plain):
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            stranger = context.wrap_socket(plain)
            stranger.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            self.assertTrue(stranger.recv(100).startswith(b"HTTP/1.1 200"))
            return stranger

        self.besieged(connect)

    def test_a_node_raises_its_limit_and_says_when_it_is_low(self):
        node = self.enterContext(NodeUnderTest())
        node.start()
        limits = pathlib.Path(f"/proc/{node.process.pid}/limits").read_text()
        soft, hard = next(line.split()[3:5] for line in limits.splitlines() if line.startswith("Max open files"))
        self.assertEqual(soft, hard)
        self.assertNotIn("event=few_descriptors", "".join(node.log))
        self.assertEqual(node.stop(), 0)
        found = tally("doctor", node.home, expect=None, before=["prlimit", f"--nofile={FEW}:{FEW}"])
        self.assertIn("gateway.max_connections", found.stdout)


if __name__ == "__main__":
    unittest.main()
