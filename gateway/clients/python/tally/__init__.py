"""A client of Tally for everybody: call, query, publish, follow events, and verify offline. README.md has an example."""

from .answers import Answer, verify_answer
from .channel import Channel
from .client import Client, Done, Published
from .device import Device
from .errors import BadAnswer, Check, NotProven, Refused, TallyError, Unavailable
from .events import Cursor, Event
from .evidence import Evidence, verify_evidence
from .identity import Identity
from .receipts import Receipt, verify_receipt
from .records import Field, Record, decode_record
from .verification import verify

__all__ = ["Answer", "BadAnswer", "Channel", "Check", "Client", "Cursor", "Device", "Done", "Event", "Evidence", "Field",
           "Identity", "NotProven", "Published", "Receipt", "Record", "Refused", "TallyError", "Unavailable",
           "decode_record", "verify", "verify_answer", "verify_evidence", "verify_receipt"]
