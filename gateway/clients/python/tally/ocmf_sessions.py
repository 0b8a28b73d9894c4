"""What follows from OCMF records alone: their verdicts, their sessions and fiscal readings, and why these may not be billed.

The texts are those of the contract `data`, as they are compared with what it has answered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from .amounts import Decimal
from .errors import NotProven
from .ocmf import OcmfRecord, Page, Reading

Json = dict[str, Any]
DIRECTIONS = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}  # of writing
HIDDEN = {0x2028, 0x2029, 0xFEFF, *range(0x20), *range(0x7F, 0xA0), *DIRECTIONS}


@dataclass
class StoredOcmf:
    """A record as the ledger keeps it."""

    content_id: str
    record: OcmfRecord
    epoch: int  # of the key that verifies
    received_ms: int
    verdicts: list[Json]

    @property
    def informative(self) -> bool:
        """Whether its times were good if informative ones were accepted."""
        return not has_failed(judge_clock(self.record, True))


@dataclass
class FiscalReading:
    register_id: str
    unit: str
    value: Decimal
    time_ms: int
    content_id: str
    billable: bool
    informative: bool
    completed_ms: int


@dataclass
class OcmfDay:
    """What a meter has for one day: sessions by their end, as JSON, and fiscal readings."""

    sessions: list[Json] = field(default_factory=list)
    fiscal: list[FiscalReading] = field(default_factory=list)


# Verdicts -----------------------------------------------------------------------------------------------------


def printable(text: str) -> str:
    """With escapes for what is not plain text."""
    return "".join(escaped(character) for character in text)


def escaped(character: str) -> str:
    code = ord(character)
    if code not in HIDDEN:
        return character
    return "\\n" if character == "\n" else f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"


def verdict(check: str, result: str, detail: str) -> Json:
    return {"check": check, "result": result, "detail": detail}


def has_failed(each: Json) -> bool:
    return each["result"] not in ("PASSED", "NOTED")


def verdicts_on(record: OcmfRecord, epoch: int, page_is_taken: bool) -> list[Json]:
    """Of a record whose signature verifies under the key of this epoch."""
    return [verdict("signature", "PASSED", f"by the key of epoch {epoch}"), judge_page(record.page, page_is_taken),
            judge_clock(record, False), judge_status(record), judge_plausibility(record), judge_identity(record)]


def judge_page(page: Page | None, is_taken: bool) -> Json:
    if page is None:
        return verdict("pagination", "FAILED", "PG is missing")
    if is_taken:
        return verdict("pagination", "FAILED", f"{page} was used by another record")
    return verdict("pagination", "PASSED", str(page))


def judge_clock(record: OcmfRecord, informative_accepted: bool) -> Json:
    before, flagged = None, False
    for index, reading in enumerate(record.readings):
        if reading.time_ms is None:
            return verdict("clock", "FAILED", f"RD[{index}] has no time")
        if before is not None and reading.time_ms < before:
            return verdict("clock", "FAILED", f"the time of RD[{index}] is before that of the reading before")
        before, flagged = reading.time_ms, flagged or "t" in reading.errors
        if reading.time_status == "U":
            return verdict("clock", "FAILED", f"the time of RD[{index}] is unknown (U)")
        if reading.time_status == "I" and not informative_accepted:
            return verdict("clock", "FAILED", f"the time of RD[{index}] is informative (I)")
    if flagged:
        return verdict("clock", "NOTED", "the meter reports an error of its clock (EF t)")
    return verdict("clock", "PASSED", "every time is synchronised (S) or relative to such a time (R)")


def judge_status(record: OcmfRecord) -> Json:
    for index, reading in enumerate(record.readings):
        if reading.status != "G":
            return verdict("status", "FAILED", f"ST of RD[{index}] is {printable(reading.status)}, not G"
                           if reading.status else f"ST of RD[{index}] is missing")
        if "E" in reading.errors:
            return verdict("status", "FAILED", f"the meter reports an error of the energy in RD[{index}] "
                                               f"(EF {printable(reading.errors)})")
    return verdict("status", "PASSED", "every reading is good (G)")


def judge_plausibility(record: OcmfRecord) -> Json:
    last: dict[str, Reading] = {}
    begun: set[str] = set()
    for index, reading in enumerate(record.readings):
        name = reading.register_id
        fault = fault_of(reading, last.get(name), name in begun)
        if fault:
            return verdict("plausibility", "FAILED", f"RD[{index}] {fault}")
        last[name] = reading
        if reading.transaction == "B":
            begun.add(name)
    count = len(record.readings)
    return verdict("plausibility", "PASSED", f"{count} {'reading' if count == 1 else 'readings'} of {len(last)} "
                                             f"{'register' if len(last) == 1 else 'registers'}")


def fault_of(reading: Reading, last: Reading | None, begun: bool) -> str | None:
    if reading.value is None:
        return "has no value (RV)"
    if not reading.register_id:
        return "names no register (RI)"
    if not reading.unit:
        return "has no unit (RU)"
    if reading.value < Decimal():
        return f"is {reading.value}: a register is not negative"
    if last is not None and last.value is not None:
        if last.unit != reading.unit:
            return f"is in {printable(reading.unit)}; the register was in {printable(last.unit)}"
        if reading.value < last.value:
            return f"is {reading.value}; the register was {last.value} before"
    if reading.transaction == "B" and begun:
        return "begins a transaction that has begun"
    if reading.transaction == "B" and last is not None:
        return "begins a transaction after other readings of it"
    return None


def judge_identity(record: OcmfRecord) -> Json:
    level = printable(record.user_level)
    if record.user_known is None:
        return verdict("identity", "NOTED", "the record does not say (IS)")
    if level in ("MISMATCH", "INVALID", "OUTDATED"):
        return verdict("identity", "FAILED", f"the user's identification is {level}")
    if not record.user_known:
        return verdict("identity", "NOTED", "no user is assigned (IS false)")
    if not level:
        return verdict("identity", "PASSED", "a user is assigned; IL gives no level")
    return verdict("identity", "NOTED" if level in ("NONE", "UNKNOWN") else "PASSED",
                   f"a user is assigned with the level {level}")


# Sessions -----------------------------------------------------------------------------------------------------


def ends_transaction(reading: Reading) -> bool:
    return reading.transaction in ("E", "L", "R", "A", "P")


def counted(readings: Sequence[Reading]) -> Iterator[tuple[Reading, Reading, Decimal]]:
    """Of every register with a beginning and a later end of a transaction: these two readings, and what it counted."""
    begun: dict[str, tuple[Reading, Decimal]] = {}
    for reading in readings:
        if reading.value is None or reading.time_ms is None:
            continue
        if reading.transaction == "B":
            begun[reading.register_id] = reading, reading.value
        if not ends_transaction(reading) or reading.register_id not in begun:
            continue
        first, value = begun[reading.register_id]
        if first.unit != reading.unit:
            continue
        del begun[reading.register_id]
        try:
            quantity = reading.value - value
        except NotProven:  # it has too many digits
            continue
        yield first, reading, quantity


def belong_together(begin: OcmfRecord, end: OcmfRecord) -> bool:
    """Whether a transaction may begin in one record and end in the other."""
    return (begin.page is not None and end.page is not None and begin.page.context == end.page.context
            and begin.page.number < end.page.number and (begin.meter, begin.user_id, begin.user_type, begin.point_id)
            == (end.meter, end.user_id, end.user_type, end.point_id))


def sessions_with(device: str, begin: StoredOcmf, end: StoredOcmf) -> list[Json]:
    """What each register counted between the beginning in one record and the end in another, or in the same one: JSON as
    the contract writes it, without the transaction that completed it."""
    if begin.content_id == end.content_id:
        parts, readings = [begin], begin.record.readings
    elif belong_together(begin.record, end.record):
        parts, readings = [begin, end], begin.record.readings + end.record.readings
    else:
        return []
    out = []
    for first, last, quantity in counted(readings):
        refusals = []
        if quantity < Decimal():
            refusals.append(f"plausibility: the register counted down, from {first.value} to {last.value}")
        if (last.time_ms or 0) < (first.time_ms or 0):
            refusals.append("clock: the end is before the beginning")
        out.append({"device": device, "content_id": end.content_id, "begin_content_id": begin.content_id,
                    **judged(parts, refusals), "transaction": "", "completed_ms": 0, "register_id": last.register_id,
                    "unit": last.unit, "begin": str(first.value), "end": str(last.value), "quantity": str(quantity),
                    "begin_ms": first.time_ms, "end_ms": last.time_ms})
    return out


def judged(parts: Sequence[StoredOcmf], refusals: Sequence[str] = ()) -> Json:
    """Whether what lies in these records may be billed. `parts`: the record, or the two. `refusals`: reasons that no
    agreement accepts."""
    reasons, informative = list(refusals), not refusals
    for part in parts:
        for each in part.verdicts:
            if each["check"] == "identity" or not has_failed(each):
                continue
            reasons.append(f"{each['check']}: {each['detail']}")
            informative = informative and each["check"] == "clock" and part.informative
        if part.epoch != parts[0].epoch:
            reasons.append(f"the key changed from epoch {parts[0].epoch} to {part.epoch}")
            informative = False
    return {"billable": not reasons, "informative": informative, "reasons": reasons}


def fiscal_readings(stored: StoredOcmf) -> list[tuple[int, FiscalReading]]:
    """Of a fiscal record, each with its place in it; of others none. Those without value or time are left out."""
    page = stored.record.page
    if page is None or page.context != "F":
        return []
    flags = judged([stored])
    return [(place, FiscalReading(each.register_id, each.unit, each.value, each.time_ms, stored.content_id,
                                  flags["billable"], flags["informative"], stored.received_ms))
            for place, each in enumerate(stored.record.readings) if each.value is not None and each.time_ms is not None]
