"""What can be proven of one device: its keys and its records, taken out of receipts that verify.

A record counts when the device's signature verifies under the key that was the device's when the record came, by the
receipts of its registration and of its changes of keys.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from .cbor import decode_strictly
from .certificates import UNREADABLE, load_certificates
from .errors import NotProven, require
from .formats import PublicKey, decode_header, decode_sign1, sha256, verify_message
from .meter_keys import meter_key_of
from .receipts import Receipt
from .records import Record, decode_record
from .series import check_series, unpack

ROTATION = "application/tally-key-rotation+cbor"
Json = dict[str, Any]
Verified = Callable[[bytes], Receipt]


@dataclass
class Key:
    key: PublicKey
    from_ms: int
    until_ms: int | None = None
    compromised: bool = False

    def same(self, key: PublicKey) -> bool:
        return spki(self.key) == spki(key)


@dataclass
class ProvenRecord:
    receipt: Receipt
    record: Record
    series: bytes | None  # the rows; None: its holder withholds them
    fault: NotProven | None  # of the rows against root and summary
    is_signed: bool  # by a proven key of the device


def spki(key: PublicKey) -> bytes:
    return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_of(loaded: object) -> PublicKey:
    if isinstance(loaded, ed25519.Ed25519PublicKey):
        return loaded
    if isinstance(loaded, ec.EllipticCurvePublicKey) and isinstance(loaded.curve, ec.SECP256R1):
        return loaded
    raise NotProven("a device's key is Ed25519 or on P-256", "bad_key")


def key_of_bytes(data: bytes) -> PublicKey:
    if len(data) == 32:
        return ed25519.Ed25519PublicKey.from_public_bytes(data)
    if len(data) in (33, 65):
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), data)
    return key_of(serialization.load_der_public_key(data))


def key_of_text(text: str) -> PublicKey:
    """PEM, or hex or base64 of a SubjectPublicKeyInfo or of a raw key."""
    if "-----BEGIN" in text:
        return key_of(serialization.load_pem_public_key(text.encode()))
    try:
        return key_of_bytes(bytes.fromhex(text))
    except ValueError:
        return key_of_bytes(base64.b64decode(text, validate=True))


def registered_key(row: Json, device: str, waits: bool) -> PublicKey | None:
    """`waits`: for another organization's consent. Devices that sign records never wait."""
    profile = row.get("profile", "tally-record")
    if row["id"] != device or (profile != "tally-record" and waits):
        return None
    if row.get("public_key"):
        return meter_key_of(row["public_key"]) if profile == "ocmf-1" else key_of_text(row["public_key"])
    return key_of(load_certificates(*row["certificate_chain"])[0].public_key())


def confirmed_key(arguments: Json, stated: Sequence[bytes]) -> PublicKey:
    """The transaction names the key by its fingerprint alone: it is one of those that are stated."""
    for key in stated:
        if sha256(key).hex() == arguments["fingerprint"]:
            return key_of(serialization.load_der_public_key(key))
    raise NotProven(f'the key of "{arguments["id"]}" with the fingerprint {arguments["fingerprint"]} is not in the file')


def rotated_key(message: bytes, device: str) -> PublicKey | None:
    protected, _, payload, _ = decode_sign1(message)
    require(decode_header(protected).get(3) == ROTATION and payload is not None, "the key rotation is none", "malformed")
    content = decode_strictly(payload or b"")
    require(isinstance(content, list) and len(content) == 4 and isinstance(content[3], bytes), "the key rotation is none",
            "malformed")
    return key_of(serialization.load_der_public_key(content[3])) if content[1] == device else None


def key_given(receipt: Receipt, device: str, stated: Sequence[bytes]) -> PublicKey:
    """The key that this transaction gave the device."""
    call = f"{receipt.contract}.{receipt.function}"
    found = None
    try:
        arguments = json.loads(receipt.arguments)
        if call == "registry.register_device":
            found = registered_key(arguments, device, json.loads(receipt.result).get("pending") is True)
        elif call == "registry.import_devices":
            waits = json.loads(receipt.result).get("pending", 0) > 0
            found = next(filter(None, (registered_key(row, device, waits) for row in arguments["devices"])), None)
        elif call == "registry.confirm_device" and arguments["id"] == device:
            found = confirmed_key(arguments, stated)
        elif call == "registry.rotate_key" and receipt.attachments:
            found = rotated_key(receipt.attachments[0], device)
        elif call == "registry.recertify" and arguments["device"] == device:
            found = key_of(load_certificates(*arguments["certificate_chain"])[0].public_key())
    except (binascii.Error, *UNREADABLE) as error:
        raise NotProven(f"the transaction {receipt.id} has no key that can be read: {error!r}") from error
    if found is None:
        raise NotProven(f'the transaction {receipt.id} gives "{device}" no key')
    return found


def ends_a_compromised_key(receipt: Receipt) -> bool:
    return receipt.function in ("rotate_key", "recertify") and json.loads(receipt.arguments).get("compromised") is True


class DeviceEvidence:
    """`verified`: the receipt of a VALID transaction, or NotProven. `stated`: keys (SubjectPublicKeyInfo) that count where a
    transaction has their fingerprint."""

    def __init__(self, device: str, verified: Verified, stated: Sequence[bytes] = ()):
        self.device, self.verified, self.stated = device, verified, stated
        self.keys: list[Key] = []
        self.records: dict[int, ProvenRecord] = {}  # by sequence

    def add_key(self, file: bytes) -> None:
        receipt = self.verified(file)
        key = key_given(receipt, self.device, self.stated)
        if self.keys:
            before = self.keys[-1]
            if before.same(key):
                return  # with another certificate
            require(receipt.created_ms >= before.from_ms, f'the keys of "{self.device}" are not in the order of time')
            before.until_ms = receipt.created_ms
            before.compromised = ends_a_compromised_key(receipt)
        self.keys.append(Key(key, receipt.created_ms))

    def add_record(self, file: bytes) -> ProvenRecord:
        receipt = self.verified(file)
        require((receipt.contract, receipt.function) == ("data", "publish") and receipt.attachments,
                f"the transaction {receipt.id} carries no record")
        record = decode_record(receipt.attachments[0])
        require(record.device == self.device, f'the record of transaction {receipt.id} is of "{record.device}"')
        series, fault = record.series, None
        if record.packed is not None:
            series = unpack(record, record.packed)
        if series:
            fault = fault_of(record, series)
        epoch = self.epoch_of(receipt.created_ms, record.end_s * 1000, lambda key: verify_message(
            key, record.algorithm, record.signed_bytes(receipt.channel), record.signature))
        proven = ProvenRecord(receipt, record, series, fault, epoch > 0)
        self.records[record.sequence] = proven
        return proven

    def add_series(self, file: bytes, sequence: int) -> None:
        """Rows that were handed in after their record."""
        receipt = self.verified(file)
        require((receipt.contract, receipt.function) == ("data", "attach_series") and len(receipt.attachments) == 1,
                f"the transaction {receipt.id} carries no series")
        require(sequence in self.records, f"record {sequence} is not proven", "not_found")
        proven = self.records[sequence]
        rows = unpack(proven.record, receipt.attachments[0])
        check_series(proven.record, rows)
        proven.series, proven.fault = rows, None

    def epoch_of(self, created_ms: int, period_end_ms: int, verify: Callable[[PublicKey], None]) -> int:
        """The number (from 1 on) of the key under which a message verifies that came at this time, as the contract judged it
        then: the current key, or for a period that had ended before the key of then. 0: no proven key does."""
        for epoch, key in reversed(list(enumerate(self.keys, 1))):
            if key.from_ms > created_ms:
                continue
            is_current = key.until_ms is None or key.until_ms > created_ms
            if not is_current and (key.compromised or (key.until_ms or 0) < period_end_ms):
                continue
            try:
                verify(key.key)
                return epoch
            except NotProven:
                continue
        return 0


def fault_of(record: Record, series: bytes) -> NotProven | None:
    try:
        check_series(record, series)
        return None
    except NotProven as error:
        return error
