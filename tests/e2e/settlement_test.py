"""From terms to invoices on a consortium of four. The figures are computed again here, from the meter's file alone."""

import datetime
import json
import random
import time
import unittest
import zoneinfo
from fractions import Fraction

import evidence
from cluster_under_test import OnFourNodes
from node_under_test import tally
from tally.formats import DAY, EDDSA, new_key
from tally.records import Field
from tally_client import Device

ZONE = zoneinfo.ZoneInfo("Europe/Vienna")
FIRST, BEHIND = datetime.date(2026, 3, 1), datetime.date(2026, 5, 1)  # 29 March has 23 hours
LOST = datetime.date(2026, 3, 10)
TIERS = [(Fraction(0), Fraction("0.24567")), (Fraction(300_000), Fraction("0.19999"))]


def half_up(value, decimals=2):
    """Rounded, halves away from zero (metering.md section 1)."""
    scaled = abs(value) * 10 ** decimals
    units = int(scaled * 2 + 1) // 2
    return Fraction(units if value >= 0 else -units, 10 ** decimals)


def text(value):
    return f"{'-' if value < 0 else ''}{int(abs(value) * 100) // 100}.{int(abs(value) * 100) % 100:02d}"


def midnight(day):
    return datetime.datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()


def net_of(days):
    """What the terms of this test make of a month's days {day: Wh}: two tiers and a fee."""
    quantity = Fraction(sum(days.values()))
    upper = max(quantity - TIERS[1][0], Fraction(0))
    energy = half_up((quantity - upper) * TIERS[0][1] / 1000) + half_up(upper * TIERS[1][1] / 1000)
    return energy + half_up(Fraction(36) / 12)


class Settlement(OnFourNodes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls.folder / "meter"
        dice = random.Random(7)
        cls.days, lines = {}, ["time,energy_Wh"]
        at = int(midnight(FIRST))
        while at < midnight(BEHIND):
            value = dice.randrange(200, 900)
            lines.append(f"{datetime.datetime.fromtimestamp(at, datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ},{value}")
            day = datetime.datetime.fromtimestamp(at, ZONE).date()
            cls.days[day] = cls.days.get(day, 0) + value
            at += 3600
        cls.csv = cls.folder / "energy.csv"
        cls.csv.write_text("\n".join(lines) + "\n")
        cls.without = cls.folder / "without.csv"  # a day is missing
        lost = {f"{datetime.datetime.fromtimestamp(midnight(LOST) + hour * 3600, datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ}"
                for hour in range(24)}
        cls.without.write_text("\n".join(line for line in lines if line.split(",")[0] not in lost) + "\n")
        cls.terms = cls.folder / "terms.toml"
        tally("agreement", "new", cls.terms, "--operator", "A", "--consumer", "B", "--verifier", "C", "--provider", "D",
              "--zone", "Europe/Vienna", "--from", "2026-03-01")
        written = cls.terms.read_text()
        cls.terms.write_text(
            written.replace('price = "0.25"',
                            'prices = [{ from = "0", price = "0.24567" }, { from = "300000", price = "0.19999" }]', 1)
            .replace('# until = 2031-01-01 ', f"until = {BEHIND} ").replace('per = "MONTH" ', 'per = "YEAR_BY_MONTHS" ')
            .replace('price = "3.60"', 'price = "36"'))

    def month(self, number, but=()):
        return {day: value for day, value in self.days.items() if day.month == number and day not in but}

    def test_1_terms_are_checked_and_priced_before_anybody_signs(self):
        checked = self.cluster.run_as("A", "agreement", "check", self.terms, "--csv", self.csv)
        self.assertEqual(checked["problems"], [])
        april = net_of(self.month(4))
        self.assertEqual(checked["invoice"]["from"], "2026-04-01")
        self.assertEqual(checked["invoice"]["totals"]["net"], text(april))
        self.assertEqual(checked["invoice"]["totals"]["payable"], text(april + half_up(april * 20 / 100)))
        portal = self.folder / "portal.csv"  # the same readings, as a portal may write them
        portal.write_text("Meter;5\n" + self.csv.read_text().replace(",", ";").replace("energy_Wh", "Verbrauch"))
        layout = self.folder / "portal.toml"
        layout.write_text('skip_lines = 1\ndelimiter = ";"\n[columns]\nVerbrauch = "energy_Wh"\n')
        again = self.cluster.run_as("A", "agreement", "check", self.terms, "--csv", portal, "--csv-profile", layout)
        self.assertEqual(again["invoice"]["totals"], checked["invoice"]["totals"])
        bad = self.folder / "bad.toml"
        bad.write_text(self.terms.read_text().replace('currency = "EUR"', 'currency = "EUX"')
                       .replace('percent = "100"', 'percent = "99"'))
        checked = self.cluster.run_as("A", "agreement", "check", bad, expect=1)
        self.assertEqual({each["where"] for each in checked["problems"]}, {"currency", "payees"})

    def test_2_a_day_that_comes_late_is_a_correction_of_the_next_invoice(self):
        self.cluster.run_as("A", "agreement", "deploy", "a1", self.terms)
        self.assertEqual(self.cluster.run_as("D", "agreement", "sign", "a1")["state"], "PROPOSED")
        self.cluster.run_as("B", "agreement", "sign", "a1")
        self.assertEqual(self.cluster.run_as("C", "agreement", "sign", "a1")["state"], "SIGNED")
        self.assertEqual([each["state"] for each in self.cluster.run_as("B", "agreement", "list")], ["ACTIVE"])

        tally("device", "new", self.meter)
        self.cluster.run_as("A", "device", "register", self.meter, "--schema", "meters", "--csv", self.csv)
        self.cluster.run_as("A", "device", "publish", self.meter, "--csv", self.without, "--timezone", "Europe/Vienna")
        done = self.cluster.run_as("B", "agreement", "settle", "a1", "--until", "2026-04-01")
        self.assertEqual((done["finalized"], done["mismatches"]), (31, 0))
        march = net_of(self.month(3, {LOST}))
        self.assertEqual([each["from"] for each in done["invoices"]], ["2026-03-01"])
        self.assertEqual(done["invoices"][0]["totals"]["net"], text(march))

        self.cluster.run_as("A", "device", "publish", self.meter, "--csv", self.csv, "--timezone", "Europe/Vienna")
        done = self.cluster.run_as("C", "agreement", "settle", "a1")
        self.assertEqual((done["finalized"], done["revised"]), (30, 1))
        corrected = net_of(self.month(3)) - march
        april = net_of(self.month(4)) + corrected
        self.assertEqual(done["invoices"][0]["totals"]["net"], text(april))
        self.assertEqual(done["invoices"][0]["totals"]["payable"], text(april + half_up(april * 20 / 100)))
        again = self.cluster.run_as("D", "agreement", "settle", "a1")
        self.assertEqual((again["finalized"], again["revised"], again["invoices"]), (0, 0, []))

        # What April would have cost under other terms: without the tiers.
        flat = self.folder / "flat.toml"
        flat.write_text(self.terms.read_text().replace(', { from = "300000", price = "0.19999" }', ""))
        checked = self.cluster.run_as("B", "agreement", "check", flat, "--of", "a1")
        energy = half_up(Fraction(sum(self.month(4).values())) * TIERS[0][1] / 1000)
        self.assertEqual(checked["invoice"]["totals"]["net"], text(energy + half_up(Fraction(36) / 12)))

        shown = self.cluster.run_as("D", "invoice", "show", "a1", "2026-04-15")
        corrections = [line for item in shown["items"] for line in item["lines"] if "corrects" in line]
        self.assertEqual(sum(Fraction(line["quantity"]) for line in corrections), self.days[LOST])
        self.assertEqual(len(self.cluster.run_as("A", "invoice", "list", "a1")), 2)
        refused = self.cluster.run_as("A", "invoice", "ubl", "a1", "2026-04-15", "--out", self.folder / "april.xml", expect=3)
        self.assertIn("business", refused["detail"])  # these terms name no addresses
        cited = {day["day"] for item in shown["items"] for day in item["days"] if "content_id" in day}
        self.assertEqual(cited, {str(day) for day in self.month(4)})

    def audit(self, organization, name, *options, expect=0):
        file = self.folder / name
        run = self.cluster.run_as(organization, "agreement", "audit", "a1", "--evidence", file, *options, expect=expect)
        return run, file

    def verify(self, file, expect=0):
        config = self.cluster.network / "genesis.block"
        done = tally("--json", "verify", file, "--config", config, expect=expect)
        return json.loads(done.stdout)

    def test_3_an_audit_is_recorded_and_its_evidence_holds_offline(self):
        run, file = self.audit("C", "march.evidence", "--from", "2026-03-01", "--until", "2026-04-01", "--readings")
        self.assertEqual(run["run"]["verdict"], "PASSED")
        checks = {each["check"]: (each["made"], each["failed"]) for each in run["run"]["checks"]}
        self.assertEqual(checks["SIGNATURE"], (31, 0))
        self.assertEqual(checks["SERIES"], (31, 0))
        self.assertEqual(checks["RECONCILIATION"], (31, 0))
        self.assertEqual(checks["ITEM"], (1, 0))
        proven = self.verify(file)
        self.assertTrue(proven["proven"])
        self.assertEqual((proven["records"], proven["records with readings"], proven["invoices"]), ("31", "31", "1"))

    def test_4_a_forged_evidence_file_is_refused_and_the_first_fault_named(self):
        _, file = self.audit("B", "april.evidence", "--from", "2026-04-01", "--until", "2026-05-01")
        whole = evidence.read(file)
        self.assertTrue(self.verify(file)["proven"])
        record = 2  # of a device's list
        _, other_file = self.audit("B", "part.evidence", "--from", "2026-04-01", "--until", "2026-04-20")
        part = evidence.read(other_file)

        def forged(change):
            parts = evidence.read(file)
            change(parts, parts[4][0])
            bad = self.folder / "forged.evidence"
            evidence.write(bad, parts)
            answer = self.verify(bad, expect=5)
            self.assertFalse(answer["proven"])
            return answer["checks"][-1]

        def swap(records):
            records[3], records[4] = records[4], records[3]

        meter = self.meter.name
        last = forged(lambda parts, device: device[record].pop(0))
        self.assertEqual((last["check"], last["found"]), (f"{meter} on 2026-04-01", "no such record in the file"))
        last = forged(lambda parts, device: device[record].pop(14))
        self.assertEqual(last["check"], f"{meter} on 2026-04-15")
        last = forged(lambda parts, device: device[record].pop())
        self.assertEqual(last["check"], f"{meter} on 2026-04-30")
        last = forged(lambda parts, device: device[record].append(device[record][3][:-40] + bytes(40)))
        self.assertEqual(last["check"], f"a record of {meter}")
        last = forged(lambda parts, device: device.__setitem__(1, []))
        self.assertIn("no proven key", last["found"])
        last = forged(lambda parts, device: parts[3].pop())
        self.assertIn("signed by", last["expected"])
        last = forged(lambda parts, device: device.__setitem__(4, []))
        self.assertEqual(last["expected"], "its FINAL figures")
        last = forged(lambda parts, device: parts[5][0][1].pop())
        self.assertIn("its items", last["check"])
        last = forged(lambda parts, device: parts[5][0][1].__setitem__(
            -1, parts[5][0][1][-1].replace('"amount":"', '"amount":"9', 1)))
        self.assertIn("its items", last["check"])
        # A run of fewer days with the records of more; and the other way round.
        last = forged(lambda parts, device: parts.__setitem__(2, part[2]))
        self.assertEqual(last["expected"], "a record that the audit lists")
        last = forged(lambda parts, device: device.__setitem__(record, part[4][0][record]))
        self.assertEqual(last["check"], f"{meter} on 2026-04-20")
        # The order of the records in the file says nothing.
        parts = evidence.read(file)
        swap(parts[4][0][record])
        evidence.write(file, parts)
        self.assertTrue(self.verify(file)["proven"])
        self.assertEqual(whole[1], "tally-evidence/1")
        for broken in (b"", b"\x28\xb5\x2f\xfd", file.read_bytes()[:-100]):
            (self.folder / "broken").write_bytes(broken)
            self.assertFalse(self.verify(self.folder / "broken", expect=5)["proven"])

    def test_5_members_of_other_organizations_learn_nothing(self):
        outsider = self.cluster.run_as("A", "query", "agreement", "get", '{"id": "a2"}', expect=1)
        self.assertEqual(outsider["code"], "permission_denied")


class InParts(OnFourNodes):
    """More device-days than one run of an audit takes: 546 days of each meter, and 1,000 with readings at once."""

    def test_an_audit_in_parts_goes_on_where_it_was_cut_short(self):
        hours = range(int(midnight(FIRST)), int(midnight(datetime.date(2026, 4, 1))), 3600)
        csv = self.folder / "energy.csv"
        csv.write_text("\n".join(["time,energy_Wh"] + [
            f"{datetime.datetime.fromtimestamp(at, datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ},500" for at in hours]) + "\n")
        terms = self.folder / "terms.toml"
        tally("agreement", "new", terms, "--operator", "A", "--consumer", "B", "--verifier", "C", "--zone", "Europe/Vienna",
              "--from", "2024-10-01")
        self.cluster.run_as("A", "agreement", "deploy", "a1", terms)
        for letter in "BC":
            self.cluster.run_as(letter, "agreement", "sign", "a1")
        for name in ("first", "second", "third"):
            meter = self.folder / name
            tally("device", "new", meter)
            self.cluster.run_as("A", "device", "register", meter, "--schema", "meters", "--csv", csv)
            self.cluster.run_as("A", "device", "publish", meter, "--csv", csv, "--timezone", "Europe/Vienna")
        self.cluster.run_as("B", "agreement", "settle", "a1", "--until", "2026-04-01")

        proof = self.folder / "proof.evidence"
        parts = [self.folder / f"proof.{number}.evidence" for number in (1, 2, 3)]
        command = ("agreement", "audit", "a1", "--run", "march", "--from", "2024-10-01", "--until", "2026-04-01",
                   "--readings", "--evidence", proof)
        runs = self.cluster.run_as("C", *command)
        self.assertEqual([each["run"]["id"] for each in runs], ["march.1", "march.2", "march.3"])
        self.assertEqual([each["run"]["days"] for each in runs], [31, 31, 31])
        self.assertEqual({each["run"]["verdict"] for each in runs}, {"PASSED"})
        self.assertFalse(proof.exists())
        genesis = self.cluster.network / "genesis.block"
        for part in parts:
            proven = json.loads(tally("--json", "verify", part, "--config", genesis).stdout)
            self.assertEqual((proven["proven"], proven["records with readings"]), (True, "31"))
        made = parts[0].read_bytes()
        parts[1].unlink()
        self.assertEqual(self.cluster.run_as("C", *command), runs)
        self.assertTrue(json.loads(tally("--json", "verify", parts[1], "--config", genesis).stdout)["proven"])
        self.assertEqual(parts[0].read_bytes(), made)
        parts[1].write_bytes(made)  # evidence of another run
        self.assertEqual(self.cluster.run_as("C", *command), runs)
        self.assertNotEqual(parts[1].read_bytes(), made)
        theirs = self.cluster.run_as("B", *command, expect=1)  # what B says, B has computed
        self.assertIn("has an audit run march.1", theirs["detail"])
        other = self.cluster.run_as("C", *command[:8], "2026-03-31", *command[9:], expect=1)
        self.assertIn("has an audit run march.1", other["detail"])


class Windows(OnFourNodes):
    """Prices by the time of the day need the readings, which may come after their record."""

    def test_a_day_whose_readings_were_handed_in_later_is_settled(self):
        field = Field("energy", "Wh", 0)
        meter = Device("windowed", new_key(EDDSA), [field], interval=3600)
        day = int(time.time()) // DAY * DAY - 2 * DAY
        date = datetime.datetime.fromtimestamp(day, datetime.timezone.utc).date()
        rows = [[3600 * hour, 100 + hour] for hour in range(24)]
        record, packed = meter.packed_day(day, rows, with_series=False)
        tax = {"category": "S", "percent": "20"}
        terms = {"title": "By the hour", "from": str(date), "until": str(date + datetime.timedelta(days=1)), "period": "MONTH",
                 "currency": "EUR", "rounding": "HALF_UP",
                 "parties": [{"organization": "A", "role": "OPERATOR"}, {"organization": "B", "role": "RC"},
                             {"organization": "C", "role": "DV"}],
                 "scope": [{"shard": "north", "devices": ["windowed"]}], "zone": {"name": "UTC", "offset_s": 0, "shifts": []},
                 "fields": [{"field": "energy", "unit": "Wh", "measure": "SUM"}],
                 "windows": [{"name": name, "from_minute": begin, "to_minute": end, "days": []}
                             for name, begin, end in (("night", 0, 360), ("day", 360, 1440))],
                 "tariff": [{"name": name, "kind": "QUANTITY", "field": "energy", "window": name, "base": "1000",
                             "prices": [{"from": "0", "price": price}], "tax": tax}
                            for name, price in (("night", "0.1"), ("day", "0.2"))],
                 "reconciliation": {"cloud": "OPTIONAL", "window_minutes": 0, "on_mismatch": "DEVICE"},
                 "payees": [{"organization": "A", "percent": "100"}], "payees_assignable": False, "confirmations": 1, "payment_days": 14,
                 "dispute_days": 14, "keepalive_minutes": 60, "notice_days": 0}
        with self.cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "hourly", "version": 1, "fields": [{"name": field.name, "unit": field.unit, "scale": field.scale}]})
            admin.submit("registry", "register_device", meter.registration("hourly@1", organization="A"))
            content_id = admin.publish(record)["content_id"]
            admin.submit("agreement", "propose", {"id": "w1", "terms": terms})
        for letter in "BC":
            self.cluster.agreed()
            self.cluster.run_as(letter, "agreement", "sign", "w1")
        self.cluster.agreed()
        done = self.cluster.run_as("B", "agreement", "settle", "w1", expect=None)
        self.assertIn("are not in a block", json.dumps(done))
        with self.cluster.client(2, "admin") as admin:  # the node that settles
            admin.submit("data", "attach_series", {"device": "windowed", "content_id": content_id}, attachments=[packed])
        done = self.cluster.run_as("B", "agreement", "settle", "w1")
        self.assertEqual((done["finalized"], len(done["invoices"])), (1, 1), done)
        night, daytime = sum(100 + hour for hour in range(6)), sum(100 + hour for hour in range(6, 24))
        net = half_up(Fraction(night) / 10_000) + half_up(Fraction(daytime) * 2 / 10_000)
        self.assertEqual(done["invoices"][0]["totals"]["net"], text(net))


if __name__ == "__main__":
    unittest.main()
