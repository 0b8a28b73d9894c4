"""Signed readings of meters in the field: the Open Charge Metering Format (OCMF, docs/formats.md).

`OCMF|payload|signature`: the signed bytes are the payload's, as they stand between the bars. Numbers are exact decimals,
written as JSON numbers or as strings. What a record is worth is in ocmf_sessions.py.
"""

from __future__ import annotations

import datetime
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

from cryptography.exceptions import InvalidSignature

from .amounts import Decimal
from .errors import NotProven, require
from .formats import PublicKey, sha256, verify
from .meter_keys import bytes_of_base64, bytes_of_hex, meter_signature_of, without_space

MAX_BYTES = 256 << 10
MAX_READINGS = 1000
MAX_TEXT, MAX_LONG_TEXT = 256, 4096  # bytes of a text
MAX_NAME = 1024
MAX_FLAGS = 16
MAX_DEPTH = 16  # of the JSON
HEAD = "OCMF|"
WHITE = " \t\r\n"
PAGE = re.compile(r"([TF])([0-9]{1,15})")
TIME = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:[,.]([0-9]{3}))?"
                  r"(?:Z|([+-])([0-9]{2}):?([0-9]{2}))")
TEXTS = ("FV", "GI", "GS", "GV", "MV", "MM", "MS", "MF", "IL", "IT", "ID", "CF", "CT", "CI")
READING_TEXTS = {"TM": "time", "TX": "transaction", "RI": "register_id", "RU": "unit", "RT": "current", "EF": "errors",
                 "ST": "status"}
CURVES = ("secp256r1", "prime256v1", "p-256")
Json = dict[str, Any]


@dataclass(frozen=True)
class Page:
    """PG: "T32" is the 32nd record of transactions, "F32" the 32nd fiscal reading; each has its own counter."""

    context: str
    number: int

    def __str__(self) -> str:
        return f"{self.context}{self.number}"


@dataclass
class Reading:
    """A field that is left out has the value of the reading before."""

    time_ms: int | None = None
    time: str = ""
    time_status: str = "U"
    transaction: str = ""
    value: Decimal | None = None
    register_id: str = ""
    unit: str = ""
    current: str = ""
    losses: Decimal | None = None
    errors: str = ""
    status: str = ""


@dataclass
class OcmfRecord:
    payload: bytes  # that is signed
    meter: str = ""  # its serial, or that of the gateway
    page: Page | None = None
    user_known: bool | None = None
    user_level: str = ""
    user_type: str = ""
    user_id: str = ""
    point_id: str = ""
    readings: list[Reading] = field(default_factory=list)  # one at least
    algorithm: str = "ECDSA-secp256r1-SHA256"
    encoding: str = "hex"
    signature: str = ""

    @property
    def content_id(self) -> str:
        return sha256(self.payload).hex()


def read_ocmf(content: bytes) -> OcmfRecord:
    """The one record that the bytes are; NotProven where they are none."""
    require(len(content) <= MAX_BYTES, f"an OCMF record of {len(content)} bytes; {MAX_BYTES} are allowed", "too_large")
    try:
        text = content.decode().removeprefix("\ufeff").strip(WHITE)
    except UnicodeDecodeError as error:
        raise NotProven(f"an OCMF record is no UTF-8: {error}", "malformed") from error
    payload, section = parts_of(text)
    out = OcmfRecord(payload.encode())
    read_payload(object_in(payload, "the OCMF payload"), out)
    read_signature(object_in(section, "the OCMF signature section"), out)
    return out


def parts_of(text: str) -> tuple[str, str]:
    """The payload and the signature section. The payload ends with its JSON object, so that a bar in a string does no harm."""
    require(text.startswith(HEAD), f'this is no OCMF record: it begins with "{text[:16]}", not with "OCMF|"', "malformed")
    rest = text[len(HEAD):]
    end = object_end(rest)
    require(end, "the OCMF payload is no JSON object, or the text ends inside it", "malformed")
    bar = end + len(rest[end:]) - len(rest[end:].lstrip(WHITE))
    require(rest[bar:bar + 1] == "|", 'the signature is missing: no "|" follows the OCMF payload', "malformed")
    section = rest[bar + 1:]
    end = object_end(section)
    require(end, "the OCMF signature section is no JSON object, or the text ends inside it", "malformed")
    require(end == len(section), f'text follows the OCMF record: "{section[end:end + 16]}"', "malformed")
    return rest[:bar], section


def object_end(text: str) -> int:
    """Where the JSON object ends that the text begins with; 0: it does not end."""
    depth, at, in_string = 0, len(text) - len(text.lstrip(WHITE)), False
    while at < len(text):
        character = text[at]
        at += 1
        if in_string:
            at += character == "\\"
            in_string = character != '"'
            continue
        in_string = character == '"'
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return at if character == "}" else 0
    return 0


# JSON ---------------------------------------------------------------------------------------------------------


def object_in(text: str, what: str) -> Json:
    """Every number becomes a string: its characters, exactly as they were written."""
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=refuse_constant,
                           object_pairs_hook=object_of)
        require(isinstance(value, dict), f"{what} is no JSON object", "malformed")
        require(has_depth(value, MAX_DEPTH), f"{what}: too deep", "malformed")
    except (ValueError, RecursionError) as error:
        raise NotProven(f"{what}: {error}", "malformed") from error
    return value


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def object_of(members: list[tuple[str, Any]]) -> Json:
    out: Json = {}
    for name, value in members:
        if name in out:
            raise ValueError(f'the name "{name}" occurs twice')
        if len(name.encode()) > MAX_NAME:
            raise ValueError("a name is too long")
        out[name] = value
    return out


def has_depth(value: Any, most: int) -> bool:
    """Whether it has at most so many levels. A text with half of a surrogate pair raises: it is no UTF-8."""
    if isinstance(value, str):
        value.encode()
    if not isinstance(value, (dict, list)):
        return True
    return most > 0 and all(has_depth(each, most - 1) for each in (value.values() if isinstance(value, dict) else value))


# The record's members. One that is null is not there ---------------------------------------------------------


def text_in(members: Json, name: str, default: str = "", most: int = MAX_TEXT) -> str:
    value = members.get(name)
    if value is None:
        return default
    require(isinstance(value, str), f"{name}: it must be a text", "malformed")
    size = len(value.encode())
    require(size <= most, f"{name}: {size} bytes where {most} are allowed", "too_large")
    return str(value)


def decimal_in(members: Json, name: str, default: Decimal | None = None) -> Decimal | None:
    text = text_in(members, name)
    if not text:
        return default
    try:
        return Decimal.of(text)
    except NotProven as error:
        raise NotProven(f"{name}: {error.detail}", "malformed") from error


def page_of(text: str) -> Page | None:
    if not text:
        return None
    found = PAGE.fullmatch(text)
    if found is None:
        raise NotProven(f'PG: "{text[:32]}" is not T or F and a number of at most 15 digits', "malformed")
    return Page(found[1], int(found[2]))


def read_payload(members: Json, out: OcmfRecord) -> None:
    texts = {name: text_in(members, name) for name in TEXTS}
    text_in(members, "TT", most=MAX_LONG_TEXT)
    out.meter = texts["MS"] or texts["GS"]
    out.user_level, out.user_type, out.user_id, out.point_id = (texts[name] for name in ("IL", "IT", "ID", "CI"))
    out.page = page_of(text_in(members, "PG"))
    out.user_known = members.get("IS")
    require(out.user_known is None or isinstance(out.user_known, bool), "IS: it must be true or false", "malformed")
    flags = members.get("IF")
    require(flags is None or (isinstance(flags, list) and len(flags) <= MAX_FLAGS and all(
        isinstance(flag, str) and len(flag.encode()) <= MAX_TEXT for flag in flags)),
            f"IF: it must be a list of at most {MAX_FLAGS} short texts", "malformed")
    losses = members.get("LC")
    require(losses is None or isinstance(losses, dict), "LC: it must be an object", "malformed")
    for name in ("LN", "LI", "LU") if losses else ():
        text_in(losses or {}, name)
    decimal_in(losses or {}, "LR")
    out.readings = readings_of(members.get("RD"))


def readings_of(listed: Any) -> list[Reading]:
    require(isinstance(listed, list) and listed, "RD: the record must have a list of readings, with one at least",
            "malformed")
    require(len(listed) <= MAX_READINGS, f"RD: {len(listed)} readings where {MAX_READINGS} are allowed", "too_large")
    out: list[Reading] = []
    for each in listed:
        try:
            out.append(reading_of(each, out[-1] if out else Reading()))
        except NotProven as error:
            raise NotProven(f"RD[{len(out)}]: {error.detail}", error.code) from error
    return out


def reading_of(members: Any, before: Reading) -> Reading:
    require(isinstance(members, dict), "it must be an object", "malformed")
    out = replace(before)
    for name, attribute in READING_TEXTS.items():
        setattr(out, attribute, text_in(members, name, getattr(out, attribute)))
    out.value = decimal_in(members, "RV", out.value)
    out.losses = decimal_in(members, "CL", out.losses)
    if out.time:
        time, space, status = out.time.partition(" ")
        out.time_status = status if space else "U"
        require(len(out.time_status) == 1 and out.time_status in "UISR",
                f'TM: "{out.time}": a time\'s status is U, I, S or R', "malformed")
        out.time_ms = ocmf_time(time)
    return out


def ocmf_time(text: str) -> int:
    """ "2021-10-06T13:13:56,000+0200" in milliseconds since 1970; a point for the comma, no fraction, +02:00 and Z are
    accepted."""
    found = TIME.fullmatch(text)
    refusal = NotProven(f'TM: "{text[:64]}" is no time like 2021-10-06T13:13:56,000+0200', "malformed")
    if found is None:
        raise refusal
    year, month, day, hour, minute, second, fraction, zone_hours, zone_minutes = (
        int(part or 0) for part in found.group(1, 2, 3, 4, 5, 6, 7, 9, 10))
    if year < 1970 or hour > 23 or minute > 59 or second > 60 or zone_hours > 23 or zone_minutes > 59:
        raise refusal
    try:
        days = (datetime.date(year, month, day) - datetime.date(1970, 1, 1)).days
    except ValueError as error:
        raise refusal from error
    offset = (zone_hours * 60 + zone_minutes) * (-1 if found[8] == "-" else 1)
    return (((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1000 + fraction


# The signature ------------------------------------------------------------------------------------------------


def read_signature(members: Json, out: OcmfRecord) -> None:
    out.algorithm = text_in(members, "SA", out.algorithm)
    out.encoding = text_in(members, "SE", out.encoding)
    text_in(members, "SM")
    out.signature = text_in(members, "SD", most=MAX_LONG_TEXT)
    require(out.signature, "SD: the signature is missing", "malformed")


def verify_ocmf(record: OcmfRecord, key: PublicKey) -> None:
    """Raises NotProven. SA is "ECDSA-<curve>-<hash>"; a curve's name may hold a hyphen, and so may SHA-256."""
    named = re.fullmatch("ecdsa-(.*)-sha-?256", record.algorithm.lower(), re.DOTALL)
    require(named is not None and named[1] in CURVES,
            f'SA is "{record.algorithm[:64]}"; only ECDSA-secp256r1-SHA256 is verified', "unsupported")
    encoding = record.encoding.lower()
    require(encoding in ("hex", "base64"), f'SE is "{record.encoding}"; it must be hex or base64', "unsupported")
    text = without_space(record.signature)
    signature = bytes_of_hex(text) if encoding == "hex" else bytes_of_base64(text)
    if signature is None:
        raise NotProven(f"SD is not {encoding}, which SE says or leaves as the default", "bad_signature")
    try:
        verify(key, record.payload, meter_signature_of(signature))
    except InvalidSignature as error:
        raise NotProven("the signature is false", "bad_signature") from error
