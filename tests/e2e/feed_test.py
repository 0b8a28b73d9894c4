"""Followers of events and blocks: nothing is lost or repeated, whatever happens to the node, and none holds it up."""

import http.client
import socket
import ssl
import threading
import time
import unittest

from cluster_under_test import eventually
from node_under_test import NodeUnderTest
from tally.errors import Refused
from tally_client import EventStream

BLOCKS = "/v1/blocks"


def schema(name):
    return {"id": name, "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]}


class Writer(threading.Thread):
    """Registers schemas, one after another, until it is stopped; while the node is away it tries again."""

    def __init__(self, node, prefix):
        super().__init__(daemon=True)
        self.node, self.prefix = node, prefix
        self.over, self.written = threading.Event(), []

    def run(self):
        client = self.node.client("admin")
        proposal = None
        while not self.over.is_set():
            try:
                proposal = proposal or client.identity.proposal("registry", "register_schema",
                                                                schema(f"{self.prefix}{len(self.written)}"))
                client.send(proposal[0])
            except (OSError, Refused, http.client.HTTPException):
                client.close()
                time.sleep(0.02)
                continue
            self.written.append(f"{self.prefix}{len(self.written)}")
            proposal = None

    def stop(self):
        self.over.set()
        self.join()


class Follower(threading.Thread):
    """Follows a stream for ever: when it breaks, from the last id on."""

    def __init__(self, node, query="?from_block=0", path="/v1/events"):
        super().__init__(daemon=True)
        self.node, self.query, self.path = node, query, path
        self.over, self.seen, self.last, self.began = threading.Event(), [], None, 0

    def run(self):
        while not self.over.is_set():
            try:
                stream = EventStream(self.node.client("client1"), self.query, self.last, self.path)
                self.began += 1
                for identifier, name, data in stream:
                    if identifier is None:
                        break  # a problem: it says why it ends
                    self.last = identifier
                    self.seen.append((identifier, name, data))
            except (OSError, Refused, http.client.HTTPException, ssl.SSLError):
                time.sleep(0.02)


class Feed(unittest.TestCase):
    def setUp(self):
        self.node = self.enterContext(NodeUnderTest())
        self.node.start()

    def write(self, name):
        with self.node.client("admin") as admin:
            return admin.submit("registry", "register_schema", schema(name))["block"]

    def test_a_follower_loses_nothing_when_the_node_is_killed_in_the_middle(self):
        writer, events = Writer(self.node, "s"), Follower(self.node, "?from_block=0&event=schema_registered")
        blocks = Follower(self.node, "?after=0", BLOCKS)
        for thread in (writer, events, blocks):
            thread.start()
        for crash in range(1, 4):
            eventually(lambda wanted=crash * 20: len(events.seen) >= wanted and len(blocks.seen) >= wanted)
            self.node.kill()
            self.node.start()
        eventually(lambda: events.began >= 4 and blocks.began >= 4)
        writer.stop()
        eventually(lambda: len(events.seen) >= len(writer.written))
        self.assertEqual([data["payload"]["schema"] for _, _, data in events.seen],
                         [name + "@1" for name in writer.written])
        ids = [identifier for identifier, _, _ in events.seen]
        self.assertEqual(len(set(ids)), len(ids))
        with self.node.client("client1") as client:
            height = client.get("/v1/checkpoints/latest")["block"]
            eventually(lambda: blocks.seen[-1][0] == str(height))
            self.assertEqual([data["number"] for _, _, data in blocks.seen], list(range(1, height + 1)))
            self.assertEqual([data["hash"] for _, _, data in blocks.seen],
                             [client.get(f"{BLOCKS}/{number}?header_only=true")["hash"] for number in range(1, height + 1)])

    def test_pages_and_the_stream_of_blocks_go_on_after_a_number(self):
        height = [self.write(f"p{number}") for number in range(3)][-1]
        with self.node.client("client1") as client:
            page = client.get(f"{BLOCKS}?after={height - 2}&header_only=true")
            self.assertEqual([block["number"] for block in page["blocks"]], [height - 1, height])
            self.assertEqual(client.get(f"{BLOCKS}?after={height}")["blocks"], [])
            both = client.request("GET", f"{BLOCKS}?after=1&from=1")
            self.assertEqual((both.status, both.code), (400, "invalid_argument"))
        stream = EventStream(self.node.client("client1"), f"?after={height - 1}", path=BLOCKS)
        identifier, name, data = next(iter(stream))
        self.assertEqual((identifier, name, data["number"]), (str(height), "block", height))
        self.assertEqual((data["transaction_count"], data["codes"]), (1, {"VALID": 1}))
        self.assertNotIn("transactions", data)
        stream.close()

    def test_a_stop_of_the_node_ends_streams_in_order(self):
        streams = [EventStream(self.node.client("client1"), path=path) for path in ("/v1/events", BLOCKS)]
        ends = []

        def listen(stream):
            ends.append(list(stream))  # an end that is not in order raises IncompleteRead
        listeners = [threading.Thread(target=listen, args=(stream,)) for stream in streams]
        for listener in listeners:
            listener.start()
        self.assertEqual(self.node.stop(), 0)
        for listener in listeners:
            listener.join(10)
        self.assertEqual(len(ends), 2)

    def test_one_organization_has_a_bounded_number_of_streams(self):
        streams, refused = [], None
        while refused is None and len(streams) < 1000:
            try:
                streams.append(EventStream(self.node.client("client1"), path=(BLOCKS, "/v1/events")[len(streams) % 2]))
            except Refused as refusal:
                refused = refusal
        self.assertEqual((refused.status, refused.code, len(streams)), (503, "busy", 256))
        self.write("while-they-listen")
        streams.pop().close()
        eventually(lambda: streams.append(EventStream(self.node.client("client1"))) or True)
        for stream in streams:
            stream.close()

    def test_a_follower_that_reads_nothing_holds_nobody_up_and_costs_no_memory(self):
        """What it is to get is far more than the system takes for a connection."""
        large = {**schema("x"), "fields": [{"name": f"f{n}", "unit": "W", "scale": 0} for n in range(32)]}
        with self.node.client("admin") as admin:
            for number in range(300):
                admin.submit("registry", "register_schema", {**large, "id": f"large{number}"})
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.connect(("127.0.0.1", self.node.port))
        client = self.node.client("client1")
        context = ssl.create_default_context(cafile=client.authorities)
        context.load_cert_chain(client.identity.certificate_file, client.identity.key_file)
        slow = context.wrap_socket(plain, server_hostname="127.0.0.1")
        slow.sendall(b"GET /v1/blocks?after=0 HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n")
        reader = Follower(self.node, "?from_block=0&event=schema_registered")
        reader.start()
        writer = Writer(self.node, "w")
        writer.start()
        eventually(lambda: len(writer.written) >= 50 and len(reader.seen) >= 350)
        writer.stop()
        slow.close()


if __name__ == "__main__":
    unittest.main()
