"""A member's client of a gateway: calls, queries, records, receipts, events.

The gateway is not trusted: it endorses, orders and waits on the client's behalf (`POST /v1/transactions`), while the
client signs what it wants itself, and takes the outcome from a receipt that it verifies against the channel's
configuration (`trust`), not from the gateway's answer.
"""

from __future__ import annotations

import json
import pathlib
import random
import time
import tomllib
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from .answers import Answer as ProvenAnswer
from .answers import verify_answer
from .channel import Channel, under_one_of
from .connection import MAX_ANSWER, Answer, Connection
from .device import Device
from .errors import BadAnswer, NotProven, Refused, TallyError, Unavailable
from .events import Cursor, Event, follow
from .identity import Identity
from .receipts import Receipt, verify_receipt
from .records import decode_record

RECORD, VITRO_BLOCK, OCMF = "application/cose", "application/vnd.vitro.iot-block", "application/vnd.tally.ocmf"
COSE = "application/cose"
CONFLICTS = ("MVCC_READ_CONFLICT", "PHANTOM_READ_CONFLICT")
WORTH_ANOTHER_TRY = (429, 502, 503, 504)
FINAL = {"stale_sequence", "chain_broken", "period_overlap", "summary_mismatch", "root_mismatch", "commitment_mismatch",
         "device_retired"}


@dataclass
class Done:
    """A transaction that is on the ledger and VALID."""

    transaction: str  # its id
    block: int
    result: Any
    receipt: Receipt | None  # verified; None where it was not asked for


@dataclass
class Published:
    """A record that is on the ledger."""

    content_id: str
    duplicate: bool  # it was there before
    transaction: str
    block: int


class Client:
    """`trust`: the channel's configuration, or several where organizations have changed. One thread."""

    def __init__(self, url: str, authorities: str | pathlib.Path, identity: Identity | None = None, *,
                 channel: str = "main", trust: Channel | Sequence[Channel] = (), token: bool = False,
                 timeout_s: float = 75, max_bytes: int = MAX_ANSWER):
        self.identity, self.channel, self.timeout_s = identity, channel, timeout_s
        self.trust = [trust] if isinstance(trust, Channel) else list(trust)
        self.connect: Callable[[], Connection] = partial(Connection, url, authorities, identity, token=token,
                                                         channel=channel, timeout_s=timeout_s, max_bytes=max_bytes)
        self.connection = self.connect()

    @staticmethod
    def of_profile(profile: str | pathlib.Path, **more: Any) -> "Client":
        """Of a member's profile.toml, or the folder with it, as `tally network create` and `tally identity` make them.
        What it names as `genesis` is trusted unless `trust` is given."""
        file = pathlib.Path(profile)
        file = file / "profile.toml" if file.is_dir() else file
        try:
            found = tomllib.loads(file.read_text())
            url, channel = found["url"], found["channel"]
            authorities, certificate, key = (file.parent / found[name] for name in ("authorities", "certificate", "key"))
        except (OSError, KeyError, TypeError, ValueError) as error:
            raise TallyError("bad_configuration", f"{file}: {error!r}") from error
        identity = Identity.of_files(certificate, key, more.pop("passphrase", None))
        if "trust" not in more and "genesis" in found:
            more["trust"] = Channel.load(file.parent / found["genesis"])
        return Client(url, authorities, identity, channel=channel, **more)

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # Transactions ---------------------------------------------------------------------------------------------

    def call(self, contract: str, function: str, arguments: object, *, attachments: Sequence[bytes] = (),
             prove: bool = True, attempts: int = 1) -> Done:
        """Signs a call, has it endorsed and ordered, waits until it is committed, and verifies its receipt.

        `attempts`: with a new signature each, when another transaction came between. Refused says why it was not done;
        Unavailable that this is not known: `status` of the id tells later. Without `prove` the gateway is believed."""
        if prove and not self.trust:
            raise TallyError("invalid_argument", "a receipt is verified against the channel's configuration: give `trust`")
        while True:
            attempts -= 1
            proposal, identifier = self.me().proposal(contract, function, arguments, channel=self.channel,
                                                      attachments=attachments)
            try:
                return self.send(proposal, identifier, prove)
            except Refused as refusal:
                if attempts <= 0 or refusal.validation_code not in CONFLICTS:
                    raise

    def send(self, proposal: bytes, identifier: str, prove: bool = True) -> Done:
        """Sends a signed proposal, again and again until an answer decides: the same bytes are one transaction."""
        outcome = self.until_decided("/v1/transactions", proposal, COSE)
        facts = outcome if isinstance(outcome, dict) else {}
        if facts.get("id") != identifier or facts.get("validation_code") != "VALID" or type(facts.get("block")) is not int:
            raise BadAnswer("unavailable", "the answer speaks of another transaction, or of none that is VALID")
        if not prove:
            return Done(identifier, facts["block"], facts.get("result"), None)
        receipt = self.receipt(identifier)
        if receipt.code != "VALID":
            raise Refused(409, "transaction_invalid", f"the transaction {identifier} is {receipt.code}", receipt.code)
        return Done(identifier, receipt.block, json.loads(receipt.result), receipt)

    def status(self, transaction: str) -> dict[str, Any]:
        """id and state (unknown, pending, committed); once committed validation_code, block, index and result."""
        found: dict[str, Any] = self.get(f"/v1/transactions/{segment(transaction)}")
        return found

    def receipt_file(self, transaction: str, wait_s: float = 30) -> bytes:
        """As the gateway gives it, once enough committers have signed; `verify_receipt` checks it."""
        path = f"/v1/transactions/{segment(transaction)}/receipt"
        return self.again(lambda left: self.connection.ask("GET", path, timeout_s=left), wait_s).body

    def receipt(self, transaction: str, wait_s: float = 30) -> Receipt:
        """The verified receipt of a transaction."""
        file = self.receipt_file(transaction, wait_s)
        found = under_one_of(self.trust, lambda channel: verify_receipt(file, channel))
        if found.id != transaction:
            raise NotProven(f"the gateway gave the receipt of another transaction, {found.id}")
        return found

    # Queries --------------------------------------------------------------------------------------------------

    def query(self, contract: str, function: str, arguments: object) -> Any:
        """What this gateway answers. It is believed; `attested` is proven."""
        body = (arguments if isinstance(arguments, str) else json.dumps(arguments)).encode()
        path = f"/v1/contracts/{segment(contract)}/{segment(function)}"
        return self.again(lambda left: self.connection.ask("POST", path, body, "application/json", left)).json

    def attested(self, contract: str, function: str, arguments: object) -> ProvenAnswer:
        """An answer that enough organizations have signed, verified. Its `file` can be kept and verified by others."""
        question, identifier = self.me().proposal(contract, function, arguments, channel=self.channel)
        answer = self.again(lambda left: self.connection.ask("POST", "/v1/queries?attest=true", question, COSE, left))
        found = under_one_of(self.trust, lambda channel: verify_answer(answer.body, channel))
        if found.statement["question"].hex() != identifier:
            raise NotProven("the gateway gave the answer to another question")
        return found

    def get(self, path: str) -> Any:
        """Any call of the REST interface, for example /v1/devices/meter-1/days."""
        return self.again(lambda left: self.connection.ask("GET", path, timeout_s=left)).json

    # Records --------------------------------------------------------------------------------------------------

    def publish(self, record: bytes, content_type: str = RECORD) -> Published:
        """A signed record, sent again until an answer decides; the same record is on the ledger once."""
        outcome = self.until_decided("/v1/records", record, content_type)
        transaction = outcome.get("transaction") if isinstance(outcome, dict) else None
        if (not isinstance(transaction, dict) or transaction.get("validation_code") != "VALID"
                or not isinstance(transaction.get("id"), str) or type(transaction.get("block")) is not int):
            raise BadAnswer("unavailable", "the answer is not a node's; something else answers at this address")
        if content_type == RECORD and outcome.get("content_id") != decode_record(record).content_id.hex():
            raise BadAnswer("unavailable", "the answer speaks of another record")
        return Published(outcome["content_id"], outcome.get("duplicate") is True, transaction["id"], transaction["block"])

    def publish_pending(self, device: Device) -> list[Published]:
        """Sends a device's outbox in order. What the ledger can never take moves to `refused`, and does not delay the
        others; what it does not take now stays. The first refusal is raised at the end."""
        published: list[Published] = []
        first: Refused | None = None
        for pending in device.pending():
            try:
                published.append(self.publish(pending.message))
            except Refused as refusal:
                first = first or refusal
                if refusal.code in FINAL:
                    device.set_aside(pending, f"{refusal.detail} [{refusal.code}]")
                continue
            device.confirm(pending)
        if first:
            raise first
        return published

    # Events ---------------------------------------------------------------------------------------------------

    def events(self, *, contract: str | None = None, event: str | None = None, from_block: int | None = None,
               cursor: Cursor | str | pathlib.Path | None = None) -> Iterator[Event]:
        """Events of contracts as they are committed, for ever, over a connection of its own. `cursor`: a file that
        keeps the place, so that nothing is missed between two runs."""
        return follow(self.connect(), "/v1/events", {"contract": contract, "event": event, "from_block": from_block},
                      cursor if isinstance(cursor, Cursor) else Cursor(cursor))

    def blocks(self, *, after: int | None = None, cursor: Cursor | str | pathlib.Path | None = None) -> Iterator[Event]:
        """Headers of blocks, in the same way."""
        return follow(self.connect(), "/v1/blocks", {"after": after},
                      cursor if isinstance(cursor, Cursor) else Cursor(cursor))

    # Inside ---------------------------------------------------------------------------------------------------

    def me(self) -> Identity:
        if self.identity is None:
            raise TallyError("unauthenticated", "this needs a member's identity")
        return self.identity

    def until_decided(self, path: str, body: bytes, content_type: str) -> Any:
        answer = self.again(lambda left: self.connection.ask("POST", path, body, content_type, left))
        if answer.status == 202:
            raise Unavailable("unavailable", "it was accepted and is in no block yet")
        return answer.json

    def again(self, attempt: Callable[[float], Answer], patience_s: float | None = None) -> Answer:
        """Until an answer decides, or the deadline: the last failure is raised then."""
        ends = time.monotonic() + (self.timeout_s if patience_s is None else patience_s)
        pause = 0.1
        while True:
            try:
                return attempt(max(ends - time.monotonic(), 0.001)).checked()
            except Unavailable as error:
                failure: TallyError = error
                wait = pause * random.uniform(0.5, 1)
            except Refused as error:
                if error.status not in WORTH_ANOTHER_TRY:
                    raise
                failure, wait = error, max(pause * random.uniform(0.5, 1), error.retry_after_s or 0)
            if time.monotonic() + wait >= ends:
                if isinstance(failure, Refused) and failure.status == 504:
                    raise Unavailable("timeout", failure.detail) from failure
                raise failure
            time.sleep(wait)
            pause = min(2 * pause, 5.0)


def segment(text: str) -> str:
    """Of a path."""
    return urllib.parse.quote(text, safe="")
