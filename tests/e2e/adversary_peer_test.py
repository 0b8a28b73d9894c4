"""An adversary with the transport keys of nodes: whatever it says to the others, they go on, alike and in bounds."""

import subprocess
import unittest

from adversary import ESCAPED, ESCAPES, UnderAttack
from cluster_under_test import eventually
from tally_transactions import simulation, transaction

SECONDS = 4
# They are named, and never run. Who is blamed is not heard for a while: each attack has its own.
ENDORSE, TELL, ANSWER = ["node1"], ["node2"], ["node3", "node6", "node11", "node16"]
SPOIL = [f"node{number}" for number in (4, 7, 8, 9, 12, 13, 14, 17, 18, 19)]
RECEIVED = "tally_consensus_messages_total"


class Peer(UnderAttack):
    """Four orderers, of which one is the adversary's, and the keys of sixteen more nodes."""
    per_organization, roles = 5, [*["endorser,committer"] * 4, "endorser,orderer,committer,gateway"]
    honest, own = (5, 10, 15), 20

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cluster.run("kill", f"node{cls.own}")
        cls.proposal = cls.cluster.folder / "proposal"
        cls.proposal.write_bytes(cls.cluster.identity(cls.own, "admin").proposal("registry", "register_schema", "{}")[0])

    def attack(self, name, **options):
        return self.spoken(name, SECONDS, proposal=self.proposal, **options)

    def test_frames_that_cannot_be_read(self):
        """Each frame of the list has a listener of its own, which receives it and blames its sender for it."""
        before = {(peer, number): self.malformed(number, peer) for peer in SPOIL for number in self.honest}

        def unnoticed():
            return [frame for (peer, number), frame in frames.items()
                    if self.malformed(number, peer) == before[peer, number]]

        def attack():
            line = self.command("frames", 300, stolen=SPOIL)
            with subprocess.Popen(line, stdout=subprocess.PIPE, text=True) as attacker:
                try:
                    for _ in before:
                        peer, node, frame = attacker.stdout.readline().rstrip("\n").split("\t")
                        frames[peer, int(node.removeprefix("node"))] = frame
                    eventually(lambda: self.assertEqual(unnoticed(), []) or True, 180)  # rounds of 500 MiB
                finally:
                    attacker.terminate()
        frames = {}
        self.go_on_while(attack)
        self.assertEqual(frames.keys(), before.keys())
        for (peer, number), count in before.items():
            self.assertGreater(self.malformed(number, peer), count, frames[peer, number])

    def test_questions_in_numbers(self):
        def received(kind):
            return sum(self.metric(number, RECEIVED, direction="received", kind=kind) for number in self.honest)
        kinds = ("status", "fetch of blocks", "fetch proposal", "fetch batch")
        before = {kind: received(kind) for kind in kinds}
        blamed = {number: self.malformed(number, f"node{self.own}") for number in self.honest}
        told = self.go_on_while(lambda: self.attack("flood"))
        answers = int(told.rpartition("answers=")[2])
        self.assertGreater(answers, 1000, told)
        for kind in kinds:
            self.assertGreater(received(kind) - before[kind], 100, kind)
        for number in self.honest:  # what can be read is no reason for blame
            self.assertEqual(self.malformed(number, f"node{self.own}"), blamed[number])

    def test_endorsements_by_the_million(self):
        told = self.go_on_while(lambda: self.attack("endorsements", stolen=ENDORSE))
        self.assertGreater(int(told.rpartition("answers=")[2]), 0, told)  # each takes a second, more where others work

    def test_texts_that_would_write_into_a_terminal_or_a_log(self):
        self.go_on_while(lambda: self.attack("escapes", stolen=TELL))
        # Ordered by its own orderer, such a text does get into the logs: escaped.
        proposal, transaction_id = self.cluster.identity(self.own, "admin").proposal(ESCAPES, ESCAPES, "{}")
        text = transaction(proposal, simulation(transaction_id, ESCAPES, ESCAPES))
        self.assertEqual(self.ordered([text]), ["INVALID_CHAINCODE"])
        for number in self.honest:
            self.assertIn(ESCAPED.encode(), self.log(number))
        self.check_logs()

    def test_votes_certificates_blocks_and_answers_that_are_false(self):
        before = {number: self.malformed(number, f"node{self.own}") for number in self.honest}
        self.go_on_while(lambda: self.attack("lies"))
        for number in self.honest:
            self.assertGreater(self.malformed(number, f"node{self.own}"), before[number])

    def test_answers_that_cannot_be_read(self):
        def blamed():
            return sum(self.malformed(number, peer) for number in self.honest for peer in ANSWER)
        before = blamed()
        self.go_on_while(lambda: self.attack("answers", stolen=ANSWER))
        self.assertGreater(blamed(), before)

    def test_standings_that_are_false(self):
        """Fewer than the orderers' third say so, and they do not count."""
        self.go_on_while(lambda: self.attack("standings"))

    def test_checkpoints_that_are_false(self):
        """Signed by the committer whose node it is: they are found out, and nobody stops."""
        identity = self.home(self.own) / "identity"
        self.go_on_while(lambda: self.attack("checkpoints", peer=identity / "peer"), critical=("checkpoints_differ",))
        for number in self.honest:
            self.assertEqual(self.metric(number, "tally_disagreeing_committers"), 1)
            self.assertIn(b"event=checkpoints_differ", self.log(number))


if __name__ == "__main__":
    unittest.main()
