"""Many clients at once, and clients that behave badly: work goes on, nobody is served wrongly."""

import concurrent.futures
import json
import resource
import socket
import ssl
import time
import unittest

from node_under_test import NodeUnderTest
from tally.formats import DAY, EDDSA, ES256, KEEPALIVE, encode, new_key, tree_head
from tally.records import Field
from tally.series import summarize
from tally_client import Device

FIELDS = [Field("level", "m", -3)]
IDLE_CONNECTIONS = 1000
REQUEST = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


class Connections(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()
        cls.admin, cls.client = cls.node.client("admin"), cls.node.client("client1")
        cls.admin.submit("registry", "register_schema", {
            "id": "tank", "version": 1, "fields": [{"name": f.name, "unit": f.unit, "scale": f.scale} for f in FIELDS]})
        cls.start = int(time.time()) // DAY * DAY - 100 * DAY

    @classmethod
    def tearDownClass(cls):
        """After all that, the node stops in order and its ledger holds."""
        code = cls.node.stop()
        assert code == 0, "".join(cls.node.log)
        cls.node.verify()

    def device(self, identifier, algorithm=ES256):
        device = Device(identifier, new_key(algorithm), FIELDS)
        self.admin.submit("registry", "register_device", device.registration("tank@1", shard=identifier.split("-")[0]))
        return device

    def signals(self, device, count):
        return [device.sign(device.payload(self.start + 60 * number, [[0, number]], kind=KEEPALIVE,
                                           end=self.start + 60 * number + 60)) for number in range(count)]

    def raw(self):
        """A TLS connection of nobody, by hand."""
        context = ssl.create_default_context(cafile=str(self.node.authorities))
        return context.wrap_socket(socket.create_connection(("127.0.0.1", self.node.port), 30),
                                   server_hostname="127.0.0.1")

    def works(self):
        self.assertEqual(self.client.get("/healthz")["ok"], True)

    def test_many_records_of_one_device_at_once(self):
        """Ten connections send a device's records in any order, each twice: every one is committed, once."""
        device = self.device("single-1")
        records = self.signals(device, 80)

        def publish(part):
            with self.node.client("client1") as client:
                return [client.publish(record) for record in part]

        with concurrent.futures.ThreadPoolExecutor(20) as threads:
            outcomes = [o for part in threads.map(publish, [records[n::10] for n in range(10)] * 2) for o in part]
        self.assertEqual({o["transaction"]["validation_code"] for o in outcomes}, {"VALID"})
        self.assertEqual(len({o["transaction"]["id"] for o in outcomes}), len(records))
        self.assertEqual(len({o["content_id"] for o in outcomes}), len(records))
        self.assertEqual(self.client.ask("data", "totals", {"device": device.id})["keepalive"], len(records))
        self.assertEqual(sum(not o["duplicate"] for o in outcomes), len(records))

    def test_many_devices_at_once(self):
        devices = [self.device(f"farm-{number}", EDDSA if number % 2 else ES256) for number in range(24)]

        def publish(device):
            with self.node.client("client1") as client:
                return [client.publish(record)["transaction"]["validation_code"]
                        for record in self.signals(device, 8)]

        with concurrent.futures.ThreadPoolExecutor(12) as threads:
            codes = [code for part in threads.map(publish, devices) for code in part]
        self.assertEqual(codes, ["VALID"] * (8 * len(devices)))
        self.assertEqual(self.client.ask("data", "totals", {"shard": "farm"})["keepalive"], 8 * len(devices))
        for device in devices:
            self.assertEqual(self.client.ask("data", "totals", {"device": device.id})["keepalive"], 8)

    def test_a_thousand_idle_connections(self):
        """They wait; work goes on beside them; afterwards each is still served."""
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.assertGreaterEqual(hard, IDLE_CONNECTIONS + 200, "too few file descriptors: ulimit -Hn 20000")
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, IDLE_CONNECTIONS + 200), hard))
        device = self.device("patient-1")
        idle = []
        try:
            with concurrent.futures.ThreadPoolExecutor(8) as threads:
                idle = list(threads.map(lambda _: self.raw(), range(IDLE_CONNECTIONS)))
            for record in self.signals(device, 20):
                self.assertFalse(self.client.publish(record)["duplicate"])
            for connection in idle[::50]:
                connection.sendall(REQUEST)
                self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 200"))
        finally:
            for connection in idle:
                connection.close()
        self.works()

    def test_a_slow_client_is_served(self):
        """Its request comes byte by byte."""
        with self.raw() as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in REQUEST:
                connection.sendall(bytes([byte]))
            self.assertTrue(connection.recv(100).startswith(b"HTTP/1.1 200"))
        self.works()

    def test_half_closed_connections(self):
        """A request, then no more from that side; half a request; half a handshake: none holds anything up."""
        with self.raw() as connection:
            connection.sendall(REQUEST)
            socket.socket.shutdown(connection, socket.SHUT_WR)
            answer = connection.recv(100)
            self.assertTrue(answer == b"" or answer.startswith(b"HTTP/1.1 200"), answer)
        with self.raw() as connection:
            connection.sendall(b"POST /v1/records HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
        with socket.create_connection(("127.0.0.1", self.node.port)) as connection:
            connection.sendall(b"\x16\x03\x01\x02")
            connection.shutdown(socket.SHUT_WR)
            self.assertIn(connection.recv(100)[:1], (b"", b"\x15"))
        with socket.create_connection(("127.0.0.1", self.node.port)) as connection:
            connection.sendall(REQUEST)
            try:
                self.assertFalse(connection.recv(100).startswith(b"HTTP/1.1 200"), "HTTP without TLS")
            except ConnectionResetError:
                pass
        self.works()

    def answer_to(self, request):
        """The status line's number and the code, read while the connection may already be closing."""
        with self.raw() as connection:
            try:
                connection.sendall(request)
            except (ssl.SSLError, OSError):
                pass
            received = b""
            try:
                while part := connection.recv(65536):
                    received += part
                    head, separator, body = received.partition(b"\r\n\r\n")
                    if separator and body.rstrip().endswith(b"}"):
                        break
            except (ssl.SSLError, OSError):
                pass
        head, _, body = received.partition(b"\r\n\r\n")
        return int(head.split()[1]), json.loads(body)["code"]

    def test_huge_headers_and_bodies(self):
        """Refused by their size before they are read in full."""
        head = b"GET /healthz HTTP/1.1\r\nHost: x\r\n"
        self.assertEqual(self.answer_to(head + b"X-Long: " + b"a" * 100_000 + b"\r\n\r\n"), (431, "too_large"))
        self.assertEqual(self.answer_to(head + b"".join(b"X-%d: a\r\n" % n for n in range(5000)) + b"\r\n"),
                         (431, "too_large"))
        status, code = self.answer_to(b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")
        self.assertIn(status, (414, 431))
        self.assertEqual(code, "too_large")
        token = self.node.member("client1").token("main").encode()
        post = (b"POST /v1/records HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + token +
                b"\r\nContent-Type: application/cose\r\n")
        self.assertEqual(self.answer_to(post + b"Content-Length: 10000000000\r\n\r\n"), (413, "too_large"))
        self.works()

    def test_a_body_that_is_sent_before_the_answer_is_read(self):
        """17 MB through Python's own client, which reads at the end: it is told why, not cut off."""
        for path, content_type in (("/v1/records", "application/cose"), ("/v1/transactions", "application/cose")):
            with self.node.client("client1") as client:
                answer = client.request("POST", path, bytes(17_000_000), content_type)
                self.assertEqual((answer.status, answer.code), (413, "too_large"))
        self.works()

    def test_requests_that_are_none(self):
        for request in (b"\0" * 100, b"GET\r\n\r\n", b"GET /healthz HTTP/9.9\r\n\r\n",
                        b"GET /healthz HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
                        b"POST /healthz HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
                        b"GET /healthz HTTP/1.1\r\nHost : x\r\n\r\n"):
            with self.subTest(request[:40]), self.raw() as connection:
                connection.sendall(request)
                connection.settimeout(10)
                try:
                    answer = connection.recv(1000)
                except (ssl.SSLError, ConnectionResetError):
                    answer = b""
                self.assertTrue(answer == b"" or answer.split()[1][:1] in (b"4", b"5"), answer)
        self.works()

    def test_an_encoding_that_is_not_undone_is_refused(self):
        """The body would be taken for what it is not. The connection ends, as nobody knows where the body does."""
        head = b"POST /v1/records HTTP/1.1\r\nHost: x\r\n"
        for fields, status in ((b"Transfer-Encoding: gzip, chunked", 501), (b"Transfer-Encoding: chunked, chunked", 501),
                               (b"Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked", 501),
                               (b"Transfer-Encoding: identity", 501),
                               (b"Content-Encoding: gzip\r\nContent-Length: 5", 415),
                               (b"Content-Encoding: identity\r\nContent-Encoding: br\r\nContent-Length: 5", 415)):
            with self.subTest(fields):
                body = b"5\r\nabcde\r\n0\r\n\r\n" if b"Transfer" in fields else b"abcde"
                self.assertEqual(self.answer_to(head + fields + b"\r\n\r\n" + body), (status, "unsupported"))
        for fields in (b"Transfer-Encoding: Chunked", b"Content-Encoding: identity\r\nTransfer-Encoding: chunked"):
            with self.subTest(fields):
                answer = self.answer_to(head + fields + b"\r\n\r\n5\r\nabcde\r\n0\r\n\r\n")
                self.assertEqual(answer, (401, "unauthenticated"))
        self.works()

    def test_requests_in_a_row(self):
        """Pipelined requests are answered in order on one connection."""
        with self.raw() as connection:
            connection.sendall(REQUEST * 20)
            received = b""
            while received.count(b"HTTP/1.1 200") < 20:
                part = connection.recv(65536)
                self.assertTrue(part, f"only {received.count(b'HTTP/1.1 200')} of 20 answers")
                received += part

    def test_a_large_day_fits(self):
        """86,400 rows: every second of a day."""
        device = self.device("second-1")
        device.interval = 1
        rows = [[offset, offset % 977] for offset in range(DAY)]
        record = device.sign({**device.payload(self.start, []), **self.whole(rows)})
        outcome = self.client.publish(record)
        self.assertEqual(outcome["transaction"]["validation_code"], "VALID")
        (day,) = self.client.ask("data", "days", {"device": device.id})["days"]
        self.assertEqual((day["rows"], day["fields"][0]["sum"]),
                         (DAY, f"{sum(row[1] for row in rows) / 1000:.3f}"))

    @staticmethod
    def whole(rows):
        encoded = [encode(row) for row in rows]
        return {6: 1, 8: [summarize(rows, 0)], 9: tree_head(encoded), 12: b"".join(encoded)}


if __name__ == "__main__":
    unittest.main()
