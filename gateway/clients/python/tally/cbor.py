"""Deterministic CBOR (RFC 8949 section 4.2.1): integers, byte and text strings, arrays, maps, tags, booleans, null.

`decode` reads nothing else: a longer encoding than needed, map keys out of order, a float or bytes left over are
refused, and no length is believed before its bytes are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cbor2

from .errors import NotProven

MAX_DEPTH = 16
SIMPLE = {20: False, 21: True, 22: None}


def encode(value: object) -> bytes:
    """All maps of Tally's formats have keys that sort alike by length and by bytes, which is cbor2's order."""
    return cbor2.dumps(value, canonical=True)


class Malformed(NotProven):
    """Bytes that are no deterministic CBOR."""

    def __init__(self, detail: str):
        super().__init__(detail, "malformed")


class Reader:
    def __init__(self, data: bytes):
        self.data = data
        self.at = 0

    def take(self, count: int) -> bytes:
        if count > len(self.data) - self.at:
            raise Malformed(f"the CBOR is cut off at byte {self.at}")
        self.at += count
        return self.data[self.at - count:self.at]

    def argument(self, low: int) -> int:
        if low < 24:
            return low
        if low > 27:
            raise Malformed(f"CBOR of an indefinite length at byte {self.at - 1}")
        width = 1 << (low - 24)
        value = int.from_bytes(self.take(width), "big")
        if value < (24 if width == 1 else 1 << 4 * width):
            raise Malformed(f"a CBOR number before byte {self.at} is not in its shortest form")
        return value

    def text(self, length: int) -> str:
        try:
            return self.take(length).decode()
        except UnicodeDecodeError:
            raise Malformed(f"a CBOR text before byte {self.at} is not UTF-8") from None

    def map(self, count: int, depth: int) -> dict[Any, Any]:
        found: dict[Any, Any] = {}
        before = b""
        for _ in range(count):
            start = self.at
            key = self.item(depth + 1)
            encoded = self.data[start:self.at]
            if isinstance(key, bool) or not isinstance(key, (int, str)):
                raise Malformed(f"a CBOR key at byte {start} is neither a number nor a text")
            if found and encoded <= before:
                raise Malformed(f"the keys of a CBOR map are not in order at byte {start}")
            before = encoded
            found[key] = self.item(depth + 1)
        return found

    def item(self, depth: int = 0) -> Any:
        if depth > MAX_DEPTH:
            raise Malformed("the CBOR is nested too deeply")
        first = self.take(1)[0]
        kind, low = first >> 5, first & 31
        if kind == 7:
            if low not in SIMPLE:
                raise Malformed(f"a CBOR value of a kind that is not used here at byte {self.at - 1}")
            return SIMPLE[low]
        number = self.argument(low)
        if kind == 0:
            return number
        if kind == 1:
            return -1 - number
        if kind == 2:
            return self.take(number)
        if kind == 3:
            return self.text(number)
        if kind == 6:
            return cbor2.CBORTag(number, self.item(depth + 1))
        if number > len(self.data) - self.at:  # each element has at least one byte
            raise Malformed(f"the CBOR is cut off at byte {self.at}")
        return self.map(number, depth) if kind == 5 else [self.item(depth + 1) for _ in range(number)]


def decode_strictly(data: bytes) -> Any:
    reader = Reader(data)
    value = reader.item()
    if reader.at != len(data):
        raise Malformed(f"there are bytes after the CBOR, from byte {reader.at} on")
    return value


def decode_sequence(data: bytes) -> Iterator[tuple[Any, bytes]]:
    """The items of a CBOR sequence (RFC 8742), each with its bytes."""
    reader = Reader(data)
    while reader.at < len(data):
        start = reader.at
        yield reader.item(), data[start:reader.at]
