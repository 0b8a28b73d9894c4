"""Files as people have them: read rightly or refused with a sentence, and no loss goes unsaid."""

import json
import unittest

from node_under_test import NodeUnderTest, tally

VIENNA = "2025-10-26"  # has 25 hours in Vienna


class Exports(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()

    def export(self, name, text):
        path = self.node.folder / f"{name}.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def device(self, name, csv, *options):
        folder = self.node.folder / name
        tally("device", "new", folder)
        self.run_as("admin", "register", folder, "--schema", name, "--csv", csv, *options)
        return folder

    def run_as(self, member, *arguments, style="--json", expect=0):
        return tally(style, "device", *arguments, expect=expect,
                     TALLY_PROFILE=str(self.node.member_folder(member) / "profile.toml"))

    def ask(self, function, **arguments):
        with self.node.client("client1") as client:
            return client.ask("data", function, arguments)

    def local_day(self):
        hours = ["00", "01", "02", "02", "03", *(f"{hour:02}" for hour in range(4, 24))]
        return "time;energy_kWh\n" + "".join(f"{VIENNA} {hour}:00;{index}.5\n" for index, hour in enumerate(hours))

    def test_the_day_with_25_hours_is_one_day_of_its_zone(self):
        csv = self.export("vienna", self.local_day())
        zone = ("--timezone", "Europe/Vienna")
        folder = self.device("vienna", csv, *zone)
        told = json.loads(self.run_as("client1", "publish", folder, "--csv", csv, *zone).stdout)
        self.assertEqual((told["report"]["contradictions"], told["report"]["rows"]), (0, 25))
        (day,) = self.ask("days", device="vienna")["days"]
        self.assertEqual((day["to"] - day["from"], day["rows"]), (25 * 3600, 25))
        following = self.export("vienna", self.local_day() + "2025-10-27 00:00;1\n2025-10-27 23:00;2\n")
        told = json.loads(self.run_as("client1", "publish", folder, "--csv", following, *zone).stdout)
        self.assertEqual((len(told["records"]), told["known_days"]), (1, 1))

    def test_rows_that_contradict_each_other_are_not_signed(self):
        """Neither with --json nor with -q does the loss of a reading go unsaid."""
        csv = self.export("utc", self.local_day())
        folder = self.device("utc", csv, "--utc")
        for style in ("--json", "-q", "--no-color"):
            with self.subTest(style):
                done = self.run_as("client1", "publish", folder, "--csv", csv, "--utc", style=style, expect=1)
                self.assertIn("contradict", done.stderr)
                self.assertIn("line 5", done.stderr)
        self.assertEqual(self.ask("days", device="utc")["days"], [])
        told = json.loads(self.run_as("client1", "publish", folder, "--csv", csv, "--utc", expect=1).stdout)
        self.assertEqual(told["report"]["contradicting_lines"], [5])
        told = self.run_as("client1", "publish", folder, "--csv", csv, "--utc", "--keep-first")
        self.assertIn("contradict", told.stderr)
        self.assertEqual(json.loads(told.stdout)["report"]["contradictions"], 1)

    def test_what_could_be_meant_otherwise_is_signed_nowhere(self):
        good = self.export("good", "time,power_W\n2026-05-01T00:00:00Z,1\n2026-05-01T12:00:00Z,2\n")
        folder = self.device("strict", good)
        for name, text, why in (
                ("compact", "time,power_W\n260501,410\n", "no time"),
                ("serial", "Date,power_W\n46143.5,410\n", "no time"),
                ("far", "time,power_W\n4102444800,410\n", "still to come"),
                ("nameless", "410,1777593600\n398,1777597200\n", "is a value"),
                ("counter", "counter,power_W\n1777593600,410\n", "no column is named"),
                ("rows", "time,power_W\r", "no rows"),
                ("wide", "time,power_W\n1777593600,1\n".encode("utf-16")[:-1], "UTF-16"),
                ("nines", "time,power_W\n2026-05-02T00:00:00Z,-99999\n", "--missing")):
            with self.subTest(name):
                done = self.run_as("client1", "publish", folder, "--csv", self.export(name, text), expect=1)
                self.assertIn(why, done.stderr)
        self.assertEqual(json.loads((folder / "device.json").read_text())["sequence"], 0)

    def test_a_later_file_shows_more_decimals(self):
        """The schema that the first file made has room for three more; beyond them nothing is signed."""
        files = [self.export(f"decimals-{number}", "time,temp_degC\n" + "".join(
            f"2026-05-0{number}T{hour:02}:00:00Z,{value}\n" for hour, value in enumerate(values)))
            for number, values in enumerate(([5, 7], [5.5, 7.25], [-0.125, 7], [5.0625, 7]), start=1)]
        folder = self.device("decimals", files[0])
        for number, file in enumerate(files[:3], start=1):
            self.run_as("client1", "publish", folder, "--csv", file)
            self.assertEqual(len(self.ask("days", device="decimals")["days"]), number)
        self.assertIn("finer", self.run_as("client1", "publish", folder, "--csv", files[3], expect=1).stderr)
        self.assertIn("finer", self.run_as("client1", "sign", folder, "--out", self.node.folder / "o", "--csv", files[3],
                                           expect=1).stderr)
        self.assertEqual(json.loads((folder / "device.json").read_text())["sequence"], 3)
        again = json.loads(self.run_as("client1", "publish", folder, "--csv", files[0]).stdout)
        self.assertEqual((again["known_days"], again["records"]), (1, []))

    def test_what_was_signed_before_its_device_was_registered(self):
        csv = self.export("early", "time,power_W\n2026-05-01T00:00:00Z,1\n2026-05-01T12:00:00Z,2\n")
        folder = self.node.folder / "early"
        tally("device", "new", folder)
        tally("device", "sign", folder, "--csv", csv, "--out", self.node.folder / "early-records")
        self.run_as("admin", "register", folder, "--schema", "early", "--csv", csv)
        self.run_as("client1", "publish", folder)
        self.assertEqual(len(self.ask("days", device="early")["days"]), 1)

    def test_a_day_too_large_for_a_node_is_not_signed(self):
        rows = "".join(f"{1772323200 + i}" + f",{i * 7919 % 1000003}" * 12 + "\n" for i in range(0, 86400))
        csv = self.export("seconds", "time," + ",".join("abcdefghijkl") + "\n" + rows)
        folder = self.device("seconds", csv)
        for command in (["sign", folder, "--out", self.node.folder / "out"], ["publish", folder]):
            done = self.run_as("client1", *command[:2], "--csv", csv, *command[2:], expect=1)
            self.assertIn("too_large", done.stderr)
        self.assertEqual(json.loads((folder / "device.json").read_text())["sequence"], 0)
        self.assertEqual(list((folder / "outbox").iterdir()), [])


if __name__ == "__main__":
    unittest.main()
