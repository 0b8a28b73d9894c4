"""Exact decimal numbers of the ledger: at most 18 digits; a number keeps the decimals that it was written with."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from .errors import NotProven

MAX_DIGITS = 18
FORM = re.compile(r"-?(0|[1-9][0-9]{0,17})(\.[0-9]{1,18})?")
DECIMALS = {**dict.fromkeys("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(), 0),
            **dict.fromkeys("BHD IQD JOD KWD LYD OMR TND".split(), 3)}  # of ISO 4217; 2 for the others


@dataclass(frozen=True)
class Decimal:
    units: int = 0
    decimals: int = 0

    def __post_init__(self) -> None:
        if abs(self.units) >= 10**MAX_DIGITS or not 0 <= self.decimals <= MAX_DIGITS:
            raise NotProven("a figure has more than 18 digits", "invalid_argument")

    @staticmethod
    def of(text: object) -> "Decimal":
        if not isinstance(text, str) or not FORM.fullmatch(text):
            raise NotProven(f'"{str(text)[:64]}" is no decimal number', "invalid_argument")
        found = Decimal(int(text.replace(".", "")), len(text.partition(".")[2]))
        if text[0] == "-" and found.units == 0:
            raise NotProven(f'"{text}" is no decimal number: zero has no sign', "invalid_argument")
        return found

    def __str__(self) -> str:
        digits = str(abs(self.units)).rjust(self.decimals + 1, "0")
        whole, fraction = digits[:len(digits) - self.decimals], digits[len(digits) - self.decimals:]
        return ("-" if self.units < 0 else "") + whole + (f".{fraction}" if fraction else "")

    @property
    def value(self) -> Fraction:
        return Fraction(self.units, 10**self.decimals)

    def __add__(self, other: "Decimal") -> "Decimal":
        decimals = max(self.decimals, other.decimals)
        return Decimal(self.units * 10**(decimals - self.decimals) + other.units * 10**(decimals - other.decimals),
                       decimals)

    def __neg__(self) -> "Decimal":
        return Decimal(-self.units, self.decimals)

    def __sub__(self, other: "Decimal") -> "Decimal":
        return self + -other

    def __lt__(self, other: "Decimal") -> bool:
        return self.value < other.value

    def same(self, other: "Decimal") -> bool:
        """By value: 12.5 is 12.50."""
        return self.value == other.value


def rounded(number: Fraction, decimals: int, how: str) -> Decimal:
    """HALF_EVEN, HALF_UP (halves away from zero), DOWN (towards zero), UP (away from zero)."""
    scaled = abs(number) * 10**decimals
    quotient, rest = divmod(scaled.numerator, scaled.denominator)
    twice = 2 * rest
    away = {"HALF_EVEN": twice > scaled.denominator or (twice == scaled.denominator and quotient % 2 == 1),
            "HALF_UP": twice >= scaled.denominator, "DOWN": False, "UP": rest > 0}[how]
    quotient += away
    return Decimal(-quotient if number < 0 else quotient, decimals)


def decimals_of(currency: str) -> int:
    return DECIMALS.get(currency, 2)
