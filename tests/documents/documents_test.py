#!/usr/bin/env python3
"""Documents that the gateway writes, judged from outside: the public schemas (xmllint), the arithmetic of EN 16931 and
the figures themselves, computed again from an invoice's lines.

The schemas are in ../shared/data/schemas beside the source tree; where they are not, that part says so and passes.
DOCUMENT_SAMPLES is the program that writes the samples.
"""

import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree
from decimal import Decimal
from fractions import Fraction
from html.parser import HTMLParser

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCHEMAS = ROOT.parent / "shared" / "data" / "schemas"
CBC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2}"
CAC = "{urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2}"
PAIN = "{urn:iso:std:iso:20022:tech:xsd:pain.001.001.09}"
UNITS = {"JPY": 0, "KWD": 3}  # others 2
NO_TAX = {"Z", "E", "AE", "K", "G", "O"}
WITH_REASON = {"E", "AE", "K", "G", "O"}


def rounded(value, decimals):
    """A Fraction to so many decimals, halves away from zero."""
    scaled = abs(value) * 10**decimals
    units = int(scaled + Fraction(1, 2))
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


class Invoice:
    def __init__(self, path, about):
        self.about, self.root = about, ElementTree.parse(path).getroot()
        self.currency = self.text(f"{CBC}DocumentCurrencyCode")
        self.decimals = UNITS.get(self.currency, 2)
        line = "CreditNoteLine" if about["credit"] else "InvoiceLine"
        self.lines = self.root.findall(CAC + line)
        self.total = self.root.find(f"{CAC}LegalMonetaryTotal")
        self.subtotals = self.root.findall(f"{CAC}TaxTotal/{CAC}TaxSubtotal")
        self.allowances = self.root.findall(f"{CAC}AllowanceCharge")

    def text(self, path, of=None):
        found = (self.root if of is None else of).find(path)
        return None if found is None else found.text

    def amount(self, name):
        return Decimal(self.text(f"{CBC}{name}", self.total) or "0")

    def category(self, of, path):
        return self.text(f"{path}/{CBC}ID", of), Decimal(self.text(f"{path}/{CBC}Percent", of) or "0")

    def sums(self):
        """Of each category and rate: the lines and what allowances and charges make of them."""
        out = {}
        for line in self.lines:
            key = self.category(line, f"{CAC}Item/{CAC}ClassifiedTaxCategory")
            out.setdefault(key, [Decimal(0), Decimal(0)])[0] += Decimal(self.text(f"{CBC}LineExtensionAmount", line))
        for each in self.allowances:
            sign = 1 if self.text(f"{CBC}ChargeIndicator", each) == "true" else -1
            out[self.category(each, f"{CAC}TaxCategory")][1] += sign * Decimal(self.text(f"{CBC}Amount", each))
        return out


def largest_remainder(payable, percents, decimals):
    unit = Decimal(1).scaleb(-decimals)
    exact = [Fraction(payable) * Fraction(percent) / 100 for percent in percents]
    parts = [Decimal(int(each * 10**decimals)).scaleb(-decimals) for each in exact]  # towards zero
    rest = [abs(e - Fraction(p)) for e, p in zip(exact, parts)]
    left = payable - sum(parts)
    while left:
        most = rest.index(max(rest))
        rest[most] = Fraction(-1)
        parts[most] += unit if left > 0 else -unit
        left -= unit if left > 0 else -unit
    return parts


class Page(HTMLParser):
    """Text and tags; what must not be there is noted."""

    def __init__(self, text):
        super().__init__()
        self.stack, self.texts, self.bad = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        if tag in ("script", "link", "img", "iframe", "object"):
            self.bad.append(tag)
        self.bad += [name for name, value in attributes if name.startswith("on") or name in ("src", "href")]
        if tag not in ("meta", "br"):
            self.stack.append(tag)

    def handle_endtag(self, tag):
        if not self.stack or self.stack.pop() != tag:
            self.bad.append(f"</{tag}>")

    def handle_data(self, data):
        self.texts.append(data)


class Documents(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="tally-documents-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        subprocess.run([os.environ["DOCUMENT_SAMPLES"], cls.folder], check=True)
        manifest = json.loads((cls.folder / "manifest.json").read_text())
        cls.invoices = {each["file"]: Invoice(cls.folder / f"{each['file']}.xml", each) for each in manifest}

    def each(self):
        for name, invoice in self.invoices.items():
            with self.subTest(name):
                yield invoice

    def validate(self, schema, files):
        if not SCHEMAS.is_dir():
            print(f"{SCHEMAS} is not there: {schema} was not used")
            return
        self.assertTrue(files)
        done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", SCHEMAS / schema, *files],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr[-3000:])

    def test_invoices_follow_the_ubl_schemas(self):
        for credit, schema in ((False, "Invoice"), (True, "CreditNote")):
            files = [self.folder / f"{name}.xml" for name, each in self.invoices.items() if each.about["credit"] == credit]
            self.validate(f"ubl21/maindoc/UBL-{schema}-2.1.xsd", files)

    def test_payment_orders_follow_their_schema(self):
        self.validate("pain.001.001.09.xsd", sorted(self.folder.glob("*.pain")))

    def test_statements_of_the_unit_tests_follow_their_schemas(self):
        self.validate("camt.053.001.08.xsd", sorted(self.folder.glob("*.camt053")))
        self.validate("camt.054.001.08.xsd", sorted(self.folder.glob("*.camt054")))

    def test_payment_orders_count_and_add_up(self):
        for path in sorted(self.folder.glob("*.pain")):
            root = ElementTree.parse(path).getroot()
            amounts = [Decimal(each.text) for each in root.iter(f"{PAIN}InstdAmt")]
            self.assertEqual(int(next(root.iter(f"{PAIN}NbOfTxs")).text), len(amounts))
            self.assertEqual(Decimal(next(root.iter(f"{PAIN}CtrlSum")).text), sum(amounts))
            for name in ("EndToEndId", "UETR"):
                self.assertEqual(len({each.text for each in root.iter(PAIN + name)}), len(amounts))
            for each in root.iter():
                if each.tag.split("}")[1] in ("Nm", "Ustrd", "AddtlRmtInf", "TwnNm", "EndToEndId", "MsgId", "Ref"):
                    self.assertRegex(each.text, r"^[A-Za-z0-9/\-?:().,'+ ]+$")

    def test_types_identifiers_and_kinds(self):
        kinds = {"plain-Solar": 380, "credit-Solar": 381, "mixed-Meters": 380, "corrected-Solar": 384,
                 "selfbilled-Solar": 389, "selfcredit-Solar": 261, "bill": 380}
        for name, kind in kinds.items():
            self.assertEqual(self.invoices[name].about["type"], kind, name)
        for invoice in self.each():
            own = invoice.about["type"] in (389, 261)
            self.assertEqual("selfbilling" in invoice.text(f"{CBC}ProfileID"), own)
            self.assertEqual("selfbilling" in invoice.text(f"{CBC}CustomizationID"), own)
        reference = f"{CAC}BillingReference/{CAC}InvoiceDocumentReference/{CBC}ID"
        self.assertEqual(self.invoices["corrected-Solar"].text(reference), "solar-1-2")
        self.assertIsNone(self.invoices["plain-Solar"].text(reference))

    def test_lines_are_quantity_times_price_by_base(self):
        for invoice in self.each():
            for line in invoice.lines:
                price = f"{CAC}Price/{CBC}"
                quantity = line.find(f"{CBC}InvoicedQuantity")
                quantity = line.find(f"{CBC}CreditedQuantity") if quantity is None else quantity
                base = line.find(f"{price}BaseQuantity")
                self.assertEqual(quantity.get("unitCode"), base.get("unitCode"))
                exact = (Fraction(quantity.text) * Fraction(invoice.text(f"{price}PriceAmount", line))
                         / Fraction(base.text))
                self.assertEqual(Decimal(invoice.text(f"{CBC}LineExtensionAmount", line)), rounded(exact, invoice.decimals))
                self.assertGreaterEqual(Decimal(invoice.text(f"{price}PriceAmount", line)), 0)  # BR-27
                self.assertGreater(Decimal(base.text), 0)

    def test_br_co_10_to_17(self):
        for invoice in self.each():
            lines = [Decimal(invoice.text(f"{CBC}LineExtensionAmount", line)) for line in invoice.lines]
            self.assertEqual(invoice.amount("LineExtensionAmount"), sum(lines))  # BR-CO-10
            down = [Decimal(invoice.text(f"{CBC}Amount", each)) for each in invoice.allowances
                    if invoice.text(f"{CBC}ChargeIndicator", each) == "false"]
            up = [Decimal(invoice.text(f"{CBC}Amount", each)) for each in invoice.allowances
                  if invoice.text(f"{CBC}ChargeIndicator", each) == "true"]
            self.assertTrue(all(each > 0 for each in down + up))
            self.assertEqual(invoice.amount("AllowanceTotalAmount"), sum(down))  # BR-CO-11
            self.assertEqual(invoice.amount("ChargeTotalAmount"), sum(up))  # BR-CO-12
            net = invoice.amount("LineExtensionAmount") - sum(down) + sum(up)
            self.assertEqual(invoice.amount("TaxExclusiveAmount"), net)  # BR-CO-13
            taxes = [Decimal(invoice.text(f"{CBC}TaxAmount", each)) for each in invoice.subtotals]
            total = Decimal(invoice.text(f"{CAC}TaxTotal/{CBC}TaxAmount"))
            self.assertEqual(total, sum(taxes))  # BR-CO-14
            self.assertEqual(invoice.amount("TaxInclusiveAmount"), net + total)  # BR-CO-15
            self.assertEqual(invoice.amount("PayableAmount"),
                             net + total + invoice.amount("PayableRoundingAmount"))  # BR-CO-16
            for each in invoice.subtotals:  # BR-CO-17
                rate = invoice.category(each, f"{CAC}TaxCategory")[1]
                base = Decimal(invoice.text(f"{CBC}TaxableAmount", each))
                tax = Decimal(invoice.text(f"{CBC}TaxAmount", each))
                self.assertEqual(tax, rounded(Fraction(base) * Fraction(rate) / 100, invoice.decimals))

    def test_dates_parties_and_payment(self):
        for invoice in self.each():
            due, terms = invoice.text(f"{CBC}DueDate"), invoice.text(f"{CAC}PaymentTerms/{CBC}Note")
            self.assertTrue(due or terms)  # BR-CO-25
            means = invoice.root.find(f"{CAC}PaymentMeans")
            self.assertEqual(means is None, invoice.about["credit"])
            if means is not None and invoice.text(f"{CBC}PaymentMeansCode", means) in ("30", "58"):
                self.assertTrue(invoice.text(f"{CAC}PayeeFinancialAccount/{CBC}ID", means))  # BR-61
            for party in ("Supplier", "Customer"):
                path = f"{CAC}Accounting{party}Party/{CAC}Party"
                self.assertTrue(invoice.text(f"{path}/{CAC}PartyLegalEntity/{CBC}RegistrationName"))  # BR-06, BR-07
                country = f"{path}/{CAC}PostalAddress/{CAC}Country/{CBC}IdentificationCode"
                self.assertTrue(invoice.text(country))  # BR-09, BR-11
                self.assertTrue(invoice.text(f"{path}/{CBC}EndpointID"))  # PEPPOL-EN16931-R010, R020
            start, end = (invoice.text(f"{CAC}InvoicePeriod/{CBC}{each}Date") for each in ("Start", "End"))
            for line in invoice.lines:  # PEPPOL-EN16931-R110, R111
                period = line.find(f"{CAC}InvoicePeriod")
                if period is not None:
                    self.assertGreaterEqual(invoice.text(f"{CBC}StartDate", period), start)
                    self.assertLessEqual(invoice.text(f"{CBC}EndDate", period), end)
            for each in invoice.root.iter():  # PEPPOL-EN16931-R008
                self.assertTrue(len(each) or (each.text or "").strip(), each.tag)

    def test_br_s_z_e_ae(self):
        for invoice in self.each():
            sums = invoice.sums()
            breakdown = {invoice.category(each, f"{CAC}TaxCategory"): each for each in invoice.subtotals}
            self.assertEqual(len(breakdown), len(invoice.subtotals))  # one of each category and rate
            self.assertEqual(set(breakdown), set(sums))  # BR-S-01 and its like
            for (category, rate), each in breakdown.items():
                base = Decimal(invoice.text(f"{CBC}TaxableAmount", each))
                self.assertEqual(base, sum(sums[category, rate]))  # BR-S-08 and its like
                reason = invoice.text(f"{CAC}TaxCategory/{CBC}TaxExemptionReason", each)
                self.assertEqual(reason is not None, category in WITH_REASON)  # BR-S-10, BR-Z-10, BR-E-10, BR-AE-10
                if category in NO_TAX:
                    self.assertEqual(rate, 0)  # BR-Z-05, BR-E-05, BR-AE-05
                    self.assertEqual(Decimal(invoice.text(f"{CBC}TaxAmount", each)), 0)  # BR-Z-09, ...
                else:
                    self.assertGreater(rate, 0)
            seller = invoice.text(f"{CAC}AccountingSupplierParty/{CAC}Party/{CAC}PartyTaxScheme/{CBC}CompanyID")
            buyer = invoice.text(f"{CAC}AccountingCustomerParty/{CAC}Party/{CAC}PartyTaxScheme/{CBC}CompanyID")
            outside = any(category == "O" for category, _ in sums)
            self.assertEqual(seller is None, outside)  # BR-S-02, BR-O-02
            if any(category in ("AE", "K") for category, _ in sums):
                self.assertIsNotNone(buyer)  # BR-AE-02, BR-IC-02

    def test_payable_is_the_payees_share_computed_again(self):
        for invoice in self.each():
            sign = -1 if invoice.about["credit"] else 1
            gross = Fraction(0)
            for (_, rate), (lines, _) in invoice.sums().items():
                gross += Fraction(lines) + Fraction(rounded(Fraction(lines) * Fraction(rate) / 100, invoice.decimals))
            gross = rounded(gross * sign, invoice.decimals)
            if step := invoice.about.get("cash_rounding"):
                steps = Fraction(gross) / Fraction(step)
                gross = rounded(Fraction(rounded(steps, 0)) * Fraction(step), invoice.decimals)
            payees = invoice.about["payees"]
            percent = dict(payees)[invoice.about["payee"]]
            for lines, change in invoice.sums().values():
                part = rounded(Fraction(lines) * Fraction(percent) / 100, invoice.decimals)
                self.assertEqual(lines + change, part)
            parts = largest_remainder(gross, [percent for _, percent in payees], invoice.decimals)
            mine = parts[[name for name, _ in payees].index(invoice.about["payee"])]
            self.assertEqual(invoice.amount("PayableAmount"), mine * sign)
            self.assertGreaterEqual(invoice.amount("PayableAmount"), 0)

    def test_units_proofs_and_names(self):
        invoice = self.invoices["plain-Solar"]
        units = [line.find(f"{CBC}InvoicedQuantity") for line in invoice.lines]
        self.assertEqual([(each.get("unitCode"), each.text) for each in units],
                         [("KWH", "1234.567"), ("DAY", "31"), ("MTQ", "17.5")])
        wh = self.invoices["cash-Grid"].lines[2].find(f"{CBC}InvoicedQuantity")
        self.assertEqual((wh.get("unitCode"), wh.text), ("WHR", "31"))
        days = invoice.lines[0].findall(f"{CAC}Item/{CAC}AdditionalItemProperty")
        self.assertEqual(len(days), 30)
        self.assertEqual(invoice.text(f"{CBC}Name", days[0]), "content-id 2026-03-01")
        self.assertEqual(invoice.text(f"{CBC}Value", days[0]), f"{0xabc000:064x}")
        proofs = [invoice.text(f"{CBC}ID", each) for each in invoice.root.findall(f"{CAC}AdditionalDocumentReference")]
        self.assertEqual(proofs, ["a" * 64, "e" * 64])
        name = f"{CAC}AccountingSupplierParty/{CAC}Party/{CAC}PartyName/{CBC}Name"
        self.assertEqual(invoice.text(name), 'Müller & Söhne <Solar> "GmbH"')
        self.assertIn("meter reading 100000 at the start, 1334567 at the end, Wh", invoice.text(f"{CBC}Note", invoice.lines[0]))

    def test_pages_are_whole_and_load_nothing(self):
        for name, invoice in self.invoices.items():
            with self.subTest(name):
                text = (self.folder / f"{name}.html").read_text(encoding="utf-8")
                page = Page(text)
                self.assertEqual(page.bad, [])
                self.assertEqual(page.stack, [])
                self.assertNotIn("http:", text)
                self.assertNotIn("url(", text)
                self.assertIn(invoice.text(f"{CBC}PayableAmount", invoice.total), page.texts)
                seller = f"{CAC}AccountingSupplierParty/{CAC}Party/{CAC}PartyName/{CBC}Name"
                self.assertIn(invoice.text(seller), page.texts)
                for line in invoice.lines:
                    self.assertIn(invoice.text(f"{CBC}LineExtensionAmount", line), page.texts)


if __name__ == "__main__":
    unittest.main()
