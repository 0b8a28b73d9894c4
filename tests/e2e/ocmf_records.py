"""OCMF records of meters, which python3-cryptography signs."""

import json
from xml.sax.saxutils import escape

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def spki(key):
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def reading(time, value, place="", status="S", **more):
    return {"TM": f"{time},000+0000 {status}", "TX": place, "RV": value, "RI": "1-b:1.8.0", "RU": "kWh", "RT": "AC",
            "EF": "", "ST": "G", **more}


def payload(serial, page, *readings, **more):
    return json.dumps({"FV": "1.4", "GI": "Gateway | 1", "GS": "", "PG": page, "MV": "Maker", "MM": "M", "MS": serial,
                       "IS": True, "IL": "VERIFIED", "IF": [], "IT": "ISO14443", "ID": "1F2D3A4F", **more,
                       "RD": list(readings)}, separators=(",", ":"))


def signed(key, text, **section):
    signature = key.sign(text.encode(), ec.ECDSA(hashes.SHA256())).hex()
    return f"OCMF|{text}|" + json.dumps({"SD": signature, **section})


def container(*records, key=None):
    """Of transparency software: each value with the key beside the record."""
    shown = f'<publicKey encoding="hex">{spki(key).hex()}</publicKey>' if key else ""
    values = "".join(f'<value transactionId="7"><signedData format="OCMF" encoding="plain">\r\n{escape(record)}\r\n'
                     f"</signedData>{shown}</value>" for record in records)
    return f'\ufeff<?xml version="1.0" encoding="UTF-8"?>\r\n<values>{values}</values>'
