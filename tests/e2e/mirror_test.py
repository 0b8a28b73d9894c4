"""`tally mirror`: the ledger in PostgreSQL is what the node has, whatever stops it, and a change to it is found."""

import datetime
import json
import pathlib
import re
import shutil
import signal
import subprocess
import unittest
from decimal import Decimal

from cluster_under_test import eventually
from node_under_test import TALLY, NodeUnderTest, tally
from postgres_under_test import PostgresUnderTest
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device

DOCUMENT = pathlib.Path(__file__).parents[2] / "docs/mirror.md"
FIELDS = [Field("energy", "Wh", -1), Field("voltage", "V", 0)]
START = int(datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc).timestamp())
HOURS = 24


def rows_of(day):
    """A row each hour; energy is missing at noon."""
    return [[hour * 3600, None if hour == 12 else day * 1000 + hour, 229 + hour % 3] for hour in range(HOURS)]


class Mirror(unittest.TestCase):
    def setUp(self):
        self.node = self.enterContext(NodeUnderTest()).start()
        self.postgres = self.enterContext(PostgresUnderTest())
        self.profile = self.node.member_folder("admin") / "profile.toml"
        self.device = Device("meter", new_key(ES256), FIELDS)
        self.node.register("hourly", [self.device])

    def publish(self, days):
        with self.node.client("client1") as client:
            for day in days:
                client.publish(self.device.day(START + day * DAY, rows_of(day)))

    def mirror(self, command, *options, expect=0, json_style=True):
        style = ("--json",) if json_style else ()
        done = tally(*style, "mirror", command, "--postgres", self.postgres.url, "--profile", self.profile, *options,
                     expect=expect)
        if not json_style:
            return done.stdout + done.stderr
        return json.loads(done.stdout or done.stderr)

    def run_once(self, *options, **more):
        return self.mirror("run", "--once", *options, **more)

    def height(self):
        with self.node.client("client1") as client:
            return client.get("/v1/checkpoints/latest")["block"]

    def blocks(self):
        with self.node.client("client1") as client:
            return [client.get(f"/v1/blocks/{number}") for number in range(self.height() + 1)]

    def test_the_tables_hold_what_the_node_answers(self):
        self.publish(range(3))
        said = self.run_once("--readings")
        blocks = self.blocks()
        self.assertEqual((said["channel"], said["block"], said["blocks"]),
                         (blocks[0]["channel"], len(blocks) - 1, len(blocks)))
        self.assertEqual(said["transactions"], sum(block["transaction_count"] for block in blocks))
        stored = self.postgres.sql(
            "SELECT number, encode(hash, 'hex'), encode(previous_hash, 'hex'), encode(data_root, 'hex'),"
            " extract(epoch FROM time) * 1000, transactions FROM blocks ORDER BY number")
        self.assertEqual([[int(row[0]), *row[1:4], int(Decimal(row[4])), int(row[5])] for row in stored],
                         [[block["number"], block["hash"], block["previous_hash"], block["data_root"],
                           block["time_ms"], block["transaction_count"]] for block in blocks])
        transactions = [(block, each) for block in blocks for each in block["transactions"]]
        stored = self.postgres.sql(
            "SELECT block, position, encode(id, 'hex'), code, contract, function, coalesce(organization, ''),"
            " coalesce(member, ''), coalesce(arguments::text, 'null'), coalesce(result::text, 'null')"
            " FROM transactions ORDER BY block, position")
        self.assertEqual(
            [[int(row[0]), int(row[1]), *row[2:8], json.loads(row[8]), json.loads(row[9])] for row in stored],
            [[block["number"], each["index"], each["id"], each["code"], each["contract"], each["function"],
              each.get("creator", {}).get("organization", ""), each.get("creator", {}).get("name", ""),
              each.get("arguments"), each.get("result")] for block, each in transactions])
        stored = self.postgres.sql("SELECT block, position, event, contract, name, payload FROM events"
                                   " ORDER BY block, position, event")
        self.assertEqual([[int(row[0]), int(row[1]), int(row[2]), row[3], row[4], json.loads(row[5])] for row in stored],
                         [[block["number"], each["index"], index, each["contract"], event["name"], event["payload"]]
                          for block, each in transactions for index, event in enumerate(each.get("events", []))])

    def test_figures_and_readings_are_those_of_the_device(self):
        self.publish(range(3))
        self.run_once("--readings")
        for day in range(3):
            starts = datetime.datetime.fromtimestamp(START + day * DAY, datetime.timezone.utc)
            for column, field in enumerate(FIELDS, 1):
                scale = Decimal(10) ** field.scale
                values = [row[column] * scale for row in rows_of(day) if row[column] is not None]
                ((*counts, total, low, high, first, last),) = self.postgres.sql(
                    f"SELECT count, missing, sum, min, max, first, last FROM figures WHERE device = 'meter'"
                    f" AND field = '{field.name}' AND unit = '{field.unit}' AND starts = '{starts.isoformat()}'")
                self.assertEqual([int(each) for each in counts], [len(values), HOURS - len(values)])
                self.assertEqual([Decimal(each) for each in (total, low, high, first, last)],
                                 [sum(values), min(values), max(values), values[0], values[-1]])
                found = self.postgres.sql(
                    f"SELECT extract(epoch FROM time)::bigint, value FROM readings WHERE field = '{field.name}' AND"
                    f" time >= '{starts.isoformat()}' AND time < '{starts.isoformat()}'::timestamptz + interval '1 day'"
                    f" ORDER BY time")
                self.assertEqual(
                    [(int(time) - START - day * DAY, Decimal(value) if value else None) for time, value in found],
                    [(row[0], None if row[column] is None else row[column] * scale) for row in rows_of(day)])
        self.assertEqual(self.postgres.sql("SELECT device, status FROM devices"), [["meter", "ACTIVE"]])

    def test_the_questions_of_the_document_can_be_asked(self):
        self.publish(range(2))
        self.run_once()
        questions = re.findall(r"```sql\n(.*?);\n```", DOCUMENT.read_text(), re.DOTALL)
        self.assertEqual(len(questions), 5)
        answers = [self.postgres.sql(question) for question in questions]
        self.assertEqual([(row[0], Decimal(row[2])) for row in answers[0]],
                         [("meter", sum(row[1] for row in rows_of(day) if row[1] is not None) * Decimal("0.1"))
                          for day in range(2)])
        self.assertEqual(sum(int(row[1]) for row in answers[4]),
                         sum(block["transaction_count"] for block in self.blocks()))

    def test_the_panels_of_the_dashboard_can_be_drawn(self):
        self.publish([0])
        self.run_once()
        dashboard = json.loads((DOCUMENT.parent / "monitoring/grafana-mirror.json").read_text())
        for panel in dashboard["panels"]:
            with self.subTest(panel["title"]):
                sql = panel["targets"][0]["rawSql"].replace("$device", "'meter'")
                sql = re.sub(r"\$__timeGroup\((\w+), \$__interval\)", r"date_trunc('hour', \1)", sql)
                sql = re.sub(r"\$__timeFilter\((\w+)\)", r"\1 > '2026-01-01'", sql)
                self.assertTrue(self.postgres.sql(sql) or panel["id"] in (4, 8), sql)

    def test_a_database_that_holds_what_was_signed_is_verified(self):
        self.publish(range(2))
        self.run_once("--readings")
        said = self.mirror("verify")
        self.assertEqual((said["blocks"], said["pruned_blocks"]), (self.height() + 1, 0))
        self.assertIn("of Operator", said["signers"][0])

    def test_each_change_to_the_database_is_found(self):
        self.publish(range(2))
        self.run_once("--readings")
        forgeries = {
            "blocks": "UPDATE blocks SET time = time + interval '1 s' WHERE number = 2",
            "transactions": "UPDATE transactions SET member = 'nobody' WHERE block = 1",
            "events": "UPDATE events SET payload = payload || '{\"device\": \"other\"}' WHERE name = 'device_registered'",
            "records": "DELETE FROM records WHERE sequence = 1",
            "figures": "UPDATE figures SET sum = sum + 0.1 WHERE field = 'energy'",
            "readings": "UPDATE readings SET value = 0 WHERE value IS NULL",
            "blocks ": "DELETE FROM blocks WHERE number = 0",
            "figures ": "INSERT INTO figures SELECT day, block, position, device, kind, starts, ends, 'power', unit, count,"
                        " missing, sum, min, max, first, last FROM figures WHERE field = 'energy'",
        }
        self.postgres.sql("CREATE TABLE kept_mirror AS TABLE mirror")
        for table, forgery in forgeries.items():
            with self.subTest(forgery):
                name = table.strip()
                self.postgres.sql(f"CREATE TABLE kept AS TABLE {name}; {forgery}")
                problem = self.mirror("verify", expect=5)
                self.assertEqual(problem["code"], "bad_proof")
                self.assertIn(f"table {name}", problem["detail"])
                self.postgres.sql(f"DELETE FROM {name}; INSERT INTO {name} TABLE kept; DROP TABLE kept")
                self.mirror("verify")
        self.postgres.sql("UPDATE mirror SET hash = repeat('0', 64)")
        self.assertEqual(self.mirror("verify", expect=1)["code"], "conflict")

    def test_a_kill_of_either_side_leaves_neither_gap_nor_double(self):
        self.publish(range(2))
        process = subprocess.Popen([TALLY, "mirror", "run", "--postgres", self.postgres.url, "--profile",
                                    str(self.profile)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

        def place():
            return int(self.postgres.sql("SELECT coalesce(max(number), -1) FROM blocks")[0][0])

        eventually(lambda: self.postgres.sql("SELECT to_regclass('tally.mirror')", "public") != [[""]]
                   and place() == self.height())
        self.node.kill()
        self.node.start()
        self.publish([2])
        eventually(lambda: place() == self.height())
        self.postgres.kill()
        self.publish([3])
        self.postgres.start()
        eventually(lambda: place() == self.height(), seconds=60)
        self.postgres.stop()
        self.postgres.start()
        self.publish([4])
        eventually(lambda: place() == self.height(), seconds=60)
        process.kill()
        process.wait()
        self.publish([5])
        self.run_once()
        self.assertEqual(self.mirror("verify")["blocks"], self.height() + 1)
        again = subprocess.Popen([TALLY, "mirror", "run", "--postgres", self.postgres.url, "--profile",
                                  str(self.profile)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(again.kill)
        eventually(lambda: self.run_once_code() == "locked")
        again.send_signal(signal.SIGTERM)
        self.assertEqual(again.wait(20), 0)

    def run_once_code(self):
        done = tally("--json", "mirror", "run", "--once", "--postgres", self.postgres.url, "--profile", self.profile,
                     expect=None)
        return json.loads(done.stderr)["code"] if done.returncode else None

    def test_a_database_put_back_goes_on_and_one_ahead_is_refused(self):
        self.publish([0])
        self.run_once()
        dump = self.node.folder / "dump.sql"
        self.postgres.dump(dump)
        saved = self.node.folder / "saved"
        self.node.stop()
        shutil.copytree(self.node.data, saved)
        self.node.start()
        self.publish([1])
        self.run_once()
        self.postgres.sql("DROP SCHEMA tally CASCADE", "public")
        self.postgres.restore(dump)
        self.run_once()
        self.mirror("verify")
        self.node.stop()
        shutil.rmtree(self.node.data)
        shutil.move(saved, self.node.data)
        self.node.start()
        problem = self.run_once(expect=1)
        self.assertEqual(problem["code"], "conflict")
        self.assertIn("the node's last is", problem["detail"])

    def test_another_channel_and_rows_that_are_there_are_refused(self):
        self.run_once()
        with NodeUnderTest() as other:
            other.start()
            profile = other.member_folder("admin") / "profile.toml"
            done = tally("--json", "mirror", "run", "--once", "--postgres", self.postgres.url, "--profile", profile,
                         expect=1)
            self.assertEqual(json.loads(done.stderr)["code"], "conflict")
            tally("mirror", "run", "--once", "--postgres", self.postgres.url, "--profile", profile, "--schema", "other")
        before = self.postgres.sql("TABLE mirror")
        self.publish([0])
        next_block = int(before[0][5]) + 1
        self.postgres.sql(f"INSERT INTO blocks SELECT {next_block}, hash, previous_hash, data_root, time, transactions,"
                          f" epoch, proposer FROM blocks WHERE number = 0")
        problem = self.run_once(expect=1)
        self.assertEqual(problem["code"], "conflict")
        self.assertIn("its cursor has not reached", problem["detail"])
        self.assertEqual(self.postgres.sql("TABLE mirror"), before)

    def test_arguments_that_name_nothing_are_refused_with_a_sentence(self):
        self.assertIn("--schema", self.mirror("run", "--once", "--schema", "x;y", expect=1)["detail"])
        self.assertEqual(self.mirror("verify", expect=3)["code"], "not_found")
        done = tally("--json", "mirror", "run", "--once", "--postgres", "host=/nowhere", "--profile", self.profile,
                     expect=4)
        self.assertEqual(json.loads(done.stderr)["code"], "unavailable")
        self.run_once()
        self.assertIn("without readings", self.run_once("--readings", expect=1)["detail"])
        self.postgres.sql("UPDATE mirror SET format = 99")
        self.assertEqual(self.run_once(expect=1)["code"], "unsupported")


if __name__ == "__main__":
    unittest.main()
