"""What a device's day is under an agreement's terms: the quantities that its signed record gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .amounts import Decimal
from .records import Record


@dataclass
class DeviceFigures:
    field: str
    quantity: Decimal | None  # None: there is none, or a register went back
    first: Decimal | None = None
    last: Decimal | None = None


def scaled(value: int, scale: int) -> Decimal:
    return Decimal(value * 10**scale, 0) if scale > 0 else Decimal(value, -scale)


def device_figures(terms: dict[str, Any], record: Record, before: dict[str, Any] | None) -> list[DeviceFigures]:
    """`before`: the day before as it was settled, where a register goes on. Of a commitment there are none."""
    if record.commitment:
        return [DeviceFigures(wanted["field"], None) for wanted in terms["fields"]]
    return [figures_of(wanted, record, before) for wanted in terms["fields"]]


def figures_of(wanted: dict[str, Any], record: Record, before: dict[str, Any] | None) -> DeviceFigures:
    name = wanted["field"]
    for index, field in enumerate(record.fields):
        if wanted["measure"] == "SESSION" or (field.name, field.unit) != (name, wanted["unit"]):
            continue
        count, _, total, _, _, first, last = record.summary[index]
        if not count or total is None or first is None or last is None:
            break
        begins, ends = scaled(first, field.scale), scaled(last, field.scale)
        if wanted["measure"] != "REGISTER_DIFFERENCE":
            return DeviceFigures(name, scaled(total, field.scale), begins, ends)
        return DeviceFigures(name, register_difference(wanted, last_of(before, name) or begins, ends), begins, ends)
    return DeviceFigures(name, None)


def last_of(day: dict[str, Any] | None, name: str) -> Decimal | None:
    for field in day["fields"] if day else ():
        if field["field"] == name and "last" in field:
            return Decimal.of(field["last"])
    return None


def register_difference(wanted: dict[str, Any], begins: Decimal, ends: Decimal) -> Decimal | None:
    """A register goes on where the day before ended; it may begin again at its modulus."""
    difference = ends - begins
    if not difference < Decimal():
        return difference
    if "modulus" not in wanted:
        return None
    modulus = Decimal.of(wanted["modulus"])
    difference = difference + modulus
    return None if difference < Decimal() or modulus < difference + difference else difference
