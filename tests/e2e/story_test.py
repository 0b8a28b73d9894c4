"""Both stories: every figure is computed again from the meters' files alone, in fractions."""

import csv
import datetime
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import zoneinfo
from fractions import Fraction

ROOT = pathlib.Path(__file__).resolve().parents[2]
MARCH = [datetime.date(2026, 3, day) for day in range(1, 32)]
APRIL = [datetime.date(2026, 4, day) for day in range(1, 6)]
LOST, BROKEN_FROM = datetime.date(2026, 3, 10), datetime.date(2026, 3, 12)
UNIT = Fraction(1, 100)


def half_up(value, unit=UNIT):
    """Rounded to a multiple of `unit`, halves away from zero."""
    units = int(abs(value) / unit * 2 + 1) // 2
    return units * unit if value >= 0 else -units * unit


def text(value):
    cents = int(abs(value) * 100)
    return f"{'-' if value < 0 else ''}{cents // 100}.{cents % 100:02d}"


def split(amount, percents):
    """Each part rounded down; the cents that are left go to the largest remainders."""
    exact = [amount * percent / 100 for percent in percents]
    parts = [Fraction(int(each * 100), 100) for each in exact]
    order = sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])
    for i in order[:int((amount - sum(parts)) * 100)]:
        parts[i] += UNIT
    return parts


def total(lines, cash=None):
    """Net and payable of lines (amount, percent of tax)."""
    net = sum(amount for amount, _ in lines)
    tax = sum(half_up(sum(amount for amount, rate in lines if rate == percent) * percent / 100)
              for percent in {rate for _, rate in lines})
    return net, half_up(net + tax, cash) if cash else net + tax


def tiers(quantity, prices, base):
    out = []
    for i, (start, price) in enumerate(prices):
        end = prices[i + 1][0] if i + 1 < len(prices) else None
        part = (quantity if end is None else min(quantity, end)) - start
        if part > 0:
            out.append(half_up(part * price / base))
    return out


class Story(unittest.TestCase):
    def tell(self, scenario):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="tally-story-")) / "story"
        self.addCleanup(shutil.rmtree, folder.parent, True)
        done = subprocess.run(["/usr/bin/python3", ROOT / "scripts/stories/story.py", scenario, "--tally", os.environ["TALLY"],
                               "--directory", folder, "--pictures"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout[-3000:] + done.stderr)
        facts = json.loads((folder / "story.json").read_text())
        self.assertEqual(facts["altered"], 5)
        self.assertTrue(facts["evidence"]["proven"])
        self.assertEqual(facts["invoices_verified"],
                         {"invoice.xml": 0, "self-billed.xml": 0, "corrected.xml": 0, "invoice-with-another-account.xml": 5})
        self.assertIn("PayeeFinancialAccount", facts["forged_invoice"])
        self.assertEqual(facts["forgery"], "bad_signature")
        self.assertEqual(facts["march_state"], "FINAL")
        self.assertIn("PAYMENT_RETURNED", facts["steps"])
        self.assertEqual(facts["overcharged"], {"within_tolerance": False, "verdict": "TOO_MUCH"})
        self.assertEqual(facts["audit"]["verdict"], "GAPS")  # of the broken meter
        for name, code in (("invoice.xml", 380), ("self-billed.xml", 389)):
            self.assertIn(f"InvoiceTypeCode>{code}<", (folder / name).read_text())
        self.check_schemas(folder)
        self.assertGreaterEqual(len(facts["pictures"]), 7)
        for name in facts["pictures"]:
            self.assertEqual((folder / "console" / f"{name}.png").read_bytes()[:8], b"\x89PNG\r\n\x1a\n")
        return facts, folder

    def check_schemas(self, folder):
        """Against the public schemas, where they are beside the project; tests/documents checks these documents too."""
        schemas = ROOT.parent / "shared/data/schemas"
        if not schemas.exists():
            return print(f"{schemas} is not here")
        for name, schema in (("order-1.xml", "pain.001.001.09.xsd"), ("statement-1.xml", "camt.054.001.08.xsd"),
                             ("statement-2.xml", "camt.054.001.08.xsd"),
                             ("invoice.xml", "ubl21/maindoc/UBL-Invoice-2.1.xsd"),
                             ("self-billed.xml", "ubl21/maindoc/UBL-Invoice-2.1.xsd")):
            done = subprocess.run(["xmllint", "--noout", "--schema", schemas / schema, folder / name],
                                  capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stderr)

    def readings(self, folder, zone, number):
        """A meter's readings by local day."""
        out = {}
        with open(folder / f"meter-{number:02}.csv", newline="") as file:
            for when, value in list(csv.reader(file))[1:]:
                at = datetime.datetime.fromisoformat(when.replace("Z", "+00:00")).astimezone(zone)
                out.setdefault(at.date(), []).append(Fraction(value))
        return out

    def check(self, told, net, payable, percents):
        totals = told["invoice"]["totals"]
        self.assertEqual((totals["net"], totals["payable"]), (text(net), text(payable)))
        self.assertEqual([share["amount"] for share in totals["shares"]],
                         [text(part) for part in split(payable, percents)])

    def test_solar(self):
        facts, folder = self.tell("solar")
        prices = [(0, Fraction("0.10750")), (400_000, Fraction("0.08925"))]
        later = [(start, price * Fraction("1.025")) for start, price in prices]
        march, april, bill = [(Fraction(240) / 12, 0)], [(half_up(Fraction(240) * 5 / 360), 0)], []
        for number in range(1, facts["devices"] + 1):
            days = self.readings(folder, zoneinfo.ZoneInfo("Europe/Vienna"), number)
            self.assertEqual(len(days[datetime.date(2026, 3, 29)]), 23)
            used = {day: sum(values) for day, values in days.items() if number != 5 or day < BROKEN_FROM}
            full = sum(used.get(day, 0) for day in MARCH)
            first = full - (used[LOST] if number == 3 else 0)
            march += [(amount, 20) for amount in tiers(first, prices, 1000)]
            march.append((half_up(Fraction("18.90") * 31 / 365), 20))
            bill.append((half_up(first * Fraction("0.0312") / 1000), 20))
            april += [(amount, 20) for amount in tiers(sum(used.get(day, 0) for day in APRIL), later, 1000)]
            april.append((half_up(Fraction("18.90") * 5 / 365), 20))
            if number == 3:
                april.append((sum(tiers(full, prices, 1000)) - sum(tiers(first, prices, 1000)), 20))
        self.check(facts["march"], *total(march), [Fraction("92.5"), Fraction("7.5")])
        self.check(facts["april"], *total(april), [Fraction("92.5"), Fraction("7.5")])
        self.assertEqual(facts["bill"]["totals"]["payable"], text(total(bill)[1]))
        self.assertEqual((facts["final_days"], facts["revisions"]), (31 * facts["devices"], 1))

    def test_water(self):
        facts, folder = self.tell("water")
        prices = [(0, Fraction("1.85")), (20, Fraction("2.10"))]
        march, april, bill = [], [], []
        modulus = 10_000

        def used(days, present):
            """The register goes on where the last present day ended, if that is the day before."""
            out = {}
            for day in present:
                before = days[day - datetime.timedelta(days=1)][-1] if day - datetime.timedelta(days=1) in present \
                    else days[day][0]
                out[day] = (days[day][-1] - before) % modulus
            return out

        for number in range(1, facts["devices"] + 1):
            days = self.readings(folder, zoneinfo.ZoneInfo("Europe/Zurich"), number)
            present = {day for day in days if number != 5 or day < BROKEN_FROM}
            all_days = used(days, present)
            first_days = used(days, present - ({LOST} if number == 3 else set()))
            first = sum(first_days.get(day, 0) for day in MARCH)
            full = sum(all_days.get(day, 0) for day in MARCH)
            march += [(amount, Fraction("2.6")) for amount in tiers(first, prices, 1)]
            march.append((Fraction("8.35"), Fraction("8.1")))
            bill.append((half_up(first * Fraction("1.40")), Fraction("8.1")))
            april += [(amount, Fraction("2.6"))
                      for amount in tiers(sum(all_days.get(day, 0) for day in APRIL), prices, 1)]
            april.append((half_up(Fraction("8.35") * 5 / 30), Fraction("8.1")))
            if number == 3:
                april.append((sum(tiers(full, prices, 1)) - sum(tiers(first, prices, 1)), Fraction("2.6")))
        self.check(facts["march"], *total(march, Fraction("0.05")), [Fraction(85), Fraction(15)])
        self.check(facts["april"], *total(april, Fraction("0.05")), [Fraction(85), Fraction(15)])
        self.assertEqual(facts["bill"]["totals"]["payable"], text(total(bill)[1]))
        self.assertEqual(facts["revisions"], 2)  # the late day, and the one after it, whose register goes on


if __name__ == "__main__":
    unittest.main()
