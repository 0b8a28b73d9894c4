"""What tests need beside the package `tally` (gateway/clients/python): devices whose records can be spoiled, Vitro blocks,
and a connection that shows every answer."""

import base64
import json
from dataclasses import dataclass

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, utils

from tally.cbor import encode
from tally.connection import Answer, Connection
from tally.formats import DAILY, DAY, algorithm_of, cose_sign1, public_pem, sha256
from tally.records import PACKED_SERIES, record_header, record_payload, sign_possession
from tally.series import pack


# Devices and their records ------------------------------------------------------------------------------------


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
        message = sign_possession(key or self.key, device or self.id, channel or self.channel, organization)
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
        packed = pack(rows, len(self.fields))
        return self.sign(payload, unprotected={PACKED_SERIES: packed} if with_series else None), packed


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


# HTTPS --------------------------------------------------------------------------------------------------------


class Client(Connection):
    """One keep-alive connection. With `identity` as a TLS client certificate; with `token=True`, as a bearer."""

    def __init__(self, port, authorities, identity=None, *, host="127.0.0.1", token=False, channel="main", timeout=30):
        super().__init__(f"https://{f'[{host}]' if ':' in host else host}:{port}", authorities, identity, token=token,
                         channel=channel, timeout_s=timeout)

    @property
    def organization(self):
        return self.identity.organization

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def get(self, path):
        answer = self.request("GET", path)
        if answer.status != 200:
            raise answer.problem()
        return answer.json

    def publish(self, record, wait="committed", content_type="application/cose"):
        answer = self.request("POST", f"/v1/records?wait={wait}", record, content_type)
        if answer.status not in (200, 202):
            raise answer.problem()
        return answer.json

    def send(self, proposal, wait="committed"):
        answer = self.request("POST", f"/v1/transactions?wait={wait}", proposal, "application/cose")
        if answer.status not in (200, 202):
            raise answer.problem()
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
            raise answer.problem()
        return answer.json

    def ask(self, contract, function, arguments):
        """A query as the identified caller."""
        answer = self.request("POST", f"/v1/contracts/{contract}/{function}", json.dumps(arguments), "application/json")
        if answer.status != 200:
            raise answer.problem()
        return answer.json

    def receipt(self, transaction_id):
        answer = self.request("GET", f"/v1/transactions/{transaction_id}/receipt")
        if answer.status != 200:
            raise answer.problem()
        return answer.body


class EventStream:
    """Server-sent events of one connection as they come: iterates over (id, event name, data)."""

    def __init__(self, client, query="", last_event_id=None, path="/v1/events"):
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        self.client, self.response = client.open(), client.start("GET", path + query, None, headers, 3600)
        if self.response.status != 200:
            raise Answer(self.response.status, {}, self.response.read()).problem()

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
