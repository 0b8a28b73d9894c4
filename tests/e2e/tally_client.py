"""An independent client of Tally, written from docs/formats.md alone: devices, members, requests, events."""

import base64
import http.client
import json
import os
import pathlib
import ssl
import time
import tomllib
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509.oid import NameOID

from tally_formats import (DAILY, DAY, EDDSA, algorithm_of, columns, cose_sign1, encode, public_pem,
                           raw_frame, sha256, sign,
                           to_be_signed, tree_head)
from tally_receipts import issued, load_certificates


# Devices and their records ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Field:
    name: str
    unit: str
    scale: int


def summarize(rows, column):
    """count, missing, sum, min, max, first, last of one field."""
    present = [row[1 + column] for row in rows if row[1 + column] is not None]
    figures = [len(present), len(rows) - len(present), sum(present)]
    return figures + ([min(present), max(present), present[0], present[-1]] if present else [None] * 4)


def record_payload(*, sequence, start, end, interval, fields, rows, kind=DAILY, previous=None, counters=None,
                   rows_per_leaf=1):
    """The payload of a record as a map, to be encoded or spoiled first."""
    encoded_rows = [encode(row) for row in rows]
    payload = {
        1: 1, 2: kind, 3: sequence, 4: start, 5: end, 6: interval,
        7: [[f.name, f.unit, f.scale] for f in fields],
        8: [summarize(rows, column) for column in range(len(fields))],
        9: tree_head([b"".join(encoded_rows[i:i + rows_per_leaf])
                      for i in range(0, len(encoded_rows), rows_per_leaf)]), 10: previous,
        12: b"".join(encoded_rows),
    }
    if counters is not None:
        payload[11] = counters
    if rows_per_leaf > 1:
        payload[14] = rows_per_leaf
    return payload


def record_header(device_id, algorithm):
    return {1: algorithm, 3: "application/tally-record+cbor", 4: device_id.encode()}


@dataclass
class Device:
    """A device with a key of its own; it counts its sequence and chains its records."""
    id: str
    key: object
    fields: list
    channel: str = "main"
    interval: int = 60
    sequence: int = 0
    previous: bytes | None = None

    @property
    def algorithm(self):
        return algorithm_of(self.key)

    def proof(self, organization, *, channel=None, key=None, device=None):
        """That the device has its key, for the organization that registers it."""
        identifier = device or self.id
        header = {1: algorithm_of(key or self.key), 3: "application/tally-registration+cbor", 4: identifier.encode()}
        message = cose_sign1(key or self.key, header, encode([1, organization, identifier]),
                             (channel or self.channel).encode())
        return base64.b64encode(message).decode()

    def registration(self, schema, shard="north", organization="Operator", **more):
        return {"id": self.id, "shard": shard, "public_key": public_pem(self.key),
                "proof": self.proof(organization), "schemas": [schema],
                "polling_interval_s": self.interval, "keepalive_interval_s": 3600, **more}

    def payload(self, start, rows, *, end=None, kind=DAILY, **more):
        """The next record's payload. The sequence advances; sign() makes it the previous record."""
        self.sequence += 1
        return record_payload(sequence=self.sequence, start=start, end=end if end is not None else start + DAY,
                              interval=self.interval, fields=self.fields, rows=rows, kind=kind,
                              previous=self.previous, **more)

    def sign(self, payload, *, channel=None, key=None, header=None, unprotected=None):
        content = payload if isinstance(payload, bytes) else encode(payload)
        self.previous = sha256(content)
        return cose_sign1(key or self.key, header or record_header(self.id, self.algorithm), content,
                          (channel or self.channel).encode(), unprotected)

    def day(self, start, rows):
        return self.sign(self.payload(start, rows))

    def packed_day(self, start, rows, *, with_series=True):
        """A record of which the rows travel packed beside it, or are held back."""
        payload = self.payload(start, rows, rows_per_leaf=64)
        del payload[12]
        packed = raw_frame(columns(rows, len(self.fields)))
        return self.sign(payload, unprotected={PACKED_SERIES: packed} if with_series else None), packed


PACKED_SERIES = -70006
VITRO_BLOCK = "application/vnd.vitro.iot-block"
OCMF = "application/vnd.tally.ocmf"


def vitro_digest(parameter, node, timestamp, blob):
    return sha256(blob + parameter.to_bytes(2, "little") + node + timestamp.to_bytes(4, "little"))


def vitro_block(key, profile, parameter, node, timestamp, blob):
    """A Vitro IoT Block in the order of the profile."""
    digest = vitro_digest(parameter, node, timestamp, blob)
    r, s = utils.decode_dss_signature(key.sign(digest, ec.ECDSA(utils.Prehashed(hashes.SHA256()))))
    signature = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    what, when = parameter.to_bytes(2, "little"), timestamp.to_bytes(4, "little")
    return b"".join({"vitro-1": (what, node, when, blob, digest, signature),
                     "vitro-2": (node, when, what, digest, signature, blob)}[profile])


# Members: certificates, tokens, proposals ---------------------------------------------------------------------


@dataclass
class Identity:
    """A member: its key and its certificate chain, leaf first, without the root."""
    key: object
    chain: list
    certificate_file: pathlib.Path | None = None
    key_file: pathlib.Path | None = None

    @staticmethod
    def load(folder):
        folder = pathlib.Path(folder)
        key = serialization.load_pem_private_key((folder / "key.pem").read_bytes(), None)
        chain = load_certificates((folder / "certificate.pem").read_text())
        return Identity(key, chain, folder / "certificate.pem", folder / "key.pem")

    @property
    def organization(self):
        return self.chain[0].subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)[0].value

    @property
    def chain_der(self):
        return [c.public_bytes(serialization.Encoding.DER) for c in self.chain]

    def token(self, channel, *, issued=None, lifetime=240, header=None, **claims):
        issued = int(time.time()) if issued is None else issued
        head = {"alg": "EdDSA" if algorithm_of(self.key) == EDDSA else "ES256", "typ": "JWT",
                "x5c": [base64.b64encode(der).decode() for der in self.chain_der], **(header or {})}
        body = {"aud": channel, "iat": issued, "exp": issued + lifetime, **claims}
        signed = b".".join(base64url(json.dumps(part).encode()) for part in (head, body))
        return (signed + b"." + base64url(sign(self.key, signed))).decode()

    def proposal(self, contract, function, arguments, *, channel="main", attachments=(), nonce=None, created=None):
        """The COSE_Sign1 message and its transaction id."""
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        payload = encode([1, channel, contract, function, text, list(attachments),
                          os.urandom(16) if nonce is None else nonce,
                          int(time.time() * 1000) if created is None else created])
        return self.signed_proposal(payload)

    def signed_proposal(self, payload):
        chain = self.chain_der
        protected = {1: algorithm_of(self.key), 3: "application/tally-proposal+cbor",
                     33: chain[0] if len(chain) == 1 else chain}
        transaction_id = sha256(to_be_signed(encode(protected), b"", payload)).hex()
        return cose_sign1(self.key, protected, payload), transaction_id


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


# HTTPS --------------------------------------------------------------------------------------------------------


@dataclass
class Answer:
    status: int
    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        """The stable code of a problem document."""
        return self.json.get("code") if self.status >= 400 else None


class Refused(Exception):
    def __init__(self, answer):
        super().__init__(f"{answer.status} {answer.body[:500]!r}")
        self.answer = answer
        self.code = answer.code


class Client:
    """One keep-alive connection. With `identity` as a TLS client certificate; with `token=True`, as a bearer."""

    def __init__(self, port, authorities, identity=None, *, host="127.0.0.1", token=False, channel="main", timeout=30):
        self.host = host
        self.port, self.authorities, self.identity = port, str(authorities), identity
        self.uses_token, self.channel, self.timeout = token, channel, timeout
        self.connection = None

    @property
    def organization(self):
        return self.identity.organization

    def tls(self):
        context = ssl.create_default_context(cafile=self.authorities)
        if self.identity and not self.uses_token:
            context.load_cert_chain(self.identity.certificate_file, self.identity.key_file)
        return context

    def open(self):
        self.connection = http.client.HTTPSConnection(self.host, self.port, timeout=self.timeout, context=self.tls())
        self.connection.connect()
        return self

    def close(self):
        if self.connection:
            self.connection.close()
        self.connection = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def request(self, method, path, body=None, content_type=None, **headers):
        """Any answer. A connection that the node closed while it was idle is opened again, once."""
        head = {name.replace("_", "-"): value for name, value in headers.items()}
        if content_type:
            head["Content-Type"] = content_type
        if self.uses_token and "Authorization" not in head:
            head["Authorization"] = "Bearer " + self.identity.token(self.channel)
        reused = self.connection is not None
        try:
            if not reused:
                self.open()
            self.connection.request(method, path, body, head)
            response = self.connection.getresponse()
            answer = Answer(response.status, dict((k.lower(), v) for k, v in response.getheaders()), response.read())
        except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError, ssl.SSLEOFError):
            self.close()
            if not reused:
                raise
            return self.request(method, path, body, content_type, **headers)
        except BaseException:
            self.close()
            raise
        if response.will_close:
            self.close()
        return answer

    def get(self, path):
        answer = self.request("GET", path)
        if answer.status != 200:
            raise Refused(answer)
        return answer.json

    def publish(self, record, wait="committed", content_type="application/cose"):
        answer = self.request("POST", f"/v1/records?wait={wait}", record, content_type)
        if answer.status not in (200, 202):
            raise Refused(answer)
        return answer.json

    def send(self, proposal, wait="committed"):
        answer = self.request("POST", f"/v1/transactions?wait={wait}", proposal, "application/cose")
        if answer.status not in (200, 202):
            raise Refused(answer)
        return answer.json

    def submit(self, contract, function, arguments, **more):
        proposal, transaction_id = self.identity.proposal(contract, function, arguments, channel=self.channel, **more)
        outcome = self.send(proposal)
        assert outcome["id"] == transaction_id, "the node and this client disagree on the transaction's id"
        return outcome

    def query(self, contract, function, arguments):
        """A query as a signed proposal."""
        proposal, _ = self.identity.proposal(contract, function, arguments, channel=self.channel)
        answer = self.request("POST", "/v1/queries", proposal, "application/cose")
        if answer.status != 200:
            raise Refused(answer)
        return answer.json

    def ask(self, contract, function, arguments):
        """A query as the identified caller."""
        answer = self.request("POST", f"/v1/contracts/{contract}/{function}", json.dumps(arguments), "application/json")
        if answer.status != 200:
            raise Refused(answer)
        return answer.json

    def receipt(self, transaction_id):
        answer = self.request("GET", f"/v1/transactions/{transaction_id}/receipt")
        if answer.status != 200:
            raise Refused(answer)
        return answer.body


def profile_client(folder, **more):
    """A client for a member's folder, as `tally network create` makes it."""
    folder = pathlib.Path(folder)
    profile = tomllib.loads((folder / "profile.toml").read_text())
    port = int(profile["url"].rsplit(":", 1)[1])
    return Client(port, folder / profile["authorities"], Identity.load(folder), channel=profile["channel"], **more)


class EventStream:
    """Server-sent events: iterates over (id, event name, data)."""

    def __init__(self, client, query="", last_event_id=None, path="/v1/events"):
        client.open()
        headers = {"Accept": "text/event-stream"}
        if client.uses_token:
            headers["Authorization"] = "Bearer " + client.identity.token(client.channel)
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        client.connection.request("GET", path + query, headers=headers)
        self.client, self.response = client, client.connection.getresponse()
        if self.response.status != 200:
            raise Refused(Answer(self.response.status, {}, self.response.read()))

    def __iter__(self):
        event = {}
        while line := self.response.readline():
            name, _, value = line.decode().rstrip("\r\n").partition(":")
            value = value.removeprefix(" ")
            if name:
                event[name] = value
            elif "data" in event:
                yield event.get("id"), event.get("event"), json.loads(event["data"])
                event = {}

    def close(self):
        self.response.close()
        self.client.close()
