"""A full disk: new work is refused, nothing is lost, and service resumes when there is room again."""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
from node_under_test import NodeUnderTest  # noqa: E402
from tally.errors import Refused  # noqa: E402
from tally.formats import DAY, ES256, KEEPALIVE, new_key  # noqa: E402
from tally.records import Field  # noqa: E402
from tally_client import Device  # noqa: E402

FIELDS = [Field("level", "m", -3)]
MEGABYTE = 1 << 20
DISK = 256 * MEGABYTE
RESERVE = 16 * MEGABYTE
WAIT_SECONDS = 30


class FullDisk(unittest.TestCase):
    def setUp(self):
        self.disk = pathlib.Path(tempfile.mkdtemp(prefix="tally-disk-"))
        self.addCleanup(shutil.rmtree, self.disk, ignore_errors=True)
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", str(self.disk)],
                                 capture_output=True, text=True)
        if mounted.returncode != 0:
            self.skipTest(f"cannot mount: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", str(self.disk)], check=False)

    def fill(self, leave):
        """A file that takes all room but `leave` bytes."""
        free = os.statvfs(self.disk)
        size = free.f_bavail * free.f_frsize - leave
        with open(self.disk / "filler", "wb") as filler:
            os.posix_fallocate(filler.fileno(), 0, size)

    def publish(self, client):
        start = int(time.time()) // DAY * DAY - 100 * DAY + 60 * self.device.sequence
        record = self.device.sign(self.device.payload(start, [[0, self.device.sequence]], kind=KEEPALIVE, end=start + 60))
        self.last = record
        return client.publish(record)["transaction"]

    def await_ready(self, client, status):
        """/readyz until it tells what is expected: the node looks at its disk from time to time. It is alive all along."""
        deadline = time.monotonic() + WAIT_SECONDS
        while (answer := client.request("GET", "/readyz")).status != status:
            self.assertLess(time.monotonic(), deadline, answer.body)
            self.assertEqual(client.request("GET", "/healthz").status, 200)
            time.sleep(0.05)
        return answer

    def run_full(self, leave):
        with NodeUnderTest(folder=self.disk / "node") as node:
            node.configure("min_free_bytes", RESERVE)
            node.start()
            client = node.client("client1")
            self.device = Device("tank-1", new_key(ES256), FIELDS)
            node.register("tank", [self.device])
            committed = [self.publish(client) for _ in range(20)]
            self.fill(leave)
            health = self.await_ready(client, 503).json
            self.assertIn("the disk is full", health["why"])
            with self.assertRaises(Refused) as refused:
                self.publish(client)
            self.assertEqual((refused.exception.status, refused.exception.code), (503, "disk_full"))
            proposal = client.identity.proposal("registry", "register_schema", {
                "id": "later", "version": 1, "fields": [{"name": "a", "unit": "W", "scale": 0}]})[0]
            answer = client.request("POST", "/v1/transactions", proposal, "application/cose")
            self.assertEqual((answer.status, answer.code), (503, "disk_full"))
            for transaction in committed:
                self.assertEqual(client.get(f"/v1/transactions/{transaction['id']}")["block"], transaction["block"])
            (self.disk / "filler").unlink()
            self.await_ready(client, 200)
            outcome = client.publish(self.last)
            self.assertFalse(outcome["duplicate"])
            committed += [outcome["transaction"]] + [self.publish(client) for _ in range(5)]
            self.assertEqual(client.send(proposal)["validation_code"], "VALID")
            totals = client.ask("data", "totals", {"device": self.device.id})
            self.assertEqual(totals["keepalive"], len(committed))
            client.close()
            self.assertEqual(node.stop(), 0)
            node.verify()

    def test_below_the_reserve(self):
        """min_free_bytes is no longer free: the node stops taking work before the disk is full."""
        self.run_full(leave=RESERVE // 2)

    def test_not_a_byte_left(self):
        self.run_full(leave=0)

    def test_full_before_the_node_knows(self):
        """A transaction that finds the disk full waits; it is committed as soon as there is room."""
        with NodeUnderTest(folder=self.disk / "node") as node:
            node.configure("min_free_bytes", MEGABYTE)
            node.start()
            self.device = Device("tank-1", new_key(ES256), FIELDS)
            node.register("tank", [self.device])
            with node.client("client1") as client, node.client("client1") as other, \
                    concurrent.futures.ThreadPoolExecutor(1) as thread:
                committed = [self.publish(client)]
                self.fill(leave=0)
                waiting = thread.submit(self.publish, client)
                self.await_ready(other, 503)
                self.assertFalse(waiting.done())
                (self.disk / "filler").unlink()
                committed += [waiting.result()]
                self.await_ready(other, 200)
                committed += [self.publish(client)]
                self.assertTrue(other.publish(self.last)["duplicate"])
                self.assertEqual(len({transaction["id"] for transaction in committed}), 3)
                self.assertEqual(other.ask("data", "totals", {"device": self.device.id})["keepalive"], 3)
            self.assertEqual(node.stop(), 0)
            node.verify()

    def test_it_stops_while_the_disk_is_full(self):
        """SIGTERM ends the node although more blocks wait for room than the committer's queue holds; nothing is lost."""
        with NodeUnderTest("--batch-messages", "1", folder=self.disk / "node") as node:
            node.configure("min_free_bytes", MEGABYTE)
            node.start()
            devices = [Device(f"tank-{number}", new_key(ES256), FIELDS) for number in range(40)]
            node.register("tank", devices)
            start = int(time.time()) // DAY * DAY - 100 * DAY
            records = [device.sign(device.payload(start, [[0, 1]], kind=KEEPALIVE, end=start + 60)) for device in devices]

            def publish(record):
                try:
                    with node.client("client1") as client:
                        return client.publish(record)["transaction"]
                except (Refused, OSError):
                    return None
            self.fill(leave=0)
            with concurrent.futures.ThreadPoolExecutor(len(records)) as threads:
                waiting = [threads.submit(publish, record) for record in records]
                with node.client("client1") as client:
                    self.await_ready(client, 503)
                self.assertEqual(node.stop(), 0)
                self.assertEqual([each.result() for each in waiting], [None] * len(records))
            (self.disk / "filler").unlink()
            node.start()
            with node.client("client1") as client:
                for record in records:
                    client.publish(record)
                    self.assertTrue(client.publish(record)["duplicate"])
                for device in devices:
                    self.assertEqual(client.ask("data", "totals", {"device": device.id})["keepalive"], 1)
            self.assertEqual(node.stop(), 0)
            node.verify()


if __name__ == "__main__":
    unittest.main()
