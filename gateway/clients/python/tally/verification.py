"""Verifies any file: a receipt, an attested answer, evidence or a sealed invoice."""

from __future__ import annotations

from collections.abc import Callable
from typing import Union

from .answers import Answer, verify_answer
from .cbor import decode_strictly
from .channel import Channel, under_one_of
from .errors import Checks
from .evidence import Evidence, is_evidence, verify_evidence
from .receipts import Receipt, verify_receipt
from .sealed_invoices import SealedInvoice, is_sealed_invoice, verify_sealed_invoice


def verify(file: bytes, *trust: Channel) -> Union[Receipt, Answer, Evidence, SealedInvoice]:
    """What the file proves under one of the configurations; NotProven names the first thing that does not hold."""
    if is_evidence(file):
        return verify_evidence(file, trust)
    if is_sealed_invoice(file):
        return under_one_of(trust, lambda channel: verify_sealed_invoice(file, channel))
    with Checks():
        parts = decode_strictly(file)
    kind = parts.get(1) if isinstance(parts, dict) else None
    check: Callable[[bytes, Channel], Union[Receipt, Answer]] = verify_receipt
    if str(kind).startswith("tally-answer/"):
        check = verify_answer
    return under_one_of(trust, lambda channel: check(file, channel))
