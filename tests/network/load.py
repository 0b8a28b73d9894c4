"""Writers at every gateway: each sends, waits for the commit, and remembers what it was told."""

import http.client
import itertools
import threading

from tally.errors import Refused

PATIENCE = 60
SERIAL = itertools.count(1)  # of a process's loads: they may share a cluster


class Load:
    """A context manager. A schema per submission: nothing conflicts, and each is there once or not at all. `pause` is a
    writer's, between two submissions."""

    def __init__(self, cluster, writers=1, pause=0.1):
        self.cluster, self.pause, self.serial = cluster, pause, next(SERIAL)
        self.stopping = threading.Event()
        self.numbers = range(1, len(cluster.names) + 1)
        self.committed = {number: [] for number in self.numbers}  # by gateway: id, block, index
        self.refused = {}                                           # id: why
        self.changed = threading.Condition()
        self.threads = [threading.Thread(target=self.write, args=(number, writer), daemon=True)
                        for number in self.numbers for writer in range(writers)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.cluster.wires.heal()
        self.stop()

    def write(self, number, writer):
        count = 0
        with self.cluster.client(number, timeout=5) as client:
            while not self.stopping.wait(self.pause):
                count += 1
                proposal, transaction_id = client.identity.proposal("registry", "register_schema", {
                    "id": f"load-{self.serial}-{number}-{writer}-{count}", "version": 1,
                    "fields": [{"name": "level", "unit": "m", "scale": 0}]})
                try:
                    outcome = client.send(proposal)
                except Refused as refused:
                    if refused.code != "timeout":
                        self.refused[transaction_id] = str(refused)
                except (OSError, http.client.HTTPException):
                    pass  # what became of it is not known
                else:
                    with self.changed:
                        self.committed[number].append((transaction_id, outcome["block"], outcome["index"]))
                        self.changed.notify_all()

    def await_commits(self, count, numbers=None):
        """So many more at each of these gateways."""
        with self.changed:
            wanted = {number: len(self.committed[number]) + count for number in numbers or self.numbers}
            missing = lambda: [n for n, target in wanted.items() if len(self.committed[n]) < target]  # noqa: E731
            if not self.changed.wait_for(lambda: not missing(), PATIENCE):
                raise AssertionError(f"gateways {missing()} do not commit: {list(self.refused.values())[-3:]} "
                                     f"{self.cluster.status()}")

    def await_some(self, count):
        """So many more at whichever gateways: where a commit may take longer than a writer waits for it."""
        total = lambda: sum(map(len, self.committed.values()))  # noqa: E731
        with self.changed:
            wanted = total() + count
            if not self.changed.wait_for(lambda: total() >= wanted, PATIENCE):
                raise AssertionError(f"nobody commits: {self.cluster.status()}")

    def stop(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "a writer does not come back"

    def check(self):
        """All nodes hold one ledger, with everything that was acknowledged, once, and nothing that was refused."""
        height = self.cluster.agreed(seconds=PATIENCE)[0]
        told = {entry[0]: entry[1:] for entries in self.committed.values() for entry in entries}
        first = min(block for block, _ in told.values())
        ledgers = {number: self.held(number, first, height) for number in self.numbers}
        for height, tips in enumerate(zip(*[checkpoints for _, checkpoints in ledgers.values()]), first):
            assert len(set(tips)) == 1, f"nodes differ at block {height}: {tips}"
        for number, (held, _) in ledgers.items():
            lost = {i: place for i, place in told.items() if held.get(i) != [place]}
            assert not lost, f"node{number} does not hold as it was acknowledged: {lost}"
            twice = {i: places for i, places in held.items() if len(places) > 1}
            assert not twice, f"node{number} applied twice: {twice}"
            wrong = {i: why for i, why in self.refused.items() if i in held}
            assert not wrong, f"node{number} applied what was refused: {wrong}"
        assert not self.cluster.evidence(), self.cluster.evidence()

    def held(self, number, first, height):
        """{transaction id: [(block, index)]} of what a node applied, and the checkpoint of every block."""
        held, checkpoints = {}, []
        with self.cluster.client(number) as client:
            while first <= height:
                page = client.get(f"/v1/blocks?from={first}&limit=100")["blocks"]
                for block in page:
                    checkpoint = block["checkpoint"]
                    checkpoints.append((block["hash"], checkpoint["root"], checkpoint["tree_size"]))
                    for transaction in block["transactions"]:
                        if transaction["code"] == "VALID":
                            held.setdefault(transaction["id"], []).append((block["number"], transaction["index"]))
                first += len(page)
        return held, checkpoints
