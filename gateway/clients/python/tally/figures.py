"""What a device's day is under an agreement's terms: the quantities that its signed record gives, or of a meter that signs
OCMF its sessions and fiscal readings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .amounts import Decimal
from .ocmf_sessions import OcmfDay
from .records import Record

Json = dict[str, Any]


@dataclass
class DeviceFigures:
    field: str
    quantity: Decimal | None  # None: there is none, or a register went back
    first: Decimal | None = None
    last: Decimal | None = None
    sessions: list[str] | None = None  # of an OCMF meter: the content ids of the records that the quantity comes from


def scaled(value: int, scale: int) -> Decimal:
    return Decimal(value * 10**scale, 0) if scale > 0 else Decimal(value, -scale)


def device_figures(terms: Json, record: Record | None, ocmf: OcmfDay | None, before: Json | None) -> list[DeviceFigures]:
    """`before`: the day before as it was settled, where a register goes on. Of a commitment there are none."""
    if record and record.commitment:
        return [DeviceFigures(wanted["field"], None) for wanted in terms["fields"]]
    if ocmf is not None:
        return [ocmf_figures(wanted, ocmf, before) for wanted in terms["fields"]]
    return [figures_of(wanted, record, before) if record else DeviceFigures(wanted["field"], None)
            for wanted in terms["fields"]]


def figures_of(wanted: Json, record: Record, before: Json | None) -> DeviceFigures:
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


def last_of(day: Json | None, name: str) -> Decimal | None:
    for field in day["fields"] if day else ():
        if field["field"] == name and "last" in field:
            return Decimal.of(field["last"])
    return None


def register_difference(wanted: Json, begins: Decimal, ends: Decimal) -> Decimal | None:
    """A register goes on where the day before ended; it may begin again at its modulus."""
    difference = ends - begins
    if not difference < Decimal():
        return difference
    if "modulus" not in wanted:
        return None
    modulus = Decimal.of(wanted["modulus"])
    difference = difference + modulus
    return None if difference < Decimal() or modulus < difference + difference else difference


# OCMF ---------------------------------------------------------------------------------------------------------


def ocmf_figures(wanted: Json, ocmf: OcmfDay, before: Json | None) -> DeviceFigures:
    if wanted["measure"] == "SESSION":
        return session_figures(wanted, ocmf)
    if wanted["measure"] == "REGISTER_DIFFERENCE":
        return fiscal_figures(wanted, ocmf, before)
    return DeviceFigures(wanted["field"], None)


def session_figures(wanted: Json, ocmf: OcmfDay) -> DeviceFigures:
    total = Decimal()
    ids: list[str] = []
    for session in ocmf.sessions:
        if not counts(wanted, session["register_id"], session["billable"], session["informative"]):
            continue
        quantity = in_unit(Decimal.of(session["quantity"]), session["unit"], wanted["unit"])
        if quantity is None:
            continue
        total = total + quantity
        cite(ids, session["content_id"])
    return DeviceFigures(wanted["field"], total if ids else None, sessions=ids or None)


def fiscal_figures(wanted: Json, ocmf: OcmfDay, before: Json | None) -> DeviceFigures:
    values: list[Decimal] = []
    ids: list[str] = []
    for reading in ocmf.fiscal:
        if not counts(wanted, reading.register_id, reading.billable, reading.informative):
            continue
        value = in_unit(reading.value, reading.unit, wanted["unit"])
        if value is None:
            continue
        values.append(value)
        cite(ids, reading.content_id)
    if not values:
        return DeviceFigures(wanted["field"], None)
    first, last = values[0], values[-1]
    quantity = register_difference(wanted, last_of(before, wanted["field"]) or first, last)
    return DeviceFigures(wanted["field"], quantity, first, last, ids)


def counts(wanted: Json, register_id: str, billable: bool, informative: bool) -> bool:
    """A field is a register: "1-0:1.8.0" is also "1-0:1.8.0*198"."""
    return register_id.partition("*")[0] == wanted["field"] and (
        billable or (informative and wanted.get("informative_times", False)))


def in_unit(value: Decimal, unit: str, wanted: str) -> Decimal | None:
    """Wh and kWh are exact multiples of each other; None for other units."""
    if unit == wanted:
        return value
    if (unit, wanted) == ("Wh", "kWh"):
        return Decimal(value.units, value.decimals + 3)
    if (unit, wanted) == ("kWh", "Wh"):
        return Decimal(value.units * 1000, value.decimals)
    return None


def cite(ids: list[str], content_id: str) -> None:
    if not ids or ids[-1] != content_id:
        ids.append(content_id)


def devices_text(run: Json) -> str:
    """Of which devices a run is: one, all, or a part of them in the order of their ids."""
    if "device" in run:
        return str(run["device"])
    part = [f"{name} {run[key]}" for key, name in (("after", "after"), ("through", "up to")) if key in run]
    return " ".join(["devices", *part]) if part else "all devices"
