"""`tally plan`: what it computes is what a calculation by hand gives, its costs are those of a run, and bad input is named."""

import json
import unittest

from node_under_test import tally


def plan(*options):
    return json.loads(tally("--json", "plan", *options).stdout)


class Costs(unittest.TestCase):
    """The constants of node/cli/sizing.cpp, compared with what a consortium sends."""

    def assert_near(self, planned, measured, what):
        self.assertLess(abs(planned - measured) / measured, 0.2, f"{what}: {planned} planned, {measured} measured")

    def test_a_run_costs_what_is_planned(self):
        run = json.loads(tally("--json", "bench", "records", "--rows", 96, "--fields", 7, "--records", 100, "--warm-up",
                               10, "--window", 1, "--devices", 20, timeout=280).stdout)
        planned = plan("--devices", 1, "--interval", "15m", "--fields", 7)["daily_record"]
        self.assert_near(planned["message_bytes"], run["request_bytes"], "a message")
        self.assert_near(planned["network_bytes"], run["network_bytes_per_transaction"], "between nodes")

    def test_measured_points(self):
        """Of the runs that sizing.cpp names: rows, fields, nodes, bytes of a message, on disk, between nodes."""
        for rows, fields, nodes, message, disk, network in ((24, 1, 4, 379, 4902, 22299), (24, 7, 4, 625, 5407, 24529),
                                                            (96, 7, 4, 918, 5721, 26683), (1440, 1, 4, 2096, 6540, 32321),
                                                            (1440, 7, 4, 7710, 13025, 64341), (96, 1, 7, 486, 6144, 64828),
                                                            (1440, 7, 7, 8298, 14438, 144567), (1440, 7, 1, 7710, 11783, None)):
            with self.subTest(rows=rows, fields=fields, nodes=nodes):
                cost = plan("--devices", 1, "--interval", 86400 // rows, "--fields", fields, "--nodes", nodes)["daily_record"]
                self.assert_near(cost["message_bytes"], message, "a message")
                self.assert_near(cost["disk_bytes"], disk, "on disk")
                if network is not None:
                    self.assert_near(cost["network_bytes"], network, "between nodes")


class Totals(unittest.TestCase):
    def test_a_plan_by_hand(self):
        done = plan("--devices", 1000, "--interval", "1m", "--years", 10, "--keepalive", "1h", "--within", "2h")
        daily, small = done["daily_record"], done["keepalive_record"]
        self.assertEqual(done["records_per_day"], 1000 + 24_000)
        self.assertAlmostEqual(done["records_per_second_busiest"], 1000 / 7200 + 24_000 / 86_400)
        for total, cost in (("disk_bytes_per_node_and_day", "disk_bytes"),
                            ("network_bytes_between_nodes_per_day", "network_bytes"),
                            ("network_bytes_from_devices_per_day", "message_bytes")):
            by_hand = 1000 * daily[cost] + 24_000 * small[cost]
            self.assertAlmostEqual(done[total], by_hand, delta=25_000)  # costs are rounded to bytes
        self.assertAlmostEqual(done["disk_bytes_per_node"],
                               512 * 2**20 + 3650 * done["disk_bytes_per_node_and_day"], delta=3650)
        seconds = (1000 * daily["cpu_us"] + 24_000 * small["cpu_us"]) / 1e6
        self.assertAlmostEqual(done["cores_per_node_average"], seconds / 86_400, delta=1e-5)
        busy = (1000 * daily["cpu_us"] / 7200 + 24_000 * small["cpu_us"] / 86_400) / 1e6
        self.assertAlmostEqual(done["cores_per_node_busiest"], busy, delta=1e-5)

    def test_pruning(self):
        """30 days are kept whole; of the other 335, what pruning leaves."""
        done = plan("--devices", 1000, "--years", 1, "--keep-days", 30)
        left = 335 * 1000 * done["daily_record"]["pruned_bytes"]
        self.assertAlmostEqual(done["disk_bytes_per_node"],
                               512 * 2**20 + 30 * done["disk_bytes_per_node_and_day"] + left, delta=30)
        longer = plan("--devices", 1000, "--years", 1, "--keep-days", 400)
        self.assertEqual(longer["disk_bytes_per_node"], plan("--devices", 1000, "--years", 1)["disk_bytes_per_node"])

    def test_one_node_sends_nothing(self):
        done = plan("--devices", 10, "--nodes", 1)
        self.assertEqual((done["network_bytes_between_nodes_per_day"], done["network_bits_per_second_and_node_busiest"]),
                         (0, 0))

    def test_a_table_for_people(self):
        text = tally("plan", "--devices", 10000, "--interval", "1m", "--years", 10).stdout
        for words in ("records", "10000", "3650000", "growth of each node's disk", "after 10 years", "cores"):
            self.assertIn(words, text)

    def test_the_largest_numbers(self):
        done = plan("--devices", 100_000_000, "--interval", "1m", "--fields", 100, "--keepalive", 1, "--nodes", 100,
                    "--years", 100, "--within", 1)
        self.assertGreater(done["disk_bytes_per_node"], 1e20)


class BadInput(unittest.TestCase):
    def test_it_is_named(self):
        for options, expect, words in (
                (("--devices", 0), 2, "--devices: Value 0 not"), (("--devices", -5), 2, "--devices: Value -5 not"),
                (("--devices", 10**9), 2, "--devices: Value 1000000000 not"), (("--devices", "many"), 2, "many"),
                (("--devices", 10**30), 2, str(10**30)), ((), 2, "--devices"),
                (("--devices", 1, "--interval", "soon"), 1, '"soon"'), (("--devices", 1, "--interval", "0s"), 1, '"0s"'),
                (("--devices", 1, "--interval", "25h"), 1, '"25h"'), (("--devices", 1, "--interval", "1m1"), 1, '"1m1"'),
                (("--devices", 1, "--interval", ""), 1, '""'),
                (("--devices", 1, "--interval", "99999999999999999999"), 1, '"99999999999999999999"'),
                (("--devices", 1, "--keepalive", "-1m"), 1, '"-1m"'), (("--devices", 1, "--within", "2d"), 1, '"2d"'),
                (("--devices", 1, "--years", 0), 2, "--years: Value 0 not"), (("--devices", 1, "--nodes", 101), 2, "--nodes: Value 101 not"),
                (("--devices", 1, "--fields", 101), 2, "--fields: Value 101 not"),
                (("--devices", 1, "--keep-days", 0), 2, "--keep-days: Value 0 not"),
                (("--devices", 1, "--interval", "1s", "--fields", 100), 1, "a day of 86400 readings of 100 fields")):
            with self.subTest(options):
                done = tally("plan", *options, expect=expect)
                self.assertIn(words, done.stderr)
                self.assertEqual(done.stdout, "")


if __name__ == "__main__":
    unittest.main()
