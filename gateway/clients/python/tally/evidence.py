"""Evidence files: everything that proves a recorded audit, down to the readings that devices signed (docs/formats.md).

The checks are those of `tally verify`, in its order and with its names, so that both name the same first fault.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from .answers import verify_answer
from .calendar import Date, beginning_of, plus_days
from .cbor import decode_strictly
from .channel import Channel, under_one_of
from .device_evidence import DeviceEvidence, ProvenRecord
from .errors import Checks, NotProven, require
from .evidence_invoice import check_invoice
from .figures import device_figures, devices_text
from .formats import sha256
from .frames import MAGIC, decompress
from .ocmf_evidence import OcmfEvidence, check_readings, range_keys
from .pricing import date
from .receipts import Receipt, iso_time, verify_receipt

MAX_UNPACKED = 256 << 20
MAX_PARTS = 200_000  # of all lists together
UNREADABLE = (KeyError, ValueError, TypeError, IndexError, AttributeError, OverflowError, ZeroDivisionError,
              RecursionError)
Json = dict[str, Any]


@dataclass
class Evidence:
    """What an evidence file proves."""

    channel: str
    run: Json
    records: int = 0  # proven, with the devices' signatures
    readings: int = 0  # of which the rows give the signed roots
    withheld: int = 0  # of which the rows are not in the file
    ocmf_records: int = 0  # proven, with the meters' signatures
    invoices: int = 0  # computed again from proven figures
    checks: Checks = field(default_factory=Checks)

    @property
    def sentence(self) -> str:
        run = self.run
        return (f"audit {run['id']} of {run['agreement']}, {devices_text(run)}: {run['days']} days from {run['from']} "
                f"until before {run['until']}, {run['verdict']}")


def is_evidence(file: bytes) -> bool:
    return file[:4] == MAGIC


def verify_evidence(file: bytes, channels: Sequence[Channel]) -> Evidence:
    """Proves a recorded audit offline, or raises NotProven. One configuration under which a receipt verifies is enough,
    as organizations change with time."""
    with Checks() as checks:
        try:
            return Verification(read_evidence(file), channels, checks).run_all()
        except UNREADABLE as error:
            raise NotProven(f"a part of the file is not as the contracts write it: {error!r}", "malformed") from error


def read_evidence(file: bytes) -> dict[int, Any]:
    parts = decode_strictly(decompress(file, MAX_UNPACKED, "the evidence file"))
    require(isinstance(parts, dict) and list(parts) == [1, 2, 3, 4, 5] and parts[1] == "tally-evidence/1",
            "the file is not an evidence file", "malformed")
    left = MAX_PARTS

    def listed(value: Any, *kinds: type) -> bool:
        nonlocal left
        left -= len(value) if isinstance(value, list) else 0
        require(left >= 0, f"the lists of the evidence file have more than {MAX_PARTS} entries", "too_large")
        return isinstance(value, list) and all(type(each) in kinds for each in value)

    fits = isinstance(parts[2], bytes) and listed(parts[3], bytes) and listed(parts[4], list) and listed(parts[5], list)
    fits = fits and all(len(each) in (5, 6) and isinstance(each[0], str) and listed(each[1], bytes) and listed(each[2], bytes)
                        and listed(each[3], list) and all([type(part) for part in late] == [int, bytes] for late in each[3])
                        and listed(each[4], bytes) and all(listed(ocmf, list) and len(ocmf) == 2
                        and all(listed(part, bytes) for part in ocmf) for ocmf in each[5:]) for each in parts[4])
    fits = fits and all(len(each) == 2 and isinstance(each[0], bytes) and listed(each[1], str) for each in parts[5])
    require(fits, "the file is not an evidence file", "malformed")
    return parts


def parsed(text: str, what: str) -> Json:
    try:
        value = json.loads(text)
    except ValueError as error:
        raise NotProven(f"{what} is no JSON: {error}", "malformed") from error
    require(isinstance(value, dict), f"{what} is no JSON object", "malformed")
    return value


def canonical(value: object) -> str:
    """The text that the contracts write: members in the order in which they are declared."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


class Verification:
    def __init__(self, parts: dict[int, Any], channels: Sequence[Channel], checks: Checks):
        self.parts, self.channels, self.checks = parts, channels, checks
        self.versions: dict[int, Json] = {}
        self.days: dict[str, list[Json]] = {}  # of the list, by device
        self.settled: dict[str, dict[str, Json]] = {}  # FINAL days, by device and day
        self.found = Evidence("", {}, checks=checks)

    def run_all(self) -> Evidence:
        checks = self.checks
        self.check_run()
        self.check_terms()
        self.check_bounds()
        for device in sorted(self.days):
            self.check_device(device, self.days[device])
        named: set[str] = set()
        for device, *_ in self.parts[4]:
            checks.must(device not in named, f"device {device}", "once", "twice")
            named.add(device)
            if device not in self.days:
                raise checks.failed(f"device {device}", "of the audit", f"the audit is not of {device}")
            checks.held(f"device {device}", "of the audit", "of the audit")
        found, run = self.found, self.found.run
        checks.held("the records", f"{run['records']} that the audit lists", f"{found.records}, signed by their devices")
        checks.held("the readings", "that they give the signed roots and figures",
                    f"of {found.readings} records; {found.withheld} more are withheld")
        if found.ocmf_records:
            checks.held("the OCMF records", "those of the sessions and fiscal readings that the audit has found",
                        f"{found.ocmf_records}, signed by their meters")
        checks.same("the invoices", str(len(run["invoices"])), str(len(self.parts[5])))
        seen: set[bytes] = set()
        for receipt, items in self.parts[5]:
            checks.must(receipt not in seen, "an invoice", "once", "twice")
            seen.add(receipt)
            found.invoices += check_invoice(self.call(receipt, "billing.compute", "an invoice's receipt"), items, run,
                                            self.versions, self.settled, checks)
        return found

    # Receipts -------------------------------------------------------------------------------------------------

    def verified(self, file: bytes) -> Receipt:
        """The receipt of a VALID transaction of the audit's channel, where that is known."""
        receipt = under_one_of(self.channels, lambda channel: verify_receipt(file, channel))
        require(receipt.code == "VALID", f"the transaction {receipt.id} is {receipt.code}")
        require(self.found.channel in ("", receipt.channel),
                f'the transaction {receipt.id} is of the channel "{receipt.channel}"', "wrong_channel")
        return receipt

    def call(self, file: bytes, function: str, what: str) -> Receipt:
        with self.checks.judged(what, f"a VALID {function}"):
            receipt = self.verified(file)
            found = f"{receipt.contract}.{receipt.function}"
            require(found == function, f"the transaction {receipt.id} calls {found}, not {function}")
        self.checks.held(what, f"a VALID {function}", receipt.id)
        return receipt

    # What was audited -----------------------------------------------------------------------------------------

    def check_run(self) -> None:
        receipt = self.call(self.parts[2], "audit.run", "the audit's receipt")
        answer = parsed(receipt.result, "the audit's result")
        run = self.found.run = answer["run"]
        self.found.channel, self.ranges = receipt.channel, sorted(receipt.ranges, key=lambda each: each.start)
        for day in answer["list"]:
            self.days.setdefault(day["device"], []).append(day)
        self.checks.same("the audit's list of days", run["days_sha256"], sha256(canonical(answer["list"]).encode()).hex())
        if run["verdict"] == "FAILED":
            raise self.checks.failed("the audit's verdict", "no check that fails",
                                     f"the audit's verdict is FAILED: {canonical(run['findings'])}")
        self.checks.held("the audit's verdict", "no check that fails", run["verdict"])

    def check_terms(self) -> None:
        """Each version of the terms that its signers have all signed."""
        checks = self.checks
        signed_by: dict[int, set[str]] = {}
        for file in self.parts[3]:
            with checks.judged("a signature on the terms", "a receipt that verifies"):
                receipt = self.verified(file)
            signer = receipt.creator.organization if receipt.creator else ""
            checks.held("a signature on the terms", "a receipt that verifies", f"{receipt.function} by {signer}")
            checks.must(receipt.contract == "agreement", "a signature on the terms", "of the contract agreement",
                        f"the transaction {receipt.id} is of the contract {receipt.contract}")
            version = parsed(receipt.result, "a version of the terms")
            number, digest = version["version"], sha256(canonical(version["terms"]).encode()).hex()
            checks.same(f"the hash of version {number} of the terms", version["hash"], digest)
            checks.same("the agreement", self.found.run["agreement"], version["id"])
            known = self.versions.get(number)
            checks.must(known is None or known["hash"] == digest, f"version {number} of the terms", "one text",
                        "the receipts have two")
            signed_by.setdefault(number, set()).add(signer)
            self.versions[number] = version
        for number in sorted(self.versions):
            for signer in self.versions[number]["signers"]:
                if signer not in signed_by[number]:
                    raise checks.failed(f"version {number} of the terms", f"signed by {signer}",
                                        f"the signature of {signer} is not in the file")
                checks.held(f"version {number} of the terms", f"signed by {signer}", f"signed by {signer}")

    def terms_on(self, day: Date) -> Json:
        """The terms that are in force on a day."""
        found: Json | None = None
        for number in sorted(self.versions):
            terms = self.versions[number]["terms"]
            if date(terms["from"]) <= day and (found is None or terms["from"] >= found["from"]):
                found = terms
        if found is None:
            raise NotProven(f"the terms that are in force on {day} are not in the file")
        return found

    def zone_on(self, day: Json) -> Json:
        return self.terms_on(date(day["day"]))["zone"]

    def check_bounds(self) -> None:
        """The list has every day, and the transaction has read every record of them."""
        checks, run = self.checks, self.found.run
        for device in sorted(self.days):
            days = [date(day["day"]) for day in self.days[device]]
            for before, day in zip(days, days[1:]):
                checks.must(day == plus_days(before, 1), f"the days of {device}", str(plus_days(before, 1)), str(day))
            start, until = days[0], plus_days(days[-1], 1)
            if "device" in run:
                checks.same(f"the days of {device}", f"from {run['from']} until before {run['until']}",
                            f"from {start} until before {until}")
            what, expected = f"the records of {device}", "the audit has read all of the range"
            if not self.has_read(day_key(device, beginning_of(start, self.terms_on(start)["zone"])),
                                 day_key(device, beginning_of(until, self.terms_on(days[-1])["zone"]))):
                raise checks.failed(what, expected, f"the ranges that it read end before {until}")
            checks.held(what, expected, "it has")
            for each in self.days[device]:
                keys = range_keys(each, self.zone_on(each)) if "readings" in each else []
                checks.must(all(self.has_read(*bounds) for bounds in keys), f"{device} on {each['day']}",
                            "the audit has read all of its sessions and fiscal readings", "it has not")

    def has_read(self, covered: bytes, end: bytes) -> bool:
        """Whether the transaction has read every key from `covered` on and before `end`."""
        for read in self.ranges:
            if read.space == "data" and read.start <= covered < read.end:
                covered = read.end
        return covered >= end

    # A device -------------------------------------------------------------------------------------------------

    def check_device(self, device: str, days: list[Json]) -> None:
        checks = self.checks
        proof = next((each for each in self.parts[4] if each[0] == device), None)
        if proof is None:
            raise checks.failed(f"device {device}", "its records in the file", f"there is nothing of {device} in the file")
        checks.held(f"device {device}", "its records in the file", "they are")
        _, keys, records, series, settled, *more = proof
        stated, ocmf_records = more[0] if more else ([], [])
        evidence = DeviceEvidence(device, self.verified, stated)
        for file in keys:
            with checks.judged(f"a key of {device}", "a receipt that gives it"):
                evidence.add_key(file)
            checks.held(f"a key of {device}", "a receipt that gives it", "it does")
        by_id = self.check_records(device, days, evidence, records)
        for sequence, file in series:
            with checks.judged(f"the readings of record {sequence} of {device}", "a receipt that carries them"):
                evidence.add_series(file, sequence)
        ocmf = OcmfEvidence(device, evidence)
        for file in ocmf_records:
            with checks.judged(f"an OCMF record of {device}", "a receipt that verifies, signed by the meter"):
                ocmf.add(self.verified(file))
        self.found.ocmf_records += len(ocmf.records)
        self.check_settled(device, settled, days)
        self.check_chain(device, evidence)
        for day in days:
            name, record = f"{device} on {day['day']}", None
            if "content_id" in day:
                checks.must(day["content_id"] in by_id, name, f"record {day['content_id']}", "no such record in the file")
                record = by_id[day["content_id"]]
                self.check_record(name, day, record)
            if "readings" in day:
                final = self.settled.get(device, {}).get(day["day"])
                check_readings(name, day, ocmf, final, self.zone_on(day), checks)
            self.check_day(name, day, record, ocmf if "readings" in day else None)

    def check_records(self, device: str, days: list[Json], evidence: DeviceEvidence, records: list[bytes]
                      ) -> dict[str, ProvenRecord]:
        listed = {day["content_id"] for day in days if "content_id" in day}
        by_id: dict[str, ProvenRecord] = {}
        for file in records:
            with self.checks.judged(f"a record of {device}", "a receipt that verifies"):
                proven = evidence.add_record(file)
            identifier = proven.record.content_id.hex()
            self.checks.must(identifier in listed, f"record {proven.record.sequence} of {device}",
                             "a record that the audit lists", f"content id {identifier}")
            by_id[identifier] = proven
        return by_id

    def check_chain(self, device: str, evidence: DeviceEvidence) -> None:
        """Of two records whose sequences follow each other, the later one names the earlier one; and no DAILY record
        lies between one and the DAILY record that it names."""
        before = None
        for sequence, proven in sorted(evidence.records.items()):
            record = proven.record
            if before is not None:
                name, expected = f"record {sequence} of {device}, the one before", before.content_id
                if before.sequence + 1 == sequence:
                    self.checks.must(record.previous == expected, name, expected.hex(), hex_of(record.previous))
                daily = record.previous_daily
                names_an_earlier_one = daily not in (None, expected) and before.corrects is None and any(
                    each.record.content_id == daily for each in evidence.records.values())
                self.checks.must(not names_an_earlier_one, name, expected.hex(), hex_of(daily))
            before = record

    def check_record(self, name: str, day: Json, proven: ProvenRecord) -> None:
        record, found = proven.record, self.found
        self.checks.must(day.get("sequence") == record.sequence, name, f"sequence {day.get('sequence', 0)}",
                         f"sequence {record.sequence}")
        self.checks.must(proven.is_signed, name, "the device's signature",
                         f"{name}: no proven key of the device verifies its signature")
        start = beginning_of(date(day["day"]), self.zone_on(day))
        self.checks.must(record.start_s == start, name, f"a record from {iso_time(start * 1000)}",
                         f"one from {iso_time(record.start_s * 1000)}")
        found.records += 1
        if not proven.series and (record.commitment or record.rows > 0):
            found.withheld += 1
            return
        if proven.fault:
            raise self.checks.failed(name, "readings as signed", proven.fault.detail, proven.fault.code)
        found.readings += 1

    def check_settled(self, device: str, files: list[bytes], days: list[Json]) -> None:
        """The FINAL days of the device, by attested answers. The answer with the first one is of the day before too: if
        that is not there, it was not FINAL, and a register did not go on from it."""
        first = next((day["day"] for day in days if day["state"] == "FINAL" and "revision" not in day), None)
        has_before = first is None
        for file in files:
            what, expected = f"the FINAL days of {device}", "an attested answer"
            with self.checks.judged(what, expected):
                answer = under_one_of(self.channels, lambda channel: verify_answer(file, channel))
            self.checks.held(what, expected, f"after block {answer.statement['block']}")
            asked, stated = parsed(answer.statement["arguments"], "the question"), answer.statement
            found = (stated["contract"], stated["function"], asked["agreement"], asked["device"], stated["channel"])
            is_about_them = found == ("data", "settled", self.found.run["agreement"], device, self.found.channel)
            self.checks.must(is_about_them and not asked.get("revised", False), what, "an answer about them",
                             f"an attested answer is not about the FINAL days of {device}")
            for day in parsed(answer.text, "the answer")["days"]:
                self.settled.setdefault(device, {})[day["day"]] = day
            if first and "cursor" not in asked and asked.get("from", "") < first:
                has_before = has_before or first in (day["day"] for day in parsed(answer.text, "the answer")["days"])
        is_there = first in self.settled.get(device, {})
        self.checks.must(has_before or not is_there, f"the FINAL days of {device}", "an answer that begins before the first of them",
                         "none")

    def check_day(self, name: str, day: Json, proven: ProvenRecord | None, ocmf: OcmfEvidence | None) -> None:
        """The FINAL day has the figures that follow from what the device has signed."""
        checks, settled = self.checks, self.settled.get(day["device"], {})
        if day["state"] != "FINAL" or "revision" in day:
            return
        final = settled.get(day["day"])
        if final is None:
            raise checks.failed(name, "its FINAL figures", "not in the file")
        terms = self.terms_on(date(day["day"]))
        version = self.versions.get(final["version"])
        checks.must(version is not None and version["terms"] is terms, f"{name}, its terms",
                    f"version {final['version']}, in force then", "another version, or none, in the file")
        checks.must(final.get("content_id") == day.get("content_id"), f"{name}, its record",
                    day.get("content_id", "none"), final.get("content_id", "none"))
        if (proven is None and ocmf is None) or not final["fields"]:
            return
        before = settled.get(str(plus_days(date(day["day"]), -1)))
        if before and before["settled_ms"] > final["settled_ms"]:
            before = None  # it was not known when the day became FINAL
        with checks.judged(name, "figures that follow from the terms"):
            known = ocmf.day(final["from"], final["to"], final["settled_ms"]) if ocmf else None
            figures = device_figures(terms, proven.record if proven else None, known, before)
        for again in figures:
            what = f"{name}, {again.field}"
            stored = next((each for each in final["fields"] if each["field"] == again.field), None)
            if stored:
                checks.must(stored.get("sessions") == again.sessions, f"{what}, its records", cited(again.sessions),
                            cited(stored.get("sessions")))
                if same(stored.get("device"), again.quantity):
                    continue
            checks.same(what, str(again.quantity if again.quantity is not None else "none"),
                        stored.get("device", "none") if stored else "none")


def cited(sessions: list[str] | None) -> str:
    return ", ".join(sessions) if sessions is not None else "none"


def hex_of(digest: bytes | None) -> str:
    return digest.hex() if digest else "none"


def same(text: str | None, number: Any) -> bool:
    if text is None or number is None:
        return text is None and number is None
    return type(number).of(text).same(number)


def day_key(device: str, start_s: int) -> bytes:
    return b"\0".join([b"day", device.encode(), f"{start_s:020d}".encode()])
