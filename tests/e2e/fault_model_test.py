"""A running channel changes what it assumes of its orderers, from members that may lie to members that may stop.

With five orderers the two differ: byzantine has f = floor((5-1)/3) = 1 and needs floor((5+1)/2)+1 = 4 of them, crash needs
floor(5/2)+1 = 3. Two that are killed stop the one and not the other."""

import http.client
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import tally
from tally.errors import Refused

SURVIVORS, KILLED = (1, 2, 3), ("node4", "node5")


class FaultModel(unittest.TestCase):
    def setUp(self):
        self.cluster = self.enterContext(ClusterUnderTest(organizations="ABCDE"))
        self.cluster.up()
        self.schemas = 0

    def config(self, organization, *command):
        return self.cluster.run_as(organization, "config", *command)

    def change(self, model):
        """By A, with B's and C's approval: three of five are a majority."""
        proposed = self.config("A", "propose", "--set", f"fault_model={model}")
        self.config("B", "approve", proposed["config"])
        self.assertTrue(self.config("C", "approve", proposed["config"])["applied"])
        for organization in "ABCDE":
            eventually(lambda o=organization: self.config(o, "show")["fault_model"] == model)

    def proposal(self, client):
        self.schemas += 1
        return client.identity.proposal("registry", "register_schema", {
            "id": f"s{self.schemas}", "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]})

    def write(self, number):
        """Something at gateway NUMBER; its block."""
        with self.cluster.client(number) as client:
            outcome = client.send(self.proposal(client)[0])
        self.assertEqual(outcome["validation_code"], "VALID")
        return outcome["block"]

    def kill_two(self):
        for name in KILLED:
            self.cluster.run("kill", name)

    def start_two(self):
        for name in KILLED:
            self.cluster.run("start", name)
        eventually(lambda: {node["state"] for node in self.cluster.status().values()} == {"ready"}, 60)

    def stops(self):
        """With two of five gone: every node that is left says why, nothing is committed; what was sent meanwhile is
        returned."""
        with self.cluster.client(1) as client:
            before = client.get("/v1/checkpoints/latest")["block"]
        for number in SURVIVORS:
            def silent(number=number):
                with self.cluster.client(number) as client:
                    answer = client.request("GET", "/readyz")
                return answer.status == 503 and b"3 of 5 orderers are heard; 4 are needed" in answer.body
            eventually(silent)
        with self.cluster.client(1, timeout=3) as client:
            sent, transaction = self.proposal(client)
            with self.assertRaises((Refused, OSError, http.client.HTTPException)) as refused:
                client.send(sent)
        if isinstance(refused.exception, Refused):
            self.assertEqual(refused.exception.code, "timeout")
        for number in SURVIVORS:
            with self.cluster.client(number) as client:
                self.assertEqual(client.get("/v1/checkpoints/latest")["block"], before)
        return transaction

    def goes_on(self):
        """With two of five gone, at every gateway that is left."""
        block = max(self.write(number) for number in SURVIVORS)
        self.cluster.agreed(SURVIVORS, at_least=block)
        eventually(lambda: {self.cluster.status()[f"node{n}"]["state"] for n in SURVIVORS} == {"ready"})
        return block

    def held(self, transaction):
        """Its code at every node, once each holds it."""
        def codes():
            found = []
            for number in range(1, 6):
                with self.cluster.client(number) as client:
                    found.append(client.get(f"/v1/transactions/{transaction}").get("validation_code"))
            return None not in found and found
        return eventually(codes)

    def test_two_of_five_may_go_when_members_only_crash(self):
        self.write(1)
        self.kill_two()
        waiting = self.stops()
        self.start_two()
        # What was sent while no quorum was there is ordered now.
        self.assertEqual(self.held(waiting), ["VALID"] * 5)

        self.change("crash")
        self.kill_two()
        block = self.goes_on()
        self.start_two()
        self.cluster.agreed(at_least=block)

        # And back, while everybody is there: the same two are too many again.
        self.change("byzantine")
        self.write(5)
        self.kill_two()
        waiting = self.stops()
        self.start_two()
        self.assertEqual(self.held(waiting), ["VALID"] * 5)

        # The ledger holds blocks of both, and can be checked from its first one on.
        self.cluster.agreed()
        self.cluster.run("down")
        for number in (1, 5):
            tally("ledger", "verify", self.cluster.network / "nodes" / f"node{number}")


if __name__ == "__main__":
    unittest.main()
