"""An adversary in the place of a node of the channel: whatever it says to the others, they go on, alike and in bounds.

`adversary` (tests/adversary) has the node's transport key and nothing else to speak with.
"""

import json
import os
import pathlib
import re
import subprocess
import time
import tomllib
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import TALLY

ADVERSARY = os.environ.get("TALLY_ADVERSARY",
                           str(pathlib.Path(TALLY).parent.parent / "tests" / "adversary" / "adversary"))
SECONDS = 6
MOST_MORE_MEMORY = 700 << 20  # of a node while an attack lasts; of one frame of 33 MiB some 400 MiB would be normal


def arguments_for(cluster, victim, proposal, attack, seconds):
    """The adversary's command line in the place of the node VICTIM of CLUSTER."""
    channel = json.loads((cluster.network / "channel.json").read_text())
    home = cluster.network / "nodes" / victim
    network = tomllib.loads((home / "node.toml").read_text())["network"]
    own = next(node for node in channel["nodes"] if node["id"] == victim)
    listen = network.get("listen") or own["address"]
    others = [f"{node['id']}={node['address']}={node['transport_key']}" for node in channel["nodes"] if node is not own]
    return [ADVERSARY, attack, str(seconds), channel["channel"], listen, str(home / network["key"]), str(proposal), *others]


class Adversary(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest())
        cls.cluster.up()
        cls.written = 0
        cls.write(1)
        # node4 is the adversary's.
        cls.cluster.run("kill", "node4")
        cls.proposal = cls.cluster.folder / "proposal"
        cls.proposal.write_bytes(cls.cluster.identity(4, "admin").proposal("registry", "register_schema", "{}")[0])

    @classmethod
    def write(cls, number):
        cls.written += 1
        with cls.cluster.client(number, "admin") as admin:
            outcome = admin.submit("registry", "register_schema", {
                "id": f"s{cls.written}", "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]})
        assert outcome["validation_code"] == "VALID", outcome
        return outcome["block"]

    def metric(self, number, name):
        with self.cluster.client(number) as client:
            text = client.request("GET", "/metrics").body.decode()
        return sum(float(value) for value in re.findall(rf"^{name}{{[^}}]*node4[^}}]*}} (\S+)$", text, re.M))

    def memory(self, number):
        """Of a node at most so far, bytes."""
        pid = self.cluster.status()[f"node{number}"]["pid"]
        return int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) << 10

    def withstand(self, attack):
        before = {number: self.memory(number) for number in (1, 2, 3)}
        pids = {number: self.cluster.status()[f"node{number}"]["pid"] for number in (1, 2, 3)}
        attacker = subprocess.Popen(arguments_for(self.cluster, "node4", self.proposal, attack, SECONDS),
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        written = 0
        block = 0
        while attacker.poll() is None:
            block = self.write(written % 3 + 1)
            written += 1
            time.sleep(0.05)
        self.assertEqual(attacker.returncode, 0, attacker.stdout.read())
        attacker.stdout.close()
        self.assertGreater(written, 2, "the channel stood still")
        for number in (1, 2, 3):
            self.assertGreater(self.metric(number, "tally_peer_received_bytes_total"), 0, "nothing came")
        self.cluster.agreed((1, 2, 3), at_least=block, seconds=60)
        for number in (1, 2, 3):
            self.assertEqual(self.cluster.status()[f"node{number}"]["pid"], pids[number], f"node{number} was started again")
            self.assertLess(self.memory(number) - before[number], MOST_MORE_MEMORY, f"node{number} grew")
            with self.cluster.client(number) as client:
                self.assertEqual(client.request("GET", "/healthz").status, 200)

    def test_frames_that_cannot_be_read(self):
        self.withstand("unreadable")
        eventually(lambda: all(self.metric(number, "tally_peer_malformed_total") > 0 for number in (1, 2, 3)))

    def test_questions_in_numbers(self):
        self.withstand("flood")

    def test_endorsements_by_the_million(self):
        self.withstand("endorsements")

    def test_texts_that_would_write_into_a_terminal_or_a_log(self):
        self.withstand("escapes")
        for number in (1, 2, 3):
            log = (self.cluster.network / "nodes" / f"node{number}" / "node.log").read_bytes()
            self.assertNotIn(b"\x1b", log)
            self.assertNotIn(b"\x07", log)
            self.assertFalse([line for line in log.splitlines() if line.startswith(b"critical")])

    def test_votes_certificates_blocks_and_answers_that_are_false(self):
        self.withstand("lies")
        eventually(lambda: all(self.metric(number, "tally_peer_malformed_total") > 0 for number in (1, 2, 3)))


if __name__ == "__main__":
    unittest.main()
