"""What the formats of docs/formats.md are made of: hashes, Merkle trees, keys, COSE messages, batch signatures."""

from __future__ import annotations

import hashlib
from typing import Any, Union

import cbor2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

from .cbor import decode_strictly, encode
from .errors import NotProven, require

PrivateKey = Union[ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey]
PublicKey = Union[ec.EllipticCurvePublicKey, ed25519.Ed25519PublicKey]

ES256, EDDSA = -7, -8
ES256_BATCH, EDDSA_BATCH = -65543, -65544
INTERVAL, KEEPALIVE, DAILY = 1, 2, 3
KIND_NAMES = {INTERVAL: "INTERVAL", KEEPALIVE: "KEEPALIVE", DAILY: "DAILY"}
VALIDATION_CODE_VALID = 0
DAY = 86400


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


# Merkle trees (RFC 9162, section 2.1) -------------------------------------------------------------------------


def leaf_hash(entry: bytes) -> bytes:
    return sha256(b"\x00" + entry)


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right)


def tree_head(entries: list[bytes]) -> bytes:
    """MTH(D[n]), recursively as the RFC defines it."""
    if not entries:
        return sha256(b"")
    if len(entries) == 1:
        return leaf_hash(entries[0])
    split = 1 << ((len(entries) - 1).bit_length() - 1)
    return node_hash(tree_head(entries[:split]), tree_head(entries[split:]))


def root_of_inclusion(leaf: bytes, index: int, size: int, path: list[bytes]) -> bytes | None:
    """The root to which an inclusion proof leads (RFC 9162, section 2.1.3.2), or None where it leads nowhere."""
    if not 0 <= index < size:
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


def consistency_holds(old_size: int, old_root: bytes, new_size: int, new_root: bytes, path: list[bytes]) -> bool:
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


def new_key(algorithm: int) -> PrivateKey:
    return ec.generate_private_key(ec.SECP256R1()) if algorithm == ES256 else ed25519.Ed25519PrivateKey.generate()


def algorithm_of(key: PrivateKey | PublicKey) -> int:
    return EDDSA if isinstance(key, (ed25519.Ed25519PrivateKey, ed25519.Ed25519PublicKey)) else ES256


def algorithm_of_signature(key: PublicKey, signature: bytes) -> int:
    """Of a signature that stands alone: one that is longer than 64 bytes is a batch signature."""
    plain = algorithm_of(key)
    return plain if len(signature) <= 64 else ES256_BATCH if plain == ES256 else EDDSA_BATCH


def public_pem(key: PrivateKey) -> str:
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def public_raw(key: ed25519.Ed25519PrivateKey) -> bytes:
    """Of an Ed25519 key."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def sign(key: PrivateKey, message: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def verify(public_key: PublicKey, message: bytes, signature: bytes) -> None:
    """Raises InvalidSignature."""
    if len(signature) != 64:
        raise InvalidSignature("a signature has 64 bytes")
    if isinstance(public_key, ed25519.Ed25519PublicKey):
        public_key.verify(signature, message)
        return
    r, s = (int.from_bytes(half, "big") for half in (signature[:32], signature[32:]))
    public_key.verify(utils.encode_dss_signature(r, s), message, ec.ECDSA(hashes.SHA256()))


def to_be_signed(protected: bytes, external_aad: bytes, payload: bytes) -> bytes:
    return encode(["Signature1", protected, external_aad, payload])


def cose_sign1(key: PrivateKey, protected: dict[int, Any], payload: bytes, external_aad: bytes = b"",
               unprotected: dict[int, Any] | None = None) -> bytes:
    header = encode(protected)
    signature = sign(key, to_be_signed(header, external_aad, payload))
    return encode(cbor2.CBORTag(18, [header, unprotected or {}, payload, signature]))


def decode_sign1(data: bytes) -> tuple[bytes, dict[Any, Any], bytes | None, bytes]:
    """The protected header, the unprotected one, the payload and the signature of a COSE_Sign1 message."""
    message = decode_strictly(data)
    parts = message.value if isinstance(message, cbor2.CBORTag) and message.tag == 18 else None
    require(isinstance(parts, list) and len(parts) == 4, "a message is not a COSE_Sign1", "malformed")
    protected, unprotected, payload, signature = parts
    require(isinstance(protected, bytes) and isinstance(unprotected, dict) and isinstance(signature, bytes)
            and (payload is None or isinstance(payload, bytes)), "a message is not a COSE_Sign1", "malformed")
    return protected, unprotected, payload, signature


def decode_header(protected: bytes) -> dict[Any, Any]:
    """A protected header, which says what is signed. Critical labels are not understood here."""
    header = decode_strictly(protected)
    require(isinstance(header, dict) and isinstance(header.get(1), int) and 2 not in header,
            "a protected header names no algorithm, or critical labels", "malformed")
    return header


def verify_message(public_key: PublicKey, algorithm: int, message: bytes, signature: bytes) -> None:
    """A signature over the message itself, or over a tree of messages of which it is one. Raises NotProven."""
    if algorithm in (ES256_BATCH, EDDSA_BATCH):
        parts = decode_strictly(signature)
        require(isinstance(parts, list) and len(parts) == 5 and parts[0] == 1, "an unknown kind of batch signature",
                "bad_signature")
        _, size, index, path, signature = parts
        require(isinstance(size, int) and isinstance(index, int) and 0 < size < 1 << 63 and isinstance(path, list)
                and all(isinstance(each, bytes) for each in path) and isinstance(signature, bytes),
                "a batch signature is not what it should be", "bad_signature")
        root = root_of_inclusion(leaf_hash(message), index, size, path)
        if root is None:
            raise NotProven("a batch signature's proof leads nowhere", "bad_signature")
        message = b"tally/batch-signature/v1" + root + size.to_bytes(8, "little")
        algorithm = ES256 if algorithm == ES256_BATCH else EDDSA
    require(algorithm == algorithm_of(public_key), "the algorithm is not that of the key", "bad_key")
    try:
        verify(public_key, message, signature)
    except InvalidSignature as error:
        raise NotProven("the signature is false", "bad_signature") from error
