"""Sealed invoices: figures that the parties have, and a commitment on the ledger (docs/formats.md, Invoices)."""

from __future__ import annotations

import base64
import binascii
import datetime
import json
from dataclasses import dataclass
from typing import Any

from .channel import Channel
from .errors import Checks, require
from .formats import sha256
from .receipts import Receipt, prove

HEAD = b'{"format":"tally-sealed-invoice/'
MEMBERS = {"format", "salt", "invoice", "receipt"}


@dataclass
class SealedInvoice:
    """What the file of a sealed invoice proves."""

    text: str  # the invoice, JSON: what the ledger has the commitment of
    commitment: str  # hexadecimal
    receipt: Receipt  # of the transaction that sealed it
    checks: Checks
    file: bytes  # that proves it, to keep

    @property
    def invoice(self) -> dict[str, Any]:
        return dict(json.loads(self.text))

    @property
    def sentence(self) -> str:
        of = self.invoice
        return (f"invoice {of['number']} of {of['agreement']} from {of['from']} until before {of['until']}: "
                f"{of['totals']['payable']} {of['currency']}")


def is_sealed_invoice(file: bytes) -> bool:
    return file.startswith(HEAD)


def verify_sealed_invoice(file: bytes, channel: Channel) -> SealedInvoice:
    """That the ledger has the commitment to this very invoice, or raises NotProven."""
    with Checks() as checks:
        salt, text, content = read(file)
        receipt = prove(content, channel, checks)
        checks.same("the transaction's code", "VALID", receipt.code)
        checks.same("the transaction's function", "billing.seal", f"{receipt.contract}.{receipt.function}")
        arguments, invoice = json.loads(receipt.arguments), json.loads(text)
        checks.same("the agreement", arguments["agreement"], invoice["agreement"])
        day = datetime.date.fromisoformat(arguments["day"])
        holds = datetime.date.fromisoformat(invoice["from"]) <= day < datetime.date.fromisoformat(invoice["until"])
        checks.same("the period", f"with {day}",
                    f"with {day}" if holds else f"from {invoice['from']} until before {invoice['until']}")
        commitment = sha256(salt + text.encode()).hex()
        checks.same("the commitment", arguments["commitment"], commitment)
        return SealedInvoice(text, commitment, receipt, checks, file)


def read(file: bytes) -> tuple[bytes, str, bytes]:
    """Salt, text and receipt."""
    try:
        parts = json.loads(file)
        require(isinstance(parts, dict) and set(parts) == MEMBERS
                and all(isinstance(each, str) for each in parts.values()), "the file is no sealed invoice", "malformed")
        require(parts["format"] == "tally-sealed-invoice/1", f"the format {parts['format'][:64]} is unknown", "unsupported")
        salt, receipt = bytes.fromhex(parts["salt"]), base64.b64decode(parts["receipt"], validate=True)
        invoice = json.loads(parts["invoice"])
        dates = [datetime.date.fromisoformat(invoice[name]) for name in ("from", "until")]
        require(len(salt) == 32 and dates[0] < dates[1] and isinstance(invoice["agreement"], str)
                and isinstance(invoice["totals"]["payable"], str), "the file is no sealed invoice", "malformed")
    except (ValueError, KeyError, TypeError, binascii.Error, RecursionError) as error:
        require(False, f"the file is no sealed invoice: {error}", "malformed")
        raise  # never: `require` has
    require(receipt, "the file has no receipt of the transaction that sealed the invoice")
    return salt, parts["invoice"], receipt
