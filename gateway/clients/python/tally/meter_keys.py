"""Keys and signatures of meters that were made without Tally, in the forms in which they are printed and sent. Only ECDSA on
secp256r1 (P-256) is verified."""

from __future__ import annotations

import base64
import re

from cryptography.hazmat.primitives.asymmetric import ec

from .errors import NotProven, require

SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200")  # of an uncompressed point, which follows
COMPRESSED_SPKI = bytes.fromhex("3039301306072a8648ce3d020106082a8648ce3d030107032200")
SEQUENCE, INTEGER = 0x30, 0x02
PEM = re.compile(r"-----BEGIN ([^-]{1,64})-----(.*?)-----END \1-----", re.DOTALL)
BASE64 = re.compile(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?")


def without_space(text: str) -> str:
    return re.sub(r"[ \t\r\n]", "", text)


def bytes_of_hex(text: str) -> bytes | None:
    return bytes.fromhex(text) if re.fullmatch(r"(?:[0-9a-fA-F]{2})*", text) else None


def bytes_of_base64(text: str) -> bytes | None:
    """None: it is not, or bits are left over after the last byte."""
    if not BASE64.fullmatch(text):
        return None
    found = base64.b64decode(text)
    return found if base64.b64encode(found).decode() == text else None


def meter_key_of(text: str) -> ec.EllipticCurvePublicKey:
    """PEM, or hex or base64 of a SubjectPublicKeyInfo, of a point 04 x y or 02/03 x, or of x y; white space is ignored."""
    if "-----BEGIN" in text:
        bodies = [body for label, body in PEM.findall(text) if label == "PUBLIC KEY"]
        found = bytes_of_base64(without_space(bodies[0])) if len(bodies) == 1 else None
    else:
        compact = without_space(text.removeprefix("\ufeff"))
        found = bytes_of_hex(compact)
        if found is None:
            found = bytes_of_base64(compact)
    if found is None:
        raise NotProven("the public key of a meter is neither PEM nor hexadecimal nor base64", "bad_key")
    point = point_of(found)
    try:
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise NotProven(f"the public key of a meter is no point of P-256: {error}", "bad_key") from error


def point_of(key: bytes) -> bytes:
    if len(key) == 64:
        return b"\x04" + key
    for head, size in ((SPKI, 65), (COMPRESSED_SPKI, 33)):
        if key.startswith(head) and len(key) == len(head) + size:
            return key[len(head):]
    require(len(key) in (33, 65), "only keys on secp256r1 (P-256) are verified", "unsupported")
    return key


def meter_signature_of(signature: bytes) -> bytes:
    """r and s, 64 bytes, of these 64 bytes themselves or of DER (RFC 3279, section 2.2.3). Meters in the field write integers
    with needless leading zeros or without the zero that keeps them positive, and lengths that are not in their shortest
    form: these are accepted."""
    if len(signature) == 64:
        return signature
    numbers, rest = element(signature, SEQUENCE)
    r, numbers = element(numbers, INTEGER)
    s, numbers = element(numbers, INTEGER)
    require(not rest and not numbers, "bytes follow the signature's numbers", "bad_signature")
    return number_of(r) + number_of(s)


def element(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """The content of the element at the front, and what follows it."""
    wrong = "the signature is neither 64 bytes nor DER"
    require(len(data) >= 2 and data[0] == tag, wrong, "bad_signature")
    start, size = 2, data[1]
    if size >= 0x80:
        more = size & 0x7F
        require(1 <= more <= 2 and len(data) >= 2 + more, wrong, "bad_signature")
        start, size = 2 + more, int.from_bytes(data[2:2 + more], "big")
    require(size <= len(data) - start, wrong, "bad_signature")
    return data[start:start + size], data[start + size:]


def number_of(content: bytes) -> bytes:
    digits = content.lstrip(b"\0")
    require(1 <= len(digits) <= 32, "a number of the signature is zero, or has more than 32 bytes", "bad_signature")
    return digits.rjust(32, b"\0")
