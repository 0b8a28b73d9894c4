"""An orderer whose folder was put back from a copy may have voted since: it votes again only when the others have said
where they are."""

import shutil
import subprocess
import unittest

from cluster_under_test import OnFourNodes, eventually
from node_under_test import tally


class OfFour(OnFourNodes):
    def write(self, number, name):
        with self.cluster.client(number, "admin") as admin:
            return admin.submit("registry", "register_schema",
                                {"id": name, "version": 1,
                                 "fields": [{"name": "a", "unit": "W", "scale": 0}]})["block"]

    def ordering(self, number):
        with self.cluster.client(number) as client:
            return client.get("/v1/node")["ordering"]

    def all_ready(self):
        return {node["state"] for node in self.cluster.status().values()} == {"ready"}


class Restored(OfFour):
    def test_a_copied_folder_does_not_vote_until_the_others_have_spoken(self):
        self.write(1, "before")
        home = self.cluster.network / "nodes/node4"
        data, copy = home / "data", home / "copy"
        # A restart alone changes nothing.
        self.cluster.run("kill", "node4")
        self.cluster.run("kill", "node3")
        self.cluster.run("start", "node4")
        self.assertFalse(eventually(lambda: self.ordering(4))["forgetful"])
        self.cluster.run("kill", "node4")
        subprocess.run(["cp", "-a", data, copy], check=True)
        self.cluster.run("start", "node4")
        eventually(lambda: self.write(1, "since-the-copy"))
        self.cluster.run("kill", "node4")
        shutil.rmtree(data)
        copy.rename(data)
        # All three others are asked, as one of them may lie; one is away.
        self.cluster.run("start", "node4")
        self.assertTrue(eventually(lambda: self.ordering(4))["forgetful"])
        log = (home / "node.log").read_text()
        self.assertIn("event=restored_log", log)

        def why():
            with self.cluster.client(4) as client:
                answer = client.request("GET", "/readyz")
            return answer.status == 503 and b"an old copy of it" in answer.body
        eventually(why)
        # Another restart is none of a folder that is known to be good again.
        self.cluster.run("kill", "node4")
        self.cluster.run("start", "node4")
        self.assertTrue(eventually(lambda: self.ordering(4))["forgetful"])
        self.assertEqual((home / "node.log").read_text().count("event=restored_log"), 1)
        self.cluster.run("start", "node3")
        eventually(self.all_ready, 60)
        self.assertFalse(self.ordering(4)["forgetful"])
        self.cluster.agreed(at_least=self.write(4, "after"))


class Moved(OfFour):
    def move_all(self):
        """As `cp -a` of the whole consortium, which is stopped in order."""
        self.cluster.run("down")
        network = self.cluster.network
        copy = network.with_name("copy")
        subprocess.run(["cp", "-a", network, copy], check=True)
        shutil.rmtree(network)
        copy.rename(network)

    def test_a_consortium_that_was_moved_as_a_whole_goes_on_when_its_logs_are_said_to_be_the_newest(self):
        height = self.write(1, "before-the-move")
        self.cluster.agreed(at_least=height)
        self.move_all()
        self.cluster.run("up")
        with self.cluster.client(1, "admin") as admin:
            with self.assertRaises(Exception):  # no answer: too few vote
                admin.submit("registry", "register_schema", {
                    "id": "while-it-stands", "version": 1, "fields": [{"name": "a", "unit": "W", "scale": 0}]})

        def why():
            with self.cluster.client(1) as client:
                answer = client.request("GET", "/readyz")
            return answer.status == 503 and b"tally node trust-log" in answer.body
        eventually(why)
        running = tally("node", "trust-log", self.cluster.network / "nodes/node1", expect=None)
        self.assertNotEqual(running.returncode, 0)
        self.assertIn("is in use by another process", running.stderr)
        self.cluster.run("down")
        for number in range(1, 5):
            tally("node", "trust-log", self.cluster.network / f"nodes/node{number}")
        self.cluster.run("up")
        block = self.write(2, "after-the-move")
        self.cluster.agreed(at_least=block)
        eventually(self.all_ready, 60)
        self.cluster.run("down")
        self.cluster.run("up")
        self.cluster.agreed(at_least=self.write(3, "after-a-restart"))


if __name__ == "__main__":
    unittest.main()
