"""`tally export`: readings in files that others read, complete, provable, and gone on with after a kill."""

import csv
import datetime
import json
import pathlib
import subprocess
import sys
import unittest
import xml.etree.ElementTree as xml

from node_under_test import TALLY, NodeUnderTest, tally

FIRST = datetime.datetime(2026, 3, 1, tzinfo=datetime.timezone.utc)
ESPI, ATOM = "{http://naesb.org/espi}", "{http://www.w3.org/2005/Atom}"
SCHEMA = pathlib.Path(__file__).parents[3] / "shared/data/schemas/espi-usage-3.3.xsd"


def rows(days):
    """A row each quarter of an hour; energy is missing at noon, and the second day ends at 18:00."""
    for index in range(days * 96):
        time = FIRST + datetime.timedelta(minutes=15 * index)
        if time.day == 2 and time.hour >= 18:
            continue
        energy = "" if time.hour == 12 and time.minute == 0 else f"{(index * 37) % 1000}.{index % 10}"
        yield time, energy, f"{229 + index % 3}"


class ReadingsExport(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest()).start()
        cls.folder = cls.node.folder
        cls.profile = cls.node.network / "organizations/Operator/members/admin/profile.toml"
        cls.expected = list(rows(4))
        source = cls.folder / "source.csv"
        source.write_text("time,energy_Wh,voltage_V\n" + "".join(
            f"{time:%Y-%m-%dT%H:%M:%SZ},{energy},{voltage}\n" for time, energy, voltage in cls.expected))
        tally("device", "new", cls.folder / "meter")
        tally("device", "register", cls.folder / "meter", "--schema", "s", "--csv", source, "--profile", cls.profile)
        tally("device", "publish", cls.folder / "meter", "--csv", source, "--profile", cls.profile)

    def export(self, name, kind, *options, expect=0, until="2026-03-05"):
        file = self.folder / name
        done = tally("--json", "export", "meter", "--from", "2026-03-01", "--until", until, "--format", kind, "--out",
                     file, "--profile", self.profile, *options, expect=expect)
        return file, json.loads(done.stdout or done.stderr)

    def test_csv_has_every_row_with_the_record_that_it_is_of(self):
        file, said = self.export("readings.csv", "csv")
        self.assertEqual((said["records"], said["withheld"], said["bytes"]), (4, 0, file.stat().st_size))
        with open(file, newline="") as text:
            header, *lines = csv.reader(text)
        self.assertEqual(header, ["time", "energy_Wh", "voltage_V", "content_id"])
        self.assertEqual(len(lines), len(self.expected))
        for line, (time, energy, voltage) in zip(lines, self.expected):
            self.assertEqual(line[0], f"{time:%Y-%m-%dT%H:%M:%SZ}")
            self.assertEqual(float(line[1]) if line[1] else None, float(energy) if energy else None)
            self.assertEqual(float(line[2]), float(voltage))
        self.assertEqual(len({line[3] for line in lines}), 4)

    def test_json_lines_name_what_proves_each_record(self):
        file, _ = self.export("readings.jsonl", "jsonl")
        lines = [json.loads(line) for line in file.read_text().splitlines()]
        self.assertEqual(len(lines), 4)
        proofs = json.loads(tally("--json", "query", "data", "proofs", json.dumps(
            {"device": "meter", "from": 0, "to": 2_000_000_000}), "--profile", self.profile).stdout)["proofs"]
        self.assertEqual([(line["content_id"], line["transaction"], line["root"]) for line in lines],
                         [(proof["content_id"], proof["transaction"], proof["root"]) for proof in proofs])
        energy = lines[0]["fields"][0]
        self.assertEqual((energy["name"], energy["unit"]), ("energy", "Wh"))
        self.assertEqual(energy["samples"][48][1], None)

    def test_green_button_follows_its_schema_and_has_the_values(self):
        file, _ = self.export("readings.xml", "green-button")
        feed = xml.parse(file).getroot()
        values, pieces = {}, []
        for entry in feed.iter(ATOM + "entry"):
            (piece,) = entry.find(ATOM + "content")
            pieces.append(piece)
            field = entry.find(ATOM + "title").text.split(" ")[0]
            for reading in piece.iter(ESPI + "IntervalReading"):
                start = int(reading.find(f"{ESPI}timePeriod/{ESPI}start").text)
                values[field, start] = int(reading.find(ESPI + "value").text)
        powers = {entry.find(ATOM + "title").text: int(kind.find(ESPI + "powerOfTenMultiplier").text)
                  for entry in feed.iter(ATOM + "entry") for kind in entry.iter(ESPI + "ReadingType")}
        for time, energy, voltage in self.expected:
            start = int(time.timestamp())
            self.assertEqual("energy" if energy else None, "energy" if ("energy", start) in values else None)
            if energy:
                self.assertAlmostEqual(values["energy", start] * 10.0 ** powers["energy"], float(energy), places=6)
            self.assertAlmostEqual(values["voltage", start] * 10.0 ** powers["voltage"], float(voltage), places=6)
        ids = [entry.find(ATOM + "id").text for entry in feed.iter(ATOM + "entry")]
        self.assertEqual(len(ids), len(set(ids)))
        if not SCHEMA.exists():
            print(f"{SCHEMA} is not there: the feed is not compared with it", file=sys.stderr)
        else:
            for number, piece in enumerate(pieces):
                part = self.folder / f"piece{number}.xml"
                xml.ElementTree(piece).write(part)
                checked = subprocess.run(["xmllint", "--noout", "--schema", str(SCHEMA), str(part)],
                                         capture_output=True, text=True)
                self.assertEqual(checked.returncode, 0, checked.stderr)
        # Our own reader reads it back.
        again = self.folder / "again"
        tally("device", "new", again)
        tally("device", "sign", again, "--green-button", file, "--out", self.folder / "signed")
        self.assertEqual(len(list((self.folder / "signed").iterdir())), 4)

    def test_an_interrupted_export_goes_on_where_it_was(self):
        whole, _ = self.export("whole.jsonl", "jsonl")
        file = self.folder / "cut.jsonl"
        command = [TALLY, "export", "meter", "--from", "2026-03-01", "--until", "2026-03-05", "--format", "jsonl",
                   "--out", str(file), "--profile", str(self.profile)]
        limit = whole.stat().st_size * 2 // 3
        done = subprocess.run(["prlimit", f"--fsize={limit}", *command], capture_output=True)
        self.assertNotEqual(done.returncode, 0)
        self.assertTrue(file.with_name("cut.jsonl.progress").exists())
        _, refused = self.export("cut.jsonl", "csv", expect=1)
        self.assertIn("another export", refused["detail"])
        self.export("cut.jsonl", "jsonl")
        self.assertEqual(file.read_bytes(), whole.read_bytes())
        self.assertFalse(file.with_name("cut.jsonl.progress").exists())

    def test_what_cannot_be_exported_is_said(self):
        file, _ = self.export("twice.csv", "csv")
        _, refused = self.export("twice.csv", "csv", expect=1)
        self.assertIn("it is there", refused["detail"])
        self.export("twice.csv", "csv", "--again")
        _, refused = self.export("none.csv", "csv", until="2026-02-01", expect=1)
        self.assertIn("not after", refused["detail"])
        _, refused = self.export("field.csv", "csv", "--field", "nothing", expect=3)
        self.assertIn("none of the fields", refused["detail"])


if __name__ == "__main__":
    unittest.main()
