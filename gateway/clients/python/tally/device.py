"""A device: its key, the days that it has signed, and an outbox of what is not on the ledger yet.

The folder is that of `tally device new` (gateway/device_sdk/device_key.h); both may use it, one process at a time. A
sequence is never used twice: the signed record is in the outbox, synced, before device.json names it and before it is
given out.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import pathlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization

from .errors import TallyError
from .formats import DAILY, DAY, ES256, PrivateKey, new_key, public_pem
from .records import (MAX_BYTES, Field, Record, conceal, decode_record, record_payload, sign_possession,
                      sign_record)
from .series import Row, pack

ROWS_PER_LEAF = 64
ENVELOPE = 512  # bytes that COSE adds at most


@dataclass
class Pending:
    sequence: int
    message: bytes  # as POST /v1/records takes it


class Device:
    """Use it as a context manager, or `close` it: the folder is locked meanwhile."""

    def __init__(self, folder: pathlib.Path, lock: int, facts: dict[str, Any], key: PrivateKey):
        self.folder, self.lock, self.facts, self.key = folder, lock, facts, key

    @staticmethod
    def create(folder: str | pathlib.Path, *, channel: str = "main", shard: str = "default", algorithm: int = ES256
               ) -> "Device":
        """A new key in a new folder, whose name is the device's id."""
        folder = pathlib.Path(folder)
        (folder / "outbox").mkdir(parents=True, exist_ok=True)
        lock = locked(folder)
        if (folder / "device.json").exists():
            os.close(lock)
            raise TallyError("already_exists", f"{folder} holds a device already")
        key = new_key(algorithm)
        pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                serialization.NoEncryption())
        write(folder / "key.pem", pem, 0o600)
        device = Device(folder, lock, {"id": folder.name, "channel": channel, "shard": shard,
                                       "algorithm": "p256" if algorithm == ES256 else "ed25519", "sequence": 0}, key)
        device.save()
        return device

    @staticmethod
    def open(folder: str | pathlib.Path) -> "Device":
        folder = pathlib.Path(folder)
        if not (folder / "device.json").exists():
            raise TallyError("not_found", f"{folder} holds no device")
        lock = locked(folder)
        try:
            facts = json.loads((folder / "device.json").read_text())
            if not isinstance(facts.get("id"), str) or type(facts.get("sequence")) is not int:
                raise ValueError("it has no id or no sequence")
            key: Any = serialization.load_pem_private_key((folder / "key.pem").read_bytes(), None)
        except (ValueError, TypeError, AttributeError) as error:
            os.close(lock)
            raise TallyError("corrupt", f"{folder}: {error}") from error
        device = Device(folder, lock, facts, key)
        (folder / "outbox").mkdir(exist_ok=True)
        device.recover()
        return device

    def close(self) -> None:
        if self.lock >= 0:
            os.close(self.lock)
        self.lock = -1

    def __enter__(self) -> "Device":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def id(self) -> str:
        return str(self.facts["id"])

    @property
    def public_key(self) -> str:
        """PEM, for registry.register_device."""
        return public_pem(self.key)

    def proof(self, organization: str) -> str:
        """That it has its key, for the organization that registers it: `proof` of registry.register_device."""
        return base64.b64encode(sign_possession(self.key, self.id, self.facts["channel"], organization)).decode()

    def commit_figures(self, commits: bool = True) -> None:
        """From the next record on, signs commitments in the place of its figures, for a collection that keeps them; or
        figures again."""
        self.facts["commits"] = True
        if not commits:
            del self.facts["commits"]
        self.save()

    def sign_day(self, start: int, rows: Sequence[Row], fields: Sequence[Field], *, interval: int, end: int | None = None,
                 counters: Sequence[int] | None = None) -> Pending:
        """Signs a day [start, end) once; `start` in seconds since 1970, rows are [offset, value, ...] with None for a
        missing value. The record stays in the outbox until `Client.publish_pending` has it on the ledger."""
        end = start + DAY if end is None else end
        if any(name.stem.split("-")[0] == str(start) for name in (self.folder / "signed").glob("*-*.json")) or any(
                record.start_s < end and start < record.end_s for record in self.unpublished()):
            raise TallyError("period_overlap", f"the day from {start} on is signed already")
        payload = record_payload(sequence=self.facts["sequence"] + 1, start=start, end=end, interval=interval,
                                 fields=fields, rows=rows, previous=digest_of(self.facts.get("previous")),
                                 counters=counters, rows_per_leaf=ROWS_PER_LEAF)
        del payload[12]
        if self.facts.get("previous_daily"):
            payload[13] = digest_of(self.facts["previous_daily"])
        packed = pack(rows, len(fields))
        opening = conceal(payload) if self.facts.get("commits") else None
        message = sign_record(self.key, self.id, self.facts["channel"], payload, packed, opening)
        if len(message) > MAX_BYTES:
            raise TallyError("too_large", f"a record of {len(rows)} rows has {len(message)} bytes; nodes take {MAX_BYTES}")
        record = decode_record(message)
        write(self.outbox(record.sequence), message)
        self.advance(record)
        return Pending(record.sequence, message)

    def pending(self) -> list[Pending]:
        """The outbox, in order."""
        return [Pending(int(file.stem), file.read_bytes()) for file in sorted((self.folder / "outbox").glob("*.cose"))
                if file.stem.isdecimal()]

    def confirm(self, pending: Pending) -> None:
        """It is on the ledger."""
        record = decode_record(pending.message)
        if record.kind == DAILY:
            (self.folder / "signed").mkdir(exist_ok=True)
            facts = {"sequence": record.sequence, "root": record.root.hex(), "content_id": record.content_id.hex(),
                     "fields": [{"name": each.name, "unit": each.unit, "scale": each.scale} for each in record.fields]}
            write(self.folder / "signed" / f"{record.start_s}-{record.end_s}.json", text_of(facts))
        self.outbox(record.sequence).unlink(missing_ok=True)

    def set_aside(self, pending: Pending, why: str) -> None:
        """The ledger has refused it for good."""
        (self.folder / "refused").mkdir(exist_ok=True)
        aside = self.folder / "refused" / self.outbox(pending.sequence).name
        write(aside.with_suffix(".txt"), (why + "\n").encode())
        os.replace(self.outbox(pending.sequence), aside)

    # Inside ---------------------------------------------------------------------------------------------------

    def outbox(self, sequence: int) -> pathlib.Path:
        return self.folder / "outbox" / f"{sequence:012}.cose"

    def unpublished(self) -> list[Record]:
        return [decode_record(file.read_bytes()) for name in ("outbox", "refused")
                for file in sorted((self.folder / name).glob("*.cose"))]

    def recover(self) -> None:
        """What was signed before a crash counts as signed: it may have been given out."""
        while (file := self.outbox(self.facts["sequence"] + 1)).exists():
            self.advance(decode_record(file.read_bytes()))

    def advance(self, record: Record) -> None:
        self.facts |= {"sequence": record.sequence, "previous": record.content_id.hex()}
        if record.kind == DAILY and record.corrects is None:
            self.facts["previous_daily"] = record.content_id.hex()
        self.save()

    def save(self) -> None:
        write(self.folder / "device.json", text_of(self.facts))


def digest_of(text: str | None) -> bytes | None:
    return bytes.fromhex(text) if text else None


def text_of(facts: dict[str, Any]) -> bytes:
    return (json.dumps(facts, separators=(",", ":")) + "\n").encode()


def locked(folder: pathlib.Path) -> int:
    lock = os.open(folder / "LOCK", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(lock)
        raise TallyError("locked", f"{folder} is in use by another process") from error
    return lock


def write(file: pathlib.Path, content: bytes, mode: int = 0o644) -> None:
    """The whole file or none of it, synced."""
    written = file.with_name(file.name + ".new")
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    os.replace(written, file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
