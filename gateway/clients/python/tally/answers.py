"""Attested answers: what a query answered at one block, signed by enough organizations (docs/formats.md)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from .cbor import decode_strictly
from .certificates import Member
from .channel import Channel
from .errors import Checks, require
from .formats import decode_header, decode_sign1, sha256, to_be_signed, verify_message
from .receipts import iso_time
from .transactions import LATEST_MS, decode_proposal

STATEMENT = {"version": int, "question": bytes, "channel": str, "config": bytes, "contract": str,
             "contract_version": int, "function": str, "arguments": str, "organization": str, "role": str,
             "time_ms": int, "block": int, "block_hash": bytes, "block_time_ms": int, "result": bytes}
CONTENT_TYPE = "application/tally-answer+cbor"
MAX_SIGNATURES = 256


@dataclass
class Answer:
    """What an answer file proves."""

    statement: dict[str, Any]
    text: str  # the result, JSON
    caller: Member
    signers: list[str]
    checks: Checks
    file: bytes  # that proves it, to keep

    @property
    def result(self) -> Any:
        return json.loads(self.text)

    @property
    def sentence(self) -> str:
        stated = self.statement
        return (f"{stated['contract']}.{stated['function']} answered so after block {stated['block']} of channel "
                f"{stated['channel']}")


def verify_answer(file: bytes, channel: Channel) -> Answer:
    """Proves offline what a query answered, or raises NotProven. The configuration must be the one of that block."""
    with Checks() as checks:
        return prove(file, channel, checks)


def decode_statement(encoded: bytes) -> dict[str, Any]:
    items = decode_strictly(encoded)
    require(isinstance(items, list) and len(items) == len(STATEMENT)
            and all(type(item) is kind for item, kind in zip(items, STATEMENT.values())) and items[0] == 1,
            "the statement is unknown", "malformed")
    statement = dict(zip(STATEMENT, items))
    require(all(len(statement[name]) == 32 for name in ("question", "config", "block_hash", "result"))
            and all(0 <= statement[name] < LATEST_MS for name in ("time_ms", "block_time_ms")), "a time is none, or a hash in the statement has not 32 bytes", "malformed")
    return statement


def prove(file: bytes, channel: Channel, checks: Checks) -> Answer:
    parts = decode_strictly(file)
    require(isinstance(parts, dict) and list(parts) == [1, 2, 3, 4, 5] and parts[1] == "tally-answer/1",
            "the file is not an answer file", "malformed")
    _, question, encoded, result, signatures = parts.values()
    require(isinstance(question, bytes) and isinstance(encoded, bytes) and isinstance(result, str)
            and isinstance(signatures, list) and 1 <= len(signatures) <= MAX_SIGNATURES
            and all(isinstance(each, list) and len(each) == 2 and all(isinstance(part, bytes) for part in each)
                    for each in signatures), "the file is not an answer file", "malformed")
    statement = decode_statement(encoded)
    checks.same("the channel", channel.name, statement["channel"], "wrong_channel")
    checks.same("the configuration in force", channel.config_sha256.hex(), statement["config"].hex())
    contract = channel.contracts.get(statement["contract"], {"version": 0})
    checks.same("the contract", f"{statement['contract']} {contract['version']}",
                f"{statement['contract']} {statement['contract_version']}")
    caller = check_question(question, statement, channel, checks)
    checks.same("the result's SHA-256", statement["result"].hex(), sha256(result.encode()).hex())
    signers: list[Member] = []
    for signature, certificate in signatures:
        what, expected = f"signature {len(signers) + 1}", f"of a member at {iso_time(statement['block_time_ms'])}"
        with checks.judged(what, expected):
            member = check_one(signature, certificate, encoded, statement, channel)
        checks.must(str(member) not in map(str, signers), what, "of another member", f"of {member} again")
        checks.held(what, expected, str(member))
        signers.append(member)
    policy, names = channel.policy_of(statement["contract"]), [str(each) for each in signers]
    if not channel.satisfied(policy, signers):
        raise checks.failed("the signers", policy, f"{', '.join(names)} alone, which is not enough")
    checks.held("the signers", policy, ", ".join(names))
    return Answer(statement, result, caller, names, checks, file)


def check_question(data: bytes, statement: dict[str, Any], channel: Channel, checks: Checks) -> Member:
    question = decode_proposal(data)
    what, expected = "the caller's certificate", f"of a member at {iso_time(question.created_ms)}"
    with checks.judged(what, expected):
        caller = channel.identify(question.chain, question.created_ms, question.contract)
    checks.held(what, expected, str(caller))
    what, expected = "the question", "signed by its caller"
    with checks.judged(what, expected):
        verify_message(caller.key, question.algorithm, question.message, question.signature)
    checks.held(what, expected, "a good signature")
    checks.same("the question's id", statement["question"].hex(), question.id.hex())
    checks.same("the question's channel", statement["channel"], question.channel)
    checks.same("the question's function", f"{statement['contract']}.{statement['function']}",
                f"{question.contract}.{question.function}")
    checks.same("the question's arguments", statement["arguments"], question.arguments)
    checks.same("the question's time", iso_time(statement["time_ms"]), iso_time(question.created_ms))
    checks.same("the caller", f"{statement['role']} of {statement['organization']}",
                f"{caller.role} of {caller.organization}")
    return caller


def check_one(signature: bytes, certificate: bytes, encoded: bytes, statement: dict[str, Any], channel: Channel
              ) -> Member:
    member = channel.identify([certificate], statement["block_time_ms"], statement["contract"])
    protected, unprotected, payload, signed = decode_sign1(signature)
    header = decode_header(protected)
    require(set(header) == {1, 3, 4} and header[3] == CONTENT_TYPE and payload is None and unprotected == {},
            f"what {member} signed is no answer to a query", "malformed")
    require(header[4] == sha256(certificate), f"the signature names another certificate than that of {member}")
    verify_message(member.key, header[1], to_be_signed(protected, b"", encoded), signed)
    return member
