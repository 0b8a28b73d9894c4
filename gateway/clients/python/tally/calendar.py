"""Days of an agreement's time zone, as its terms carry it: an offset from UTC and every change of it."""

from __future__ import annotations

import datetime
from typing import Any

EPOCH = datetime.date(1970, 1, 1)
Date = datetime.date


def seconds_of(day: Date) -> int:
    return (day - EPOCH).days * 86400


def beginning_of(day: Date, zone: dict[str, Any]) -> int:
    """The first instant whose local date it is, in seconds since 1970."""
    local, since, offset = seconds_of(day), -2**63, zone["offset_s"]
    for shift in zone["shifts"]:
        if local - offset < shift["at_s"]:
            return max(local - offset, since)
        since, offset = shift["at_s"], shift["offset_s"]
    return max(local - offset, since)


def plus_days(day: Date, days: int) -> Date:
    return day + datetime.timedelta(days=days)


def plus_years(day: Date, years: int) -> Date:
    """29 February is 1 March in other years."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return Date(day.year + years, 3, 1)


def first_of_next_month(day: Date) -> Date:
    return (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)


def days_of_month(day: Date) -> int:
    return (first_of_next_month(day) - day.replace(day=1)).days


def days_of_year(day: Date) -> int:
    return (Date(day.year + 1, 1, 1) - Date(day.year, 1, 1)).days


def period_of(period: str, day: Date) -> tuple[Date, Date]:
    """The month, quarter or year that a day lies in; the second day is not in it."""
    months = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}[period]
    first = day.replace(day=1, month=(day.month - 1) // months * months + 1)
    until = first
    for _ in range(months):
        until = first_of_next_month(until)
    return first, until
