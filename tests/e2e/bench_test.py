"""`tally bench`: figures that add up, a check that they are true, and nothing left behind."""

import json
import pathlib
import signal
import subprocess
import tempfile
import unittest
import xml.dom.minidom

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import TALLY, tally


def bench(*arguments, expect=0):
    return json.loads(tally("--json", "bench", *arguments, expect=expect).stdout)


def processes_below(folder):
    """Nodes that run from a folder whose path begins so."""
    found = []
    for entry in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if b"node" in words and any(word.startswith(folder.encode()) for word in words):
            found.append(entry.parent.name)
    return found


class Bench(unittest.TestCase):
    def check(self, report, done, nodes):
        self.assertEqual((report["done"], report["refused"], report["unknown"], report["nodes"]), (done, 0, 0, nodes))
        agreement = report["agreement"]
        self.assertEqual(len(agreement["valid"]), nodes)
        self.assertEqual(set(agreement["valid"].values()), {done})
        self.assertEqual(agreement["sampled_everywhere"], agreement["sampled"])
        latency = report["latency_ms"]
        self.assertTrue(0 < latency["p50"] <= latency["p95"] <= latency["p99"] <= latency["max"])
        self.assertAlmostEqual(report["transactions_per_second"], done / report["seconds"], places=3)
        cpu = report["cpu_us_per_transaction"]
        self.assertAlmostEqual(sum(us for name, us in cpu.items() if name.startswith("node")), cpu["servers"], places=3)
        blocks = report["blocks"]
        self.assertAlmostEqual(blocks["count"] * blocks["mean_transactions"],
                               done + sum(agreement["invalid"].values()) / nodes, places=3)
        self.assertEqual(report["network_bytes_per_transaction"] > 0, nodes > 1)

    def test_one_node_in_an_open_loop(self):
        report = bench("ledger", "--nodes", 1, "--transactions", 60, "--rate", 60, "--window", 4, "--warm-up", 3)
        self.check(report, 60, 1)
        self.assertGreater(report["seconds"], 0.98)

    def test_four_nodes_records_and_a_picture(self):
        with tempfile.TemporaryDirectory() as folder:
            picture = pathlib.Path(folder) / "bench.svg"
            report = bench("records", "--records", 80, "--window", 8, "--svg", picture)
            self.check(report, 80, 4)
            self.assertGreater(report["request_bytes"], 5_000)
            self.assertEqual(xml.dom.minidom.parse(str(picture)).documentElement.tagName, "svg")

    def test_on_a_cluster_that_runs_with_one_node_lost(self):
        with ClusterUnderTest() as cluster:
            cluster.up()
            cluster.run("kill", "node2")
            self.check(bench("ledger", "--cluster", cluster.network, "--transactions", 40, "--window", 6), 40, 3)
            cluster.run("start", "node2")
            self.assertEqual(bench("records", "--kind", "keepalive", "--cluster", cluster.network, "--records", 40,
                                   "--window", 4)["nodes"], 4)

    def test_mqtt_beside_https(self):
        report = bench("records", "--kind", "keepalive", "--nodes", 1, "--mqtt", "--records", 120, "--window", 8)
        for way, done in (("https_before", 60), ("mqtt", 120), ("https_after", 60)):
            self.check(report[way], done, 1)
            resident = report[way]["resident_mib"]["node1"]
            self.assertTrue(0 < resident["before"] and 0 < resident["after"])
        before, mqtt, after = (report[way]["transactions_per_second"] for way in ("https_before", "mqtt", "https_after"))
        self.assertAlmostEqual(report["mqtt_percent_of_https"], 200 * mqtt / (before + after), places=3)

    def check_order(self, report, done, nodes):
        self.assertEqual((report["done"], report["refused"], report["unknown"], report["nodes"]), (done, 0, 0, nodes))
        self.assertEqual(set(report["agreement"]["valid"].values()), {done})
        self.assertEqual(len(report["agreement"]["block_hash"]), 64)
        self.assertAlmostEqual(report["blocks"]["count"] * report["blocks"]["mean_transactions"], done, places=3)
        self.assertAlmostEqual(report["transactions_per_second"], done / report["seconds"], places=3)

    def test_four_orderers(self):
        with tempfile.TemporaryDirectory() as folder:
            picture = pathlib.Path(folder) / "bench.svg"
            report = bench("order", "--transactions", 3200, "--window", 256, "--svg", picture)
            self.check_order(report, 3200, 4)
            self.assertGreater(report["network_bytes_per_transaction"], 3 * 1024)
            self.assertEqual(xml.dom.minidom.parse(str(picture)).documentElement.tagName, "svg")

    def test_one_orderer_and_signed_transactions_in_an_open_loop(self):
        report = bench("order", "--nodes", 1, "--transactions", 40, "--group", 1, "--window", 8, "--rate", 40, "--signed")
        self.check_order(report, 40, 1)
        self.assertGreater(report["seconds"], 0.96)

    def test_orderers_that_run_and_take_anything_or_signed_transactions_alone(self):
        with ClusterUnderTest() as cluster:
            tally("network", "create", cluster.network, *cluster.options, "--roles", "orderer", "--driver", "bench")
            cluster.run("up")
            refused = tally("--json", "bench", "order", "--cluster", cluster.network, expect=None)
            self.assertIn("take signed transactions alone", refused.stderr)
            report = bench("order", "--cluster", cluster.network, "--signed", "--transactions", 64, "--window", 64)
            self.check_order(report, 64, 4)
        with ClusterUnderTest() as cluster:
            cluster.up()
            refused = tally("--json", "bench", "order", "--cluster", cluster.network, expect=None)
            self.assertIn("bench ledger", refused.stderr)

    def test_billing_on_several_nodes(self):
        report = bench("billing", "--nodes", 3, "--devices", 12, "--days", 3, "--window", 6)
        self.assertEqual((report["nodes"], len(report["root"])), (3, 64))
        behind = {"little_history": (36, 72, 108), "fleet": (144,), "much_history": (180, 216, 252)}
        for name, days_behind in behind.items():
            part = report[name]
            self.assertEqual((part["devices"], part["days"]), (12, 36))
            self.assertIn(part["days_behind"], days_behind)
            invoice = part["invoice"]
            self.assertEqual((invoice["devices"], invoice["days"], invoice["lines"]), (12, 36, 24))
            self.assertEqual({step: cost["transactions"] for step, cost in part["steps"].items()},
                             {"finalize": 1, "compute": 1})
        self.assertGreater(float(report["fleet"]["invoice"]["payable"]), 12 * 3 * 0.05)

    def test_billing_prepares_the_items_of_many_devices(self):
        report = bench("billing", "--devices", 201, "--days", 1, "--window", 16)
        fleet = report["fleet"]
        self.assertEqual({step: cost["transactions"] for step, cost in fleet["steps"].items()},
                         {"finalize": 1, "prepare": 2, "compute": 1})
        self.assertEqual((fleet["invoice"]["devices"], fleet["invoice"]["lines"]), (201, 402))

    def test_audit_of_readings(self):
        report = bench("audit", "--days", 40, "--rows", 24, "--fields", 2, "--times", 1)
        self.assertEqual((report["records"], report["proven_records"], report["proven_readings"]), (40, 40, 40))
        self.assertEqual(report["readings"], 40 * 24 * 2)
        self.assertIn(report["invoices"], (2, 3))  # a month each
        self.assertEqual(report["verify"]["bytes"], report["evidence_bytes"])
        refused = tally("bench", "audit", "--rows", 77, expect=1)
        self.assertIn("no 77 equal intervals", refused.stderr)

    def test_an_interrupt_leaves_nothing(self):
        with tempfile.TemporaryDirectory() as folder:
            process = subprocess.Popen([TALLY, "bench", "ledger", "--nodes", "1", "--transactions", "1000000"],
                                       env={"TMPDIR": folder}, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            eventually(lambda: processes_below(folder))
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
            self.assertEqual(process.returncode, 4, errors)
            self.assertIn(b"interrupted", errors)
            self.assertEqual((processes_below(folder), list(pathlib.Path(folder).iterdir())), ([], []))

    def test_wrong_wishes(self):
        for arguments in (("--nodes", 5, "--organizations", 2), ("--cluster", "/nonexistent")):
            done = tally("bench", "ledger", *arguments, expect=None)
            self.assertIn(done.returncode, (1, 3), done.stderr)
        self.assertEqual(tally("bench", "ledger", "--cluster", "x", "--nodes", 2, expect=None).returncode, 2)


if __name__ == "__main__":
    unittest.main()
