"""A stopped node's data is checked to the last bit; a directory has one node; SIGTERM loses nothing."""

import concurrent.futures
import http.client
import os
import pathlib
import random
import subprocess
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
from node_under_test import TALLY, NodeUnderTest, tally  # noqa: E402
from tally.errors import Refused  # noqa: E402
from tally.formats import DAY, ES256, KEEPALIVE, new_key  # noqa: E402
from tally.records import Field  # noqa: E402
from tally_client import Device  # noqa: E402

FIELDS = [Field("level", "m", -3)]
FLIPPED_BITS = int(os.environ.get("TALLY_FLIPPED_BITS", "40"))
DAMAGED = 5
UNAVAILABLE = 4


def prepare(node, identifiers):
    """The started node with a schema and devices."""
    node.start()
    devices = [Device(identifier, new_key(ES256), FIELDS) for identifier in identifiers]
    node.register("tank", devices)
    return devices


def signal_of(device):
    start = int(time.time()) // DAY * DAY - 100 * DAY + 60 * device.sequence
    return device.sign(device.payload(start, [[0, device.sequence]], kind=KEEPALIVE, end=start + 60))


class Damage(unittest.TestCase):
    def test_any_flipped_bit_is_found(self):
        """One random bit in a random file of the data folder: `tally ledger verify` exits with 5."""
        seed = int(os.environ.get("TALLY_SEED", random.SystemRandom().randrange(1 << 32)))
        print(f"seed {seed}", flush=True)
        chance = random.Random(seed)
        with NodeUnderTest() as node:
            devices = prepare(node, ["tank-1", "tank-2"])
            with node.client("client1") as client:
                for _ in range(10):
                    for device in devices:
                        client.publish(signal_of(device))
                client.publish(devices[0].day(int(time.time()) // DAY * DAY - 3 * DAY,
                                              [[offset, offset] for offset in range(0, DAY, 300)]))
            self.assertEqual(node.stop(), 0)
            node.verify()
            files = sorted(path for path in node.data.rglob("*") if path.is_file() and path.stat().st_size)
            for number in range(FLIPPED_BITS):
                path = chance.choice(files)
                content = path.read_bytes()
                position, bit = chance.randrange(len(content)), chance.randrange(8)
                where = f"{path.relative_to(node.data)}, byte {position} of {len(content)}, bit {bit}"
                with self.subTest(where, number=number):
                    path.write_bytes(content[:position] + bytes([content[position] ^ 1 << bit]) + content[position + 1:])
                    try:
                        done = node.verify(expect=None)
                    finally:
                        path.write_bytes(content)
                    self.assertEqual(done.returncode, DAMAGED, f"{where}\n{done.stdout}{done.stderr}")
            node.verify()

    def test_a_missing_or_cut_file_is_found(self):
        with NodeUnderTest() as node:
            (device,) = prepare(node, ["tank-1"])
            with node.client("client1") as client:
                for _ in range(5):
                    client.publish(signal_of(device))
            self.assertEqual(node.stop(), 0)
            files = sorted(path for path in node.data.rglob("*") if path.is_file() and path.stat().st_size)
            for path in files:
                content = path.read_bytes()
                for changed in (None, content[:-1], content + b"\0"):
                    if changed is None and path.name == "SEAL":
                        continue  # without a seal it is the data of a node that was killed
                    with self.subTest(str(path.relative_to(node.data)), size=changed and len(changed)):
                        path.unlink() if changed is None else path.write_bytes(changed)
                        try:
                            done = node.verify(expect=None)
                        finally:
                            path.write_bytes(content)
                        self.assertEqual(done.returncode, DAMAGED, f"{path.name}\n{done.stdout}{done.stderr}")
            node.verify()
            node.start()
            self.assertEqual(node.stop(), 0)


class OneNode(unittest.TestCase):
    def test_a_second_process_is_refused(self):
        """Exit code 4, at once, and the first process goes on; so for the commands that need the node stopped."""
        with NodeUnderTest() as node:
            (device,) = prepare(node, ["tank-1"])
            tally("node", "start", node.home, expect=UNAVAILABLE)
            node.verify(expect=UNAVAILABLE)
            with node.client("client1") as client:
                self.assertFalse(client.publish(signal_of(device))["duplicate"])
            self.assertEqual(node.stop(), 0)
            node.verify()


class OrderlyStop(unittest.TestCase):
    def test_sigterm_under_load(self):
        """What was reported committed is there; a seal lies in the data folder; the ledger verifies."""
        with NodeUnderTest() as node:
            devices = prepare(node, [f"tank-{number}" for number in range(6)])
            enough, committed = threading.Event(), {}

            def publish(device):
                with node.client("client1") as client:
                    while True:
                        try:
                            transaction = client.publish(signal_of(device))["transaction"]
                        except (OSError, http.client.HTTPException, Refused) as stopped:
                            if isinstance(stopped, Refused):
                                assert stopped.status == 503, stopped
                            return
                        committed[transaction["id"]] = (transaction["block"], transaction["index"])
                        if len(committed) >= 100:
                            enough.set()

            with concurrent.futures.ThreadPoolExecutor(len(devices)) as threads:
                running = [threads.submit(publish, device) for device in devices]
                self.assertTrue(enough.wait(60))
                self.assertEqual(node.stop(), 0)
                for one in running:
                    one.result()
            self.assertTrue(list(node.data.rglob("SEAL")))
            node.verify()
            node.start()
            with node.client("client1") as client:
                for transaction_id, place in committed.items():
                    found = client.get(f"/v1/transactions/{transaction_id}")
                    self.assertEqual((found["state"], found["validation_code"]), ("committed", "VALID"))
                    self.assertEqual((found["block"], found["index"]), place)
                total = sum(client.ask("data", "totals", {"device": device.id})["keepalive"] for device in devices)
                self.assertTrue(len(committed) <= total <= len(committed) + len(devices))
            self.assertEqual(node.stop(), 0)

    def test_sigint_and_a_port_in_use(self):
        """SIGINT stops in order as well; a node whose port is taken says so and ends."""
        with NodeUnderTest() as node:
            prepare(node, ["tank-1"])
            node.process.send_signal(2)
            self.assertEqual(node.process.wait(30), 0)
            node.verify()
            blocker = subprocess.Popen([sys.executable, "-c",
                                        "import socket, sys; s = socket.create_server(('127.0.0.1', int(sys.argv[1])));"
                                        "print('ready', flush=True); sys.stdin.read()", str(node.port)],
                                       stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            try:
                blocker.stdout.readline()
                done = subprocess.run([TALLY, "node", "start", str(node.home)], capture_output=True, text=True, timeout=30)
                self.assertNotEqual(done.returncode, 0)
                self.assertIn(str(node.port), done.stdout + done.stderr)
            finally:
                blocker.communicate()


if __name__ == "__main__":
    unittest.main()
