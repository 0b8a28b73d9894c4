"""A channel's configuration: what a verifier trusts. Have it from elsewhere than from the node whose word you check."""

from __future__ import annotations

import json
import pathlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import NameOID

from .certificates import UNREADABLE, Member, Organization, RevocationList, attribute, extension, load_certificates
from .errors import NotProven, require
from .formats import sha256
from .policy import Policy, Signer, parse_policy
from .transactions import Cut, decode_simulation, split_transaction

ROLES = {"client", "peer", "orderer", "admin", "auditor"}
MAX_CHAIN = 8
Found = TypeVar("Found")


@dataclass
class Channel:
    """Of channel.json (`tally config show --out FILE`) or genesis.block. Immutable but for remembered paths."""

    name: str
    organizations: dict[str, Organization]
    contracts: dict[str, dict[str, Any]]
    endorsement: str
    policies: dict[str, str]
    receipt: str
    config_sha256: bytes  # of channel.json's text

    @staticmethod
    def load(file: str | pathlib.Path) -> "Channel":
        return Channel.of(pathlib.Path(file).read_bytes())

    @staticmethod
    def of(content: bytes | str) -> "Channel":
        data = content.encode() if isinstance(content, str) else content
        text = data if data[:1] == b"{" else config_of_genesis(data)
        try:
            found = json.loads(text)
            organizations = [
                Organization(each["id"], load_certificates(*each["roots"]), load_certificates(*each["intermediates"]),
                             [RevocationList.load(pem) for pem in each["crls"]])
                for each in found["organizations"]]
            channel = Channel(str(found["channel"]), {each.id: each for each in organizations},
                              {each["contract"]: each for each in found["contracts"]}, found["endorsement"],
                              {each["contract"]: each["policy"] for each in found["policies"]}, found["receipt"],
                              sha256(text))
        except UNREADABLE as error:
            raise NotProven(f"this is not a channel's configuration: {error!r}", "bad_configuration") from error
        for text_of_policy in (channel.receipt, channel.endorsement, *channel.policies.values()):
            channel.parse(text_of_policy)
        return channel

    def parse(self, policy: str) -> Policy:
        return parse_policy(policy, list(self.organizations))

    def policy_of(self, contract: str) -> str:
        """The text of a contract's endorsement policy."""
        return self.policies.get(contract, self.endorsement)

    def satisfied(self, policy: str, signers: list[Member]) -> bool:
        return self.parse(policy).holds([Signer(each.organization, each.role) for each in signers])

    def identify(self, chain: list[bytes], at_ms: int, contract: str = "") -> Member:
        """The member that a chain (DER, leaf first) stands for at a time. `contract`: for which it has signed."""
        require(1 <= len(chain) <= MAX_CHAIN, f"a chain of {len(chain)} certificates", "unauthenticated")
        try:
            certificates = [x509.load_der_x509_certificate(each) for each in chain]
            leaf = certificates[0]
            organization = self.organizations.get(attribute(leaf, NameOID.ORGANIZATION_NAME))
            role = attribute(leaf, NameOID.ORGANIZATIONAL_UNIT_NAME)
            key = leaf.public_key()
            usage, constraints = extension(leaf, x509.KeyUsage), extension(leaf, x509.BasicConstraints)
        except UNREADABLE as error:
            raise NotProven(f"a certificate cannot be read: {error!r}", "certificate_malformed") from error
        name = attribute(leaf, NameOID.COMMON_NAME)
        if organization is None:
            raise NotProven(f"the certificate of {name} is of no organization of the channel", "unauthenticated")
        require(role in ROLES, f'the certificate of {name} has the role "{role}"', "unauthenticated")
        require(isinstance(key, ed25519.Ed25519PublicKey)
                or (isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1)),
                f"the key of {name} is neither P-256 nor Ed25519", "bad_key")
        require(not (isinstance(constraints, x509.BasicConstraints) and constraints.ca)
                and not (isinstance(usage, x509.KeyUsage) and not usage.digital_signature),
                f"the certificate of {name} is not for signing", "certificate_wrong_purpose")
        try:
            # Admins and peers may replace an expired revocation list of their organization.
            organization.judge(certificates, at_ms, not (contract == "config" and role in ("admin", "peer")))
        except UNREADABLE as error:
            raise NotProven(f"a certificate cannot be read: {error!r}", "certificate_malformed") from error
        assert isinstance(key, (ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey))
        return Member(organization.id, role, name, key)


def under_one_of(channels: Iterable[Channel], verify: Callable[[Channel], Found]) -> Found:
    """What `verify` gives under the first configuration that proves it, or its last NotProven. One is enough, as
    organizations change with time."""
    problem = NotProven("there is no configuration to verify it with")
    for channel in channels:
        try:
            return verify(channel)
        except NotProven as error:
            problem = error
    raise problem


def config_of_genesis(block: bytes) -> bytes:
    """The channel's configuration in its block 0 (docs/formats.md, Snapshots: a block)."""
    cut = Cut(block, "the genesis block")
    channel = cut.text()
    number = cut.wide()
    cut.take(3 * 32 + 8 + 8 + 8 + 4 + 1)  # hashes, time, epoch, view, proposer, flags
    cut.take(24 * cut.number())  # lanes
    batches = [[cut.string() for _ in range(cut.count())] for _ in range(cut.count())]
    transactions = [each for batch in batches for each in batch]
    require(number == 0 and len(transactions) == 1, "this is neither channel.json nor a genesis block",
            "bad_configuration")
    kind, _, simulated, _ = split_transaction(transactions[0])
    writes = decode_simulation(simulated).writes
    require(kind == 0 and len(writes) == 1 and writes[0][:2] == ("config", b"channel") and writes[0][2],
            "the genesis block has no configuration", "bad_configuration")
    text = writes[0][2] or b""
    require(json.loads(text).get("channel") == channel, "the genesis block is of another channel", "bad_configuration")
    return text
