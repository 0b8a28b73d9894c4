"""`tally doctor` finds what is wrong with a node before it is started, and says what to do."""

import json
import os
import pathlib
import socket
import tempfile
import unittest

from node_under_test import NodeUnderTest, tally
from ports import free_ports


def examined(node, expect=0):
    """By subject: (verdict, what); where a subject occurs more often, its worst."""
    order = ["good", "warning", "bad"]
    found = {}
    for finding in json.loads(tally("--json", "doctor", node, expect=expect).stdout):
        if finding["verdict"] != "good":
            assert finding["advice"], finding
        before = found.get(finding["subject"])
        if before is None or order.index(finding["verdict"]) > order.index(before[0]):
            found[finding["subject"]] = finding["verdict"], finding["what"]
    return found


class Doctor(unittest.TestCase):
    def setUp(self):
        self.node = self.enterContext(NodeUnderTest())
        self.identity = self.node.home / "identity"

    def test_a_node_as_it_was_made_is_well(self):
        found = examined(self.node.home)
        self.assertEqual({verdict for verdict, _ in found.values()}, {"good"})
        self.assertEqual(set(found), {"configuration", "genesis", "clock", "identity.peer", "identity.orderer",
                                      "identity.client", "gateway.tls", "gateway", "disk", "data", "descriptors"})
        self.assertEqual(found["data"][1], "no ledger yet; the node starts from the genesis block")

    def test_what_runs_what_was_stopped_and_what_was_killed_are_told_apart(self):
        self.node.start()
        found = examined(self.node.home)
        self.assertEqual({verdict for verdict, _ in found.values()}, {"good"})
        self.assertIn("the running node's", found["gateway"][1])
        self.assertEqual(found["data"][1], "the node is running")
        self.node.stop()
        self.assertEqual(examined(self.node.home)["data"], ("good", "closed in order"))
        self.node.start()
        self.node.kill()
        self.assertIn("not closed in order", examined(self.node.home)["data"][1])

    def test_a_certificate_for_another_address(self):
        self.node.configure("address", '"127.0.0.8"')
        found = examined(self.node.home, expect=1)
        self.assertEqual(found["gateway.tls"][0], "bad")
        self.assertIn("127.0.0.8", found["gateway.tls"][1])
        self.node.configure("address", '"0.0.0.0"')
        self.assertEqual(examined(self.node.home)["gateway.tls"][0], "good")

    def test_keys_and_certificates(self):
        os.chmod(self.identity / "peer-key.pem", 0o644)
        (self.identity / "orderer-key.pem").write_bytes((self.identity / "client-key.pem").read_bytes())
        (self.identity / "client.pem").write_bytes((self.identity / "peer.pem").read_bytes())
        (self.identity / "client-key.pem").write_bytes((self.identity / "peer-key.pem").read_bytes())
        (self.identity / "tls.pem").unlink()
        found = examined(self.node.home, expect=1)
        self.assertEqual(found["identity.peer"][0], "warning")
        self.assertIn("read by others", found["identity.peer"][1])
        self.assertEqual(found["identity.orderer"][0], "bad")
        self.assertEqual(found["identity.client"][0], "bad")
        self.assertIn("its role is peer, not client", found["identity.client"][1])
        self.assertEqual(found["gateway.tls"][0], "bad")
        self.assertIn("tls.pem", found["gateway.tls"][1])

    def test_every_secret_key_that_others_can_read(self):
        for key, subject in (("tls-key.pem", "gateway.tls"), ("transport.key", "network.key"),
                             ("orderer-key.pem", "identity.orderer")):
            os.chmod(self.identity / key, 0o640)
            found = examined(self.node.home)
            self.assertEqual(found[subject][0], "warning")
            self.assertIn(key, found[subject][1])
            os.chmod(self.identity / key, 0o600)
        self.assertNotIn("network.key", examined(self.node.home))

    def test_keys_that_the_channel_does_not_name(self):
        transport = self.identity / "transport.key"
        with tempfile.TemporaryDirectory() as folder:
            other = pathlib.Path(folder) / "other"
            tally("network", "create", other)
            transport.write_bytes((other / "nodes/node1/identity/transport.key").read_bytes())
        self.assertIn("transport.key", examined(self.node.home, expect=1)["network.key"][1])
        organization = self.node.network / "organizations" / "Operator"
        tally("identity", "issue", organization, "another", "--role", "orderer")
        for made, of_node in (("certificate", "orderer"), ("key", "orderer-key")):
            (self.identity / f"{of_node}.pem").write_bytes((organization / f"members/another/{made}.pem").read_bytes())
        self.assertIn("not the one that the channel names",
                      examined(self.node.home, expect=1)["identity.orderer"][1])

    def test_the_configuration_in_force_is_what_counts(self):
        """Not the genesis block: that has no revocation list."""
        self.node.start()
        organization = self.node.network / "organizations" / "Operator"
        tally("identity", "revoke", organization, self.node.member_folder("auditor") / "certificate.pem", "--days", 5)
        tally("config", "propose", "--crl", f"Operator={organization}/ca/crl.pem", "--profile",
              self.node.member_folder("admin") / "profile.toml")
        for running in (True, False):
            found = examined(self.node.home)
            self.assertEqual(found["expiry"][0], "warning", running)
            self.assertIn("revocation list of Operator", found["expiry"][1])
            if running:
                self.node.stop()

    def test_the_configuration_in_force_counts_for_a_node_that_only_orders(self):
        network = self.node.folder / "two"
        tally("network", "create", network, "--port", free_ports(2), "--nodes-per-organization", 2,
              "--roles", "orderer", "--roles", "endorser,committer,gateway")
        tally("cluster", "up", network)
        try:
            organization = network / "organizations/Operator"
            tally("identity", "revoke", organization, organization / "members/auditor/certificate.pem", "--days", 5)
            tally("config", "propose", "--crl", f"Operator={organization}/ca/crl.pem", "--profile",
                  organization / "members/admin/profile.toml")
        finally:
            tally("cluster", "down", network)
        found = examined(network / "nodes/node1")
        self.assertIn("at block", found["genesis"][1])
        self.assertEqual(found["expiry"][0], "warning")
        self.assertIn("revocation list of Operator", found["expiry"][1])

    def test_a_ledger_with_which_the_node_cannot_start(self):
        self.node.start()
        self.node.stop()
        current = self.node.home / "data" / "ledger" / "CURRENT"
        content = current.read_bytes()
        current.write_bytes(b"MANIFEST-999999\n")
        self.assertIn("CURRENT", examined(self.node.home, expect=1)["data"][1])
        current.write_bytes(content)
        (self.node.home / "data" / "DISAGREEMENT").write_text("")
        self.assertIn("DISAGREEMENT", examined(self.node.home, expect=1)["data"][1])

    def test_a_certificate_that_ends_soon(self):
        organization = self.node.network / "organizations" / "Operator"
        for name in ("peer", "tls"):
            tally("identity", "renew", organization, self.identity / f"{name}.pem", "--days", 20)
        found = examined(self.node.home)
        for subject in ("identity.peer", "gateway.tls"):
            self.assertEqual(found[subject][0], "warning")
            self.assertIn("expires on", found[subject][1])

    def test_the_configuration_and_the_genesis_block(self):
        missing = examined(self.node.home / "nowhere.toml", expect=1)
        self.assertEqual(missing["configuration"][0], "bad")
        genesis = self.node.network / "genesis.block"
        genesis.write_bytes(genesis.read_bytes()[:-1])
        self.assertEqual(examined(self.node.home, expect=1)["genesis"][0], "bad")
        self.node.configure("min_free_bytes", 1 << 60)
        self.assertEqual(examined(self.node.home, expect=1)["disk"][0], "bad")
        self.node.configure("roles", '["cook"]')
        self.assertIn("cook", examined(self.node.home, expect=1)["configuration"][1])

    def test_a_node_where_the_channels_data_may_not_lie(self):
        for names, verdict in (("EU", "good"), ("US", "bad")):
            with tempfile.TemporaryDirectory() as folder:
                network = pathlib.Path(folder) / "network"
                tally("network", "create", network, "--port", free_ports(1), "--residency", "EU")
                home = network / "nodes" / "node1"
                toml = home / "node.toml"
                toml.write_text(toml.read_text().replace("[node]", f'[node]\nresidency = "{names}"'))
                found = examined(home, expect=0 if verdict == "good" else 1)
                if verdict == "good":
                    self.assertNotIn("residency", found)
                    continue
                self.assertIn("the channel main keeps its data in EU; this node is in US", found["residency"][1])
                refused = tally("node", "start", home, expect=1)
                self.assertIn("keeps its data in EU", refused.stderr)

    def test_the_network_between_nodes(self):
        with tempfile.TemporaryDirectory() as folder, socket.socket() as other:
            network = pathlib.Path(folder) / "network"
            port = free_ports(1)
            tally("network", "create", network, "--organizations", "A,B,C", "--port", port,
                  "--host", "127.0.0.1,127.0.0.2,node3.invalid")
            found = examined(network / "nodes" / "node1")
            self.assertEqual(found["network"], ("warning", "node3.invalid of node3 is unknown here"))
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # an earlier test may have had a connection there
            other.bind(("127.0.0.1", port + 1000))
            other.listen()
            self.assertIn("in use", examined(network / "nodes" / "node1", expect=1)["network"][1])
            toml = network / "nodes" / "node2" / "node.toml"
            toml.write_text(toml.read_text().replace('name = "node2"', 'name = "node9"'))
            self.assertIn("node9", examined(network / "nodes" / "node2", expect=1)["network"][1])


if __name__ == "__main__":
    unittest.main()
