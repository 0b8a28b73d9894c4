"""An independent client of Tally, written from docs/formats.md alone.

It shares no code with the C++ sources: records, proposals, tokens, Merkle trees and receipts are made and
verified here with Debian's cbor2 and cryptography, so that the document, and not the implementation, is tested.
"""

import base64
import datetime
import hashlib
import http.client
import json
import os
import pathlib
import ssl
import time
import tomllib
from dataclasses import dataclass

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

ES256, EDDSA = -7, -8
ES256_BATCH, EDDSA_BATCH = -65543, -65544
INTERVAL, KEEPALIVE, DAILY = 1, 2, 3
KIND_NAMES = {INTERVAL: "INTERVAL", KEEPALIVE: "KEEPALIVE", DAILY: "DAILY"}
VALIDATION_CODE_VALID = 0
DAY = 86400


def sha256(data):
    return hashlib.sha256(data).digest()


def encode(value):
    """Deterministic CBOR. All maps of these formats have keys that sort alike by length and by bytes."""
    return cbor2.dumps(value, canonical=True)


# Merkle trees (RFC 9162, section 2.1) -------------------------------------------------------------------------


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def tree_head(entries):
    """MTH(D[n]), recursively as the RFC defines it."""
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return leaf_hash(entries[0])
    split = 1 << ((len(entries) - 1).bit_length() - 1)
    return node_hash(tree_head(entries[:split]), tree_head(entries[split:]))


def root_of_inclusion(leaf, index, size, path):
    """The root to which an inclusion proof leads (RFC 9162, section 2.1.3.2), or None where it leads nowhere."""
    if index >= size:
        return None
    position, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0 or len(sibling) != 32:
            return None
        if position & 1 or position == last:
            root = node_hash(sibling, root)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            root = node_hash(root, sibling)
        position >>= 1
        last >>= 1
    return root if last == 0 else None


def consistency_holds(old_size, old_root, new_size, new_root, path):
    """Whether the tree of the new size only appends to the old one (RFC 9162, section 2.1.4.2)."""
    if old_size == new_size:
        return not path and old_root == new_root
    if not 0 < old_size < new_size or not path:
        return False
    path = list(path)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    position, last = old_size - 1, new_size - 1
    while position & 1:
        position >>= 1
        last >>= 1
    old, new = path[0], path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if position & 1 or position == last:
            old, new = node_hash(sibling, old), node_hash(sibling, new)
            while not position & 1 and position:
                position >>= 1
                last >>= 1
        else:
            new = node_hash(new, sibling)
        position >>= 1
        last >>= 1
    return last == 0 and old == old_root and new == new_root


# Keys and COSE ------------------------------------------------------------------------------------------------


def new_key(algorithm):
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == ES256 else ed25519.Ed25519PrivateKey.generate()


def algorithm_of(key):
    return EDDSA if isinstance(key, (ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey)) else ES256


def public_pem(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def sign(key, message):
    if algorithm_of(key) == EDDSA:
        return key.sign(message)
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(public_key, message, signature):
    """Raises InvalidSignature."""
    if len(signature) != 64:
        raise InvalidSignature("a signature has 64 bytes")
    if algorithm_of(public_key) == EDDSA:
        public_key.verify(signature, message)
        return
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    public_key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


def to_be_signed(protected, external_aad, payload):
    return encode(["Signature1", protected, external_aad, payload])


def cose_sign1(key, protected, payload, external_aad=b"", unprotected=None):
    header = encode(protected)
    signature = sign(key, to_be_signed(header, external_aad, payload))
    return encode(cbor2.CBORTag(18, [header, unprotected or {}, payload, signature]))


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


def record_payload(*, sequence, start, end, interval, fields, rows, kind=DAILY, previous=None, counters=None):
    """The payload of a record as a map, to be encoded or spoiled first."""
    encoded_rows = [encode(row) for row in rows]
    payload = {
        1: 1, 2: kind, 3: sequence, 4: start, 5: end, 6: interval,
        7: [[f.name, f.unit, f.scale] for f in fields],
        8: [summarize(rows, column) for column in range(len(fields))],
        9: tree_head(encoded_rows), 10: previous,
        12: b"".join(encoded_rows),
    }
    if counters is not None:
        payload[11] = counters
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

    def registration(self, schema, shard="north", **more):
        return {"id": self.id, "shard": shard, "public_key": public_pem(self.key), "schemas": [schema],
                "polling_interval_s": self.interval, "keepalive_interval_s": 3600, **more}

    def payload(self, start, rows, *, end=None, kind=DAILY, **more):
        """The next record's payload. The sequence advances; sign() makes it the previous record."""
        self.sequence += 1
        return record_payload(sequence=self.sequence, start=start, end=end if end is not None else start + DAY,
                              interval=self.interval, fields=self.fields, rows=rows, kind=kind,
                              previous=self.previous, **more)

    def sign(self, payload, *, channel=None, key=None, header=None):
        content = payload if isinstance(payload, bytes) else encode(payload)
        self.previous = sha256(content)
        return cose_sign1(key or self.key, header or record_header(self.id, self.algorithm), content,
                          (channel or self.channel).encode())

    def day(self, start, rows):
        return self.sign(self.payload(start, rows))


VITRO_BLOCK = "application/vnd.vitro.iot-block"


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

    def __init__(self, port, authorities, identity=None, *, token=False, channel="main", timeout=30):
        self.port, self.authorities, self.identity = port, str(authorities), identity
        self.uses_token, self.channel, self.timeout = token, channel, timeout
        self.connection = None

    def tls(self):
        context = ssl.create_default_context(cafile=self.authorities)
        if self.identity and not self.uses_token:
            context.load_cert_chain(self.identity.certificate_file, self.identity.key_file)
        return context

    def open(self):
        self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=self.timeout, context=self.tls())
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

    def __init__(self, client, query="", last_event_id=None):
        client.open()
        headers = {"Accept": "text/event-stream"}
        if client.uses_token:
            headers["Authorization"] = "Bearer " + client.identity.token(client.channel)
        if last_event_id is not None:
            headers["Last-Event-ID"] = last_event_id
        client.connection.request("GET", "/v1/events" + query, headers=headers)
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


# Receipts -----------------------------------------------------------------------------------------------------


class NotProven(Exception):
    """A receipt does not prove what it claims."""


def require(condition, what):
    if not condition:
        raise NotProven(what)


def decode_strictly(data):
    """CBOR that is exactly its own deterministic encoding."""
    try:
        value = cbor2.loads(data)
        require(encode(value) == data, "CBOR is not deterministic")
    except (cbor2.CBORError, ValueError, TypeError, OverflowError, RecursionError, MemoryError) as error:
        raise NotProven(f"CBOR cannot be read: {error}") from error
    return value


def decode_sign1(data):
    message = decode_strictly(data)
    require(isinstance(message, cbor2.CBORTag) and message.tag == 18 and isinstance(message.value, list)
            and len(message.value) == 4, "not a COSE_Sign1 message")
    return message.value


class Cut:
    """Reads the little-endian binary of a transaction."""

    def __init__(self, data):
        self.data, self.position = data, 0

    def take(self, count):
        require(self.position + count <= len(self.data), "the transaction is cut off")
        self.position += count
        return self.data[self.position - count:self.position]

    def number(self):
        return int.from_bytes(self.take(4), "little")

    def string(self):
        return self.take(self.number())


@dataclass
class Transaction:
    id: bytes
    channel: str
    contract: str
    function: str
    arguments: str
    attachments: list
    created_ms: int
    creator: x509.Certificate
    simulation: bytes
    endorsements: list


def decode_transaction(data):
    cut = Cut(data)
    require(cut.take(1) == b"\x01", "not a contract's transaction")
    proposal, simulation = cut.string(), cut.string()
    endorsements = [(cut.string(), cut.string()) for _ in range(cut.number())]
    require(cut.position == len(data), "bytes after the transaction")
    protected, unprotected, payload, signature = decode_sign1(proposal)
    header, content = decode_strictly(protected), decode_strictly(payload)
    require(unprotected == {} and header[3] == "application/tally-proposal+cbor" and content[0] == 1, "not a proposal")
    chain = header[33] if isinstance(header[33], list) else [header[33]]
    creator = x509.load_der_x509_certificate(chain[0])
    message = to_be_signed(protected, b"", payload)
    verify_message(creator.public_key(), header[1], message, signature)
    _, channel, contract, function, arguments, attachments, _, created = content
    return Transaction(sha256(message), channel, contract, function, arguments, attachments, created, creator,
                       simulation, endorsements)


def verify_message(public_key, algorithm, message, signature):
    """A signature over the message itself, or over a tree of messages of which it is one."""
    try:
        if algorithm in (ES256_BATCH, EDDSA_BATCH):
            version, size, index, path, signature = decode_strictly(signature)
            require(version == 1, "an unknown kind of batch signature")
            root = root_of_inclusion(leaf_hash(message), index, size, path)
            require(root is not None, "a batch signature's proof leads nowhere")
            message = b"tally/batch-signature/v1" + root + size.to_bytes(8, "little")
            algorithm = ES256 if algorithm == ES256_BATCH else EDDSA
        require(algorithm == algorithm_of(public_key), "another algorithm than the key's")
        verify(public_key, message, signature)
    except InvalidSignature as error:
        raise NotProven("a signature is false") from error


def load_certificates(*texts):
    end = "-----END CERTIFICATE-----"
    return [x509.load_pem_x509_certificate((part + end).encode())
            for text in texts for part in text.split(end)[:-1]]


def organization_of(certificate, configuration, at):
    """The organization whose root the certificate leads to at a time."""
    for organization in configuration["organizations"]:
        roots, between = (load_certificates(*organization[kind]) for kind in ("roots", "intermediates"))
        current = certificate
        for _ in range(4):
            if not current.not_valid_before <= at <= current.not_valid_after:
                break
            issuer = next((c for c in roots + between if c.subject == current.issuer and issued(c, current)), None)
            if issuer in roots and issuer.not_valid_before <= at <= issuer.not_valid_after:
                return organization["id"]
            if issuer is None:
                break
            current = issuer
    raise NotProven("the certificate leads to no root of the channel")


def issued(authority, certificate):
    try:
        constraints = authority.extensions.get_extension_for_class(x509.BasicConstraints).value
        key, body, signature = authority.public_key(), certificate.tbs_certificate_bytes, certificate.signature
        if algorithm_of(key) == EDDSA:
            key.verify(signature, body)
        else:
            key.verify(signature, body, ec.ECDSA(certificate.signature_hash_algorithm))
        return constraints.ca
    except (InvalidSignature, ValueError, TypeError, x509.ExtensionNotFound):
        return False


def verify_receipt(file, configuration):
    """Proves offline that a transaction is on the ledger, with its code, or raises NotProven.

    Returns the transaction, its validation code and the block's number.
    """
    try:
        return prove(file, configuration)
    except NotProven:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, UnsupportedAlgorithm,
            x509.InvalidVersion) as error:
        raise NotProven(f"not a receipt: {error!r}") from error


def prove(file, configuration):
    receipt_file = decode_strictly(file)
    require(set(receipt_file) == {1, 2, 3, 4} and receipt_file[1] == "tally-receipt/1", "not a receipt file")
    code, receipts = receipt_file[3], receipt_file[4]
    require(isinstance(code, int) and 0 <= code < 256, "no validation code")
    transaction = decode_transaction(receipt_file[2])
    require(transaction.channel == configuration["channel"], "a transaction of another channel")
    at = datetime.datetime.fromtimestamp(transaction.created_ms / 1000, datetime.timezone.utc).replace(tzinfo=None)
    organization_of(transaction.creator, configuration, at)
    entry = sha256(transaction.id + bytes([code]) + sha256(receipt_file[2]))
    signers, block = set(), None
    for receipt, certificate_der in receipts:
        certificate = x509.load_der_x509_certificate(certificate_der)
        protected, unprotected, payload, signature = decode_sign1(receipt)
        header = decode_strictly(protected)
        require(payload is None and header[395] == 1 and header[4] == sha256(certificate_der), "not a receipt")
        require(header[-70001] == configuration["channel"], "a receipt of another channel")
        (proof,) = unprotected[396][-1]
        size, index, path = decode_strictly(proof)
        require(size == header[-70004], "a proof for another tree")
        root = root_of_inclusion(leaf_hash(entry), index, size, path)
        require(root is not None, "the inclusion proof leads nowhere")
        verify_message(certificate.public_key(), header[1], to_be_signed(protected, b"", root), signature)
        signers.add(organization_of(certificate, configuration, at))
        require(block in (None, header[-70002]), "receipts of different blocks")
        block = header[-70002]
    require(len(signers) * 2 > len(configuration["organizations"]), "too few organizations have signed")
    return transaction, code, block
