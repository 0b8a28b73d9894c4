"""The network between real nodes is cut, slow or lossy: nothing that was acknowledged is lost, all hold one ledger, and
service goes on when it can. Each node has a host of its own, or, where those cannot be had, proxies carry what they say."""

import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "e2e"))
from cluster_under_test import eventually  # noqa: E402
from hosts import missing  # noqa: E402
from load import Load  # noqa: E402
from wired_cluster import HostedCluster, WiredCluster  # noqa: E402
from wires import Wire  # noqa: E402

CIRCLE_SECONDS = 8
GONE_SECONDS = 60
BACK_SECONDS = 20


class OnWires(unittest.TestCase):
    """One consortium for all of a class's tests; each heals what it did, and the next begins on a calm network."""
    organizations, options = "ABCD", ()

    @classmethod
    def setUpClass(cls):
        cluster_type = WiredCluster if missing() else HostedCluster
        cls.cluster = cls.enterClassContext(cluster_type(*cls.options, organizations=cls.organizations))
        cls.cluster.up()

    def setUp(self):
        self.load = self.enterContext(Load(self.cluster))
        self.load.await_commits(5)

    def serves(self, *numbers):
        """These gateways commit what is sent now."""
        self.load.await_commits(3, numbers)

    def stops(self):
        """Nobody hears a quorum, and everybody says so."""
        eventually(lambda: {node["state"] for node in self.cluster.status().values()} == {"not ready"}, 60)

    def heals(self):
        self.cluster.wires.heal()
        eventually(self.cluster.all_ready, 60)
        self.serves(*range(1, len(self.cluster.names) + 1))
        self.load.stop()
        self.load.check()

    def split(self, *groups):
        self.cluster.wires.split(*[[f"node{number}" for number in group] for group in groups])


class FourNodes(OnWires):
    def test_two_and_two_stop_and_go_on_together(self):
        self.split((1, 2), (3, 4))
        self.stops()
        self.heals()

    def test_three_go_on_without_the_fourth_which_catches_up(self):
        self.split((1, 2, 3), (4,))
        self.serves(1, 2, 3)
        eventually(lambda: self.cluster.status()["node4"]["state"] == "not ready", 60)
        self.heals()

    def test_everybody_alone_stops_and_goes_on_together(self):
        self.split((1,), (2,), (3,), (4,))
        self.stops()
        self.heals()

    def test_two_that_hear_each_other_and_two_alone_stop_and_go_on_together(self):
        self.split((1, 2), (3,), (4,))
        self.stops()
        self.heals()

    def test_two_groups_and_one_between_them(self):
        """Node 3 hears all; 1 and 2 hear each other and 3, node 4 hears 3 only."""
        self.cluster.wires.cut([(a, b) for a, b in self.cluster.wires.wires
                                if {a, b} in ({"node1", "node4"}, {"node2", "node4"})])
        self.serves(1, 2, 3)
        self.heals()

    def test_a_ring_in_which_each_hears_its_neighbours(self):
        self.cluster.wires.cut([(a, b) for a, b in self.cluster.wires.wires
                                if {a, b} in ({"node1", "node3"}, {"node2", "node4"})])
        self.serves(1, 2, 3, 4)
        self.heals()

    def test_one_that_hears_all_and_is_heard_by_none(self):
        self.cluster.wires.cut([("node2", other) for other in ("node1", "node3", "node4")])
        self.serves(1, 3, 4)
        self.heals()

    def test_one_that_is_heard_by_all_and_hears_none(self):
        self.cluster.wires.cut([(other, "node3") for other in ("node1", "node2", "node4")])
        self.serves(1, 2, 4)
        self.heals()

    def test_a_circle_in_which_each_hears_only_the_one_before_it(self):
        """No two hear each other, so no quorum does."""
        circle = {("node1", "node2"), ("node2", "node3"), ("node3", "node4"), ("node4", "node1")}
        self.cluster.wires.cut([pair for pair in self.cluster.wires.wires if pair not in circle])
        self.stops()
        self.heals()

    def test_a_delay_of_200_ms_everywhere(self):
        self.cluster.wires.set(Wire(delay=0.2))
        self.serves(1, 2, 3, 4)
        self.heals()

    def test_a_loss_of_30_percent_everywhere(self):
        self.cluster.wires.set(Wire(delay=0.01, loss=0.3))
        self.load.await_some(3)
        self.heals()


    def test_one_that_is_gone_for_a_minute_without_a_word(self):
        """No connection is closed: TCP must not go on waiting when the host is back."""
        self.split((1, 2, 3), (4,))
        self.serves(1, 2, 3)
        time.sleep(GONE_SECONDS)
        self.cluster.wires.heal()
        eventually(self.cluster.all_ready, BACK_SECONDS)
        self.serves(4)
        self.heals()


class ThreeNodesThatOnlyCrash(OnWires):
    organizations, options = "ABC", ("--fault-model", "crash")

    def test_two_go_on_without_the_third_which_catches_up(self):
        self.split((1, 2), (3,))
        self.serves(1, 2)
        self.heals()

    def test_one_after_another_is_cut_off(self):
        for alone in (1, 2, 3):
            others = [number for number in (1, 2, 3) if number != alone]
            self.cluster.wires.heal()
            self.split(others, (alone,))
            self.serves(*others)
        self.heals()

    def test_everybody_alone_stops_and_goes_on_together(self):
        self.split((1,), (2,), (3,))
        self.stops()
        self.heals()

    def test_two_that_hear_each_other_only_through_the_third(self):
        self.cluster.wires.cut([("node1", "node2"), ("node2", "node1")])
        self.serves(1, 2, 3)
        self.heals()

    def test_one_that_hears_all_and_is_heard_by_none(self):
        self.cluster.wires.cut([("node2", other) for other in ("node1", "node3")])
        self.serves(1, 3)
        self.heals()

    def test_one_that_is_heard_by_all_and_hears_none(self):
        self.cluster.wires.cut([(other, "node3") for other in ("node1", "node2")])
        self.serves(1, 2)
        self.heals()

    def test_a_circle_in_which_each_hears_only_the_one_before_it(self):
        """Each has its own vote and one more, which is a quorum; hardly anybody hears an answer."""
        circle = {("node1", "node2"), ("node2", "node3"), ("node3", "node1")}
        self.cluster.wires.cut([pair for pair in self.cluster.wires.wires if pair not in circle])
        time.sleep(CIRCLE_SECONDS)
        self.heals()


if __name__ == "__main__":
    print(f"on proxies, as {why}" if (why := missing()) else "on hosts", flush=True)
    unittest.main()
