"""HTTPS to a gateway: the network's authorities, a client certificate or a token, deadlines, bounded answers."""

from __future__ import annotations

import http.client
import io
import json
import pathlib
import socket
import ssl
import time
import urllib.parse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .errors import BadAnswer, Refused, TallyError, Unavailable
from .identity import Identity

MAX_ANSWER = 64 << 20  # the most that a node answers
MAX_PROBLEM = 64 << 10
FAILURES = (OSError, http.client.HTTPException)  # of a connection


class Deadline(io.RawIOBase):
    """Reads a socket until a moment: a peer that sends a byte now and then does not hold anybody up."""

    def __init__(self, source: socket.socket, patience: Callable[[], float]):
        super().__init__()
        self.source, self.patience = source, patience
        self.file: Any = source.makefile("rb", buffering=0)  # keeps the socket when its connection is closed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self.patience()
        if left <= 0:
            raise TimeoutError("no whole answer came in time")
        self.source.settimeout(left)
        return self.file.readinto(buffer) or 0

    def close(self) -> None:
        self.file.close()
        super().close()

    def makefile(self, _mode: str) -> io.BufferedReader:
        return io.BufferedReader(self)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError as error:
            raise BadAnswer("malformed", f"the answer is no JSON: {error}") from error

    @property
    def code(self) -> str | None:
        """The stable code of a problem document."""
        return self.problem().code if self.status >= 400 else None

    def problem(self) -> Refused:
        """Of a status from 400 on. A page that no node has written is `unavailable`: some proxy's, probably."""
        try:
            found = json.loads(self.body[:MAX_PROBLEM])
        except ValueError:
            found = None
        if not isinstance(found, dict) or not isinstance(found.get("code"), str):
            return Refused(self.status, "unavailable", f"the answer has the status {self.status} and is not a node's")
        retry = self.headers.get("retry-after", "")
        return Refused(self.status, found["code"], str(found.get("detail", "")), found.get("validation_code"),
                       float(retry) if retry.isdecimal() else None)

    def checked(self) -> "Answer":
        """Raises Refused from 400 on."""
        if self.status >= 400:
            raise self.problem()
        if self.status not in (200, 202):
            raise BadAnswer("unavailable", f"the answer has the status {self.status}, which no node gives")
        return self


class Connection:
    """One keep-alive connection. `url`: https://host:port, with /channels/NAME for a further channel of a node."""

    def __init__(self, url: str, authorities: str | pathlib.Path, identity: Identity | None, *, token: bool,
                 channel: str, timeout_s: float, max_bytes: int = MAX_ANSWER):
        parts = urllib.parse.urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise TallyError("invalid_argument", f'"{url}" is no address like https://node1.example.org:7443')
        self.host, self.port, self.base = parts.hostname, parts.port or 443, parts.path.rstrip("/")
        self.identity, self.uses_token, self.channel = identity, token, channel
        self.timeout_s, self.max_bytes = timeout_s, max_bytes
        self.ends = 0.0  # of the request that is made
        self.connection: http.client.HTTPSConnection | None = None
        self.authorities = str(authorities)
        if identity and not token and not identity.certificate_file:
            raise TallyError("invalid_argument", "a TLS client certificate must be in files; or use a token")

    def tls(self) -> ssl.SSLContext:
        """Read anew for each connection: files may have been renewed."""
        context = ssl.create_default_context(cafile=self.authorities)
        if self.identity and self.identity.certificate_file and not self.uses_token:
            passphrase = self.identity.passphrase or b""
            context.load_cert_chain(self.identity.certificate_file, self.identity.key_file, lambda: passphrase)
        return context

    def open(self, timeout_s: float | None = None) -> "Connection":
        """Connects now, and not with the first request."""
        self.close()
        self.connection = http.client.HTTPSConnection(self.host, self.port, context=self.tls(),
                                                      timeout=self.timeout_s if timeout_s is None else timeout_s)
        self.connection.response_class = self.response  # type: ignore[assignment]
        self.connection.connect()
        return self

    def patience(self) -> float:
        return self.ends - time.monotonic()

    def close(self) -> None:
        if self.connection:
            self.connection.close()
        self.connection = None

    def start(self, method: str, path: str, body: bytes | None, headers: dict[str, str], timeout_s: float
              ) -> http.client.HTTPResponse:
        """The answer's head. A connection that the node closed while it was idle is opened again, once."""
        self.ends = time.monotonic() + timeout_s
        if self.uses_token and self.identity and "Authorization" not in headers:
            headers = {**headers, "Authorization": f"Bearer {self.identity.token(self.channel)}"}
        while True:
            reused = self.connection is not None
            try:
                if self.connection is None:
                    self.open(timeout_s)
                assert self.connection is not None
                self.connection.sock.settimeout(max(self.patience(), 0.001))
                self.connection.request(method, self.base + path, body, headers)
                return self.connection.getresponse()
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
                self.close()
                if not reused:
                    raise
            except BaseException:
                self.close()
                raise

    def response(self, source: socket.socket, *arguments: Any, **more: Any) -> http.client.HTTPResponse:
        return http.client.HTTPResponse(Deadline(source, self.patience), *arguments, **more)  # type: ignore[arg-type]

    def request(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None,
                timeout_s: float | None = None, **headers: str) -> Answer:
        """Any answer; OSError or HTTPException where none came, BadAnswer where it is too large."""
        head = {name.replace("_", "-"): value for name, value in headers.items()}
        if content_type:
            head["Content-Type"] = content_type
        response = self.start(method, path, body, head, self.timeout_s if timeout_s is None else timeout_s)
        found, size = [], 0
        try:
            while piece := response.read1(1 << 16):
                size += len(piece)
                if size > self.max_bytes:
                    raise BadAnswer("too_large", f"the answer has more than {self.max_bytes} bytes")
                found.append(piece)
        except BaseException:
            self.close()
            raise
        response.close()  # read1 does not see that it was the last piece
        if response.will_close:
            self.close()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, b"".join(found))

    def ask(self, method: str, path: str, body: bytes | None = None, content_type: str | None = None,
            timeout_s: float | None = None) -> Answer:
        """The same; Unavailable where no answer came."""
        try:
            return self.request(method, path, body, content_type, timeout_s)
        except TimeoutError as error:
            raise Unavailable("timeout", f"{self.host}:{self.port} has not answered in time") from error
        except FAILURES as error:
            raise Unavailable("unavailable", f"{self.host}:{self.port} cannot be reached: {error}") from error
