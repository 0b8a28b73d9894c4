"""A consortium whose machines have IPv6 addresses: between nodes, and for clients."""

import json
import socket
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import tally


def has_ipv6():
    with socket.socket(socket.AF_INET6) as probe:
        try:
            probe.bind(("::1", 0))
        except OSError:
            return False
    return True


@unittest.skipUnless(has_ipv6(), "this machine has no IPv6")
class Ipv6(unittest.TestCase):
    def test_nodes_order_and_clients_are_served(self):
        with ClusterUnderTest("--host", "::1") as cluster:
            tally("network", "create", cluster.network, *cluster.options)
            tally("cluster", "up", cluster.network)
            config = json.loads((cluster.network / "channel.json").read_text())
            self.assertTrue(all(node["address"].startswith("[::1]:") for node in config["nodes"]), config["nodes"])
            profile = cluster.profile("A")
            self.assertIn('url = "https://[::1]:', profile.read_text())
            tally("config", "propose", "--profile", profile, "--set", "batch.max_messages=77")
            eventually(lambda: {(node["height"] > 0, node["block_hash"]) for node in cluster.status().values()}
                       == {(True, cluster.status()["node1"]["block_hash"])})


if __name__ == "__main__":
    unittest.main()
