"""docs/monitoring fits what nodes serve: each metric and label in it is there, and the identity in prometheus.yml works."""

import json
import pathlib
import re
import unittest

import yaml

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import tally
from tally.identity import Identity
from tally_client import Client

MONITORING = pathlib.Path(__file__).resolve().parents[2] / "docs/monitoring"
OPERATIONS = MONITORING.parent / "operations.md"
SCRAPED = {"instance", "job", "le"}  # labels that Prometheus adds, or that every histogram has
SELECTOR = re.compile(r"\b(tally_\w+)(?:\{([^}]*)\})?")


def served(text):
    """Metric -> its labels, of the text format."""
    found = {}
    for name, labels in re.findall(r"^(tally_\w+)(?:\{([^}]*)\})? ", text, re.MULTILINE):
        found.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    return found


def alerts():
    return [rule for group in yaml.safe_load((MONITORING / "alerts.yml").read_text())["groups"]
            for rule in group["rules"]]


def panels():
    return json.loads((MONITORING / "dashboard.json").read_text())["panels"]


class Monitoring(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest("--fault-model", "crash", organizations="ABC"))
        cls.cluster.up()
        tally("identity", "issue", cls.cluster.network / "organizations/A", "prometheus", "--role", "monitor")
        with cls.cluster.client(1, "admin") as admin:
            schema = {"id": "household", "version": 1, "fields": [{"name": "a", "unit": "W", "scale": 0}]}
            admin.submit("registry", "register_schema", schema)
            refused = admin.request("POST", "/v1/transactions", b"nothing", "application/cose")
            assert refused.status == 400, refused.body
        cls.metrics = eventually(cls.scrape)

    @classmethod
    def scrape(cls):
        """By the monitors' identity, of all three nodes, once blocks and peers show."""
        found = {}
        for number in (1, 2, 3):
            with cls.cluster.client(number, "admin") as admin:
                admin.request("POST", "/v1/transactions", b"nothing", "application/cose")
        for number in (1, 2, 3):
            with cls.monitor(number) as monitor:
                for name, labels in served(monitor.request("GET", "/metrics").body.decode()).items():
                    found.setdefault(name, set()).update(labels)
        return found if "tally_peer_lag_blocks" in found and "tally_refusals_total" in found else None

    @classmethod
    def monitor(cls, number):
        """As prometheus.yml has Prometheus connect: with the files that it names, in the monitor's folder."""
        files = yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"][0]["tls_config"]
        folder = cls.cluster.network / "organizations/A/members/prometheus"
        for file in files.values():
            assert (folder / pathlib.Path(file).name).is_file(), file
        return Client(cls.cluster.port + number - 1, folder / pathlib.Path(files["ca_file"]).name, Identity.load(folder))

    def assert_served(self, expression, where):
        names = set()
        for name, selector in SELECTOR.findall(expression):
            self.assertIn(name, self.metrics, where)
            names.add(name)
            used = set(re.findall(r"(\w+)\s*[=!]~?", selector or ""))
            self.assertLessEqual(used, self.metrics[name] | SCRAPED, where)
        every = set().union(SCRAPED, *(self.metrics[name] for name in names))
        for group in re.findall(r"\bby \(([^)]*)\)", expression):
            self.assertLessEqual({label.strip() for label in group.split(",")}, every, where)
        return names, every

    def test_prometheus_reads_every_node(self):
        job, = yaml.safe_load((MONITORING / "prometheus.yml").read_text())["scrape_configs"]
        self.assertEqual((job["scheme"], job["metrics_path"]), ("https", "/metrics"))
        for number in (1, 2, 3):
            with self.monitor(number) as monitor:
                self.assertEqual(monitor.request("GET", job["metrics_path"]).status, 200)

    def test_alerts_use_what_is_served(self):
        rules = alerts()
        self.assertEqual(len({rule["alert"] for rule in rules}), len(rules))
        for rule in rules:
            with self.subTest(rule["alert"]):
                names, labels = self.assert_served(rule["expr"], rule["alert"])
                self.assertTrue(names or rule["expr"].startswith('up{job="tally"}'))
                self.assertIn(rule["labels"]["severity"], ("warning", "critical"))
                for text in rule["annotations"].values():
                    self.assertLessEqual(set(re.findall(r"\$labels\.(\w+)", text)), labels, text)

    def test_the_dashboard_uses_what_is_served(self):
        ids = [panel["id"] for panel in panels()]
        self.assertEqual(len(set(ids)), len(ids))
        for panel in panels():
            with self.subTest(panel["title"]):
                for target in panel["targets"]:
                    names, labels = self.assert_served(target["expr"], panel["title"])
                    self.assertTrue(names)
                    self.assertLessEqual(set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])), labels)

    def test_the_dashboard_shows_every_metric(self):
        shown = set()
        for panel in panels():
            for target in panel["targets"]:
                shown |= {name for name, _ in SELECTOR.findall(target["expr"])}
        family = {re.sub(r"_(bucket|sum|count)$", "", name) for name in shown}
        self.assertEqual({re.sub(r"_(bucket|sum|count)$", "", name) for name in self.metrics} - family, set())

    def test_the_documentation_names_every_metric(self):
        documented = set(re.findall(r"tally_\w+", OPERATIONS.read_text()))
        self.assertEqual({re.sub(r"_(bucket|sum|count)$", "", name) for name in self.metrics} - documented, set())


if __name__ == "__main__":
    unittest.main()
