"""What clients did and what they were told: one entry per operation, in memory and as JSON lines.

An operation ends as
    ok       the node said that it is committed and valid, and where
    fail     the node refused it: it must never be applied
    unknown  time was up or the connection was lost: it may have been applied, once
Operations write a key (`set`: a number of its own; `add`: one more) or look at a node (`get` a key, `tip`: its newest
block). Times are of one monotonic clock.
"""

import json
import threading
import time
from dataclasses import asdict, dataclass


@dataclass
class Operation:
    number: int
    client: str
    node: str
    life: int            # of the node: how often its disk had been wiped before
    kind: str            # set, add, get, tip
    key: str = ""
    value: int | str | None = None   # set: what is written; get: what was read; tip: the block's hash
    id: str = ""         # of the transaction
    invoked: float = 0.0
    ended: float | None = None
    state: str = "unknown"
    place: tuple | None = None       # block, index in it; tip: block, 0
    why: str = ""        # not ok

    @property
    def writes(self):
        return self.kind in ("set", "add")


class History:
    """Safe from any thread."""

    def __init__(self, file=None, clock=time.monotonic):
        self.lock = threading.Lock()
        self.operations, self.clock = [], clock
        self.counts = {"ok": 0, "fail": 0, "unknown": 0}
        self.file = open(file, "w", encoding="utf-8") if file else None

    def invoke(self, client, node, life, kind, key="", value=None):
        with self.lock:
            operation = Operation(len(self.operations) + 1, client, node, life, kind, key, value)
            self.operations.append(operation)
            operation.invoked = self.clock()
        return operation

    def sent(self, operation, transaction_id):
        """Before its first byte leaves: what is on the ledger was noted here before."""
        operation.id = transaction_id
        self._write(operation, "invoke")

    def end(self, operation, state, place=None, why=""):
        operation.place = tuple(place) if place else None
        operation.why, operation.state, operation.ended = why, state, self.clock()
        with self.lock:
            self.counts[state] += 1
        self._write(operation, state)

    def _write(self, operation, event):
        if self.file:
            with self.lock:
                self.file.write(json.dumps({"event": event, **asdict(operation)}) + "\n")

    def close(self):
        if self.file:
            self.file.close()
