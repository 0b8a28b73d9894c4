"""Exit codes are those that the help and docs/operations.md state, and each printed next command can be typed."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

from cluster_under_test import ClusterUnderTest
from node_under_test import NodeUnderTest, TALLY, tally
from ports import free_ports

OPERATIONS = pathlib.Path(__file__).resolve().parents[2] / "docs/operations.md"


def next_commands(done):
    """Those that are printed under `next:`."""
    commands, inside = [], False
    for line in done.stdout.splitlines():
        if line.startswith("  next:  "):
            commands.append(line.removeprefix("  next:  "))
            inside = True
        elif inside and line.startswith(" " * 9):
            commands.append(line.strip())
        else:
            inside = False
    return commands


class ExitCodes(unittest.TestCase):
    def test_help_and_docs_state_the_same_codes(self):
        table = OPERATIONS.read_text().split("## Exit codes")[1].split("## ")[0]
        documented = [int(number) for number in re.findall(r"^\| (\d) \|", table, re.MULTILINE)]
        told = tally("--help").stdout.split("Exit codes:")[1].split(").")[0]
        self.assertEqual([int(number) for number in re.findall(r"(?:^|; )\s*(\d) ", told)], documented)
        self.assertEqual(documented, [0, 1, 2, 3, 4, 5])

    def test_each_code(self):
        with NodeUnderTest() as node:
            organization = node.network / "organizations" / "Operator"
            admin = node.member_folder("admin")
            profile = ("--profile", admin / "profile.toml")
            tally("doctor", node.home)
            tally("network", "create", node.network, expect=1)  # it is there
            for wrong in (["nonsense"], ["network"], ["network", "create"], ["identity", "issue", organization, "x",
                          "--role", "cook"], ["node", "status", "--nonsense"]):
                tally(*wrong, expect=2)
            tally("doctor", node.home / "nothing", expect=1)
            tally("ledger", "verify", node.folder / "nothing", expect=3)
            tally("node", "status", *profile, expect=4)  # it does not run
            node.start()
            tally("ledger", "verify", node.home, expect=4)  # it runs
            tally("block", "show", "99999", *profile, expect=3)
            tally("query", "nothing", "f", "{}", *profile, expect=3)
            tally("query", "registry", "get_schema", "[]", *profile, expect=1)
            node.stop()
            current = node.home / "data/ledger/CURRENT"
            current.write_bytes(b"MANIFEST-999999\n")
            tally("ledger", "verify", node.home, expect=5)


class NextSteps(unittest.TestCase):
    """Each printed command is run by a shell, in the order of their printing."""

    def run_all(self, commands, folder):
        """In one shell; a command that is to run in the background is ended at the end."""
        path = f"{pathlib.Path(TALLY).parent}:{os.environ['PATH']}"
        script = "set -e\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n" + "\n".join(commands)
        done = subprocess.run(["bash", "-c", script], cwd=folder, env={**os.environ, "PATH": path},
                              capture_output=True, text=True, timeout=200, check=False)
        self.assertEqual(done.returncode, 0, f"{script}\n{done.stdout}\n{done.stderr}")

    def test_of_a_consortium_with_one_node_in_a_folder_with_a_blank(self):
        with tempfile.TemporaryDirectory(prefix="tally next ") as folder:
            network = pathlib.Path(folder) / "it's here"
            commands = next_commands(tally("network", "create", network, "--port", free_ports(1)))
            self.assertEqual(len(commands), 2)
            self.assertTrue(commands[0].endswith(" &"))
            self.run_all([*commands, "tally node wait", "tally node status"], folder)
            organization = network / "organizations/Operator"
            commands = next_commands(tally("identity", "renew", organization, "--within", 3650))
            self.run_all(commands, folder)

    def test_of_a_cluster_with_a_further_channel_and_a_new_organization(self):
        with ClusterUnderTest(organizations="AB") as cluster:
            commands = next_commands(tally("network", "create", cluster.network, *cluster.options))
            self.run_all(commands, cluster.folder)
            profile = cluster.profile("A")
            export = f"export TALLY_PROFILE={profile}"
            for done in (tally("channel", "create", cluster.network, "north"),
                         tally("identity", "renew", cluster.network / "organizations/A", "--within", 3650)):
                commands = next_commands(done)
                self.assertTrue(commands)
                self.run_all(commands, cluster.folder)
            organization = cluster.network / "organizations/A"
            revoked = tally("identity", "revoke", organization, organization / "members/auditor/certificate.pem")
            added = tally("network", "add-nodes", cluster.network, "C")
            for done in (revoked, added):
                commands = next_commands(done)
                self.assertEqual(len(commands), 1)
                self.run_all([export, *commands], cluster.folder)
                (proposal,) = json.loads(tally("--json", "config", "list", TALLY_PROFILE=str(profile)).stdout)["proposals"]
                tally("config", "approve", proposal["config"],
                      TALLY_PROFILE=str(cluster.profile("B")))
            done = tally("cluster", "up", cluster.network)
            self.assertIn("3 nodes of A, B, C serve", done.stdout)
            up = next_commands(done)
            self.assertEqual(len(up), 4)  # none to kill a node: two orderers need each other
            self.run_all(up, cluster.folder)

    def test_of_a_cluster_of_orderers_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            network = pathlib.Path(folder) / "network"
            tally("network", "create", network, "--roles", "orderer", "--driver", "bench", "--port", free_ports(1))
            up = next_commands(tally("cluster", "up", network))
            self.assertEqual(len(up), 3)  # none that needs a gateway
            self.run_all(up, folder)

    def test_of_an_organization_that_makes_its_keys_at_home(self):
        """It has no admin who can propose: the next step is another's, and then its own node's start."""
        with tempfile.TemporaryDirectory() as folder:
            network, home = pathlib.Path(folder) / "network", pathlib.Path(folder) / "home"
            tally("network", "create", network)
            home.mkdir()
            shutil.copy(network / "genesis.block", home)
            done = tally("network", "add-nodes", home, "E", "--name", "e1")
            self.assertEqual(next_commands(done), [f"tally node start {home}/nodes/e1 &"])
            self.assertIn(f"Give {home}/nodes/e1/join.json to an admin of the channel", done.stdout)

    def test_of_a_snapshot_and_a_restored_node(self):
        with NodeUnderTest() as node:
            node.start()
            node.stop()
            backup, home = node.folder / "backup", node.network / "nodes/again"
            tally("backup", node.home, backup)
            commands = next_commands(tally("restore", backup, home))
            self.assertEqual(len(commands), 1)
            profile = node.member_folder("admin") / "profile.toml"
            self.run_all([commands[0] + " &", f"export TALLY_PROFILE={profile}", "tally node wait"], node.folder)


if __name__ == "__main__":
    unittest.main()
