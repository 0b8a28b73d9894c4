"""What can go wrong. Every exception has `code`, the ledger's stable name for it (`tally explain CODE`)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass


class TallyError(Exception):
    """The base of all exceptions of this package."""

    def __init__(self, code: str, detail: str):
        super().__init__(f"{detail} [{code}]")
        self.code = code
        self.detail = detail


class Refused(TallyError):
    """A node has answered with a problem document (RFC 9457): it will not do what was asked."""

    def __init__(self, status: int, code: str, detail: str, validation_code: str | None = None,
                 retry_after_s: float | None = None):
        super().__init__(code, detail)
        self.status = status
        self.validation_code = validation_code  # of a transaction that is in a block and not valid
        self.retry_after_s = retry_after_s


class Unavailable(TallyError):
    """No answer that decides anything came in time. A transaction or a record may be on the ledger or not: send the
    same bytes again (`publish` and `send` do so until their deadline)."""


class BadAnswer(TallyError):
    """The answer is not what a node answers: too large, no JSON, or about something else."""


@dataclass
class Check:
    """One step of a verification: what was looked at, what was expected and what was found."""

    what: str
    expected: str
    found: str
    holds: bool


class NotProven(TallyError):
    """A receipt, an answer or an evidence file does not prove what it claims. `checks` ends with the one that fails."""

    def __init__(self, detail: str, code: str = "bad_proof"):
        super().__init__(code, detail)
        self.checks: list[Check] = []


class Checks:
    """The checks of one verification, in their order. The first that does not hold ends it. As a context manager, it
    gives its list to the NotProven that leaves the context; the list ends with the check that fails, which is that of the
    file itself where a part of it cannot be read."""

    def __init__(self) -> None:
        self.all: list[Check] = []

    def __enter__(self) -> Checks:
        return self

    def __exit__(self, _: object, error: object, __: object) -> None:
        if isinstance(error, NotProven):
            if all(check.holds for check in self.all):
                self.failed("the file", "one that can be read", error.detail)
            error.checks = self.all

    def same(self, what: str, expected: str, found: str, code: str = "bad_proof") -> None:
        self.all.append(Check(what, expected, found, expected == found))
        if expected != found:
            raise NotProven(f"{what}: expected {expected}, found {found}", code)

    def held(self, what: str, expected: str, found: str) -> None:
        self.all.append(Check(what, expected, found, True))

    def failed(self, what: str, expected: str, found: str, code: str = "bad_proof") -> NotProven:
        """The exception to raise."""
        self.all.append(Check(what, expected, found, False))
        return NotProven(f"{what}: expected {expected}, found: {found}", code)

    def must(self, holds: bool, what: str, expected: str, found: str) -> None:
        """Of what is checked often: it is listed when it does not hold."""
        if not holds:
            raise self.failed(what, expected, found)

    @contextlib.contextmanager
    def judged(self, what: str, expected: str) -> Iterator[None]:
        """A step; where it raises NotProven, the check is listed as failed."""
        try:
            yield
        except NotProven as error:
            raise self.failed(what, expected, error.detail, error.code) from error


def require(condition: object, detail: str, code: str = "bad_proof") -> None:
    if not condition:
        raise NotProven(detail, code)
