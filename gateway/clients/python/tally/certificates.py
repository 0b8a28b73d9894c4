"""X.509 certificates of members (RFC 5280): their path to a root of their organization, at a time, with nothing revoked."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.x509.oid import ExtensionOID, NameOID

from .errors import NotProven
from .formats import PublicKey

MAX_PATH = 10  # certificates, from the leaf to the root
MAX_SIGNATURES = 64  # checked in the search for paths
UNDERSTOOD = {ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE,
              ExtensionOID.SUBJECT_ALTERNATIVE_NAME}

UNREADABLE = (RecursionError, ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, UnsupportedAlgorithm,
              x509.InvalidVersion, x509.DuplicateExtension, x509.UnsupportedGeneralNameType)


def load_certificates(*texts: str) -> list[x509.Certificate]:
    """Of PEM texts."""
    end = "-----END CERTIFICATE-----"
    return [x509.load_pem_x509_certificate((part + end).encode()) for text in texts for part in text.split(end)[:-1]]


def der_of(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def milliseconds(moment: datetime.datetime) -> int:
    """Of a time without a zone, which cryptography gives and which is UTC."""
    return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp()) * 1000


def issued(authority: x509.Certificate, certificate: x509.Certificate) -> bool:
    """Whether the authority's key has signed the certificate."""
    try:
        key, body, signature = authority.public_key(), certificate.tbs_certificate_bytes, certificate.signature
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, body)
        elif isinstance(key, ec.EllipticCurvePublicKey) and certificate.signature_hash_algorithm:
            key.verify(signature, body, ec.ECDSA(certificate.signature_hash_algorithm))
        else:
            return False
        return is_authority(authority)
    except (InvalidSignature, *UNREADABLE):
        return False


def extension(certificate: x509.Certificate, kind: type) -> object | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return None


def is_authority(certificate: x509.Certificate) -> bool:
    constraints, usage = extension(certificate, x509.BasicConstraints), extension(certificate, x509.KeyUsage)
    return (isinstance(constraints, x509.BasicConstraints) and constraints.ca
            and (not isinstance(usage, x509.KeyUsage) or usage.key_cert_sign))


def attribute(certificate: x509.Certificate, oid: x509.ObjectIdentifier) -> str:
    found = certificate.subject.get_attributes_for_oid(oid)
    return str(found[0].value) if len(found) == 1 else ""


@dataclass
class RevocationList:
    issuer: x509.Name
    number: int
    this_update_ms: int
    next_update_ms: int
    serials: set[int]

    @staticmethod
    def load(pem: str) -> "RevocationList":
        found = x509.load_pem_x509_crl(pem.encode())
        if found.next_update is None:
            raise NotProven("a revocation list of the configuration does not say when the next one comes")
        try:
            number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        except x509.ExtensionNotFound:
            number = 0
        return RevocationList(found.issuer, number, milliseconds(found.last_update), milliseconds(found.next_update),
                              {each.serial_number for each in found})


@dataclass
class Member:
    """Whom a certificate stands for."""

    organization: str
    role: str
    name: str
    key: PublicKey

    def __str__(self) -> str:
        return f"{self.name} of {self.organization}"


@dataclass
class Organization:
    """A member of the channel, with what the channel's configuration says of its authorities."""

    id: str
    roots: list[x509.Certificate]
    intermediates: list[x509.Certificate]
    lists: list[RevocationList]
    known: dict[tuple[bytes, ...], list[list[x509.Certificate]]] = field(default_factory=dict)  # paths by chain

    def paths(self, chain: list[x509.Certificate]) -> list[list[x509.Certificate]]:
        """Every path from what is presented to a root; what does not depend on the time is checked."""
        for certificate, issuer in zip(chain, chain[1:]):
            if certificate.issuer != issuer.subject or not issued(issuer, certificate):
                raise NotProven(f"the certificate of {name_of(issuer)}, presented next, has not issued that of "
                                f"{name_of(certificate)}", "certificate_untrusted")
        found: list[list[x509.Certificate]] = []
        left = MAX_SIGNATURES

        def onward(path: list[x509.Certificate]) -> None:
            nonlocal left
            if path[-1] in self.roots:
                found.append(path)
                return
            for issuer in [*self.roots, *self.intermediates]:
                if issuer in path or issuer.subject != path[-1].issuer or len(path) >= MAX_PATH or left == 0:
                    continue
                left -= 1
                if issued(issuer, path[-1]):
                    onward([*path, issuer])

        onward(chain)
        return [path for path in found if is_sound(path)]

    def judge(self, chain: list[x509.Certificate], at_ms: int, lists_must_be_current: bool) -> None:
        """Raises NotProven unless a path holds at the time."""
        presented = tuple(map(der_of, chain))
        if presented not in self.known:
            self.known[presented] = self.paths(chain)
        paths = self.known[presented]
        if not paths:
            raise NotProven(f"the certificate of {name_of(chain[0])} leads to no root of {self.id}",
                            "certificate_untrusted")
        reasons = [self.reason_against(path, at_ms, lists_must_be_current) for path in paths]
        if all(reasons):
            raise NotProven(*next(reason for reason in reasons if reason))

    def reason_against(self, path: list[x509.Certificate], at_ms: int, lists_must_be_current: bool
                       ) -> tuple[str, str] | None:
        for certificate in reversed(path):
            name = name_of(certificate)
            if at_ms < milliseconds(certificate.not_valid_before):
                return f"the certificate of {name} is not yet valid at that time", "certificate_not_yet_valid"
            if at_ms >= milliseconds(certificate.not_valid_after):
                return f"the certificate of {name} has expired at that time", "certificate_expired"
        for certificate, issuer in zip(path, path[1:]):
            lists = sorted((each for each in self.lists if each.issuer == issuer.subject), reverse=True,
                           key=lambda each: (each.number, each.this_update_ms, each.next_update_ms))
            if any(certificate.serial_number in each.serials for each in lists):
                return f"the certificate of {name_of(certificate)} is revoked", "certificate_revoked"
            if not lists or not lists_must_be_current:
                continue
            newest = next((each for each in lists if each.this_update_ms <= at_ms), lists[0])
            if not newest.this_update_ms <= at_ms < newest.next_update_ms:
                return (f"the revocation list for the certificate of {name_of(certificate)} is not current at that time",
                        "crl_expired")
        return None


def name_of(certificate: x509.Certificate) -> str:
    return attribute(certificate, NameOID.COMMON_NAME) or certificate.subject.rfc4514_string()


def is_sound(path: list[x509.Certificate]) -> bool:
    """What is demanded of a path's certificates at any time."""
    below = 0  # authorities between this one and the leaf
    for index, certificate in enumerate(path):
        if any(each.critical and each.oid not in UNDERSTOOD for each in certificate.extensions):
            return False
        if index == 0:
            continue
        constraints = extension(certificate, x509.BasicConstraints)
        if not is_authority(certificate) or not isinstance(constraints, x509.BasicConstraints):
            return False
        if constraints.path_length is not None and constraints.path_length < below:
            return False
        below += certificate.issuer != certificate.subject
    return issued(path[-1], path[-1])
