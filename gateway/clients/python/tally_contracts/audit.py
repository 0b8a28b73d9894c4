# Made by `tally contract types audit --language python`: change the contract's declaration, not this file.
from typing import Any, Dict, List, Literal, Optional, Tuple, TypedDict

from typing_extensions import Required

AuditRunArguments = TypedDict("AuditRunArguments", {
    "agreement": Required[str],  # its id
    "id": Required[str],  # of the run, unused so far
    "device": str,  # this device alone; without it all that are metered
    "after": str,  # a part of the devices: only those after this id
    "through": str,  # a part of the devices: only those up to and including this id
    "from": Required[str],  # the first day
    "until": Required[str],  # the end date, exclusive
}, total=False)

CheckCount = TypedDict("CheckCount", {
    "check": Required[Literal["CHAIN", "FINAL_DAY", "RECONCILIATION", "SIGNATURE", "SERIES", "ITEM", "INVOICE"]],  # of which kind
    "made": Required[int],  # how often
    "failed": Required[int],  # how many of them do not hold
}, total=False)

Finding = TypedDict("Finding", {
    "check": Required[Literal["CHAIN", "FINAL_DAY", "RECONCILIATION", "SIGNATURE", "SERIES", "ITEM", "INVOICE"]],  # that fails
    "device": str,  # whose it is
    "day": str,  # in the agreement's zone
    "expected": Required[str],  # what should be
    "found": Required[str],  # what is
}, total=False)

AuditedInvoice = TypedDict("AuditedInvoice", {
    "from": Required[str],  # the first day of its period
    "items": Required[str],  # its SHA-256 of its items
}, total=False)

Run = TypedDict("Run", {
    "verdict": Required[Literal["PASSED", "GAPS", "OPEN", "EMPTY", "FAILED"]],  # PASSED, GAPS, OPEN, EMPTY or FAILED
    "devices": Required[int],  # that were examined
    "days": Required[int],  # of all devices
    "records": Required[int],  # that count for these days
    "missing": Required[int],  # days without a record
    "open": Required[int],  # days that are not FINAL
    "checks": List[CheckCount],  # by kind
    "findings": List[Finding],  # what does not hold, at most 100
    "invoices": List[AuditedInvoice],  # whose items of these devices were computed again
    "days_sha256": Required[str],  # of the text of the list of days that the call answered
    "by": Required[str],  # the organization that ran it
    "name": Required[str],  # the member
    "transaction": Required[str],  # that recorded it
    "time_ms": Required[int],  # when
    "agreement": Required[str],  # its id
    "id": Required[str],  # of the run, unused so far
    "device": str,  # this device alone; without it all that are metered
    "after": str,  # a part of the devices: only those after this id
    "through": str,  # a part of the devices: only those up to and including this id
    "from": Required[str],  # the first day
    "until": Required[str],  # the end date, exclusive
}, total=False)

ExaminedDay = TypedDict("ExaminedDay", {
    "device": Required[str],  # whose day it is
    "day": Required[str],  # in the agreement's zone
    "state": Required[Literal["OPEN", "RECONCILING", "FINAL"]],  # FINAL, or not yet
    "match": Required[Literal["MATCH", "WITHIN_TOLERANCE", "COMMITTED", "ONE_SIDED", "MISSING", "MISMATCH", "OUT_OF_RANGE"]],  # of device and cloud
    "sequence": int,  # of the record that counts; without it there is none
    "content_id": str,  # of that record
    "transaction": str,  # that published it
    "revision": int,  # of the FINAL day that counts
    "readings": int,  # of an OCMF meter: its sessions and fiscal readings of the day
}, total=False)

RunAnswer = TypedDict("RunAnswer", {
    "run": Required[Run],  # as it is kept
    "list": List[ExaminedDay],  # each day of each device, with the record that counts
}, total=False)

AuditGetArguments = TypedDict("AuditGetArguments", {
    "agreement": Required[str],  # its id
    "id": Required[str],  # of the run
}, total=False)

AuditRun = TypedDict("AuditRun", {
    "verdict": Required[Literal["PASSED", "GAPS", "OPEN", "EMPTY", "FAILED"]],  # PASSED, GAPS, OPEN, EMPTY or FAILED
    "devices": Required[int],  # that were examined
    "days": Required[int],  # of all devices
    "records": Required[int],  # that count for these days
    "missing": Required[int],  # days without a record
    "open": Required[int],  # days that are not FINAL
    "checks": List[CheckCount],  # by kind
    "findings": List[Finding],  # what does not hold, at most 100
    "invoices": List[AuditedInvoice],  # whose items of these devices were computed again
    "days_sha256": Required[str],  # of the text of the list of days that the call answered
    "by": Required[str],  # the organization that ran it
    "name": Required[str],  # the member
    "transaction": Required[str],  # that recorded it
    "time_ms": Required[int],  # when
    "agreement": Required[str],  # its id
    "id": Required[str],  # of the run, unused so far
    "device": str,  # this device alone; without it all that are metered
    "after": str,  # a part of the devices: only those after this id
    "through": str,  # a part of the devices: only those up to and including this id
    "from": Required[str],  # the first day
    "until": Required[str],  # the end date, exclusive
}, total=False)

AuditListArguments = TypedDict("AuditListArguments", {
    "agreement": Required[str],  # its id
    "limit": int,  # at most so many entries (default 100)
    "cursor": str,  # the "next" of the page before
}, total=False)

RunPage = TypedDict("RunPage", {
    "runs": List[AuditRun],  # by their ids
    "next": str,  # the next page's cursor
}, total=False)

# Every function by its full name: the types of its arguments and of its answer.
FUNCTIONS = {
    "audit.run": (AuditRunArguments, RunAnswer),  # Checks the days of a device, or of all, again and records the verdict
    "audit.get": (AuditGetArguments, AuditRun),  # A recorded audit run
    "audit.list": (AuditListArguments, RunPage),  # The recorded audit runs of an agreement
}
