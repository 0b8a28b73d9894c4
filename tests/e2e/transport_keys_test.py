"""A node gets another key, between nodes or as an orderer: the channel names it, and the node takes it over."""

import unittest

from cluster_under_test import OnFourNodes, eventually
from node_under_test import tally


class OtherKeys(OnFourNodes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.cluster.network / "nodes/node2"

    def config(self, organization, *command):
        return self.cluster.run_as(organization, "config", *command)

    def restart(self):
        tally("cluster", "kill", "node2", self.cluster.network)
        tally("cluster", "start", "node2", self.cluster.network)

    def change(self, path):
        """node2 is B's. What the file says is in force afterwards."""
        proposed = self.config("B", "propose", "--add", path)
        self.assertEqual(len(proposed["differences"]), 2, proposed["differences"])  # the version and the key
        for organization in "AC":
            answer = self.config(organization, "approve", proposed["config"])
        self.assertTrue(answer["applied"])

    def is_needed(self, name):
        """Without node4 the others are a quorum only with node2."""
        tally("cluster", "kill", "node4", self.cluster.network)
        block = self.write(name)["block"]
        eventually(lambda: self.cluster.agreed((1, 2, 3), at_least=block))
        tally("cluster", "start", "node4", self.cluster.network)
        self.cluster.agreed()

    def write(self, name):
        with self.cluster.client(1, "admin") as admin:
            return admin.submit("registry", "register_schema", {"id": name, "version": 1, "fields": [
                {"name": "power", "unit": "W", "scale": 0}]})

    def test_the_channel_names_a_transport_key_and_the_node_takes_it(self):
        key = self.home / "identity/transport.key"
        before = key.read_text()
        made = self.cluster.run_as("B", "identity", "transport", self.home)
        again = self.cluster.run_as("B", "identity", "transport", self.home)
        self.assertEqual(made, again)
        self.assertEqual(key.read_text(), before)
        self.restart()  # the channel names the old key: nothing changes
        self.assertEqual(key.read_text(), before)
        self.cluster.agreed()
        self.change(made["path"])
        self.restart()
        self.assertNotEqual(key.read_text(), before)
        self.assertFalse(key.with_name("transport.key.next").exists())
        self.is_needed("behind")

    def test_the_channel_names_an_orderers_key_and_the_node_orders_with_it(self):
        key, certificate = (self.home / "identity" / name for name in ("orderer-key.pem", "orderer.pem"))
        waiting = [file.with_name(file.name + ".next") for file in (key, certificate)]
        before = key.read_text()
        organization = self.cluster.network / "organizations/B"
        made = self.cluster.run_as("B", "identity", "orderer", organization, self.home)
        self.assertEqual(made, self.cluster.run_as("B", "identity", "orderer", organization, self.home))
        self.assertTrue(all(file.exists() for file in waiting))
        self.restart()  # it orders with the old key, and has the new one
        self.assertEqual(key.read_text(), before)
        self.is_needed("old_key")
        self.change(made["path"])
        self.is_needed("new_key")  # with no restart between
        self.restart()
        self.assertNotEqual(key.read_text(), before)
        self.assertFalse(any(file.exists() for file in waiting))
        self.is_needed("taken")
        tally("doctor", self.home / "node.toml")

    def test_an_orderers_certificate_is_not_renewed_with_another_key(self):
        refused = tally("identity", "renew", self.cluster.network / "organizations/B",
                        self.home / "identity/orderer.pem", "--new-key", expect=1)
        self.assertIn("tally identity orderer", refused.stderr)


if __name__ == "__main__":
    unittest.main()
