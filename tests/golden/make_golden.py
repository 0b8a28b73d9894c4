#!/usr/bin/env python3
"""Writes the golden bytes of the storage model, from storage/model/archive.h's description alone.

One line of hexadecimal digits per file. The files are frozen: a change of them is a change of the format on disk, and
needs a new format version.
"""

import hashlib
import pathlib
import struct

HERE = pathlib.Path(__file__).resolve().parent


def u8(number): return struct.pack("<B", number)
def u32(number): return struct.pack("<I", number)
def u64(number): return struct.pack("<Q", number)
def i64(number): return struct.pack("<q", number)
def text(value): return blob(value.encode())
def blob(value): return u32(len(value)) + value
def vector(items): return u32(len(items)) + b"".join(items)
def some(value): return u8(1) + value
def sha256(value): return hashlib.sha256(value).digest()


NONE = u8(0)

# BlockHeader: channel, number, previous_hash, data_root, payload, time_ms, epoch, view, proposer, flags, lanes of
# (lane, incarnation, sequence)
header = (text("golden") + u64(0x0102030405060708) + sha256(b"previous") + sha256(b"root") + sha256(b"payload") + i64(1_700_000_000_123)
          + u64(7) + u64(0x1122334455) + u32(3) + u8(2)
          + vector([u64(0x0a0b) + u64(5) + u64(6), u64(0x0c0d) + u64(7) + u64(8)]))

# Version: block, transaction. StateKey: space, key.
version = u64(41) + u32(2)
key = text("space") + text("key")
reads = vector([key + some(version), text("space") + text("absent") + NONE])
range_reads = vector([text("space") + text("a") + text("b") + sha256(b"digest")])
writes = vector([key + some(blob(b"value")), text("space") + text("gone") + NONE])
increments = vector([text("space") + text("counter") + i64(-5) + i64(-2**63)])
read_write_set = reads + range_reads + writes + increments

# Simulation: transaction_id, contract, version, function, result, events, read_write_set
simulation = (sha256(b"id") + text("data") + u32(3) + text("publish") + text('{"a":1}')
              + vector([text("published") + text("{}")]) + read_write_set)

# Transaction: kind, proposal, simulation, endorsements of (certificate, signature)
transaction = u8(1) + blob(b"proposal") + blob(simulation) + vector([blob(b"certificate") + blob(b"signature")])

# Checkpoint: channel, block_number, block_hash, tree_size, root, state, signatures of (organization,
# certificate, header, signature)
checkpoint = (text("golden") + u64(9) + sha256(b"block") + u64(100) + sha256(b"log") + sha256(b"state")
              + vector([text("Org") + blob(b"certificate") + blob(b"header") + blob(b"signature")]))

for name, value in {"block_header": header, "transaction": transaction, "checkpoint": checkpoint}.items():
    (HERE / f"{name}.hex").write_text(value.hex() + "\n")

print("block hash      ", hashlib.sha256(header).hexdigest())
print("transaction hash", hashlib.sha256(transaction).hexdigest())
