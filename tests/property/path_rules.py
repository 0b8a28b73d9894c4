"""The rules of crypto/x509.h once more, on python3-cryptography: the order presented is the path, no search by time.

It shares no code with the node. What it judges is well-formed; what parsers refuse is the unit tests' concern."""

import datetime

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, NameOID

EPOCH = datetime.datetime(1970, 1, 1)
UNDERSTOOD = {ExtensionOID.BASIC_CONSTRAINTS, ExtensionOID.KEY_USAGE, ExtensionOID.EXTENDED_KEY_USAGE,
              ExtensionOID.SUBJECT_KEY_IDENTIFIER, ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
              ExtensionOID.SUBJECT_ALTERNATIVE_NAME}
ROLES = {"client", "peer", "orderer", "admin", "auditor"}
LONGEST_PRESENTED, LONGEST = 8, 10


def milliseconds(moment):
    return int((moment - EPOCH).total_seconds()) * 1000


def signed_by(key, signature, message, digest):
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            if digest is not None:
                return False
            key.verify(signature, message)
        else:
            key.verify(signature, message, ec.ECDSA(digest))
        return True
    except (InvalidSignature, TypeError, AttributeError):
        return False


class Cert:
    def __init__(self, der):
        self.der, self.x = der, x509.load_der_x509_certificate(der)
        self.children = {}  # whether this key has signed them
        self.subject, self.issuer = self.x.subject.public_bytes(), self.x.issuer.public_bytes()
        self.begins, self.ends = milliseconds(self.x.not_valid_before), milliseconds(self.x.not_valid_after)
        found = {each.oid: each for each in self.x.extensions}
        value = lambda oid: found[oid].value if oid in found else None
        basic = value(ExtensionOID.BASIC_CONSTRAINTS)
        self.ca, self.depth = (basic.ca, basic.path_length) if basic else (False, None)
        self.usage = value(ExtensionOID.KEY_USAGE)
        self.extended = value(ExtensionOID.EXTENDED_KEY_USAGE)
        own, authority = value(ExtensionOID.SUBJECT_KEY_IDENTIFIER), value(ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
        self.own_id = own.digest if own else None
        self.authority_id = authority.key_identifier if authority else None
        self.strange = (any(each.critical and each.oid not in UNDERSTOOD for each in found.values())
                        or ExtensionOID.NAME_CONSTRAINTS in found)

    def __eq__(self, other):
        return self.der == other.der

    def may(self, what):
        return self.usage is None or getattr(self.usage, what)

    def issued(self, child):
        if self.subject != child.issuer:
            return False
        if child.authority_id and self.own_id and child.authority_id != self.own_id:
            return False
        if child.der not in self.children:
            self.children[child.der] = signed_by(self.x.public_key(), child.x.signature, child.x.tbs_certificate_bytes,
                                                 child.x.signature_hash_algorithm)
        return self.children[child.der]


class Crl:
    def __init__(self, pem):
        self.x = x509.load_pem_x509_crl(pem)
        self.signers = {}  # which issuers' keys have signed it
        self.issuer = self.x.issuer.public_bytes()
        self.begins, self.ends = milliseconds(self.x.last_update), milliseconds(self.x.next_update)
        found = {each.oid: each.value for each in self.x.extensions}
        number, authority = found.get(ExtensionOID.CRL_NUMBER), found.get(ExtensionOID.AUTHORITY_KEY_IDENTIFIER)
        self.number = number.crl_number if number else 0
        self.authority_id = authority.key_identifier if authority else None
        self.serials = {each.serial_number for each in self.x}

    def is_of(self, issuer):
        return self.issuer == issuer.subject and not (
            self.authority_id and issuer.own_id and self.authority_id != issuer.own_id)

    def is_signed_by(self, issuer):
        if issuer.der not in self.signers:
            self.signers[issuer.der] = signed_by(issuer.x.public_key(), self.x.signature, self.x.tbs_certlist_bytes,
                                                 self.x.signature_hash_algorithm)
        return self.signers[issuer.der]


class Rules:
    def __init__(self, roots, intermediates, crls):
        load = lambda pem: Cert(x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER))
        self.roots, self.intermediates = [load(each) for each in roots], [load(each) for each in intermediates]
        self.crls = [Crl(each) for each in crls]
        self.found = {}

    def paths(self, chain):
        """Every path that the presented order and the configured certificates allow."""
        key = tuple(each.der for each in chain)
        if key not in self.found:
            self.found[key] = self.find(chain)
        return self.found[key]

    def find(self, chain):
        if not 1 <= len(chain) <= LONGEST_PRESENTED:
            return []
        for i in range(1, len(chain)):
            if chain[i - 1] in self.roots or chain[i] in chain[:i] or not chain[i].issued(chain[i - 1]):
                return []
        if chain[-1] in self.roots:
            return [chain]
        return list(self.onward(chain))

    def onward(self, path):
        if len(path) == LONGEST:
            return
        for each in self.roots + self.intermediates:
            if each in path or not each.issued(path[-1]):
                continue
            if each in self.roots:
                yield path + [each]
            else:
                yield from self.onward(path + [each])

    def holds(self, path, time_ms, purpose):
        below = 0  # authorities between this one and the end, those that issued themselves not counted
        for place, each in enumerate(path):
            if each.strange or not each.begins <= time_ms < each.ends:
                return False
            if place == 0:
                continue
            if not each.ca or not each.may("key_cert_sign") or (each.depth is not None and each.depth < below):
                return False
            if each.subject != each.issuer:
                below += 1
            if not self.unrevoked(path[place - 1], each, time_ms):
                return False
        root = path[-1]
        return root.issued(root) and root.ca and self.fits(path[0], purpose)

    def unrevoked(self, child, issuer, time_ms):
        lists = [each for each in self.crls if each.is_of(issuer)]
        if not lists:
            return True
        if not issuer.may("crl_sign") or not all(each.is_signed_by(issuer) for each in lists):
            return False
        if any(child.x.serial_number in each.serials for each in lists):
            return False
        begun = [each for each in lists if each.begins <= time_ms]
        newest = max(begun, key=lambda each: (each.number, each.begins, each.ends), default=None)
        return newest is not None and time_ms < newest.ends

    @staticmethod
    def fits(leaf, purpose):
        if purpose == "crl_signing":
            return leaf.ca and leaf.may("crl_sign")
        key = leaf.x.public_key()
        if leaf.ca or not leaf.may("digital_signature") or (
                isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name != "secp256r1"):
            return False
        wanted = {"tls_client": ExtendedKeyUsageOID.CLIENT_AUTH, "tls_server": ExtendedKeyUsageOID.SERVER_AUTH}
        return purpose == "signing" or leaf.extended is None or wanted[purpose] in leaf.extended

    def path_counts(self, chain, time_ms, purpose):
        return any(self.holds(path, time_ms, purpose) for path in self.paths(chain))

    def is_member(self, chain, time_ms):
        if not chain:
            return False
        text = lambda oid: next(iter(chain[0].x.subject.get_attributes_for_oid(oid)), None)
        organization, role = text(NameOID.ORGANIZATION_NAME), text(NameOID.ORGANIZATIONAL_UNIT_NAME)
        return bool(organization and organization.value == "A" and role and role.value in ROLES
                    and self.path_counts(chain, time_ms, "signing"))
