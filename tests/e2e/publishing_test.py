"""Devices publish their days, and every figure that the ledger tells is the one that this test computes itself."""

import base64
import json
import pathlib
import random
import re
import time
import unittest
from fractions import Fraction

from cryptography.hazmat.primitives.asymmetric import ed25519

from node_under_test import NodeUnderTest, tally
from tally.errors import Refused
from tally.formats import DAY, EDDSA, ES256, INTERVAL, KEEPALIVE, encode, new_key, public_raw, tree_head
from tally.records import Field
from tally.series import columns, summarize
from tally_client import Device, EventStream

FORMATS = pathlib.Path(__file__).parents[2] / "docs/formats.md"
FIELDS = [Field("power", "W", 0), Field("energy", "Wh", -1), Field("balance", "W", 2)]


def schema(identifier, fields=FIELDS):
    return {"id": identifier, "version": 1,
            "fields": [{"name": f.name, "unit": f.unit, "scale": f.scale} for f in fields]}


def decimal(value, scale):
    """value * 10^scale as exact text with as many decimals as the scale has."""
    if value is None:
        return None
    if scale >= 0:
        return str(value * 10 ** scale)
    digits = str(abs(value)).rjust(1 - scale, "0")
    return ("-" if value < 0 else "") + digits[:scale] + "." + digits[scale:]


def mean(total, count, scale):
    """Three decimals more than the scale has, rounded half to even."""
    decimals = max(0, 3 - scale)
    scaled = Fraction(total, count) * Fraction(10) ** (scale + decimals)
    return decimal(round(scaled), -decimals)


def figures(rows, column):
    """A field's summary as the ledger tells it."""
    scale = FIELDS[column].scale
    count, missing, *values = summarize(rows, column)
    return {"count": count, "missing": missing,
            **{name: decimal(value, scale) for name, value in zip(("sum", "min", "max", "first", "last"), values)}}


def measurements(seed):
    """A day of one-minute rows, negative values among them, with missing values and two periods without rows."""
    chance = random.Random(seed)
    rows = []
    for offset in range(0, DAY, 60):
        if 8 * 3600 <= offset < 10 * 3600 + 420 or 20 * 3600 + 60 <= offset < 20 * 3600 + 180:
            continue
        rows.append([offset, chance.randrange(0, 9000), None if chance.random() < 0.1 else offset + chance.randrange(50),
                     None if 3600 <= offset < 9000 else chance.randrange(-70, 70)])
    return rows


class Publishing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()
        cls.admin, cls.client = cls.node.client("admin"), cls.node.client("client1")
        cls.admin.submit("registry", "register_schema", schema("meter"))
        cls.today = int(time.time()) // DAY * DAY

    def device(self, identifier, algorithm=ES256, **more):
        device = Device(identifier, new_key(algorithm), FIELDS)
        self.admin.submit("registry", "register_device", device.registration("meter@1", **more))
        return device

    def refused(self, code, arguments, function="register_device"):
        with self.assertRaises(Refused) as refusal:
            self.admin.submit("registry", function, arguments)
        self.assertEqual(refusal.exception.code, code, refusal.exception)
        self.assertIn("unproven", refusal.exception.detail)

    def test_a_device_proves_its_key(self):
        """For one organization, one channel and itself; alone, among many, and for a new key."""
        device, other = (Device("unproven", new_key(ES256), FIELDS) for _ in range(2))
        arguments = device.registration("meter@1")
        for name, code, proof in (("another organization's", "bad_signature", device.proof("Bank")),
                                  ("another channel's", "bad_signature", device.proof("Operator", channel="north")),
                                  ("another device's", "bad_signature", device.proof("Operator", device="proven")),
                                  ("another key's", "bad_signature", other.proof("Operator")),
                                  ("no proof", "malformed", "AAAA"),
                                  ("none", "invalid_argument", None)):
            with self.subTest(name):
                spoiled = {key: value for key, value in {**arguments, "proof": proof}.items() if value is not None}
                self.refused(code, spoiled)
                row = Device("listed", new_key(ES256), FIELDS).registration("meter@1")
                self.refused(code, {"devices": [row, spoiled]}, "import_devices")
        self.admin.submit("registry", "import_devices", {"devices": [arguments]})

    def test_the_documents_proof(self):
        section = FORMATS.read_text().partition("## Registration")[2].partition("\n## ")[0]
        proof = bytes.fromhex("".join(re.findall(r"^    ([0-9a-f]+)", section, re.MULTILINE)))
        key = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([1]) * 32)
        device = Device("meter-1", key, FIELDS)
        self.assertEqual(base64.b64encode(proof).decode(), device.proof("GridCo"))
        self.assertIn(public_raw(key).hex(), section)

    def test_a_device_whose_key_is_elsewhere(self):
        """The proof travels in a file, and is good for its organization alone."""
        folder, proof, key = (self.node.folder / name for name in ("elsewhere", "elsewhere.proof", "elsewhere.pem"))
        profile = self.node.member_folder("admin") / "profile.toml"
        made = json.loads(tally("--json", "device", "new", folder).stdout)
        key.write_text(made["public_key"])
        register = ("device", "register", "--id", "elsewhere", "--public-key", key, "--proof", proof, "--schema", "meter")
        tally("device", "prove", folder, "--organization", "Bank", "--out", proof)
        refused = tally("--json", *register, TALLY_PROFILE=str(profile), expect=None)
        self.assertIn("bad_signature", refused.stderr)
        tally("device", "prove", folder, "--organization", "Operator", "--out", proof)
        tally(*register, TALLY_PROFILE=str(profile))
        self.assertEqual(self.client.get("/v1/devices/elsewhere")["organization"], "Operator")

    def test_every_figure_of_a_day(self):
        """Days, raw series, series of 15 minutes and of an hour: for a P-256 and for an Ed25519 device."""
        for algorithm, identifier in ((ES256, "meter-p256"), (EDDSA, "meter-ed25519")):
            with self.subTest(identifier):
                device, start, rows = self.device(identifier, algorithm), self.today - 3 * DAY, measurements(identifier)
                record = device.day(start, rows)
                outcome = self.client.publish(record)
                self.assertFalse(outcome["duplicate"])
                self.assertEqual(outcome["content_id"], device.previous.hex())
                self.assertEqual(outcome["transaction"]["validation_code"], "VALID")
                self.check_day(device, start, rows, outcome)
                self.check_series(device, start, rows)
                for interval in (900, 3600):
                    self.check_resampled(device, start, rows, interval)
                self.check_gaps(device, start, rows)

    def check_day(self, device, start, rows, outcome):
        for asked in (self.client.get(f"/v1/devices/{device.id}/days"),
                      self.client.ask("data", "days", {"device": device.id}),
                      self.client.query("data", "days", {"device": device.id, "from": start, "to": start + 1})):
            (day,) = asked["days"]
            self.assertEqual((day["from"], day["to"], day["sequence"], day["kind"], day["schema"], day["rows"]),
                             (start, start + DAY, 1, "DAILY", "meter@1", len(rows)))
            self.assertEqual(day["root"], tree_head([encode(row) for row in rows]).hex())
            self.assertEqual(day["content_id"], outcome["content_id"])
            self.assertEqual(day["transaction"], outcome["transaction"]["id"])
            for column, field in enumerate(FIELDS):
                self.assertEqual(day["fields"][column], {
                    "name": field.name, "unit": field.unit, "scale": field.scale, **figures(rows, column)})
        self.assertEqual(self.client.ask("data", "days", {"device": device.id, "to": start})["days"], [])

    def check_series(self, device, start, rows):
        series = self.client.get(f"/v1/devices/{device.id}/series?from={start}&to={start + DAY}")
        for column, field in enumerate(FIELDS):
            told = series["fields"][column]
            self.assertEqual((told["name"], told["unit"], told["scale"]), (field.name, field.unit, field.scale))
            self.assertEqual(told["samples"], [[start + row[0], decimal(row[1 + column], field.scale)] for row in rows])
        part = self.client.ask("data", "series", {"device": device.id, "from": start + 600, "to": start + 1200,
                                                  "fields": ["energy"]})
        (energy,) = part["fields"]
        self.assertEqual(energy["samples"], [[start + row[0], decimal(row[2], -1)] for row in rows
                                             if 600 <= row[0] < 1200])

    def check_resampled(self, device, start, rows, interval):
        series = self.client.get(
            f"/v1/devices/{device.id}/series?from={start}&to={start + DAY}&interval_s={interval}")
        for column, field in enumerate(FIELDS):
            expected = []
            for begin in range(0, DAY, interval):
                part = [row for row in rows if begin <= row[0] < begin + interval]
                if not part:
                    continue
                told = {"time": start + begin, **figures(part, column), "mean": None}
                count, _, total = summarize(part, column)[:3]
                if count:
                    told["mean"] = mean(total, count, field.scale)
                else:
                    told["sum"] = decimal(0, field.scale)
                expected.append(told)
            self.assertEqual(series["fields"][column]["buckets"], expected)

    def check_gaps(self, device, start, rows):
        gaps = self.client.get(f"/v1/devices/{device.id}/gaps?from={start - DAY}&to={start + 2 * DAY}")
        self.assertEqual(gaps["missing_days"], [{"from": start - DAY, "to": start},
                                                {"from": start + DAY, "to": start + 2 * DAY}])
        self.assertEqual((gaps["missing_sequences"], gaps["broken_chain"]), ([], []))
        (day,) = gaps["incomplete_days"]
        present = {row[0] for row in rows}
        absent, expected = [], []
        for offset in range(0, DAY, 60):
            if offset in present:
                continue
            absent.append(offset)
            if expected and expected[-1]["to"] == start + offset:
                expected[-1]["to"] += 60
            else:
                expected.append({"from": start + offset, "to": start + offset + 60})
        self.assertEqual((day["expected_rows"], day["rows"], day["absent_rows"]), (1440, len(rows), len(absent)))
        self.assertEqual(day["absent"], expected)
        self.assertEqual(day["missing_values"], {field.name: summarize(rows, column)[1]
                                                 for column, field in enumerate(FIELDS) if summarize(rows, column)[1]})

    def test_rows_that_travel_packed(self):
        """Beside the record, and handed in after it: every figure is the one that rows in the payload give."""
        rows, start = measurements(7), self.today - 3 * DAY
        beside, later = self.device("packed"), self.device("packed-later")
        record, _ = beside.packed_day(start, rows)
        self.client.publish(record)
        self.check_series(beside, start, rows)
        self.check_gaps(beside, start, rows)
        record, packed = later.packed_day(start, rows, with_series=False)
        content_id = self.client.publish(record)["content_id"]
        series = self.client.get(f"/v1/devices/{later.id}/series?from={start}&to={start + DAY}")
        self.assertEqual([record["withheld"] for record in series["records"]], [True])
        arguments = {"device": later.id, "content_id": content_id}
        with self.assertRaises(Refused) as refusal:
            self.client.submit("data", "attach_series", arguments, attachments=[packed[:-1]])
        self.assertEqual(refusal.exception.code, "malformed", refusal.exception)
        self.client.submit("data", "attach_series", arguments, attachments=[packed])
        self.check_series(later, start, rows)

    def test_the_documents_packed_series(self):
        section = FORMATS.read_text().partition("### Packed series")[2].partition("\n### ")[0]
        rows = [[0, 5], [60, None]]
        self.assertIn(columns(rows, 1).hex(" "), section)
        self.assertIn(b"".join(encode(row) for row in rows).hex(" "), section)

    def test_the_same_record_again_is_the_same_record(self):
        """Also when it was signed anew: the content decides. Another device's equal content is another record."""
        device, other = self.device("twice"), self.device("twin")
        payload = device.payload(self.today - DAY, [[0, 1, 2, 3]])
        first = self.client.publish(device.sign(payload))
        again = self.client.publish(device.sign(payload))
        self.assertEqual((first["duplicate"], again["duplicate"]), (False, True))
        self.assertEqual(again["transaction"], first["transaction"])
        self.assertEqual(self.client.ask("data", "totals", {"device": "twice"})["daily"], 1)
        twin = self.client.publish(other.day(self.today - DAY, [[0, 1, 2, 3]]))
        self.assertEqual((twin["duplicate"], twin["content_id"]), (False, first["content_id"]))
        self.assertNotEqual(twin["transaction"]["id"], first["transaction"]["id"])
        for name, outcome in (("twice", first), ("twin", twin)):
            found = self.client.ask("data", "find", {"content_id": first["content_id"], "device": name})
            self.assertEqual(found["transaction"], outcome["transaction"]["id"])

    def test_intervals_keepalives_and_liveness(self):
        """Every kind counts for itself; liveness tells when the device was last heard."""
        device, start = self.device("busy"), self.today - DAY
        before = int(time.time() * 1000)
        for number, kind in enumerate((KEEPALIVE, INTERVAL, INTERVAL, KEEPALIVE, KEEPALIVE)):
            begin = start + number * 600
            self.client.publish(device.sign(device.payload(begin, [[0, number, 0, None]], kind=kind, end=begin + 600)))
        self.client.publish(device.sign(device.payload(start, [[0, 1, 1, 1]], counters=[5, 1234, 7])))
        totals = self.client.ask("data", "totals", {"device": "busy"})
        self.assertEqual([totals[k] for k in ("daily", "interval", "keepalive", "rows")], [1, 2, 3, 6])
        heard = self.client.get("/v1/devices/busy/liveness")
        self.assertEqual((heard["status"], heard["state"], heard["last_kind"], heard["last_sequence"]),
                         ("ACTIVE", "ALIVE", "DAILY", 6))
        self.assertEqual((heard["last_keepalive_end"], heard["last_interval_end"], heard["last_daily_end"]),
                         (start + 3000, start + 1800, start + DAY))
        self.assertTrue(before <= heard["last_received_ms"] <= time.time() * 1000)
        records = self.client.ask("data", "records", {"device": "busy"})["records"]
        self.assertEqual([(r["sequence"], r["kind"]) for r in records],
                         list(enumerate(("KEEPALIVE", "INTERVAL", "INTERVAL", "KEEPALIVE", "KEEPALIVE", "DAILY"), 1)))
        only = self.client.ask("data", "records", {"device": "busy", "kind": "INTERVAL", "limit": 1})
        rest = self.client.ask("data", "records", {"device": "busy", "kind": "INTERVAL", "limit": 1,
                                                   "cursor": only["next"]})
        self.assertEqual([page["records"][0]["sequence"] for page in (only, rest)], [2, 3])

    def test_a_timeline_tells_everything_in_order(self):
        device = self.device("storied")
        self.client.publish(device.day(self.today - DAY, [[0, 1, 2, 3]]))
        self.admin.submit("registry", "set_status", {"device": "storied", "status": "SUSPENDED", "reason": "seal broken"})
        self.admin.submit("registry", "set_status", {
            "device": "storied", "status": "ACTIVE", "reason": "mended",
            "repair": {"statement": "seal replaced"}})
        entries = self.client.get("/v1/devices/storied/timeline")["entries"]
        self.assertEqual([entry["by"] for entry in entries],
                         ["Operator/admin", "Operator/node1-gateway", "Operator/admin", "Operator/admin"],
                         "who signed the proposal: of a record, the gateway that brought it")
        self.assertEqual([entry["kind"] for entry in entries][:2], ["registered", "record_published"])
        self.assertEqual(entries[1]["details"]["content_id"], device.previous.hex())
        blocks = [self.client.get("/v1/transactions/" + entry["transaction"])["block"] for entry in entries]
        self.assertEqual(blocks, sorted(set(blocks)))
        for entry, block in zip(entries, blocks):
            self.assertEqual(entry["block"], block)
        (record,) = self.client.ask("data", "records", {"device": "storied"})["records"]
        self.assertEqual(record["block"], blocks[1])

    def test_a_missing_sequence_shows(self):
        device = self.device("forgetful")
        self.client.publish(device.day(self.today - 4 * DAY, [[0, 1, 2, 3]]))
        lost = device.day(self.today - 3 * DAY, [[0, 1, 2, 3]])
        self.client.publish(device.day(self.today - 2 * DAY, [[0, 1, 2, 3]]))
        window = {"device": "forgetful", "from": self.today - 4 * DAY, "to": self.today - DAY}
        gaps = self.client.ask("data", "gaps", window)
        self.assertIn(2, [sequence for part in gaps["missing_sequences"]
                          for sequence in range(part["from"], part["to"] + 1)])
        self.assertEqual(gaps["missing_days"], [{"from": self.today - 3 * DAY, "to": self.today - 2 * DAY}])
        self.client.publish(lost)
        gaps = self.client.ask("data", "gaps", window)
        self.assertEqual((gaps["missing_days"], gaps["missing_sequences"], gaps["broken_chain"]), ([], [], []))

    def test_events_resume_where_they_ended(self):
        """Events come as they are committed; after Last-Event-ID nothing is missing and nothing comes twice."""
        device = self.device("eventful")
        start = self.client.get("/v1/checkpoints/latest")["block"] + 1
        stream = EventStream(self.node.client("client1"), f"?from_block={start}&contract=data")
        arriving = iter(stream)
        seen, sent = [], []
        for number in range(3):
            sent.append(self.client.publish(device.day(self.today - (9 - number) * DAY, [[0, number, 0, 0]])))
            seen.append(next(arriving))
        stream.close()
        sent += [self.client.publish(device.day(self.today - (6 - number) * DAY, [[0, number, 0, 0]]))
                 for number in range(3)]
        stream = EventStream(self.node.client("client1"), "?contract=data", last_event_id=seen[1][0])
        resumed = iter(stream)
        seen = seen[:2] + [next(resumed) for _ in range(4)]
        stream.close()
        self.assertEqual([event[2]["transaction"] for event in seen], [s["transaction"]["id"] for s in sent])
        self.assertEqual([event[2]["payload"]["content_id"] for event in seen], [s["content_id"] for s in sent])
        self.assertEqual({event[1] for event in seen}, {"record_published"})
        self.assertEqual(len({event[0] for event in seen}), len(seen))

    def test_accepted_records_are_committed_later(self):
        device = self.device("hasty")
        stream = EventStream(self.node.client("client1"), "?contract=data&event=record_published")
        outcome = self.client.publish(device.day(self.today - DAY, [[0, 1, 1, 1]]), wait="accepted")
        self.assertIn(outcome["transaction"]["state"], ("pending", "committed"))
        for _, _, event in stream:
            if event["transaction"] == outcome["transaction"]["id"]:
                break
        stream.close()
        found = self.client.get("/v1/transactions/" + outcome["transaction"]["id"])
        self.assertEqual((found["state"], found["validation_code"]), ("committed", "VALID"))

    def test_a_csv_as_people_export_it(self):
        """CRLF, disorder, missing values, equal rows twice and gaps: published and audited on the command line."""
        folder, start = self.node.folder / "csv-meter", self.today - 2 * DAY
        chance, values, lines = random.Random(4), {}, []
        for offset in range(0, DAY, 300):
            if 6 * 3600 <= offset < 7 * 3600:
                continue
            power, energy = chance.randrange(0, 4000), None if chance.random() < 0.05 else offset / 10
            values[offset] = (power, energy)
            moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(start + offset))
            lines.append(f"{moment},{power},{'' if energy is None else f'{energy:.1f}'}")
        lines += lines[10:14]
        chance.shuffle(lines)
        csv = self.node.folder / "export.csv"
        csv.write_bytes("\r\n".join(["time,power [W],energy [Wh]", *lines, ""]).encode())
        profile = self.node.member_folder("admin") / "profile.toml"
        tally("device", "new", folder)
        tally("device", "register", folder, "--schema", "export", "--csv", csv, TALLY_PROFILE=str(profile))
        tally("--json", "device", "publish", folder, "--csv", csv, TALLY_PROFILE=str(profile))
        (day,) = self.client.ask("data", "days", {"device": "csv-meter"})["days"]
        power, energy = day["fields"]
        present = [value for _, value in values.values() if value is not None]
        self.assertEqual((day["rows"], power["count"], power["missing"]), (len(values), len(values), 0))
        self.assertEqual(Fraction(power["sum"]), sum(value for value, _ in values.values()))
        self.assertEqual((energy["count"], energy["missing"]), (len(present), len(values) - len(present)))
        self.assertEqual(Fraction(energy["sum"]), sum(Fraction(f"{value:.1f}") for value in present))
        self.assertEqual((Fraction(energy["max"]), Fraction(energy["first"])),
                         (Fraction(f"{max(present):.1f}"), Fraction(f"{present[0]:.1f}")))
        audit = json.loads(tally("--json", "audit", "csv-meter", TALLY_PROFILE=str(profile)).stdout)
        self.assertIn(day["transaction"], json.dumps(audit))
        self.audit_agrees(audit, day)
        gaps = self.client.ask("data", "gaps", {"device": "csv-meter", "from": start, "to": start + DAY})
        self.assertEqual(gaps["incomplete_days"][0]["absent"], [{"from": start + 6 * 3600, "to": start + 7 * 3600}])

    def test_a_registered_device_gets_a_further_schema(self):
        """A meter that shows more decimals than its schema has room for, and one more field."""
        folder, profile = self.node.folder / "grown", str(self.node.member_folder("admin") / "profile.toml")
        first, then = self.node.folder / "first.csv", self.node.folder / "then.csv"

        def day(ago, file, head, row):
            lines = [time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.today - ago * DAY + hour * 3600)) + row.format(hour)
                     for hour in range(24)]
            file.write_text("\n".join([head, *lines, ""]))

        day(3, first, "time,level_m", ",{}")
        day(2, then, "time,level_m,temp_degC", ",0.12345{:02d},7.5")
        tally("device", "new", folder)
        tally("device", "register", folder, "--schema", "well", "--csv", first, TALLY_PROFILE=profile)
        tally("device", "publish", folder, "--csv", first, TALLY_PROFILE=profile)
        tally("device", "publish", folder, "--csv", then, TALLY_PROFILE=profile, expect=1)
        added = tally("device", "register", folder, "--schema", "well@2", "--csv", then, TALLY_PROFILE=profile)
        self.assertIn("well@2", added.stdout)
        tally("device", "publish", folder, "--csv", then, TALLY_PROFILE=profile)
        days = self.client.ask("data", "days", {"device": "grown"})["days"]
        self.assertEqual([each["schema"] for each in days], ["well@1", "well@2"])
        refused = tally("device", "register", folder, "--schema", "well@2", "--csv", then, TALLY_PROFILE=profile, expect=None)
        self.assertEqual(refused.returncode, 1)
        self.assertIn("grown", refused.stderr)

    def audit_agrees(self, audit, day):
        text = json.dumps(audit)
        for field in day["fields"]:
            self.assertIn(f'"{field["sum"]}"', text)


if __name__ == "__main__":
    unittest.main()
