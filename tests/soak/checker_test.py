"""The judge finds each kind of fault in a history made by hand, and none in a good one."""

import copy
import unittest

from checker import check
from history import History


def block(number, *transactions):
    return {"number": number, "hash": f"hash-{number}", "previous_hash": f"hash-{number - 1}", "root": f"root-{number}",
            "tree_size": 0, "transactions": list(transactions)}


def transaction(operation, value=None, code="VALID"):
    return {"id": operation.id, "code": code, "kind": operation.kind, "key": operation.key,
            "value": operation.value if value is None else value}


class Judge(unittest.TestCase):
    """Two clients: X sets a key twice and reads it; Y adds to another key twice, and loses an answer."""

    def setUp(self):
        self.now = 0
        self.history = History(clock=self.tick)
        self.set_1 = self.write("X", "set", "colour", 1, "ok", (1, 0))
        self.get_1 = self.read("X", "get", "colour", 1)
        self.add_1 = self.write("Y", "add", "count", None, "ok", (2, 0))
        self.refused = self.write("Y", "add", "count", None, "fail")
        self.set_2 = self.write("X", "set", "colour", 2, "ok", (2, 1))
        self.get_2 = self.read("X", "get", "colour", 2)
        self.tip = self.read("X", "tip", "", "hash-2", (2, 0))
        self.lost_answer = self.write("Y", "add", "count", None, "unknown")
        self.chain = [block(1, transaction(self.set_1)),
                      block(2, transaction(self.add_1, 1), transaction(self.set_2)),
                      block(3, transaction(self.lost_answer, 2))]
        self.ledgers = None

    def tick(self):
        self.now += 1
        return self.now

    def write(self, client, kind, key, value, state, place=None):
        operation = self.history.invoke(client, "node1", 0, kind, key, value)
        self.history.sent(operation, f"id-{operation.number}")
        self.history.end(operation, state, place)
        return operation

    def read(self, client, kind, key, value, place=None, node="node1", life=0):
        operation = self.history.invoke(client, node, life, kind, key)
        operation.value = value
        self.history.end(operation, "ok", place)
        return operation

    def found(self):
        size = 1
        for entry in self.chain:
            size += len(entry["transactions"])
            entry["tree_size"] = size
        ledgers = self.ledgers or {node: copy.deepcopy(self.chain) for node in ("node1", "node2")}
        return {finding.kind for finding in check(self.history.operations, ledgers)}

    def apart(self):
        """Two ledgers that a test may change one by one."""
        self.found()
        self.ledgers = {node: copy.deepcopy(self.chain) for node in ("node1", "node2")}
        return self.ledgers["node2"]

    def test_a_good_history_has_no_fault(self):
        self.assertEqual(self.found(), set())

    def test_what_is_unknown_may_be_missing(self):
        self.chain.pop()
        self.assertEqual(self.found(), set())

    def test_what_was_refused_may_stand_there_invalid(self):
        self.chain[2]["transactions"].append(transaction(self.refused, 2, "MVCC_READ_CONFLICT"))
        self.assertEqual(self.found(), set())

    def test_acknowledged_and_missing_everywhere_is_lost(self):
        del self.chain[1]["transactions"][1]
        self.assertIn("lost", self.found())

    def test_acknowledged_and_missing_at_one_node_is_lost(self):
        del self.apart()[1]["transactions"][1]
        self.assertLessEqual({"lost", "differs"}, self.found())

    def test_acknowledged_and_invalid_is_lost(self):
        self.chain[1]["transactions"][1]["code"] = "MVCC_READ_CONFLICT"
        self.assertIn("lost", self.found())

    def test_acknowledged_and_elsewhere_is_lost(self):
        self.set_2.place = (3, 0)
        self.assertIn("lost", self.found())

    def test_what_nobody_sent_is_a_phantom(self):
        self.chain[2]["transactions"].append(
            {"id": "id-99", "code": "VALID", "kind": "set", "key": "colour", "value": 9})
        self.assertEqual(self.found(), {"phantom"})

    def test_what_is_read_and_was_never_written_is_a_phantom(self):
        self.read("X", "get", "colour", 99)
        self.assertEqual(self.found(), {"phantom"})

    def test_applied_twice_is_duplicated(self):
        self.chain[2]["transactions"].append(transaction(self.set_2))
        self.assertIn("duplicated", self.found())

    def test_an_unknown_one_applied_twice_is_duplicated(self):
        self.chain[2]["transactions"].append(transaction(self.lost_answer, 3))
        self.assertEqual(self.found(), {"duplicated"})

    def test_applied_though_refused(self):
        self.chain[2]["transactions"].append(transaction(self.refused, 3))
        self.assertEqual(self.found(), {"refused"})

    def test_applied_with_another_value_is_altered(self):
        self.chain[1]["transactions"][1]["value"] = 7
        self.assertLessEqual({"altered"}, self.found())

    def test_sent_after_another_was_known_and_ordered_before_it(self):
        self.chain[0]["transactions"].insert(0, transaction(self.lost_answer, 1))
        self.chain[1]["transactions"][0]["value"] = 2
        self.chain.pop()
        self.set_1.place = (1, 1)
        self.assertEqual(self.found(), {"reordered"})

    def test_two_at_once_may_be_in_either_order(self):
        self.lost_answer.invoked = 0
        self.chain[0]["transactions"].append(transaction(self.lost_answer, 1))
        self.chain[1]["transactions"][0]["value"] = 2
        self.chain.pop()
        self.assertEqual(self.found(), set())

    def test_a_read_older_than_the_readers_own_write_goes_backwards(self):
        self.get_2.value = 1
        self.assertEqual(self.found(), {"backwards"})

    def test_a_read_older_than_the_read_before_it_goes_backwards(self):
        self.read("Z", "get", "colour", 2)
        self.read("Z", "get", "colour", 1)
        self.assertEqual(self.found(), {"backwards"})

    def test_another_node_may_be_behind(self):
        self.read("X", "get", "colour", 1, node="node2")
        self.read("X", "tip", "", "hash-1", (1, 0), node="node2")
        self.assertEqual(self.found(), set())

    def test_a_wiped_node_begins_again(self):
        self.read("X", "get", "colour", None, life=1)
        self.assertEqual(self.found(), set())

    def test_a_node_that_shows_fewer_blocks_goes_backwards(self):
        self.read("X", "tip", "", "hash-1", (1, 0))
        self.assertEqual(self.found(), {"backwards"})

    def test_a_wiped_node_has_the_genesis_block_alone(self):
        self.read("X", "tip", "", "hash-0", (0, 0), life=1)
        self.assertEqual(self.found(), set())
        self.read("X", "tip", "", "another", (0, 0), life=2)
        self.assertEqual(self.found(), {"differs"})

    def test_a_block_that_was_seen_and_became_another_differs(self):
        self.tip.value = "another"
        self.assertEqual(self.found(), {"differs"})

    def test_a_block_that_was_seen_and_is_not_there_is_lost(self):
        self.read("X", "tip", "", "hash-4", (4, 0))
        self.assertEqual(self.found(), {"lost"})

    def test_a_counter_that_skips_or_repeats_has_lost_an_update(self):
        self.chain[2]["transactions"][0]["value"] = 1
        self.assertEqual(self.found(), {"versions"})

    def test_another_hash_or_root_differs(self):
        for name in ("hash", "root"):
            self.ledgers = None
            self.apart()[2][name] = "another"
            self.assertIn("differs", self.found())

    def test_another_validation_code_differs(self):
        self.apart()[2]["transactions"][0]["code"] = "MVCC_READ_CONFLICT"
        self.assertIn("differs", self.found())

    def test_a_shorter_ledger_differs(self):
        self.apart().pop()
        self.assertEqual(self.found(), {"differs"})

    def test_a_block_that_does_not_follow_is_broken(self):
        self.chain[2]["previous_hash"] = "another"
        self.assertEqual(self.found(), {"broken"})

    def test_a_log_that_does_not_count_its_transactions_is_broken(self):
        for entry in self.apart():
            entry["tree_size"] += entry["number"]
        self.assertIn("broken", self.found())


if __name__ == "__main__":
    unittest.main()
