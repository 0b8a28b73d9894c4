"""A record's readings: rows as CBOR, packed columns, and the check against the root and figures that the device signed
(docs/formats.md, Device records)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Sequence

from .cbor import decode_sequence, encode
from .errors import NotProven, require
from .formats import tree_head
from .frames import decompress, raw_frame

if TYPE_CHECKING:
    from .records import Record

MAX_BYTES = 4 << 20  # of columns, and of rows
Row = Sequence[int | None]  # offset in seconds, then a value per field; None is a missing value


def varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def column(numbers: Sequence[int]) -> bytes:
    """Differences modulo 2^64, as signed numbers in zigzag form."""
    out, before = bytearray(), 0
    for number in numbers:
        delta = (number - before) % 2**64
        out += varint(2 * delta if delta < 2**63 else 2 * (2**64 - delta) - 1)
        before = number
    return bytes(out)


def columns(rows: Sequence[Row], fields: int) -> bytes:
    """What is in the frame of a packed series."""
    out = varint(len(rows)) + varint(fields) + column([row[0] or 0 for row in rows])
    for field in range(1, fields + 1):
        nulls = bytearray((len(rows) + 7) // 8)
        values: list[int] = []
        for i, row in enumerate(rows):
            value = row[field]
            if value is None:
                nulls[i // 8] |= 1 << i % 8
            else:
                values.append(value)
        out += bytes(nulls) + column(values)
    return out


def pack(rows: Sequence[Row], fields: int) -> bytes:
    return raw_frame(columns(rows, fields))


class ColumnReader:
    def __init__(self, content: bytes):
        self.content, self.at = content, 0

    def varint(self) -> int:
        value = 0
        for i in range(10):
            require(self.at < len(self.content), "the packed series ends inside a number", "malformed")
            byte = self.content[self.at]
            self.at += 1
            value |= (byte & 127) << 7 * i
            if byte < 128:
                require((byte or i == 0) and value < 1 << 64, "a number of the packed series is not written as it must be",
                        "malformed")
                return value
        raise NotProven("a number of the packed series does not fit 64 bits", "malformed")

    def numbers(self, count: int) -> list[int]:
        require(count <= len(self.content) - self.at, "the packed series ends inside a column", "malformed")
        out, before = [], 0
        for _ in range(count):
            zigzag = self.varint()
            before = (before + (zigzag >> 1 ^ -(zigzag & 1))) % 2**64
            out.append(before - 2**64 if before >= 2**63 else before)
        return out

    def bytes(self, count: int) -> bytes:
        require(count <= len(self.content) - self.at, "the packed series ends inside a column", "malformed")
        self.at += count
        return self.content[self.at - count:self.at]


def unpack(record: "Record", packed: bytes) -> bytes:
    """The rows as they would stand in key 12, byte for byte."""
    reader = ColumnReader(decompress(packed, MAX_BYTES, "the packed series"))
    rows, fields = reader.varint(), reader.varint()
    require((rows, fields) == (record.rows, len(record.fields)),
            f"the packed series has {rows} rows of {fields} fields, the record {record.rows} of {len(record.fields)}",
            "malformed")
    table: list[list[int | None]] = [list(reader.numbers(rows))]
    for _ in range(fields):
        nulls = int.from_bytes(reader.bytes((rows + 7) // 8), "little")
        require(nulls >> rows == 0, "the packed series has a bit set after the last row", "malformed")
        present = iter(reader.numbers(rows - nulls.bit_count()))
        table.append([None if nulls >> row & 1 else next(present) for row in range(rows)])
    require(reader.at == len(reader.content), "bytes are left over in the packed series", "malformed")
    out = b"".join(encode(list(row)) for row in zip(*table))
    require(len(out) <= MAX_BYTES, "the packed series has too many bytes unpacked", "too_large")
    return out


def summarize(rows: Sequence[Row], field: int) -> list[int | None]:
    """count, missing, sum, min, max, first, last of one field, counted from 0."""
    present = [value for row in rows if (value := row[1 + field]) is not None]
    figures: list[int | None] = [len(present), len(rows) - len(present), sum(present)]
    figures += [min(present), max(present), present[0], present[-1]] if present else [None, None, None, None]
    return figures


def root_of(rows: Sequence[bytes], rows_per_leaf: int) -> bytes:
    return tree_head([b"".join(rows[i:i + rows_per_leaf]) for i in range(0, len(rows), rows_per_leaf)])


def check_series(record: "Record", series: bytes) -> None:
    """Whether rows give the root and the summary that the device has signed; NotProven where they do not."""
    rows: list[Row] = []
    encoded: list[bytes] = []
    last = -1
    for row, data in decode_sequence(series):
        require(isinstance(row, list) and len(row) == len(record.fields) + 1 and type(row[0]) is int
                and all(value is None or type(value) is int and -2**63 <= value < 2**63 for value in row[1:]),
                "a row does not hold an offset and one value per field", "malformed")
        require(last < row[0] < record.end_s - record.start_s, "the rows' offsets do not rise in the period", "malformed")
        last = row[0]
        rows.append(row)
        encoded.append(data)
    root = root_of(encoded, record.rows_per_leaf)
    require(root == record.root, f"the series of {len(rows)} rows has the root {root.hex()}, the record says "
            f"{record.root.hex()}", "root_mismatch")
    for index, field in enumerate(record.fields):
        found = summarize(rows, index)
        require(found == record.summary[index],
                f'"{field.name}": the summary says {record.summary[index]}, the series {found}', "summary_mismatch")
