"""A node gets another key in the network between nodes: the channel names it first, and the node takes it over."""

import unittest

from cluster_under_test import OnFourNodes, eventually
from node_under_test import tally


class TransportKeys(OnFourNodes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.cluster.network / "nodes/node2"
        cls.key = cls.home / "identity/transport.key"

    def config(self, organization, *command):
        return self.cluster.run_as(organization, "config", *command)

    def restart(self):
        tally("cluster", "kill", "node2", self.cluster.network)
        tally("cluster", "start", "node2", self.cluster.network)

    def write(self, name):
        with self.cluster.client(1, "admin") as admin:
            return admin.submit("registry", "register_schema", {"id": name, "version": 1, "fields": [
                {"name": "power", "unit": "W", "scale": 0}]})

    def test_the_channel_names_the_key_and_the_node_takes_it(self):
        before = self.key.read_text()
        made = self.cluster.run_as("B", "identity", "transport", self.home)
        again = self.cluster.run_as("B", "identity", "transport", self.home)
        self.assertEqual(made, again)
        self.assertEqual(self.key.read_text(), before)
        self.restart()  # the channel names the old key: nothing changes
        self.assertEqual(self.key.read_text(), before)
        self.cluster.agreed()
        proposed = self.config("B", "propose", "--add", made["path"])
        self.assertEqual(len(proposed["differences"]), 2, proposed["differences"])  # the version and the key
        for organization in "AC":
            answer = self.config(organization, "approve", proposed["config"])
        self.assertTrue(answer["applied"])
        self.restart()
        self.assertNotEqual(self.key.read_text(), before)
        self.assertFalse(self.key.with_name("transport.key.next").exists())
        tally("cluster", "kill", "node4", self.cluster.network)  # the others are a quorum only with node2
        block = self.write("behind")["block"]
        eventually(lambda: self.cluster.agreed((1, 2, 3), at_least=block))


if __name__ == "__main__":
    unittest.main()
