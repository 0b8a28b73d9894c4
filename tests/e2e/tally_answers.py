"""Attested answers, verified offline from docs/formats.md alone."""

import datetime
import hashlib
import json
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.x509.oid import NameOID

from tally_formats import sha256, to_be_signed
from tally_receipts import NotProven, decode_sign1, decode_strictly, organization_of, require, verify_message

STATEMENT = ("version", "question", "channel", "config", "contract", "contract_version", "function", "arguments",
             "organization", "role", "time_ms", "block", "block_hash", "block_time_ms", "result")


@dataclass
class Answer:
    statement: dict
    result: object
    signers: set  # organizations


def moment(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).replace(tzinfo=None)


def attribute(certificate, oid):
    (value,) = certificate.subject.get_attributes_for_oid(oid)
    return value.value


def verify_answer(file, configuration_text):
    """Proves offline what a query answered, or raises NotProven. The text is that of channel.json."""
    try:
        return prove(file, configuration_text, json.loads(configuration_text))
    except NotProven:
        raise
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, UnsupportedAlgorithm,
            x509.InvalidVersion) as error:
        raise NotProven(f"not an answer: {error!r}") from error


def prove(file, configuration_text, configuration):
    answer = decode_strictly(file)
    require(list(answer) == [1, 2, 3, 4, 5] and answer[1] == "tally-answer/1", "not an answer file")
    _, question, encoded, result, signatures = answer.values()
    items = decode_strictly(encoded)
    require(len(items) == len(STATEMENT) and items[0] == 1, "not a statement")
    statement = dict(zip(STATEMENT, items))
    require(statement["channel"] == configuration["channel"], "an answer of another channel")
    require(statement["config"] == hashlib.sha256(configuration_text.encode()).digest(), "another configuration")
    check_question(question, statement, configuration)
    require(statement["result"] == sha256(result.encode()), "another result")
    signers = set()
    for signature, certificate_der in signatures:
        certificate = x509.load_der_x509_certificate(certificate_der)
        protected, unprotected, payload, signed = decode_sign1(signature)
        header = decode_strictly(protected)
        require(set(header) == {1, 3, 4} and header[3] == "application/tally-answer+cbor" and payload is None
                and unprotected == {} and header[4] == sha256(certificate_der), "not a signature of an answer")
        verify_message(certificate.public_key(), header[1], to_be_signed(protected, b"", encoded), signed)
        require(attribute(certificate, NameOID.ORGANIZATIONAL_UNIT_NAME) == "peer", "not a peer")
        signers.add(organization_of(certificate, configuration, moment(statement["block_time_ms"])))
    require(len(signers) * 2 > len(configuration["organizations"]), "too few organizations have signed")
    return Answer(statement, json.loads(result), signers)


def check_question(question, statement, configuration):
    protected, unprotected, payload, signature = decode_sign1(question)
    header, content = decode_strictly(protected), decode_strictly(payload)
    require(unprotected == {} and header[3] == "application/tally-proposal+cbor" and content[0] == 1, "not a question")
    chain = header[33] if isinstance(header[33], list) else [header[33]]
    caller = x509.load_der_x509_certificate(chain[0])
    message = to_be_signed(protected, b"", payload)
    verify_message(caller.public_key(), header[1], message, signature)
    _, channel, contract, function, arguments, attachments, _, created = content
    asked = (sha256(message), channel, contract, function, arguments, attachments, created)
    require(asked == (*(statement[name] for name in ("question", "channel", "contract", "function", "arguments")), [],
                      statement["time_ms"]), "the answer to another question")
    require(organization_of(caller, configuration, moment(created)) == statement["organization"]
            and attribute(caller, NameOID.ORGANIZATIONAL_UNIT_NAME) == statement["role"], "another caller")
