#!/usr/bin/python3
"""kill -9 under load, again and again: what was reported committed is there, once, and the chain goes on.

    kill_test.py [--kills N] [--seed S]

Several writers publish keep-alive records and register schemas, each waiting for its commit. The node is killed
at random moments, also while it starts. After every restart each transaction that was reported committed must be
there with its code, block and index; what was in doubt is sent again and must be applied exactly once.
"""

import argparse
import http.client
import os
import pathlib
import random
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
from node_under_test import NodeUnderTest  # noqa: E402
from tally.errors import Refused  # noqa: E402
from tally.formats import EDDSA, ES256, KEEPALIVE, new_key  # noqa: E402
from tally.records import Field  # noqa: E402
from tally_client import Device  # noqa: E402

SCHEMA = "signal@1"
FIELDS = [Field("level", "dBm", 0)]
KEEPALIVE_SECONDS = 60


class Load:
    """The writers' common state: whether they may write, and what the node told them."""

    def __init__(self):
        self.changed = threading.Condition()
        self.running = False
        self.finished = False
        self.busy = 0
        self.commits = 0
        self.failure = None

    def resume(self):
        with self.changed:
            self.running = True
            self.changed.notify_all()

    def pause(self):
        """Returns when no writer is waiting for an answer."""
        with self.changed:
            self.running = False
            assert self.changed.wait_for(lambda: self.busy == 0, 60), "a writer does not come back"

    def finish(self):
        with self.changed:
            self.running, self.finished = False, True
            self.changed.notify_all()

    def may_write(self):
        with self.changed:
            self.changed.wait_for(lambda: self.running or self.finished)
            if self.finished:
                return False
            self.busy += 1
            return True

    def wrote(self, committed):
        with self.changed:
            self.busy -= 1
            self.commits += committed
            self.changed.notify_all()

    def fail(self, error):
        with self.changed:
            self.failure = self.failure or error
            self.busy -= 1
            self.changed.notify_all()

    def await_commits(self, count, seconds=60):
        with self.changed:
            wanted = self.commits + count
            assert self.changed.wait_for(lambda: self.commits >= wanted or self.failure, seconds), "no commits"
        if self.failure:
            raise self.failure


class Writer(threading.Thread):
    """Sends one transaction after the other; keeps the one whose answer it did not get and sends it again."""

    def __init__(self, node, load):
        super().__init__(daemon=True)
        self.load = load
        self.client = node.client("client1", timeout=20)
        self.committed = {}
        self.checked = set()
        self.in_doubt = None

    def run(self):
        while self.load.may_write():
            try:
                committed = self.step()
            except (AssertionError, Refused) as error:
                self.load.fail(error)
                return
            self.load.wrote(committed)
            if not committed:
                with self.load.changed:
                    self.load.changed.wait_for(lambda: not self.load.running, 0.05)

    def step(self):
        """Whether the transaction at hand was reported committed."""
        self.in_doubt = self.in_doubt or self.next()
        try:
            transaction = self.send(self.in_doubt)
        except (OSError, http.client.HTTPException):
            self.client.close()
            return False
        except Refused as refused:
            if refused.status == 503:
                return False
            raise
        assert transaction["state"] == "committed" and transaction["validation_code"] == "VALID", transaction
        assert transaction["id"] not in self.committed, "two records are one transaction"
        self.committed[transaction["id"]] = (transaction["block"], transaction["index"])
        self.in_doubt = None
        return True

    def check(self, client, everything=False):
        """That what was reported committed is still there, as it was reported."""
        for transaction_id, place in self.committed.items():
            if transaction_id in self.checked and not everything:
                continue
            found = client.get(f"/v1/transactions/{transaction_id}")
            assert found["state"] == "committed" and found["validation_code"] == "VALID", found
            assert (found["block"], found["index"]) == place, f"{found} was at {place}"
            self.checked.add(transaction_id)


class RecordWriter(Writer):
    """A device that sends keep-alive records of one row."""

    def __init__(self, node, load, number):
        super().__init__(node, load)
        self.device = Device(f"beacon-{number}", new_key(ES256 if number % 2 else EDDSA), FIELDS,
                             interval=KEEPALIVE_SECONDS)
        self.start_time = int(time.time()) // 86400 * 86400 - 400 * 86400
        with node.client("admin") as admin:
            admin.submit("registry", "register_device", self.device.registration(SCHEMA, shard="coast"))

    def next(self):
        start = self.start_time + self.device.sequence * KEEPALIVE_SECONDS
        return self.device.sign(self.device.payload(start, [[0, -self.device.sequence]], kind=KEEPALIVE,
                                                    end=start + KEEPALIVE_SECONDS))

    def send(self, record):
        return self.client.publish(record)["transaction"]

    def check_totals(self, client):
        """Counters equal the records: nothing lost, nothing applied twice."""
        totals = client.ask("data", "totals", {"device": self.device.id})
        known = len(self.committed)
        allowed = (known, known + 1) if self.in_doubt else (known,)
        assert totals["keepalive"] in allowed, f"{totals}, but {known} were reported committed"
        assert totals["rows"] == totals["keepalive"] and totals["daily"] == totals["interval"] == 0, totals
        if not self.in_doubt:
            gaps = client.ask("data", "gaps", {"device": self.device.id, "from": self.start_time,
                                               "to": self.start_time + 86400})
            assert not gaps["missing_sequences"] and not gaps["broken_chain"], gaps


class SchemaWriter(Writer):
    """A member that registers schemas with signed proposals."""
    number = 0

    def next(self):
        self.number += 1
        return self.client.identity.proposal("registry", "register_schema", {
            "id": f"schema-{self.name}-{self.number}", "version": 1,
            "fields": [{"name": "level", "unit": "dBm", "scale": 0}]})

    def send(self, proposal):
        outcome = self.client.send(proposal[0])
        assert outcome["id"] == proposal[1]
        return outcome


def check(node, writers, height, everything=False):
    """After a restart, with the writers paused. Returns the height."""
    with node.client("client1") as client:
        now = client.get("/v1/checkpoints/latest")["block"]
        assert now >= height, f"block {now} after block {height}"
        for writer in writers:
            writer.check(client, everything)
            if isinstance(writer, RecordWriter):
                writer.check_totals(client)
        return max([now] + [place[0] for writer in writers for place in writer.committed.values()])


def settle(writers):
    """Sends what is in doubt again, while nobody else writes."""
    for writer in writers:
        while writer.in_doubt:
            writer.step()


def run(kills, chance):
    with NodeUnderTest() as node:
        node.start()
        with node.client("admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "signal", "version": 1, "fields": [{"name": f.name, "unit": f.unit, "scale": f.scale} for f in FIELDS]})
        load = Load()
        writers = [RecordWriter(node, load, number) for number in range(6)]
        writers += [SchemaWriter(node, load) for _ in range(2)]
        for writer in writers:
            writer.start()
        height = 0
        for number in range(1, kills + 1):
            load.resume()
            load.await_commits(chance.randrange(5, 60))
            moment = threading.Event()
            moment.wait(chance.random() * 0.1)
            node.kill()
            load.pause()
            if chance.random() < 0.25:
                node.spawn()
                moment.wait(chance.random() * 0.4)
                node.kill()
            node.start()
            height = check(node, writers, height)
            settle(writers)
            height = check(node, writers, height)
            if number % 25 == 0:
                print(f"{number} kills, block {height}, {load.commits} reported committed", flush=True)
        load.resume()
        load.await_commits(50)
        load.pause()
        load.finish()
        settle(writers)
        check(node, writers, height, everything=True)
        assert node.stop() == 0, "".join(node.log)
        print(node.verify().stdout)
        total = sum(len(writer.committed) for writer in writers)
        print(f"{kills} kills, {total} transactions reported committed, all there, each once")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=12)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    run(options.kills, random.Random(options.seed))
