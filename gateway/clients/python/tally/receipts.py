"""Receipt files: a transaction is on the ledger, with its validation code (docs/formats.md, Receipts; RFC 9942)."""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from .cbor import decode_strictly
from .certificates import Member
from .channel import Channel
from .errors import Checks, NotProven, require
from .formats import (algorithm_of_signature, decode_header, decode_sign1, leaf_hash, root_of_inclusion, sha256,
                      to_be_signed, verify_message)
from .transactions import (CODES, CONFIGURATION, CONTRACT, Proposal, RangeRead, Simulation, decode_proposal,
                           decode_simulation, decode_update, endorsement_statement, split_transaction)

MAX_RECEIPTS = 256


@dataclass
class Receipt:
    """What a receipt proves."""

    id: str  # of the transaction, in hexadecimal
    channel: str
    code: str  # VALID, or why it has changed nothing
    block: int  # the transaction was on the ledger no later than with this block
    contract: str
    function: str
    arguments: str  # JSON; of a configuration update, which is config.apply, the new configuration
    result: str  # JSON
    attachments: list[bytes]
    created_ms: int
    creator: Member | None  # none: of a configuration update, or of what no member has signed
    signers: list[str]
    ranges: list[RangeRead]
    checks: Checks
    file: bytes  # that proves it, to keep

    @property
    def sentence(self) -> str:
        return f"transaction {self.id} is {self.code} in block {self.block} of channel {self.channel}"


def iso_time(ms: int) -> str:
    moment = datetime.datetime.fromtimestamp(ms // 1000, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{ms % 1000:03d}Z"


def verify_receipt(file: bytes, channel: Channel) -> Receipt:
    """Proves offline that a transaction is on the ledger, with its code, or raises NotProven."""
    with Checks() as checks:
        return prove(file, channel, checks)


def prove(file: bytes, channel: Channel, checks: Checks) -> Receipt:
    parts = decode_strictly(file)
    require(isinstance(parts, dict) and list(parts) == [1, 2, 3, 4] and parts[1] == "tally-receipt/1",
            "the file is not a receipt file", "malformed")
    data, code, receipts = parts[2], parts[3], parts[4]
    require(isinstance(data, bytes) and isinstance(receipts, list) and 1 <= len(receipts) <= MAX_RECEIPTS
            and all(isinstance(each, list) and len(each) == 2 and all(isinstance(part, bytes) for part in each)
                    for each in receipts), "the file is not a receipt file", "malformed")
    require(type(code) is int and code in CODES, "the validation code is unknown", "malformed")
    kind, encoded, simulated, endorsements = split_transaction(data)
    require(kind in (CONTRACT, CONFIGURATION), "the receipt is of the genesis transaction", "malformed")
    proposal = decode_update(encoded) if kind == CONFIGURATION else decode_proposal(encoded)
    if CODES[code] != "TARGET_CHAIN_NOT_FOUND":
        checks.same("the channel", channel.name, proposal.channel, "wrong_channel")
    creator = None
    if kind == CONFIGURATION:
        checks.held("the approvals", "judged by `tally verify`", "not judged here: the committers are believed")
    elif check_signatures(proposal, simulated, endorsements, CODES[code], channel, checks) != "BAD_CREATOR_SIGNATURE":
        creator = creator_of(proposal, channel)
    result, ranges = said_by(simulated)

    leaf = leaf_hash(sha256(proposal.id + bytes([code]) + sha256(data)))
    signers: list[Member] = []
    blocks = []
    for receipt, certificate in receipts:
        expected = f"of a committer at {iso_time(proposal.created_ms)}, over a log that holds the transaction"
        what = f"receipt {len(signers) + 1}"
        with checks.judged(what, expected):
            member, block = check_one(receipt, certificate, leaf, proposal.created_ms, channel)
        checks.must(str(member) not in map(str, signers), what, "of another committer", f"of {member} again")
        checks.held(what, expected, str(member))
        signers.append(member)
        blocks.append(block)
    names = [str(each) for each in signers]
    if not channel.satisfied(channel.receipt, signers):
        raise checks.failed("the signers", channel.receipt, f"{', '.join(names)} alone, which is not enough")
    checks.held("the signers", channel.receipt, ", ".join(names))
    return Receipt(proposal.id.hex(), channel.name, CODES[code], min(blocks), proposal.contract, proposal.function,
                   proposal.arguments, result, proposal.attachments, proposal.created_ms, creator, names, ranges, checks,
                   file)


def creator_of(proposal: Proposal, channel: Channel) -> Member | None:
    try:
        return channel.identify(proposal.chain, proposal.created_ms, proposal.contract)
    except NotProven:
        return None


def said_by(simulated: bytes) -> tuple[str, list[RangeRead]]:
    """The result and the ranges that were read; of a transaction that is not valid it may be unreadable."""
    try:
        simulation = decode_simulation(simulated)
    except NotProven:
        return "", []
    return simulation.result, simulation.ranges


def check_signatures(proposal: Proposal, simulated: bytes, endorsements: list[tuple[bytes, bytes]], code: str,
                     channel: Channel, checks: Checks) -> str:
    """The creator's and the endorsers' signatures; of a transaction that is not valid they may be what is wrong."""
    what, expected = "the transaction's signatures", f"as the code {code} says"
    with checks.judged(what, expected):
        own, reason = judge(proposal, simulated, endorsements, channel)
    if own not in ("VALID", code):
        raise checks.failed(what, expected, f"{own} ({reason})", "bad_signature")
    checks.held(what, expected, own)
    return own


def judge(proposal: Proposal, simulated: bytes, endorsements: list[tuple[bytes, bytes]], channel: Channel
          ) -> tuple[str, str]:
    """The code that committers gave it for what does not depend on the state, and why."""
    if proposal.channel != channel.name:
        return "TARGET_CHAIN_NOT_FOUND", f"the proposal is for channel {proposal.channel}"
    try:
        creator = channel.identify(proposal.chain, proposal.created_ms, proposal.contract)
        verify_message(creator.key, proposal.algorithm, proposal.message, proposal.signature)
    except NotProven as error:
        return "BAD_CREATOR_SIGNATURE", error.detail
    simulation = decode_simulation(simulated)
    if simulation.transaction != proposal.id:
        return "BAD_PROPOSAL_TXID", "the simulation is of another proposal"
    if (simulation.contract, simulation.function) != (proposal.contract, proposal.function):
        return "INVALID_ENDORSER_TRANSACTION", "the simulation is of another function"
    contract = channel.contracts.get(simulation.contract)
    if contract is None:
        return "INVALID_CHAINCODE", f"there is no contract {simulation.contract}"
    if contract["version"] != simulation.version:
        return "EXPIRED_CHAINCODE", f"it was simulated with version {simulation.version}"
    if "manifest" in contract and any("manifest" not in channel.contracts.get(each, {}) for each in simulation.spaces):
        return "ILLEGAL_WRITESET", "a package's contract writes the state of another one"
    return judge_endorsements(simulation, simulated, endorsements, proposal.created_ms, channel)


def judge_endorsements(simulation: Simulation, simulated: bytes, endorsements: list[tuple[bytes, bytes]], at_ms: int,
                       channel: Channel) -> tuple[str, str]:
    statement = endorsement_statement(channel.name, simulated)
    signers: dict[str, Member] = {}
    reason = "no endorsement"
    for certificate, signature in endorsements:
        try:
            member = channel.identify([certificate], at_ms, simulation.contract)
            verify_message(member.key, algorithm_of_signature(member.key, signature), statement, signature)
        except NotProven as error:
            reason = error.detail
            continue
        signers.setdefault(str(member), member)
    for space in sorted({simulation.contract, *simulation.spaces}):
        if not channel.satisfied(channel.policy_of(space), list(signers.values())):
            return ("ENDORSEMENT_POLICY_FAILURE",
                    f"{len(signers)} valid endorsements do not satisfy the policy of {space} ({reason})")
    return "VALID", ""


def check_one(receipt: bytes, certificate: bytes, leaf: bytes, at_ms: int, channel: Channel) -> tuple[Member, int]:
    """One committer's signature on a log that holds the leaf; with the block after which it signed."""
    member = channel.identify([certificate], at_ms)
    protected, unprotected, payload, signature = decode_sign1(receipt)
    header = decode_header(protected)
    require(payload is None and header.get(395) == 1, "it is not an RFC 9942 receipt over RFC9162_SHA256", "malformed")
    require(header.get(4) == sha256(certificate), "the receipt names another certificate")
    require(header.get(-70001) == channel.name, "the receipt is of another channel", "wrong_channel")
    block, block_hash, state = header.get(-70002), header.get(-70003), header.get(-70005)
    require(type(block) is int and isinstance(block_hash, bytes) and len(block_hash) == 32
            and isinstance(state, bytes) and len(state) == 32, "the receipt is not bound to a block and a state")
    proofs = unprotected.get(396)
    require(list(unprotected) == [396] and isinstance(proofs, dict) and list(proofs) == [-1]
            and isinstance(proofs[-1], list) and len(proofs[-1]) == 1 and isinstance(proofs[-1][0], bytes),
            "the receipt has no inclusion proof", "malformed")
    assert isinstance(proofs, dict) and isinstance(block, int)
    proof = decode_strictly(proofs[-1][0])
    require(isinstance(proof, list) and len(proof) == 3 and isinstance(proof[0], int) and isinstance(proof[1], int)
            and isinstance(proof[2], list) and all(isinstance(each, bytes) for each in proof[2]),
            "the receipt's proof is none", "malformed")
    size, index, path = proof
    require(size == header.get(-70004), "the proof is for another tree than the one that is signed")
    root = root_of_inclusion(leaf, index, size, path)
    if root is None:
        raise NotProven("the inclusion proof leads nowhere")
    verify_message(member.key, header[1], to_be_signed(protected, b"", root), signature)
    return member, block
