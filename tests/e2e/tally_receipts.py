"""Receipts, verified offline from docs/formats.md alone."""

import datetime
from dataclasses import dataclass

import cbor2
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec

from tally_formats import (EDDSA, EDDSA_BATCH, ES256, ES256_BATCH, algorithm_of, encode, leaf_hash, root_of_inclusion,
                           sha256, to_be_signed, verify)



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

    Returns the transaction, its validation code and the block after which it was signed first.
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
        require(isinstance(header[-70005], bytes) and len(header[-70005]) == 32, "no state digest")
        root = root_of_inclusion(leaf_hash(entry), index, size, path)
        require(root is not None, "the inclusion proof leads nowhere")
        verify_message(certificate.public_key(), header[1], to_be_signed(protected, b"", root), signature)
        signers.add(organization_of(certificate, configuration, at))
        block = min(block or header[-70002], header[-70002])  # it was on the ledger by the lowest
    require(len(signers) * 2 > len(configuration["organizations"]), "too few organizations have signed")
    return transaction, code, block
