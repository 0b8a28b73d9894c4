"""Evidence of OCMF meters: from their records to an invoice, and a file that `tally verify` and the packages for Python and
JavaScript judge alike, whatever is altered in it."""

import base64
import hashlib
import json
import pathlib
import subprocess
import unittest

from cryptography.hazmat.primitives.asymmetric import ec

import evidence
from cluster_under_test import ClusterUnderTest
from node_under_test import tally
from ocmf_records import payload, reading, signed, spki
from tally import Channel, NotProven, verify
from tally.cbor import encode
from tally.formats import ES256, cose_sign1
from tally.records import sign_possession
from tally_client import OCMF

INDEX = pathlib.Path(__file__).parents[2] / "gateway/clients/js/index.js"
OCMF_PART = 5  # of a device's list: its confirmed keys, its records
IN_JAVASCRIPT = f"""
    import {{ readFileSync }} from "node:fs";
    import {{ Channel, NotProven, verify }} from "{INDEX}";
    const [file, channel] = process.argv.slice(1).map((name) => readFileSync(name));
    const shown = ({{ what, expected, found, holds }}) => [what, expected, found, holds];
    const proven = await verify(file, Channel.of(channel)).catch((error) => {{
      if (!(error instanceof NotProven)) throw error;
      return error;
    }});
    console.log(JSON.stringify([proven.ocmfRecords ?? null, proven.checks.map(shown)]));
"""

TERMS = {
    "title": "Power from the field", "from": "2024-03-01", "until": "2024-03-03", "period": "MONTH", "currency": "EUR",
    "rounding": "HALF_UP",
    "parties": [{"organization": organization, "role": role}
                for organization, role in zip("ABCD", ("OPERATOR", "RC", "DV", "SP"))],
    "scope": [{"shard": "field", "devices": []}], "zone": {"name": "UTC", "offset_s": 0, "shifts": []},
    "fields": [{"field": "1-b:1.8.0", "unit": "kWh", "measure": "SESSION"},
               {"field": "1-b:2.8.0", "unit": "kWh", "measure": "REGISTER_DIFFERENCE"}],
    "windows": [],
    "tariff": [{"name": name, "kind": "QUANTITY", "field": field, "prices": [{"from": "0", "price": price}],
                "tax": {"category": "S", "percent": "20"}}
               for name, field, price in (("charged", "1-b:1.8.0", "0.40"), ("delivered", "1-b:2.8.0", "0.10"))],
    "reconciliation": {"cloud": "NONE", "window_minutes": 0, "on_mismatch": "DEVICE"},
    "payees": [{"organization": "A", "percent": "100"}], "payees_assignable": False, "confirmations": 1,
    "payment_days": 14, "dispute_days": 14, "keepalive_minutes": 60, "notice_days": 0,
}


class UnderAnAgreement(unittest.TestCase):
    """From the records of three meters to an invoice, and evidence of them that no forgery passes."""
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest())
        cls.cluster.up()
        cls.folder = cls.cluster.folder
        cls.channel = cls.cluster.network / "channel.json"
        members = {name: cls.cluster.client(number, "admin") for number, name in enumerate("ABCD", 1)}
        cls.keys = {serial: ec.generate_private_key(ec.SECP256R1()) for serial in ("SN-1", "SN-2", "SN-3")}
        for serial, key in cls.keys.items():
            members["A"].submit("registry", "register_device", {
                "id": serial, "shard": "field", "profile": "ocmf-1", "public_key": spki(key).hex(),
                "polling_interval_s": 900, "keepalive_interval_s": 86400})
            cls.cluster.agreed()
            members["B"].submit("registry", "confirm_device", {
                "organization": "A", "id": serial, "fingerprint": hashlib.sha256(spki(key)).hexdigest()})
            cls.cluster.agreed()
        cls.publish_all(members["A"])
        members["A"].submit("agreement", "propose", {"id": "a1", "terms": TERMS})
        for name in "BCD":
            cls.cluster.agreed()
            version = members[name].ask("agreement", "get_version", {"id": "a1", "version": 1})
            members[name].submit("agreement", "sign", {"id": "a1", "version": 1, "hash": version["hash"]})
        cls.cluster.agreed()
        # Days before the meters were registered are named; the settlement goes on from them.
        for serial in cls.keys:
            members["A"].submit("data", "finalize", {"agreement": "a1", "days": [{"device": serial, "day": "2024-03-01"}]})
        cls.cluster.agreed()
        cls.cluster.run_as("A", "agreement", "settle", "a1")
        for member in members.values():
            member.close()

    @classmethod
    def publish_all(cls, admin):
        publish = lambda *record, **more: cls.publish(admin, *record, **more)  # noqa: E731
        publish("SN-1", "T1", ("01T08", "10.25", "B"), ("01T09", "12.5", "E"))
        publish("SN-1", "T2", ("01T22", "12.5", "B"))
        publish("SN-1", "T3", ("02T01", "15", "E"))
        publish("SN-1", "T4", ("02T08", "15", "B"), ("02T09", "99", "E"), status="I")
        publish("SN-1", "F1", ("01T00", "100", ""), ("01T23", "110", ""), RI="1-b:2.8.0")
        publish("SN-1", "F2", ("02T23", "125.5", ""), RI="1-b:2.8.0")
        # In another unit; once more within another time; and twice on one page.
        in_wh = {"RU": "Wh", "RI": "1-b:1.8.0*198"}
        publish("SN-2", "T1", ("01T08", 1000.5, "B"), ("01T10", 3500, "E"), **in_wh)
        publish("SN-2", "T2", ("01T09", "2000", "B"), ("01T10", "3500", "E"), **in_wh)
        publish("SN-2", "T2", ("01T11", "3500", "B"), ("01T12", "4000", "E"), EF="t", **in_wh)
        # Under two keys: of a record that comes late the one of then, and a transaction that begins under one and ends under
        # the other.
        old, new = cls.keys["SN-3"], ec.generate_private_key(ec.SECP256R1())
        publish("SN-3", "T1", ("01T08", "1", "B"), ("01T09", "2", "E"))
        rotation = cose_sign1(old, {1: ES256, 3: "application/tally-key-rotation+cbor", 4: b"SN-3"},
                              encode([1, "SN-3", 2, spki(new)]), b"main")
        admin.submit("registry", "rotate_key", {"device": "SN-3", "proof": base64.b64encode(
            sign_possession(new, "SN-3", "main", "A")).decode()}, attachments=[rotation])
        cls.cluster.agreed()
        publish("SN-3", "T2", ("01T10", "2", "B"))
        cls.keys["SN-3"] = new
        publish("SN-3", "T3", ("01T11", "3", "E"))
        publish("SN-3", "T4", ("01T12", "3", "B"), ("01T13", "4.5", "E"))
        cls.keys["SN-3"] = old

    @classmethod
    def publish(cls, member, serial, page, *readings, status="S", **more):
        text = payload(serial, page, *(reading(f"2024-03-{time}:00:00", value, place, status, **more)
                                       for time, value, place in readings))
        member.publish(signed(cls.keys[serial], text).encode(), content_type=OCMF)

    def audit(self, name):
        file = self.folder / name
        run = self.cluster.run_as("C", "agreement", "audit", "a1", "--from", "2024-03-01", "--until", "2024-03-03",
                                  "--evidence", file)
        return run, file

    def verify(self, file, expect=0, same_words=True):
        """What `tally verify` says. Both packages make the same checks, and find the same in each. `same_words`: not of a
        receipt that does not verify; of what is wrong in it each says more or less."""
        done = json.loads(tally("--json", "verify", file, "--config", self.channel, expect=expect).stdout)
        checks = [[each["check"], each["expected"], each["found"], each["ok"]] for each in done["checks"]]
        records = None
        try:
            proven = verify(file.read_bytes(), Channel.load(self.channel))
            records, found = proven.ocmf_records, proven.checks.all
        except NotProven as refused:
            found = refused.checks
        in_python = [[each.what, each.expected, each.found, each.holds] for each in found]
        ran = subprocess.run(["node", "--input-type=module", "-e", IN_JAVASCRIPT, str(file), str(self.channel)],
                             capture_output=True, text=True, timeout=120)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        in_javascript = json.loads(ran.stdout)
        if not same_words:
            for each in (checks, in_python, in_javascript[1]):
                self.assertTrue(each[-1].pop(2))
        for package, theirs in (("Python", [records, in_python]), ("JavaScript", in_javascript)):
            self.assertEqual(theirs, [int(done["OCMF records"]) if done["proven"] else None, checks], package)
        return done

    def test_sessions_and_registers_are_billed_and_proven_offline(self):
        items = self.cluster.run_as("B", "query", "billing", "items", '{"agreement": "a1", "day": "2024-03-01"}')["items"]
        lines = {item["item"]: [(line["quantity"], line["amount"]) for line in item["lines"]] for item in items}
        self.assertEqual(lines["SN-1"], [("4.75", "1.90"), ("25.5", "2.55")])  # 12.5 - 10.25 and 15 - 12.5; 125.5 - 100
        self.assertEqual(lines["SN-2"][0], ("2.4995", "1.00"))  # neither the overlap nor the second record of the page
        self.assertEqual(lines["SN-3"][0], ("2.5", "1.00"))  # not what is between the keys
        run, file = self.audit("whole.evidence")
        self.assertIn(run["run"]["verdict"], ("PASSED", "GAPS"))
        proven = self.verify(file)
        self.assertEqual((proven["proven"], proven["records"], proven["OCMF records"], proven["invoices"]),
                         (True, "0", "13", "1"))

    def test_a_forged_record_is_found_and_named(self):
        _, file = self.audit("forged.evidence")
        bad = self.folder / "bad.evidence"

        def place(records, page):
            return next(i for i, each in enumerate(records) if f'"PG":"{page}"'.encode() in each)

        def forged(change, same_words=True):
            parts = evidence.read(file)
            devices = {device[0]: device for device in parts[4]}
            change(devices["SN-1"], devices["SN-2"])
            evidence.write(bad, parts)
            answer = self.verify(bad, expect=5, same_words=same_words)
            self.assertFalse(answer["proven"])
            return answer["checks"][-1]

        def without(page):
            return forged(lambda device, _: device[OCMF_PART][1].pop(place(device[OCMF_PART][1], page)))

        for page, day in (("T1", "01"), ("T3", "02"), ("F1", "01"), ("F2", "02")):
            last = without(page)
            self.assertEqual((last["check"], last["found"]), (f"SN-1 on 2024-03-{day}", "no such record in the file"), page)
            self.assertRegex(last["expected"], "^record [0-9a-f]{64}$")
        last = without("T2")  # the beginning of a transaction that ends in another record
        self.assertEqual(last["check"], "SN-1 on 2024-03-02")
        self.assertIn("of a session is not in the file", last["found"])
        last = without("T4")  # not billed
        self.assertEqual((last["check"], last["found"]), ("SN-1 on 2024-03-02", "records with 2 of them"))
        self.assertIn("3 sessions and fiscal readings", last["expected"])

        def altered(device, _):
            records, at = device[OCMF_PART][1], place(device[OCMF_PART][1], "T1")
            records[at] = records[at].replace(b'"RV":"12.5"', b'"RV":"13.5"')

        def swapped(device, other):
            device[OCMF_PART][1][place(device[OCMF_PART][1], "T1")] = other[OCMF_PART][1][0]

        def all_swapped(device, other):
            device[OCMF_PART][1], other[OCMF_PART][1] = other[OCMF_PART][1], device[OCMF_PART][1]

        def twice(device, _):
            device[OCMF_PART][1].append(device[OCMF_PART][1][0])

        def as_another_function(device, _):
            device[OCMF_PART][1].append(device[1][0])

        for change, found in ((altered, ""), (swapped, 'is of "SN-2"'), (all_swapped, 'is of "SN-2"'),
                              (twice, "is there twice"), (as_another_function, "carries no OCMF record")):
            last = forged(change, same_words=change != altered)
            self.assertEqual(last["check"], "an OCMF record of SN-1", change.__name__)
            self.assertIn(found, last["found"])
        for keys in (lambda other: [], lambda other: other[OCMF_PART][0]):
            last = forged(lambda device, other: device[OCMF_PART].__setitem__(0, keys(other)))
            self.assertEqual(last["check"], "a key of SN-1")
            self.assertIn("is not in the file", last["found"])
        self.assertEqual(forged(lambda device, _: device.pop(OCMF_PART))["check"], "a key of SN-1")
        last = forged(lambda device, _: device[1].clear())
        self.assertEqual(last["check"], "an OCMF record of SN-1")
        self.assertIn("verifies under no proven key", last["found"])
        self.assertEqual(forged(lambda device, _: device[4].clear())["found"], "not in the file")

    def test_the_day_before_the_first_one_is_needed(self):
        """Or an answer that shows that there is none: whoever makes the file would choose from where a register goes on."""
        _, file = self.audit("later.evidence")
        bad, answer = self.folder / "bad.evidence", self.folder / "later.answer"
        for asked, refused in (({"from": "2024-03-01"}, True), ({"from": "2024-02-29", "revised": True}, True),
                               ({"from": "2024-02-28"}, False), ({}, False)):
            answer.unlink(missing_ok=True)
            self.cluster.run_as("C", "query", "data", "settled", json.dumps(
                {"agreement": "a1", "device": "SN-1", "to": "2024-03-03", **asked}), "--attest", answer)
            parts = evidence.read(file)
            next(device for device in parts[4] if device[0] == "SN-1")[4] = [answer.read_bytes()]
            evidence.write(bad, parts)
            done = self.verify(bad, expect=5 if refused else 0)
            self.assertEqual(done["proven"], not refused, asked)
            if refused:
                self.assertEqual(done["checks"][-1]["check"], "the FINAL days of SN-1")

    def test_the_keys_of_a_meter_count_for_their_time(self):
        _, file = self.audit("keys.evidence")
        parts = evidence.read(file)
        meter = next(device for device in parts[4] if device[0] == "SN-3")
        meter[1].pop()  # the rotation
        bad = self.folder / "keys_bad.evidence"
        evidence.write(bad, parts)
        last = self.verify(bad, expect=5)["checks"][-1]
        self.assertEqual(last["check"], "an OCMF record of SN-3")
        self.assertIn("verifies under no proven key", last["found"])

    def test_the_order_of_records_says_nothing(self):
        _, file = self.audit("order.evidence")
        parts = evidence.read(file)
        for device in parts[4]:
            device[OCMF_PART][1].reverse()
        evidence.write(self.folder / "reversed.evidence", parts)
        self.assertTrue(self.verify(self.folder / "reversed.evidence")["proven"])


if __name__ == "__main__":
    unittest.main()
