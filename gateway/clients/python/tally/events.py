"""Events of contracts and headers of blocks as they are committed: server-sent events with a durable cursor."""

from __future__ import annotations

import http.client
import json
import os
import pathlib
import random
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .connection import FAILURES, Answer, Connection
from .errors import BadAnswer, Refused

SILENCE_S = 60  # a node sends a comment every 15 s
MAX_LINE = 8 << 20
MAX_PROBLEM = 64 << 10
LONGEST_PAUSE_S = 30.0
OVERLOADED = (429, 502, 503, 504)  # then another try is worth it


class Cursor:
    """The last event that was handled, in a file: a reader that starts again misses nothing. It gets the last one again
    when it stopped before it came back for the next. None: in memory alone."""

    def __init__(self, file: str | pathlib.Path | None = None):
        self.file = pathlib.Path(file) if file else None
        self.last = self.file.read_text().strip() if self.file and self.file.exists() else None

    def advance(self, identifier: str) -> None:
        self.last = identifier
        if not self.file:
            return
        written = self.file.with_name(self.file.name + ".new")
        with open(written, "w", encoding="ascii") as out:
            out.write(identifier + "\n")
            out.flush()
            os.fsync(out.fileno())
        os.replace(written, self.file)


@dataclass
class Event:
    """`id` is its place in the ledger: block.transaction.event, or the block's number in the feed of blocks."""

    id: str
    name: str
    data: Any  # of an event: transaction, contract, name, time_ms, payload

    @property
    def payload(self) -> Any:
        return self.data["payload"]


def stream(connection: Connection, path: str, last: str | None) -> Iterator[Event]:
    """The events of one connection, until it ends. Refused where the node refuses the stream."""
    headers = {"Accept": "text/event-stream", **({"Last-Event-ID": last} if last else {})}
    response = connection.start("GET", path, None, headers, SILENCE_S)
    if response.status != 200:
        raise Answer(response.status, {}, response.read(MAX_PROBLEM)).problem()
    event: dict[str, str] = {}
    size = 0
    try:
        while line := read_line(connection, response):
            name, _, value = line.decode(errors="replace").rstrip("\r\n").partition(":")
            value = value.removeprefix(" ")
            size += len(line)
            if size > MAX_LINE:
                raise BadAnswer("too_large", f"an event has more than {MAX_LINE} bytes")
            if name:
                event[name] = value
                continue
            if event.get("event") == "problem" and "id" not in event:
                return  # the node ends the stream, and says why
            if "data" in event and "id" in event:
                yield Event(event["id"], event.get("event", ""), parsed(event["data"]))
            if line.strip() == b"":
                event, size = {}, 0
    finally:
        response.close()
        connection.close()


def read_line(connection: Connection, response: http.client.HTTPResponse) -> bytes:
    connection.ends = time.monotonic() + SILENCE_S
    return response.readline(MAX_LINE + 1)


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise BadAnswer("malformed", f"an event is no JSON: {error}") from error


def follow(connection: Connection, path: str, query: dict[str, Any], cursor: Cursor) -> Iterator[Event]:
    """For ever: when the stream breaks, or the node is overloaded, from the cursor on."""
    given = {name: value for name, value in query.items() if value is not None}
    target = path + ("?" + urllib.parse.urlencode(given) if given else "")
    pause = 0.1
    while True:
        try:
            for event in stream(connection, target, cursor.last):
                yield event
                cursor.advance(event.id)
                pause = 0.1
        except FAILURES:
            pass
        except Refused as refusal:
            if refusal.status not in OVERLOADED:
                raise
        time.sleep(pause * random.uniform(0.5, 1))
        pause = min(2 * pause, LONGEST_PAUSE_S)
