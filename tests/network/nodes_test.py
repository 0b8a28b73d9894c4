"""Nodes stop, hang, restart in turn, lose their disk, or come back late, under load: nothing that was acknowledged is
lost, all hold one ledger, nobody votes twice, and service goes on."""

import pathlib
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
from cluster_under_test import eventually  # noqa: E402
from load import Load  # noqa: E402
from node_under_test import tally  # noqa: E402
from wired_cluster import WiredCluster  # noqa: E402

ABSENCE_BLOCKS = 2000
ABSENCE_PATIENCE = 240


class Nodes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(WiredCluster("--batch-messages", 1))
        cls.cluster.up()

    def setUp(self):
        self.load = self.enterContext(Load(self.cluster))
        self.load.await_commits(5)

    def ends_well(self):
        eventually(self.cluster.all_ready, 60)
        self.load.await_commits(3)
        self.load.stop()
        self.load.check()

    def test_one_hangs_and_goes_on_where_it_was(self):
        """Long enough for the others to give its connections up (5 s)."""
        self.cluster.signal("node2", signal.SIGSTOP)
        self.load.await_commits(10, (1, 3, 4))
        eventually(lambda: all(peer["heard_ms_ago"] > 5000 for peer in self.cluster.status()["node1"]["peers"]
                               if peer["node"] == "node2"), 60)
        self.load.await_commits(10, (1, 3, 4))
        self.cluster.signal("node2", signal.SIGCONT)
        self.ends_well()

    def test_each_restarts_in_turn(self):
        for name in self.cluster.names:
            self.cluster.stop(name)
            self.load.await_commits(3, [n for n in self.load.numbers if n != self.cluster.number(name)])
            self.cluster.start(name)
            eventually(lambda name=name: self.cluster.status()[name]["state"] == "ready", 60)
        self.ends_well()

    def test_two_at_once_are_killed_and_service_resumes(self):
        for name in ("node1", "node3"):
            self.cluster.run("kill", name)
        for name in ("node1", "node3"):
            self.cluster.start(name)
        self.ends_well()

    def test_all_are_killed_and_service_resumes(self):
        for name in self.cluster.names:
            self.cluster.run("kill", name)
        for name in self.cluster.names:
            self.cluster.start(name)
        self.ends_well()

    def test_one_that_lost_its_disk_catches_up_and_never_votes_twice(self):
        for name in ("node3", "node4"):
            self.cluster.run("kill", name)
            self.cluster.wipe(name)
            self.cluster.start(name)
            eventually(lambda name=name: self.cluster.status()[name]["state"] == "ready", 60)
            self.load.await_commits(5)
            eventually(lambda name=name: self.cluster.status()[name]["ordering"]["forgetful"] is False, 60)
        self.ends_well()
        self.cluster.stop("node3")
        tally("ledger", "verify", self.cluster.home("node3"))
        self.cluster.start("node3")
        eventually(self.cluster.all_ready, 60)

    def test_one_that_missed_two_thousand_blocks_catches_up(self):
        self.load.stop()
        self.load.check()
        self.cluster.run("kill", "node4")
        with self.cluster.client(1) as client:
            height = lambda: client.get("/v1/checkpoints/latest")["block"]  # noqa: E731
            until = height() + ABSENCE_BLOCKS
            with Load(self.cluster, writers=4, pause=0):
                eventually(lambda: height() >= until, ABSENCE_PATIENCE)
        self.cluster.start("node4")
        # The last block's hash and the log's root speak for all before them.
        self.cluster.agreed(at_least=until, seconds=ABSENCE_PATIENCE)
        with Load(self.cluster) as self.load:
            self.ends_well()


if __name__ == "__main__":
    unittest.main()
