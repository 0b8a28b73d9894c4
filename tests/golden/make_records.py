#!/usr/bin/env python3
"""Writes device records that use every optional key, from docs/formats.md alone, with cbor2 and cryptography.

A file of records/ has the signed message and its content id, a line of hexadecimal digits each. The device is meter-7,
its key the Ed25519 seed 00 01 .. 1f, the channel main.
"""

import ctypes
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "e2e"))

import cbor2  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: E402
from tally.formats import DAILY, EDDSA, cose_sign1, encode, sha256, tree_head  # noqa: E402
from tally.frames import raw_frame  # noqa: E402
from tally.series import columns  # noqa: E402

KEY = ed25519.Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
START = 1_750_032_000
PACKED = -70006
ROWS = [[0, 2345, 0], [60, 2350, None], [180, -5, 1500], [240, None, 2**40], [86340, 0, -(2**63)]]
SUMMARY = [[4, 1, 4690, -5, 2350, 2345, 0], [4, 1, 2**40 + 1500 - 2**63, -(2**63), 2**40, 0, -(2**63)]]
FIELDS = [["voltage", "V", -1], ["energy", "Wh", 0]]


def series():
    return b"".join(encode(row) for row in ROWS)


def root(rows_per_leaf=1):
    rows = [encode(row) for row in ROWS]
    leaves = [b"".join(rows[i:i + rows_per_leaf]) for i in range(0, len(rows), rows_per_leaf)]
    return tree_head(leaves)


def payload(**changes):
    """Of the whole record; a key that is changed to None goes. Python's names cannot be numbers: k13 is key 13."""
    record = {1: 1, 2: DAILY, 3: 3, 4: START, 5: START + 86400, 6: 60, 7: FIELDS, 8: SUMMARY, 9: root(),
              10: sha256(b"previous"), 12: series()}
    for name, value in changes.items():
        record[int(name[1:])] = value
    return {key: record[key] for key in sorted(record) if record[key] is not None or key == 10}


def write(name, record, unprotected=None):
    content = encode(record)
    message = cose_sign1(KEY, {1: EDDSA, 3: "application/tally-record+cbor", 4: b"meter-7"}, content, b"main", unprotected)
    (HERE / "records").mkdir(exist_ok=True)
    (HERE / "records" / f"{name}.hex").write_text(f"{message.hex()}\n{sha256(content).hex()}\n")


def zstd_frame(content, level):
    """By the library itself, without our code."""
    library = ctypes.CDLL("libzstd.so.1")
    out = ctypes.create_string_buffer(len(content) + 1024)
    library.ZSTD_compress.restype = ctypes.c_size_t
    size = library.ZSTD_compress(out, ctypes.c_size_t(len(out)), content, ctypes.c_size_t(len(content)), level)
    return out.raw[:size]


encrypted = cbor2.dumps(cbor2.CBORTag(16, [encode({1: 3}), {5: bytes(12)}, bytes(range(48))]), canonical=True)

write("linked", payload(k13=sha256(b"yesterday"), k14=2, k9=root(2)))
write("correction", payload(k14=4096, k9=root(4096), k15=sha256(b"corrected")))
opening = bytes(range(32, 64)) + encode([SUMMARY, root(64)])
committed = payload(k8=None, k9=None, k12=None, k14=64, k16=sha256(opening))
write("commitment", payload(k8=None, k9=None, k12=None, k14=64, k16=sha256(bytes(32) + encode([SUMMARY, root(64)]))))
write("opened", committed, {PACKED: zstd_frame(columns(ROWS, 2), 19), -70007: opening})
write("encrypted", payload(k12=None, k13=sha256(b"yesterday"), k17=encrypted))
write("packed", payload(k12=None, k14=2, k9=root(2)), {-70001: "main", PACKED: zstd_frame(columns(ROWS, 2), 19)})
write("packed_raw", payload(k12=None), {PACKED: raw_frame(columns(ROWS, 2))})
