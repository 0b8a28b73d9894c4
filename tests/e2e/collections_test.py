"""Readings that only some organizations keep: they are in no block, their keepers share them, and an erasure removes
them from every disk and leaves signed reports."""

import contextlib
import datetime
import json
import os
import signal
import unittest

import cbor2

from cluster_under_test import OnFourNodes, eventually
from node_under_test import tally

PACKED = -70006
FIRST = datetime.date(2026, 3, 1)


def csv_of(day, seed):
    lines = ["time,energy_Wh"]
    for minute in range(0, 1440, 15):
        time = datetime.datetime.combine(day, datetime.time()) + datetime.timedelta(minutes=minute)
        lines.append(f"{time:%Y-%m-%dT%H:%M:%SZ},{(minute * 7919 + seed * 104729) % 100003}")
    return "\n".join(lines) + "\n"


class Collections(OnFourNodes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls.folder / "meter"
        file = cls.day(0)
        tally("device", "new", cls.meter)
        cls.cluster.run_as("A", "device", "register", cls.meter, "--schema", "meters", "--csv", file)
        cls.cluster.run_as("A", "collection", "define", "homes", "--keepers", "B,C")
        cls.cluster.run_as("A", "collection", "assign", "homes", "meter")

    @classmethod
    def day(cls, number):
        file = cls.folder / f"day{number}.csv"
        file.write_text(csv_of(FIRST + datetime.timedelta(days=number), number))
        return file

    def sign(self, number):
        """The signed record of a day, with its rows packed beside it, and those rows."""
        out = self.folder / f"out{number}"
        tally("device", "sign", self.meter, "--csv", self.day(number), "--out", out)
        record = next(out.iterdir())
        return record, cbor2.loads(record.read_bytes()).value[1][PACKED]

    def query(self, organization, number):
        begin = int(datetime.datetime.combine(FIRST + datetime.timedelta(days=number), datetime.time(),
                                              datetime.timezone.utc).timestamp())
        question = {"device": "meter", "from": begin, "to": begin + 86400}
        return self.cluster.run_as(organization, "query", "data", "series", json.dumps(question))

    def samples(self, organization, number):
        answer = self.query(organization, number)
        return [value for _, value in answer["fields"][0]["samples"]] if answer["fields"] else None

    def holders(self, packed):
        """The organizations' letters whose nodes have these bytes in a file."""
        found = set()
        for number, letter in enumerate("ABCD", 1):
            node = next(self.cluster.network.glob(f"nodes/*{number}"))
            for file in node.rglob("*"):
                with contextlib.suppress(OSError):
                    if file.is_file() and packed[:200] in file.read_bytes():
                        found.add(letter)
        return found

    def test_1_readings_reach_the_keepers_and_no_block(self):
        record, packed = self.sign(0)
        self.cluster.run_as("A", "device", "publish", "--record", record)
        # The schema has room for three more decimals.
        expected = [line.split(",")[1] + ".000" for line in csv_of(FIRST, 0).splitlines()[1:]]
        for keeper in "BC":
            self.assertEqual(eventually(lambda letter=keeper: self.samples(letter, 0)), expected)
        self.assertEqual(self.holders(packed), {"B", "C"})
        # The figures are on the ledger for all; the rows are not.
        for letter in "ABCD":
            days = self.cluster.run_as(letter, "query", "data", "days", '{"device": "meter"}')["days"]
            self.assertEqual(days[0]["fields"][0]["sum"], f"{sum(int(value.split('.')[0]) for value in expected)}.000")
            self.assertEqual(days[0]["collection"], "homes")
        self.assertEqual(self.query("D", 0)["records"][0]["why"], "NOT_A_KEEPER")
        self.assertEqual(self.query("A", 0)["records"][0]["why"], "NOT_HERE")

    def test_2_a_keeper_that_was_down_fetches_what_it_missed(self):
        status = self.cluster.status()
        name = next(node for node in status if node.endswith("3"))
        os.kill(status[name]["pid"], signal.SIGKILL)
        record, packed = self.sign(1)
        self.cluster.run_as("A", "device", "publish", "--record", record)
        eventually(lambda: self.samples("B", 1))
        self.cluster.run("up")
        eventually(lambda: self.samples("C", 1), 40)
        self.assertEqual(self.holders(packed), {"B", "C"})

    def test_3_rows_that_are_not_the_devices_are_refused_by_name(self):
        record, _ = self.sign(2)
        message = cbor2.loads(record.read_bytes())
        other, packed = self.sign(3)
        message.value[1][PACKED] = packed  # of another day
        forged = self.folder / "forged.cose"
        forged.write_bytes(cbor2.dumps(message))
        answer = self.cluster.run_as("A", "device", "publish", "--record", forged, expect=None)
        self.assertIn("root", json.dumps(answer))
        # As it was signed it is published, and its rows reach the keepers.
        self.cluster.run_as("A", "device", "publish", "--record", record)
        eventually(lambda: self.samples("B", 2))
        self.cluster.run_as("A", "device", "publish", "--record", other)
        eventually(lambda: self.samples("C", 3), 40)

    def test_4_an_erasure_leaves_signed_reports_and_no_bytes(self):
        records = [next((self.folder / f"out{number}").iterdir()) for number in range(4)]
        rows = [cbor2.loads(record.read_bytes()).value[1][PACKED] for record in records]
        until = (FIRST + datetime.timedelta(days=2)).isoformat()
        answer = self.cluster.run_as("A", "device", "erase", "meter", "--until", until, "--reason", "the customer asked for it")
        self.assertEqual(answer["without_report"], [])
        self.assertEqual({report["organization"]: report["series"] for report in answer["reports"]
                          if report["collection"] == "homes"}, {"B": 2, "C": 2})
        self.assertEqual(answer["records_in_blocks"], 0)
        for number, packed in enumerate(rows):
            self.assertEqual(self.holders(packed), set() if number < 2 else {"B", "C"}, number)
        self.assertEqual(self.query("B", 0)["records"][0]["why"], "ERASED")
        # Sent again, the record is known, and its rows are not kept.
        self.cluster.run_as("A", "device", "publish", "--record", records[0])
        self.assertEqual(self.holders(rows[0]), set())
        # The signed figures stay.
        days = self.cluster.run_as("D", "query", "data", "days", '{"device": "meter"}')["days"]
        self.assertEqual(len(days), 4)

    def test_5_readings_expire(self):
        self.cluster.run_as("A", "collection", "define", "short", "--keepers", "B,C", "--keep-days", "1")
        self.cluster.run_as("A", "collection", "assign", "short", "meter")
        # The day is long over, so its readings are not kept at all; the record is published all the same.
        record, packed = self.sign(4)
        self.cluster.run_as("A", "device", "publish", "--record", record)
        self.assertEqual(self.holders(packed), set())
        self.assertEqual(self.query("B", 4)["records"][0]["why"], "NOT_HERE")
        self.cluster.run_as("A", "collection", "assign", "homes", "meter")

    def test_6_others_cannot_erase_and_open_readings_stay(self):
        refused = self.cluster.run_as("B", "device", "erase", "meter", "--reason", "x", expect=1)
        self.assertIn("permission_denied", json.dumps(refused))
        tally("device", "new", self.folder / "open")
        self.cluster.run_as("A", "device", "register", self.folder / "open", "--schema", "meters", "--csv", self.day(0))
        refused = self.cluster.run_as("A", "device", "erase", "open", "--reason", "x", expect=1)
        self.assertIn("not_confidential", json.dumps(refused))


if __name__ == "__main__":
    unittest.main()
