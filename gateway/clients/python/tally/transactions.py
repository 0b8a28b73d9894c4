"""Transactions as nodes order them (docs/formats.md, Receipts): a proposal, a simulation, endorsements."""

from __future__ import annotations

from dataclasses import dataclass

from .cbor import decode_strictly
from .errors import NotProven, require
from .formats import decode_header, decode_sign1, sha256, to_be_signed

CONTRACT, CONFIGURATION = 1, 2
LATEST_MS = 253402300800000  # the year 10000
CODES = {0: "VALID", 2: "BAD_PAYLOAD", 4: "BAD_CREATOR_SIGNATURE", 5: "INVALID_ENDORSER_TRANSACTION",
         8: "BAD_PROPOSAL_TXID", 9: "DUPLICATE_TXID", 10: "ENDORSEMENT_POLICY_FAILURE", 11: "MVCC_READ_CONFLICT",
         12: "PHANTOM_READ_CONFLICT", 13: "UNKNOWN_TX_TYPE", 14: "TARGET_CHAIN_NOT_FOUND",
         16: "INVALID_CONFIG_TRANSACTION", 20: "ILLEGAL_WRITESET", 22: "INVALID_CHAINCODE", 23: "EXPIRED_CHAINCODE",
         100: "SIMULATION_MISMATCH", 101: "INCREMENT_OUT_OF_BOUNDS", 102: "PROPOSAL_EXPIRED"}


class Cut:
    """Reads the ledger's little-endian binary."""

    def __init__(self, data: bytes, what: str = "the transaction"):
        self.data, self.position, self.what = data, 0, what

    def take(self, count: int) -> bytes:
        require(self.position + count <= len(self.data), f"{self.what} is cut off", "malformed")
        self.position += count
        return self.data[self.position - count:self.position]

    def byte(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        return int.from_bytes(self.take(4), "little")

    def count(self) -> int:
        """Of elements, each of which has at least one byte."""
        found = self.number()
        require(found <= len(self.data) - self.position, f"{self.what} is cut off", "malformed")
        return found

    def wide(self) -> int:
        return int.from_bytes(self.take(8), "little")

    def string(self) -> bytes:
        return self.take(self.number())

    def text(self) -> str:
        try:
            return self.string().decode()
        except UnicodeDecodeError:
            raise NotProven(f"a text in {self.what} is not UTF-8", "malformed") from None

    def present(self) -> bool:
        found = self.byte()
        require(found < 2, f"{self.what} has an optional part that is neither there nor not", "malformed")
        return found == 1

    def finish(self) -> None:
        require(self.position == len(self.data), f"there are bytes after {self.what}", "malformed")


@dataclass
class Proposal:
    """A call that a member has signed."""

    id: bytes
    channel: str
    contract: str
    function: str
    arguments: str  # JSON
    attachments: list[bytes]
    created_ms: int
    chain: list[bytes]  # certificates, DER, the signer's first
    algorithm: int
    message: bytes  # that is signed
    signature: bytes


def decode_proposal(data: bytes) -> Proposal:
    protected, unprotected, payload, signature = decode_sign1(data)
    header = decode_header(protected)
    require(header.get(3) == "application/tally-proposal+cbor" and payload is not None and unprotected == {},
            "the message is not a proposal", "malformed")
    assert payload is not None
    content = decode_strictly(payload)
    require(isinstance(content, list) and len(content) == 8 and content[0] == 1, "the proposal's payload is unknown",
            "malformed")
    _, channel, contract, function, arguments, attachments, nonce, created_ms = content
    chain = header[33] if isinstance(header.get(33), list) else [header.get(33)]
    require(all(isinstance(each, str) for each in (channel, contract, function, arguments))
            and isinstance(attachments, list) and isinstance(nonce, bytes) and len(nonce) == 16
            and type(created_ms) is int and 0 <= created_ms < LATEST_MS
            and all(isinstance(each, bytes) for each in [*attachments, *chain]),
            "the proposal's payload is unknown", "malformed")
    message = to_be_signed(protected, b"", payload)
    return Proposal(sha256(message), channel, contract, function, arguments, attachments, created_ms, chain, header[1],
                    message, signature)


def decode_update(data: bytes) -> Proposal:
    """A configuration update, as a call of config.apply with the new configuration. Nobody signs it as a whole; it is as
    old as the newest of its approvals, which are not judged here."""
    cut = Cut(data, "the configuration update")
    channel, config = cut.text(), cut.text()
    approvals = [cut.string() for _ in range(cut.count())]
    cut.finish()
    times = []
    for each in approvals:
        try:
            times.append(decode_proposal(each).created_ms)
        except NotProven:
            continue  # nodes pass over it too
    require(times != [], "none of the update's approvals can be read", "malformed")
    return Proposal(sha256(b"tally/configuration" + data), channel, "config", "apply", config, [], max(times), [], 0, b"",
                    b"")


@dataclass
class RangeRead:
    space: str
    start: bytes
    end: bytes  # not included


@dataclass
class Simulation:
    """What executing a proposal gave."""

    transaction: bytes  # its id
    contract: str
    version: int
    function: str
    result: str  # JSON
    ranges: list[RangeRead]
    writes: list[tuple[str, bytes, bytes | None]]  # namespace, key, value
    spaces: set[str]  # that it writes


def decode_simulation(data: bytes) -> Simulation:
    cut = Cut(data, "the simulation")
    transaction, contract, version, function, result = cut.take(32), cut.text(), cut.number(), cut.text(), cut.text()
    for _ in range(cut.count()):  # events
        cut.string(), cut.string()
    for _ in range(cut.count()):  # reads
        cut.string(), cut.string()
        if cut.present():
            cut.take(12)
    ranges = []
    for _ in range(cut.count()):
        ranges.append(RangeRead(cut.text(), cut.string(), cut.string()))
        cut.take(32)
    writes = []
    for _ in range(cut.count()):
        space, key = cut.text(), cut.string()
        writes.append((space, key, cut.string() if cut.present() else None))
    spaces = {space for space, _, _ in writes}
    for _ in range(cut.count()):  # increments
        spaces.add(cut.text())
        cut.string()
        cut.take(16)  # by how much, and the bound
    cut.finish()
    return Simulation(transaction, contract, version, function, result, ranges, writes, spaces)


def split_transaction(data: bytes) -> tuple[int, bytes, bytes, list[tuple[bytes, bytes]]]:
    """The kind, the proposal, the simulation, and the endorsements: pairs of certificate (DER) and signature."""
    cut = Cut(data)
    kind, proposal, simulated = cut.byte(), cut.string(), cut.string()
    endorsements = [(cut.string(), cut.string()) for _ in range(cut.count())]
    cut.finish()
    return kind, proposal, simulated, endorsements


def endorsement_statement(channel: str, simulated: bytes) -> bytes:
    """What an endorser signs."""
    def string(data: bytes) -> bytes:
        return len(data).to_bytes(4, "little") + data
    return string(b"tally/endorsement/v1") + string(channel.encode()) + sha256(simulated)
