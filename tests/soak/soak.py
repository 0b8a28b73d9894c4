"""A consortium of real processes under load, with something always going wrong; then the judge looks at everything.

    soak.py [--minutes N] [--seed S] [--nodes 4] [--clients 8] [--absence BLOCKS] [--keep] [--json]

Everything random comes from the seed, which is printed; the processes' own timing does not, so a seed gives the same
faults in the same order and not the same run. The exit code is 1 when something is found; the folder is kept then, with
history.jsonl, faults.txt, every node's log and data.
"""

import argparse
import collections
import json
import os
import pathlib
import random
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "e2e"), str(HERE.parent / "network")]
import faults  # noqa: E402
from checker import Finding, check  # noqa: E402
from clients import ClientThread, meaning, register_devices  # noqa: E402
from consortium import PATIENCE, Consortium  # noqa: E402
from cluster_under_test import eventually  # noqa: E402
from history import History  # noqa: E402
from node_under_test import tally  # noqa: E402

OPERATIONS_PER_SECOND = 40  # of all clients, while nothing is wrong
LINE_SECONDS = 15           # between lines of progress where there is no terminal


class Progress(threading.Thread):
    """One line, again and again: how long, what clients were told, what is wrong now, how high the ledger is."""

    def __init__(self, cluster, history, out):
        super().__init__(daemon=True)
        self.cluster, self.history, self.out = cluster, history, out
        self.over, self.now, self.begin = threading.Event(), "starting", time.monotonic()
        self.height = 0

    def run(self):
        terminal = self.out.isatty()
        while not self.over.wait(1 if terminal else LINE_SECONDS):
            print("\r\033[K" + self.line() if terminal else self.line(), end="" if terminal else "\n", file=self.out,
                  flush=True)

    def line(self):
        places = [o.place[0] for o in self.history.operations[-200:] if o.place]
        self.height = max([self.height, *places])
        told = "  ".join(f"{state} {count}" for state, count in self.history.counts.items())
        elapsed = int(time.monotonic() - self.begin)
        return f"{elapsed // 60}:{elapsed % 60:02}  {told}  block {self.height}  {self.now}"

    def stop(self):
        self.over.set()
        self.join()


class Soak:
    def __init__(self, options, folder, out):
        self.options, self.out = options, out
        self.chance = random.Random(options.seed)
        self.cluster = Consortium(folder, options.nodes, self.chance)
        self.history = History(folder / "history.jsonl")
        self.happened = open(folder / "faults.txt", "w", encoding="utf-8")
        self.faults, self.findings, self.height = collections.Counter(), [], 0
        self.longest_recovery = 0.0

    def find(self, kind, sentence):
        self.findings.append(Finding(kind, sentence))

    def clients(self):
        pause = self.options.clients / OPERATIONS_PER_SECOND
        organizations = self.cluster.organizations
        return [ClientThread(self.cluster, self.history, f"client{i}", organizations[i % len(organizations)],
                             self.chance.random(), pause) for i in range(self.options.clients)]

    def run(self):
        with self.cluster as cluster:
            cluster.up()
            register_devices(cluster, self.history)
            clients = self.clients()
            for client in clients:
                client.start()
            self.progress = Progress(cluster, self.history, self.out)
            self.progress.start()
            try:
                self.go_wrong()
            finally:
                for client in clients:
                    client.finished.set()
                for client in clients:
                    client.join(PATIENCE)
            for client in clients:
                if client.failure:
                    self.find("soak", f"{client.name} failed: {client.failure!r}")
            self.judge()
            self.progress.stop()
            self.history.close()
            self.happened.close()
            cluster.keep = self.options.keep or bool(self.findings)

    def note(self, what):
        self.progress.now = what
        self.happened.write(f"{time.monotonic():.3f} {time.strftime('%H:%M:%S', time.gmtime())} {what}\n")
        self.happened.flush()

    def go_wrong(self):
        end = time.monotonic() + 60 * self.options.minutes
        while time.monotonic() < end and not self.findings:
            present = [faults.draw(self.cluster, self.chance)]
            if not present[0].alone and self.chance.random() < 0.25:
                present.append(faults.draw(self.cluster, self.chance, beside=present[0]))
            name = " and ".join(map(str, present))
            self.note(name)
            for fault in present:
                self.faults[type(fault).__name__] += 1
                fault.begin()
            threading.Event().wait(max(fault.length for fault in present))
            self.note(f"recovering from {name}")
            for fault in reversed(present):
                fault.end()
            self.recover(name)

    def recover(self, name):
        """Everybody is ready again, and every gateway commits."""
        begin = time.monotonic()
        ended = [node for node, status in self.cluster.status().items() if status["state"] == "stopped"]
        if ended:
            return self.find("ended", f"{', '.join(ended)} ended by itself, in or after: {name}")
        try:
            self.cluster.await_all_ready()
            before = self.history.counts["ok"]
            eventually(lambda: self.history.counts["ok"] >= before + self.options.clients, PATIENCE)
        except Exception as error:  # whatever it was that did not answer
            states = {node: status.get("why_not") or status["state"] for node, status in self.cluster.status().items()}
            self.find("stuck", f"no service {PATIENCE} s after the end of {name}: {states} ({error})")
        self.longest_recovery = max(self.longest_recovery, time.monotonic() - begin)

    def judge(self):
        self.note("judging")
        self.cluster.wires.heal()
        for name, status in self.cluster.status().items():
            if status["state"] == "stopped":
                self.cluster.start(name)  # it was found already; what it holds is judged, too
        try:
            self.height = self.cluster.agreed(seconds=PATIENCE)[0]
        except Exception as error:
            return self.find("differs", f"the nodes do not come to one ledger: {error}")
        numbers = range(1, len(self.cluster.names) + 1)
        ledgers = {self.cluster.names[number - 1]: self.cluster.ledger(number, meaning) for number in numbers}
        self.findings += check(self.history.operations, ledgers)
        for line in self.cluster.evidence():
            self.find("evidence", line)
        self.cluster.run("down")
        for name in self.cluster.names:
            verified = tally("ledger", "verify", self.cluster.home(name), expect=None, timeout=600)
            if verified.returncode != 0:
                self.find("unsound", f"{name}: {verified.stderr.strip()}")

    def result(self):
        return {"seed": self.options.seed, "minutes": self.options.minutes, "nodes": self.options.nodes,
                "operations": self.history.counts, "height": self.height, "faults": dict(self.faults),
                "longest_recovery_s": round(self.longest_recovery, 1),
                "clock_jumps_at": self.cluster.clock_of, "full_disk_at": self.cluster.disk_of,
                "findings": [{"kind": f.kind, "sentence": f.sentence} for f in self.findings],
                "folder": str(self.cluster.folder) if self.cluster.keep else None}


def table(result):
    told = result["operations"]
    rows = [("seed", result["seed"]), ("operations", ", ".join(f"{n} {state}" for state, n in told.items())),
            ("blocks", result["height"]), ("longest recovery", f"{result['longest_recovery_s']} s"),
            ("faults", sum(result["faults"].values()))]
    rows += [(f"  {name}", count) for name, count in sorted(result["faults"].items())]
    for what, node in (("clock jumps", result["clock_jumps_at"]), ("full disk", result["full_disk_at"])):
        if node is None:
            rows.append((what, "not on this machine"))
    return "\n".join(f"{name:<18} {value}" for name, value in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--nodes", type=int, default=4, choices=range(3, 11))
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--absence", type=int, default=0, metavar="BLOCKS",
                        help="also: a node is away until the others are so many blocks further, for example 10000")
    parser.add_argument("--keep", action="store_true", help="keep the folder of a good run, too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    faults.Absence.blocks = options.absence
    folder = pathlib.Path(tempfile.mkdtemp(prefix="tally-soak-"))
    print(f"seed {options.seed}, {folder}", file=sys.stderr, flush=True)
    soak = Soak(options, folder, sys.stderr)
    soak.run()
    result = soak.result()
    if options.json:
        print(json.dumps(result))
    else:
        print("\n" + table(result))
        for finding in soak.findings[:50]:
            print(f"FOUND {finding}")
        if soak.findings:
            print(f"{len(soak.findings)} findings; `scripts/soak --seed {options.seed}` draws the same faults; "
                  f"everything is in {folder}")
        else:
            print("nothing lost, phantom, duplicated, reordered or different")
    return 1 if soak.findings else 0


if __name__ == "__main__":
    sys.exit(main())
