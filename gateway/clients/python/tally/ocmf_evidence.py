"""What the OCMF records of one meter prove: its sessions and fiscal readings, computed again from what it signed.

A record counts when its transaction is VALID, when the meter's signature verifies under the key that was the meter's when
the record came, and when the contract's verdicts follow from it. A session counts when it follows from the records with its
beginning and its end. The ledger alone knows that another record has the same page, and that sessions overlap: for these
its answer is taken, which can only refuse a session.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from .calendar import beginning_of, plus_days
from .device_evidence import DeviceEvidence
from .errors import Checks, NotProven, require
from .evidence_invoice import cited_readings, text_of
from .ocmf import read_ocmf, verify_ocmf
from .ocmf_sessions import FiscalReading, OcmfDay, StoredOcmf, fiscal_readings, sessions_with, verdicts_on
from .pricing import date
from .receipts import Receipt

Json = dict[str, Any]
Place = tuple[int, str, int]  # time, content id, number: as the keys are sorted


class OcmfEvidence:
    def __init__(self, device: str, keys: DeviceEvidence):
        self.device, self.keys = device, keys
        self.records: dict[str, StoredOcmf] = {}  # by content id
        self.sessions: dict[Place, Json] = {}  # that the transactions have completed, by their end
        self.fiscal: dict[Place, FiscalReading] = {}

    def add(self, receipt: Receipt) -> None:
        """Of a VALID transaction."""
        require((receipt.contract, receipt.function) == ("data", "publish_ocmf") and receipt.attachments,
                f"the transaction {receipt.id} carries no OCMF record")
        answer = json.loads(receipt.result)
        require(answer["device"] == self.device, f'the record of transaction {receipt.id} is of "{answer["device"]}"')
        record = read_ocmf(receipt.attachments[0])
        name = record.content_id
        times = [each.time_ms for each in record.readings if each.time_ms is not None]
        end_ms = max(times, default=receipt.created_ms) // 1000 * 1000
        epoch = self.keys.epoch_of(receipt.created_ms, end_ms, lambda key: verify_ocmf(record, key))
        require(epoch > 0, f"the signature of the record {name} verifies under no proven key of the device", "bad_signature")
        require(answer["verdicts"] in (verdicts_on(record, epoch, True), verdicts_on(record, epoch, False)),
                f"the verdicts on the record {name} do not follow from it")
        require(name not in self.records, f"the record {name} is there twice")
        stored = StoredOcmf(name, record, epoch, receipt.created_ms, answer["verdicts"])
        self.records[name] = stored
        for place, reading in fiscal_readings(stored):
            self.fiscal[reading.time_ms, name, place] = reading
        for number, session in enumerate(answer["sessions"]):
            self.sessions[session["end_ms"], session["content_id"], number] = session

    def check_session(self, answered: Json, number: int) -> None:
        begin, end = (self.records.get(answered[name]) for name in ("begin_content_id", "content_id"))
        if begin is None or end is None:
            missing = answered["content_id" if begin else "begin_content_id"]
            raise NotProven(f"the record {missing} of a session is not in the file")
        sessions = sessions_with(self.device, begin, end)
        require(number < len(sessions), f"the records {begin.content_id} and {end.content_id} give no such session")
        expected = {**sessions[number], "transaction": answered["transaction"], "completed_ms": answered["completed_ms"]}
        if may_count(expected) and not may_count(answered) and answered["reasons"]:
            expected.update(billable=False, informative=False, reasons=[*expected["reasons"], answered["reasons"][-1]])
        require(text_of(expected) == text_of(answered), f"the session {text_of(answered)} does not follow from its records, "
                                                        f"which give {text_of(expected)}")

    def day(self, from_s: int, to_s: int, until_ms: int | None = None) -> OcmfDay:
        """The sessions that end in this time and the fiscal readings of it, as the contract has them. `until_ms`: only what was
        known by then."""
        out = OcmfDay()
        for place in places_in(self.sessions, from_s, to_s):
            session = self.sessions[place]
            self.check_session(session, place[2])
            if until_ms is None or session["completed_ms"] <= until_ms:
                out.sessions.append(session)
        for place in places_in(self.fiscal, from_s, to_s):
            reading = self.fiscal[place]
            if until_ms is None or reading.completed_ms <= until_ms:
                out.fiscal.append(reading)
        return out


def places_in(found: Iterable[Place], from_s: int, to_s: int) -> list[Place]:
    return sorted(place for place in found if from_s * 1000 <= place[0] < to_s * 1000)


def may_count(session: Json) -> bool:
    """Whether an agreement may bill it."""
    return bool(session["billable"] or session["informative"])


def bounds_of(day: Json, zone: Json) -> tuple[int, int]:
    """The beginning and the end of a day, in seconds since 1970."""
    start = date(day["day"])
    return beginning_of(start, zone), beginning_of(plus_days(start, 1), zone)


def range_keys(day: Json, zone: Json) -> list[tuple[bytes, bytes]]:
    """The keys of the day's sessions and of its fiscal readings: the first one, and that after the last."""
    start, end = (f"{second * 1000:020d}".encode() for second in bounds_of(day, zone))
    device = day["device"].encode()
    return [(b"\0".join([kind, device, start]), b"\0".join([kind, device, end])) for kind in (b"ocmfsession", b"ocmffiscal")]


def check_readings(name: str, day: Json, ocmf: OcmfEvidence, final: Json | None, zone: Json, checks: Checks) -> None:
    """The day's OCMF records are in the file, no more and no fewer than the audit has found. `final`: the FINAL day."""
    for identifier in (cited_readings(final) if final else None) or []:
        checks.must(identifier in ocmf.records, name, f"record {identifier}", "no such record in the file")
    with checks.judged(name, "sessions that follow from records in the file"):
        found = ocmf.day(*bounds_of(day, zone))
    count = len(found.sessions) + len(found.fiscal)
    checks.must(count == day["readings"], name, f"{day['readings']} sessions and fiscal readings, which the audit has found",
                f"records with {count} of them")
