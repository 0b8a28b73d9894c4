"""Device records: COSE_Sign1 messages that a device signs (docs/formats.md, Device records)."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any, Sequence

from .cbor import decode_strictly, encode
from .errors import NotProven, require
from .formats import (DAILY, EDDSA, ES256, PrivateKey, algorithm_of, cose_sign1, decode_header, decode_sign1, sha256,
                      to_be_signed)
from .series import Row, root_of, summarize

CONTENT_TYPE = "application/tally-record+cbor"
PACKED_SERIES = -70006  # the label, in the unprotected header
OPENING = -70007
CHANNEL = -70001
SALT_BYTES = 32
MAX_BYTES = 1 << 20  # of a message
ALWAYS = {1, 2, 3, 4, 5, 6, 7, 10}
IN_THE_CLEAR, COMMITTED = {8, 9}, {16}


@dataclass(frozen=True)
class Field:
    """A value v means v * 10^scale units (SenML's symbols)."""

    name: str
    unit: str
    scale: int = 0


def record_payload(*, sequence: int, start: int, end: int, interval: int, fields: Sequence[Field],
                   rows: Sequence[Row], kind: int = DAILY, previous: bytes | None = None,
                   counters: Sequence[int] | None = None, rows_per_leaf: int = 1) -> dict[int, Any]:
    """The payload of a record as a map, with its rows in key 12."""
    encoded = [encode(list(row)) for row in rows]
    payload: dict[int, Any] = {
        1: 1, 2: kind, 3: sequence, 4: start, 5: end, 6: interval,
        7: [[each.name, each.unit, each.scale] for each in fields],
        8: [summarize(rows, index) for index in range(len(fields))],
        9: root_of(encoded, rows_per_leaf), 10: previous, 12: b"".join(encoded),
    }
    if counters is not None:
        payload[11] = list(counters)
    if rows_per_leaf > 1:
        payload[14] = rows_per_leaf
    return payload


def record_header(device: str, algorithm: int) -> dict[int, Any]:
    return {1: algorithm, 3: CONTENT_TYPE, 4: device.encode()}


def conceal(payload: dict[int, Any]) -> bytes:
    """Puts a commitment in the place of a record's figures and rows; its opening, for `sign_record`."""
    opening = secrets.token_bytes(SALT_BYTES) + encode([payload.pop(8), payload.pop(9)])
    payload.pop(12, None)
    payload[16] = sha256(opening)
    return opening


def sign_record(key: PrivateKey, device: str, channel: str, payload: dict[int, Any], packed: bytes | None = None,
                opening: bytes | None = None) -> bytes:
    """`packed`: the rows, and `opening`: of its commitment, beside the record."""
    beside = {label: each for label, each in ((PACKED_SERIES, packed), (OPENING, opening)) if each is not None}
    return cose_sign1(key, record_header(device, algorithm_of(key)), encode(payload), channel.encode(), beside or None)


def sign_possession(key: PrivateKey, device: str, channel: str, organization: str) -> bytes:
    """That the device has its key, for the organization that registers it: `proof` of registry.register_device."""
    header = {1: algorithm_of(key), 3: "application/tally-registration+cbor", 4: device.encode()}
    return cose_sign1(key, header, encode([1, organization, device]), channel.encode())


@dataclass
class Record:
    """A record as it was signed. With a commitment and its opening beside it, the figures are those of the opening;
    without the opening there are none."""

    device: str
    kind: int
    sequence: int
    start_s: int
    end_s: int
    fields: list[Field]
    summary: list[list[int | None]]
    root: bytes
    previous: bytes | None
    previous_daily: bytes | None
    corrects: bytes | None
    rows_per_leaf: int
    series: bytes | None  # the rows in the payload
    packed: bytes | None  # or beside it
    commitment: bytes | None  # in the place of figures and rows
    content_id: bytes
    algorithm: int
    signature: bytes
    protected: bytes = field(repr=False)
    payload: bytes = field(repr=False)

    @property
    def rows(self) -> int:
        return (self.summary[0][0] or 0) + (self.summary[0][1] or 0) if self.summary else 0

    def signed_bytes(self, channel: str) -> bytes:
        """What the device has signed, for a channel."""
        return to_be_signed(self.protected, channel.encode(), self.payload)


def decode_record(message: bytes) -> Record:
    """NotProven (malformed, unsupported, too_large, commitment_mismatch) where the message is no record."""
    require(len(message) <= MAX_BYTES, f"the record has {len(message)} bytes", "too_large")
    protected, unprotected, payload, signature = decode_sign1(message)
    header = decode_header(protected)
    require(set(header) == {1, 3, 4} and header[3] == CONTENT_TYPE and isinstance(header[4], bytes)
            and payload is not None, "the message is not a device's record", "malformed")
    require(header[1] in (ES256, EDDSA), f"the record: algorithm {header[1]}", "unsupported")
    assert payload is not None
    content = decode_strictly(payload)
    require(isinstance(content, dict) and content.get(1) == 1, "the record's format is unknown", "unsupported")
    is_committed = 16 in content
    wanted = ALWAYS | (COMMITTED if is_committed else IN_THE_CLEAR)
    require(wanted <= set(content) <= wanted | {11, 13, 14, 15} | (set() if is_committed else {12, 17}),
            "the record lacks a key, or has an unknown one", "malformed")
    require(set(unprotected) <= {CHANNEL, PACKED_SERIES} | ({OPENING} if is_committed else set()),
            "the record's unprotected header has other labels", "malformed")
    if is_committed:
        content[8], content[9] = opened(content[16], unprotected.get(OPENING))
    integers = [content[key] for key in (2, 3, 4, 5, 6)] + [content.get(14, 2)]
    hashes = [content[key] for key in (9, 10, 13, 15) if content.get(key) is not None]
    require(all(type(each) is int and 0 <= each < 1 << 53 for each in integers) and content[5] > content[4]
            and all(isinstance(each, bytes) and len(each) == 32 for each in hashes)
            and isinstance(content.get(12, b""), bytes) and isinstance(unprotected.get(PACKED_SERIES, b""), bytes),
            "the record has a value of the wrong kind", "malformed")
    fields, summary = content[7], content[8]
    require(isinstance(fields, list) and isinstance(summary, list)
            and (len(fields) == len(summary) or (is_committed and OPENING not in unprotected)) and all(isinstance(each, list) and [type(part) for part in each] == [str, str, int]
                    and -18 <= each[2] <= 18 for each in fields)
            and all(is_summary(each) for each in summary), "the record's fields and summary do not fit", "malformed")
    try:
        device = header[4].decode()
    except UnicodeDecodeError:
        raise NotProven("the record's device is not UTF-8", "malformed") from None
    return Record(device, content[2], content[3], content[4], content[5], [Field(*each) for each in fields], summary,
                  content[9] or b"", content[10], content.get(13), content.get(15), content.get(14, 1), content.get(12),
                  unprotected.get(PACKED_SERIES), content.get(16), sha256(payload), header[1], signature, protected, payload)


def opened(commitment: Any, opening: Any) -> tuple[Any, Any]:
    """Summary and root that a commitment stands for; none where its opening is not there."""
    if opening is None:
        return [], None
    require(isinstance(opening, bytes) and sha256(opening) == commitment,
            "the opening beside the record is not that of its commitment", "commitment_mismatch")
    figures = decode_strictly(opening[SALT_BYTES:])
    require(isinstance(figures, list) and len(figures) == 2 and isinstance(figures[1], bytes), "the opening is none",
            "malformed")
    return figures[0], figures[1]


def is_summary(figures: Any) -> bool:
    """count, missing, sum, min, max, first, last."""
    if not isinstance(figures, list) or len(figures) != 7 or any(type(each) is not int for each in figures[:3]):
        return False
    return min(figures[:2]) >= 0 and all(each is None if figures[0] == 0 else type(each) is int for each in figures[3:])
