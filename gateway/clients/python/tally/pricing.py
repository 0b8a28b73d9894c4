"""What metered days cost under an agreement's terms: the lines of an invoice of one device, and totals (docs/billing.md).

Exact rational arithmetic; each line's amount is rounded once, to the currency's smallest unit, by the terms' mode.
Terms, days and lines are JSON objects as the contracts write them.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .amounts import Decimal, decimals_of, rounded
from .calendar import Date, days_of_month, days_of_year, first_of_next_month, period_of, plus_years

ESCALATED_DECIMALS = 9  # of a price that an escalator has changed
BASE_DECIMALS = 9
UNITS = {"MESSAGE": "messages", "BYTE": "bytes", "SAMPLE": "samples"}
COUNTERS = {"MESSAGE": "messages", "BYTE": "payload_bytes", "SAMPLE": "samples"}
Json = dict[str, Any]
Count = Callable[[Date, Date], int]


def date(text: str) -> Date:
    return datetime.date.fromisoformat(text)


def period_of_terms(terms: Json, day: str) -> tuple[Date, Date]:
    """The calendar period that a day lies in; the second date is not in it."""
    return period_of(terms["period"], date(day))


@dataclass
class Segment:
    """A part of a period in which one version of the terms holds."""

    version: int
    start: Date
    until: Date
    terms: Json


@dataclass
class Part:
    """A part of a segment in which a tariff line's prices are the same."""

    start: Date
    until: Date
    prices: list[tuple[Decimal, Decimal]]  # from, price


def prices_of(line: Json, times: int) -> list[tuple[Decimal, Decimal]]:
    """After so many changes of the escalator."""
    prices = [(Decimal.of(tier["from"]), Decimal.of(tier["price"])) for tier in line["prices"]]
    if times == 0:
        return prices
    factor = (1 + Decimal.of(line["escalator"]["percent"]).value / 100) ** times
    return [(start, rounded(price.value * factor, max(price.decimals, ESCALATED_DECIMALS), "HALF_UP"))
            for start, price in prices]


def parts_of(line: Json, segment: Segment) -> list[Part]:
    if "escalator" not in line:
        return [Part(segment.start, segment.until, prices_of(line, 0))]
    first, times, parts, start = date(line["escalator"]["first"]), 0, [], segment.start
    while plus_years(first, times) <= start:
        times += 1
    while start < segment.until:
        until = min(segment.until, plus_years(first, times))
        parts.append(Part(start, until, prices_of(line, times)))
        start, times = until, times + 1
    return parts


class Pricing:
    """Adds lines of a segment."""

    def __init__(self, segment: Segment, period: tuple[Date, Date], lines: list[Json]):
        self.segment, self.period, self.lines = segment, period, lines
        self.decimals = decimals_of(segment.terms["currency"])

    def add(self, tariff: Json, part: Part, tier: int, quantity: Decimal, unit: str, divisor: Fraction,
            device: str) -> None:
        if quantity.units == 0:
            return
        stated = Decimal.of(tariff["base"]) if "base" in tariff else Decimal(1)
        exact = stated.value * divisor
        base = rounded(exact, stated.decimals if "base" in tariff else 0, "HALF_UP")
        if base.value != exact:
            base = rounded(exact, BASE_DECIMALS, "HALF_UP")
        price = part.prices[tier][1]
        amount = rounded(quantity.value * price.value / base.value, self.decimals, self.segment.terms["rounding"])
        line = {"name": tariff["name"], "kind": tariff["kind"], "version": self.segment.version, "device": device,
                "field": tariff.get("field"), "window": tariff.get("window"),
                "tier": tier + 1 if len(part.prices) > 1 else None, "from": str(part.start), "until": str(part.until),
                "quantity": str(quantity), "unit": unit, "price": str(price), "base": str(base), "amount": str(amount),
                "tax": tariff["tax"]}
        self.lines.append({name: value for name, value in line.items() if value is not None})

    def add_tiers(self, tariff: Json, part: Part, position: Decimal, quantity: Decimal, unit: str, device: str
                  ) -> Decimal:
        """Fills the tiers from the position on, which it returns moved."""
        if quantity < Decimal():
            self.add(tariff, part, 0, quantity, unit, Fraction(1), device)
            return position
        end = position + quantity
        for index, (begins, _) in enumerate(part.prices):
            start = begins if position < begins else position
            until = end
            if index + 1 < len(part.prices) and part.prices[index + 1][0] < end:
                until = part.prices[index + 1][0]
            if start < until:
                self.add(tariff, part, index, until - start, unit, Fraction(1), device)
        return end

    def add_fee(self, tariff: Json, part: Part, device: str, count: Count) -> None:
        per = tariff["per"]
        if per in ("DAY", "YEAR_BY_365"):
            days = Decimal(count(part.start, part.until))
            self.add(tariff, part, 0, days, "days", Fraction(1 if per == "DAY" else 365), device)
        elif per == "YEAR_BY_DAYS":
            start = part.start
            while start < part.until:
                until = min(part.until, Date(start.year + 1, 1, 1))
                self.add(tariff, Part(start, until, part.prices), 0, Decimal(count(start, until)), "days",
                         Fraction(days_of_year(start)), device)
                start = until
        else:
            self.add_months(tariff, part, device, count, 1 if per == "MONTH" else 12)

    def add_months(self, tariff: Json, part: Part, device: str, count: Count, per_year: int) -> None:
        """Whole months as months, in one line; what is left of a month by its days."""
        months, whole, start = 0, Part(part.start, part.start, part.prices), part.start
        while start < part.until:
            until = min(part.until, first_of_next_month(start))
            days = count(start, until)
            if days == days_of_month(start):
                if months == 0:
                    whole.start = start
                months, whole.until = months + 1, until
            else:
                self.add(tariff, Part(start, until, part.prices), 0, Decimal(days), "days",
                         Fraction(days_of_month(start) * per_year), device)
            start = until
        self.add(tariff, whole, 0, Decimal(months), "months", Fraction(per_year), device)

    def share_of(self, part: Part) -> Fraction:
        return Fraction((part.until - part.start).days, (self.period[1] - self.period[0]).days)


def field_of(day: Json, name: str | None) -> Json | None:
    return next((each for each in day["fields"] if each["field"] == name), None)


def unit_of(terms: Json, field: str | None) -> str:
    return next((each["unit"] for each in terms["fields"] if each["field"] == field), "")


def billed(day: Json, line: Json) -> Decimal:
    field = field_of(day, line.get("field"))
    if field is None or "billed" not in field:
        return Decimal()
    if "window" not in line:
        return Decimal.of(field["billed"])
    found = next((each for each in field.get("windows", []) if each["window"] == line["window"]), None)
    return Decimal.of(found["quantity"]) if found else Decimal()


def price_device(segments: Sequence[Segment], period: tuple[Date, Date], device: str, days: Sequence[Json]
                 ) -> list[Json]:
    """The lines of one device: `days` are its FINAL days of the period, in order."""
    lines: list[Json] = []
    positions: dict[str, Decimal] = {}  # what the device has used of a line's tiers
    dates = [date(day["day"]) for day in days]

    def count(start: Date, until: Date) -> int:
        return sum(start <= each < until for each in dates)

    for segment in segments:
        pricing = Pricing(segment, period, lines)
        for line in segment.terms["tariff"]:
            kind = line["kind"]
            if kind == "FEE" and line.get("each_device", False):
                for part in parts_of(line, segment):
                    pricing.add_fee(line, part, device, count)
            elif kind in ("QUANTITY", "PEAK", "TRAFFIC"):
                for part in parts_of(line, segment):
                    inside = [day for day, each in zip(days, dates) if part.start <= each < part.until]
                    price_part(pricing, line, part, device, inside, positions)
    return lines


def price_part(pricing: Pricing, line: Json, part: Part, device: str, days: Sequence[Json],
               positions: dict[str, Decimal]) -> None:
    unit = unit_of(pricing.segment.terms, line.get("field"))
    if line["kind"] == "PEAK":
        highest: Decimal | None = None
        for day in days:
            field = field_of(day, line.get("field"))
            if field and "billed" in field and "highest" in field:
                found = Decimal.of(field["highest"])
                highest = found if highest is None or highest < found else highest
        if highest is not None:
            pricing.add(line, part, 0, highest, unit, 1 / pricing.share_of(part), device)
        return
    quantity = Decimal()
    for day in days:
        if line["kind"] == "QUANTITY":
            quantity = quantity + billed(day, line)
        else:
            quantity = quantity + Decimal(day["traffic"][COUNTERS[line["counts"]]] if "traffic" in day else 0)
    if line["kind"] == "TRAFFIC":
        unit = UNITS[line["counts"]]
    position = positions.get(line["name"], Decimal())
    positions[line["name"]] = pricing.add_tiers(line, part, position, quantity, unit, device)


def totals_of(terms: Json, lines: Sequence[Json]) -> Json:
    """An invoice's totals from its lines."""
    decimals = decimals_of(terms["currency"])
    zero = Decimal(0, decimals)
    net = zero
    taxes: list[tuple[Json, Decimal]] = []
    for line in lines:
        amount, tax = Decimal.of(line["amount"]), line["tax"]
        net = net + amount
        index = next((index for index, each in enumerate(taxes) if same_tax(each[0], tax)), len(taxes))
        taxes[index:index + 1] = [(taxes[index][0], taxes[index][1] + amount) if index < len(taxes) else (tax, zero + amount)]
    gross, listed = net, []
    for tax, taxable in taxes:
        amount = rounded(taxable.value * Decimal.of(tax["percent"]).value / 100, decimals, terms["rounding"])
        gross = gross + amount
        listed.append({"tax": tax, "taxable": str(taxable), "amount": str(amount)})
    payable = gross
    if "cash_rounding" in terms:
        step = Decimal.of(terms["cash_rounding"]).value
        payable = rounded(rounded(gross.value / step, 0, "HALF_UP").value * step, decimals, "HALF_UP")
    return {"net": str(net), "taxes": listed, "gross": str(gross), "rounding": str(payable - gross),
            "payable": str(payable), "shares": shares_of(payable, decimals, terms["payees"])}


def same_tax(a: Json, b: Json) -> bool:
    return ((a["category"], a.get("reason")) == (b["category"], b.get("reason"))
            and Decimal.of(a["percent"]).same(Decimal.of(b["percent"])))


def shares_of(payable: Decimal, decimals: int, payees: Sequence[Json]) -> list[Json]:
    """Together they are the amount: each is rounded towards zero, the largest remainders get the units that are left."""
    exact = [payable.value * Decimal.of(each["percent"]).value / 100 for each in payees]
    amounts = [rounded(each, decimals, "DOWN") for each in exact]
    remainders = [abs(share - amount.value) for share, amount in zip(exact, amounts)]
    missing = payable.units * 10**(decimals - payable.decimals) - sum(each.units for each in amounts)
    unit = -1 if missing < 0 else 1
    while missing and max(remainders, default=Fraction(-1)) >= 0:
        most = remainders.index(max(remainders))
        remainders[most] = Fraction(-1)
        amounts[most] = amounts[most] + Decimal(unit, decimals)
        missing -= unit
    return [{"organization": each["organization"], "percent": each["percent"], "amount": str(amount)}
            for each, amount in zip(payees, amounts)]
