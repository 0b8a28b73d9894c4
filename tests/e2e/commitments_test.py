"""Figures that are in no block: devices sign commitments, keepers hold the openings, and the parties agree to invoices
that they compute themselves. The amounts are computed again here, from the meter's file alone."""

import datetime
import hashlib
import json
import random
import unittest
from fractions import Fraction

import cbor2

from cluster_under_test import OnFourNodes, eventually
from node_under_test import tally
from tally.channel import Channel
from tally.verification import verify

FIRST, END = datetime.date(2026, 3, 1), datetime.date(2026, 5, 1)
LOST = datetime.date(2026, 3, 10)
PACKED, OPENING = -70006, -70007
BUSINESS = """[parties.business]
name = "{0} Ltd"
town = "Vienna"
country = "AT"
iban = "{1}"
"""


def utc(day):
    return int(datetime.datetime(day.year, day.month, day.day, tzinfo=datetime.timezone.utc).timestamp())


def cents(value):
    return Fraction(int(value * 100 * 2 + 1) // 2, 100)


def text(value):
    return f"{int(value * 100) // 100}.{int(value * 100) % 100:02d}"


class Commitments(OnFourNodes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meter = cls.folder / "meter"
        dice = random.Random(11)
        cls.days, lines = {}, ["time,energy_Wh"]
        for at in range(utc(FIRST), utc(END), 3600):
            time = datetime.datetime.fromtimestamp(at, datetime.timezone.utc)
            value = dice.randrange(200, 900)
            lines.append(f"{time:%Y-%m-%dT%H:%M:%SZ},{value}")
            cls.days[time.date()] = cls.days.get(time.date(), 0) + value
        cls.csv, cls.without = cls.folder / "energy.csv", cls.folder / "without.csv"
        cls.csv.write_text("\n".join(lines) + "\n")
        cls.without.write_text("\n".join(line for line in lines if not line.startswith(str(LOST))) + "\n")
        terms = cls.folder / "terms.toml"
        tally("agreement", "new", terms, "--operator", "A", "--consumer", "B", "--verifier", "C", "--zone", "UTC",
              "--from", "2026-03-01")
        written = terms.read_text().replace("# until = 2031-01-01 ", f"until = {END} ")
        for letter, iban in {"A": "AT611904300234573201", "B": "DE89370400440532013000", "C": "FR1420041010050500013M02606"}.items():
            party = f'organization = "{letter}"\nrole = '
            before, after = written.split(party, 1)
            line, rest = after.split("\n", 1)
            written = before + party + line + "\n" + BUSINESS.format(letter, iban) + rest
        terms.write_text(written)
        cls.cluster.run_as("A", "collection", "define", "homes", "--keepers", "A,B,C", "--figures")
        tally("device", "new", cls.meter)
        cls.cluster.run_as("A", "device", "register", cls.meter, "--schema", "meters", "--csv", cls.csv)
        cls.cluster.run_as("A", "collection", "assign", "homes", "meter")
        cls.cluster.run_as("A", "agreement", "deploy", "a1", terms)
        for letter in "BC":
            cls.cluster.agreed()
            cls.cluster.run_as(letter, "agreement", "sign", "a1")
        cls.cluster.agreed()

    def payable(self, days):
        """0.25 a kWh, a fee of 3.60 a month and 20 %: the terms of `tally agreement new`."""
        net = cents(Fraction(sum(days)) * Fraction("0.25") / 1000) + Fraction("3.60")
        return text(net + cents(net * 20 / 100))

    def month(self, number, but=()):
        return [value for day, value in self.days.items() if day.month == number and day not in but]

    def holders(self, needle):
        """The organizations' letters whose nodes have these bytes in a file."""
        return {letter for number, letter in enumerate("ABCD", 1)
                for file in next(self.cluster.network.glob(f"nodes/*{number}")).rglob("*")
                if file.is_file() and needle in file.read_bytes()}

    def test_1_a_record_with_figures_is_refused_and_says_what_to_do(self):
        refused = self.cluster.run_as("A", "device", "publish", self.meter, "--csv", self.without, expect=None)
        self.assertIn("confidential_figures", json.dumps(refused))
        self.assertEqual(self.cluster.run_as("D", "query", "data", "days", '{"device": "meter"}')["days"], [])
        # They wait in the outbox, as the device may be released; these days are to be signed anew.
        waiting = list((self.meter / "outbox").iterdir())
        self.assertEqual(len(waiting), 60)
        for each in waiting:
            each.unlink()

    def test_2_figures_reach_the_keepers_and_no_block(self):
        tally("device", "commit", self.meter)
        out = self.folder / "signed"
        tally("device", "sign", self.meter, "--csv", self.without, "--out", out)
        first = sorted(out.iterdir())[0]
        record = cbor2.loads(first.read_bytes()).value
        opening = record[1][OPENING]
        self.assertEqual(cbor2.loads(record[2])[16], hashlib.sha256(opening).digest())
        self.assertEqual(cbor2.loads(opening[32:])[0][0][2], self.days[FIRST] * 1000)  # its schema has three decimals
        self.cluster.run_as("A", "device", "publish", self.meter)
        for keeper in "ABC":
            eventually(lambda letter=keeper: letter in self.holders(opening), 40)
        self.assertEqual(self.holders(opening), {"A", "B", "C"})
        days = self.cluster.run_as("D", "query", "data", "days", '{"device": "meter"}')["days"]
        self.assertEqual(len(days), 60)
        for day in days:
            self.assertEqual((day["fields"], day["root"], day["rows"], len(day["commitment"])), ([], "", 0, 64))
        again = self.cluster.run_as("A", "device", "publish", self.meter, "--csv", self.without)
        self.assertEqual((again["known_days"], again["different_days"], again["records"]), (60, [], []))
        eventually(lambda: self.cluster.run_as("B", "query", "data", "series", json.dumps(
            {"device": "meter", "from": utc(FIRST), "to": utc(FIRST) + 86400}))["fields"], 60)
        rows = self.folder / "rows.csv"
        self.cluster.run_as("B", "export", "meter", "--from", FIRST, "--until", FIRST + datetime.timedelta(days=1), "--out", rows)
        values = [line.split(",")[1] for line in rows.read_text().splitlines()[1:]]
        self.assertEqual(sum(Fraction(value) for value in values), self.days[FIRST])

    def test_3_an_opening_that_is_not_the_records_is_refused(self):
        out = self.folder / "late"
        tally("device", "sign", self.meter, "--csv", self.csv, "--out", out)
        (late,) = out.iterdir()
        message = cbor2.loads(late.read_bytes())
        message.value[1][OPENING] = bytes(32) + message.value[1][OPENING][32:]
        forged = self.folder / "forged.cose"
        forged.write_bytes(cbor2.dumps(message))
        refused = self.cluster.run_as("A", "device", "publish", "--record", forged, expect=None)
        self.assertIn("commitment_mismatch", json.dumps(refused))

    def seal(self, day, name):
        file = self.folder / name
        eventually(lambda: self.cluster.run_as("A", "invoice", "open", "a1", day), 60)
        sealed = self.cluster.run_as("A", "invoice", "seal", "a1", day, "--out", file)
        return sealed["invoice"], file

    def agree(self, letter, day, file):
        """Once its node has fetched what it missed from the other keepers."""
        eventually(lambda: self.cluster.run_as(letter, "invoice", "open", "a1", day), 60)
        self.cluster.run_as(letter, "invoice", "agree", file)

    def test_4_the_parties_agree_to_what_they_compute_themselves(self):
        self.cluster.agreed()
        done = self.cluster.run_as("B", "agreement", "settle", "a1", "--until", "2026-04-01")
        self.cluster.agreed()
        self.assertEqual((done["finalized"], done["invoices"]), (31, []))
        self.assertIn("tally invoice seal a1 2026-03-01", done["waits_for"])
        refused = self.cluster.run_as("D", "invoice", "open", "a1", "2026-03-15", expect=None)
        self.assertEqual(refused["code"], "permission_denied")
        invoice, file = self.seal("2026-03-15", "march.invoice")
        self.assertEqual(invoice["totals"]["payable"], self.payable(self.month(3, {LOST})))
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        content = json.loads(file.read_text())
        self.assertEqual(hashlib.sha256(bytes.fromhex(content["salt"]) + content["invoice"].encode()).hexdigest(),
                         self.cluster.run_as("B", "invoice", "show", "a1", "2026-03-15")["invoice"]["sealed"]["commitment"])
        forged = self.folder / "forged.invoice"
        quantity = str(sum(self.month(3, {LOST})))
        forged.write_text(json.dumps({**content, "invoice": content["invoice"].replace(quantity, quantity[::-1])},
                                     separators=(",", ":")))
        eventually(lambda: self.cluster.run_as("B", "invoice", "open", "a1", "2026-03-15"), 60)
        refused = self.cluster.run_as("B", "invoice", "agree", forged, expect=None)
        self.assertEqual(refused["code"], "wrong_commitment")
        self.assertIn("quantity", refused["detail"])
        self.verify(forged, 5)
        for letter in "BC":
            self.agree(letter, "2026-03-15", file)
            self.cluster.agreed()
        self.assertEqual(self.verify(file)["payable"], invoice["totals"]["payable"])
        shown = self.cluster.run_as("B", "invoice", "show", "a1", "2026-03-15")
        self.assertEqual(shown["invoice"]["sealed"]["agreed_by"], ["A", "B", "C"])
        self.assertEqual(shown["items"], [])
        for amount in (invoice["totals"]["payable"], invoice["totals"]["net"], quantity):
            self.assertNotIn(f'"{amount}"', json.dumps(shown))

    def verify(self, file, expect=0):
        done = tally("--json", "verify", file, "--config", self.cluster.network / "channel.json", expect=expect)
        return json.loads(done.stdout)

    def test_4a_an_audit_proves_what_the_ledger_has(self):
        file = self.folder / "march.evidence"
        run = self.cluster.run_as("C", "agreement", "audit", "a1", "--from", "2026-03-01", "--until", "2026-04-01",
                                  "--evidence", file)["run"]
        self.assertEqual((run["verdict"], run["records"], run["missing"]), ("GAPS", 30, 1))
        shown = self.verify(file)
        self.assertEqual((shown["records"], shown["records with readings"]), ("30", "0"))
        proven = verify(file.read_bytes(), Channel.load(self.cluster.network / "channel.json"))
        self.assertEqual((proven.records, proven.withheld), (30, 30))

    def test_5_it_is_paid_by_what_the_bank_shows_and_the_ledger_does_not(self):
        file = self.folder / "march.invoice"
        step = {"agreement": "a1", "day": "2026-03-15"}
        self.cluster.run_as("A", "transaction", "submit", "billing", "notify", json.dumps(step))
        self.cluster.agreed()
        order = self.folder / "order.xml"
        missing = self.cluster.run_as("B", "payment", "export", "a1", "--out", order, expect=None)
        self.assertIn("--sealed", missing["detail"])
        made = self.cluster.run_as("B", "payment", "export", "a1", "--out", order, "--sealed", file)
        self.cluster.agreed()
        amount = self.payable(self.month(3, {LOST}))
        self.assertEqual([each["amount"] for each in made["order"]["transfers"]], [amount])
        self.assertIn(f">{amount}<", order.read_text())
        page = self.folder / "march.html"
        self.cluster.run_as("B", "invoice", "html", "a1", "2026-03-15", "--sealed", file, "--out", page)
        self.assertIn(amount, page.read_text())
        transfer = made["order"]["transfers"][0]
        statement = self.folder / "statement.xml"
        statement.write_text(STATEMENT.format(amount=amount, end_to_end=transfer["end_to_end_id"],
                                              creditor=transfer["payee"]["iban"]))
        done = self.cluster.run_as("C", "payment", "import", "a1", statement, "--debtor", "B", "--sealed", file, "--confirm")
        self.assertEqual([each["state"] for each in done["steps"]], ["PAYMENT_CONFIRMED"])
        self.cluster.agreed()
        shown = self.cluster.run_as("B", "invoice", "show", "a1", "2026-03-15")
        self.assertEqual(shown["invoice"]["state"], "PAYMENT_CONFIRMED")
        self.assertIn(hashlib.sha256(statement.read_bytes()).hexdigest(), json.dumps(shown))
        self.assertNotIn(amount, json.dumps(shown))

    def test_6_a_day_that_comes_late_is_in_the_next_sealed_invoice(self):
        self.cluster.run_as("A", "device", "publish", self.meter)
        self.cluster.agreed()
        done = self.cluster.run_as("C", "agreement", "settle", "a1")
        self.cluster.agreed()
        self.assertEqual((done["finalized"], done["revised"]), (30, 1))
        invoice, file = self.seal("2026-04-15", "april.invoice")
        corrections = [line for item in invoice["items"] for line in item["lines"] if "corrects" in line]
        self.assertEqual(sum(Fraction(line["quantity"]) for line in corrections), self.days[LOST])
        before = cents(Fraction(sum(self.month(3, {LOST}))) * Fraction("0.25") / 1000)
        after = cents(Fraction(sum(self.month(3))) * Fraction("0.25") / 1000)
        self.assertEqual([line["amount"] for line in corrections], [text(after - before)])
        for letter in "BC":
            self.agree(letter, "2026-04-15", file)
            self.cluster.agreed()
        march = json.loads((self.folder / "march.invoice").read_text())["invoice"]
        again = self.cluster.run_as("B", "invoice", "open", "a1", "2026-03-15")
        self.assertEqual(again, json.loads(march))  # as it was sealed

    def test_7_what_was_erased_cannot_be_opened(self):
        answer = self.cluster.run_as("A", "device", "erase", "meter", "--reason", "the customer moved out")
        self.assertEqual(answer["without_report"], [])
        refused = self.cluster.run_as("B", "invoice", "open", "a1", "2026-03-15", expect=None)
        self.assertEqual(refused["code"], "figures_withheld")
        self.assertEqual(self.verify(self.folder / "march.invoice")["proven"], True)


STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>S1</MsgId><CreDtTm>2026-05-02T08:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>S1</Id><ElctrncSeqNb>1</ElctrncSeqNb><CreDtTm>2026-05-02T08:00:00Z</CreDtTm>
<Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
<BookgDt><Dt>2026-05-02</Dt></BookgDt><AcctSvcrRef>BOOKING-1</AcctSvcrRef>
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>ICDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
<NtryDtls><TxDtls><Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><Amt Ccy="EUR">{amount}</Amt>
<CdtDbtInd>DBIT</CdtDbtInd><RltdPties><CdtrAcct><Id><IBAN>{creditor}</IBAN></Id></CdtrAcct></RltdPties></TxDtls></NtryDtls></Ntry>
</Stmt></BkToCstmrStmt></Document>
"""

if __name__ == "__main__":
    unittest.main()
