"""What is due under an agreement happens by itself, once, whatever stops in between: an operator's nodes look for it."""

import contextlib
import datetime
import os
import signal
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import tally

FIRST = datetime.date(2026, 3, 1)


def csv_of(days, value):
    lines = ["time,energy_Wh"]
    for day in days:
        for hour in range(24):
            lines.append(f"{FIRST + datetime.timedelta(days=day)}T{hour:02}:00:00Z,{value}")
    return "\n".join(lines) + "\n"


class Scheduler(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest())
        tally("network", "create", cls.cluster.network, *cls.cluster.options)
        # The operator's node looks every second, the others every hour.
        for config in cls.cluster.network.glob("nodes/*/node.toml"):
            if "A" in config.parent.name or "node1" in config.parent.name:
                config.write_text(config.read_text() + "\n[settling]\nevery_s = 1\n")
                cls.config = config
        cls.cluster.run("up")
        cls.folder = cls.cluster.folder
        cls.terms = cls.folder / "terms.toml"
        tally("agreement", "new", cls.terms, "--operator", "A", "--consumer", "B", "--verifier", "C",
              "--from", "2026-03-01")
        cls.terms.write_text(cls.terms.read_text().replace("# until = 2031-01-01 ", "until = 2026-05-01 "))

    def publish(self, name, days, value=100):
        file = self.folder / name
        file.write_text(csv_of(days, value))
        if not self.meter.exists():
            tally("device", "new", self.meter)
            self.cluster.run_as("A", "device", "register", self.meter, "--schema", "meters", "--csv", file, "--keepalive", "60")
        self.cluster.run_as("A", "device", "publish", self.meter, "--csv", file)

    def test_1_days_become_final_and_invoices_are_computed_by_themselves(self):
        self.meter = self.folder / "meter"
        type(self).meter = self.meter
        self.cluster.run_as("A", "agreement", "deploy", "a1", self.terms)
        for party in "BC":
            self.cluster.run_as(party, "agreement", "sign", "a1")
        self.publish("march.csv", range(31))
        # Registered today: only days with records, from the first one on, must be FINAL. The month is long over, but
        # an invoice is due 14 days after it is computed, so it is NOTIFIED and not EXPIRED.
        def notified():
            found = self.cluster.run_as("B", "invoice", "list", "a1")
            return found if found and found[0]["state"] == "NOTIFIED" else None
        found = eventually(notified, 60)
        self.assertEqual(found[0]["from"], "2026-03-01")
        self.assertEqual(found[0]["timeline"][0]["by"], "A")

    def test_2_it_goes_on_after_a_kill_and_makes_nothing_twice(self):
        self.publish("april.csv", range(31, 61), 200)
        def two():
            found = self.cluster.run_as("C", "invoice", "list", "a1")
            return found if len(found) == 2 and found[1]["state"] == "NOTIFIED" else None
        for _ in range(3):  # wherever it is: every node is killed, and starts again
            for node in self.cluster.status().values():
                if "pid" in node:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(node["pid"], signal.SIGKILL)
            tally("cluster", "up", self.cluster.network)
        first = eventually(two, 60)
        tally("cluster", "restart", self.cluster.network)
        again = eventually(two, 60)
        self.assertEqual([each["timeline"] for each in again], [each["timeline"] for each in first])


if __name__ == "__main__":
    unittest.main()
