"""The formats of docs/formats.md that everything else is made of: CBOR, Merkle trees, keys, COSE.

No code is shared with the C++ sources: Debian's cbor2 and cryptography, so that the document, and not the
implementation, is tested.
"""

import hashlib

import cbor2
from cryptography.exceptions import InvalidSignature
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


def public_raw(key):
    """Of an Ed25519 key."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


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


# Packed series --------------------------------------------------------------------------------------------------


def varint(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def column(numbers):
    """Differences modulo 2^64, as signed numbers in zigzag form."""
    out, before = b"", 0
    for number in numbers:
        delta = (number - before) % 2**64
        out += varint(2 * delta if delta < 2**63 else 2 * (2**64 - delta) - 1)
        before = number
    return out


def columns(rows, fields):
    """What is in the frame of a packed series."""
    out = varint(len(rows)) + varint(fields) + column([row[0] for row in rows])
    for field in range(1, fields + 1):
        nulls = bytearray((len(rows) + 7) // 8)
        for i, row in enumerate(rows):
            if row[field] is None:
                nulls[i // 8] |= 1 << i % 8
        out += bytes(nulls) + column([row[field] for row in rows if row[field] is not None])
    return out


def raw_frame(content):
    """A Zstandard frame (RFC 8878) of blocks that are not compressed: one segment, its size in four bytes."""
    frame = b"\x28\xb5\x2f\xfd\xa0" + len(content).to_bytes(4, "little")
    pieces = [content[i:i + 2**17] for i in range(0, len(content), 2**17)] or [b""]
    for i, piece in enumerate(pieces):
        frame += (len(piece) << 3 | (i == len(pieces) - 1)).to_bytes(3, "little") + piece
    return frame
