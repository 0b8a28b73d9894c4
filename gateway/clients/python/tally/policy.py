"""Endorsement policies in Fabric's language: 'ORG.role', AND, OR, OutOf(n, ...), MAJORITY, ANY, ALL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .errors import NotProven

MAX_DEPTH = 8
MAX_TEXT = 4096
ROLES = {"member", "client", "peer", "orderer", "admin", "auditor"}
TOKEN = re.compile(r"""\s*('[^']*'|"[^"]*"|[A-Za-z0-9]+|[(),])""")


@dataclass(frozen=True)
class Signer:
    organization: str
    role: str


@dataclass
class Policy:
    """`needed` of `children`; a leaf has a principal."""

    needed: int = 0
    principal: Signer | None = None
    children: list["Policy"] = field(default_factory=list)

    @property
    def rank(self) -> int:
        """What is choosier takes its signature first."""
        return 2 if self.principal is None else 1 if self.principal.role == "member" else 0

    def remaining(self, signers: list[Signer]) -> list[Signer] | None:
        """The signers that the policy has not used; None: it does not hold."""
        if self.principal:
            for index, signer in enumerate(signers):
                if signer.organization == self.principal.organization and self.principal.role in ("member", signer.role):
                    return signers[:index] + signers[index + 1:]
            return None
        held = 0
        for child in sorted(self.children, key=lambda each: each.rank):
            after = child.remaining(signers)
            if after is None:
                continue
            held, signers = held + 1, after
            if held == self.needed:
                return signers
        return None

    def holds(self, signers: list[Signer]) -> bool:
        """`signers` has one entry for each distinct signer: a signature counts for one principal only."""
        return self.remaining(signers) is not None


def parse_policy(text: str, organizations: list[str]) -> Policy:
    tokens, at = [], 0
    while text[at:].strip():
        found = TOKEN.match(text, at)
        if not found or len(text) > MAX_TEXT:
            raise bad(text)
        tokens.append(found[1])
        at = found.end()
    tokens.append("")  # the end

    def peers(needed: int) -> Policy:
        return Policy(needed, None, [Policy(0, Signer(each, "peer")) for each in organizations])

    def take(wanted: str) -> bool:
        if tokens[0] != wanted:
            return False
        tokens.pop(0)
        return True

    def expression(depth: int) -> Policy:
        if depth > MAX_DEPTH or tokens[0] == "":
            raise bad(text)
        word = tokens.pop(0)
        if word[0] in "'\"":
            organization, dot, role = word[1:-1].rpartition(".")
            if not dot or role not in ROLES or organization not in organizations:
                raise bad(text)
            return Policy(0, Signer(organization, role))
        everybody = {"MAJORITY": len(organizations) // 2 + 1, "ANY": 1, "ALL": len(organizations)}
        if word in everybody:
            return peers(everybody[word])
        if word not in ("AND", "OR", "OutOf") or not take("("):
            raise bad(text)
        needed = 1
        if word == "OutOf":
            if not re.fullmatch("[0-9]{1,6}", tokens[0]):
                raise bad(text)
            needed = int(tokens.pop(0))
            if not take(","):
                raise bad(text)
        children = [expression(depth + 1)]
        while take(","):
            children.append(expression(depth + 1))
        if not take(")"):
            raise bad(text)
        needed = len(children) if word == "AND" else needed
        if not 1 <= needed <= len(children):
            raise bad(text)
        return Policy(needed, None, children)

    policy = expression(0)
    if tokens != [""]:
        raise bad(text)
    return policy


def bad(text: str) -> NotProven:
    return NotProven(f'the policy "{text[:200]}" cannot be read', "bad_configuration")
