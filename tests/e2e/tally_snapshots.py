"""Snapshots, read, verified and forged from docs/formats.md alone."""

import struct
from dataclasses import dataclass

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from tally.cbor import decode_strictly
from tally.errors import require
from tally.formats import sha256, to_be_signed, tree_head, verify_message
from tally.transactions import Cut

MAGIC = b"tally-snapshot-1"
HEAD, BLOCK, STATE, LOG, END = range(1, 6)
LANES = 1024


def crc32c(data):
    """RFC 3720, appendix B.4."""
    value = 0xffffffff
    for byte in data:
        value = CRC_TABLE[(value ^ byte) & 0xff] ^ (value >> 8)
    return value ^ 0xffffffff


def table_entry(value):
    for _ in range(8):
        value = value >> 1 ^ (0x82f63b78 if value & 1 else 0)
    return value


CRC_TABLE = [table_entry(byte) for byte in range(256)]


def string(value):
    return struct.pack("<I", len(value)) + value


def expand(element):
    stream = Cipher(algorithms.ChaCha20(element, bytes(16)), None).encryptor().update(bytes(2 * LANES))
    return struct.unpack(f"<{LANES}H", stream)


def state_digest(elements):
    sums = [0] * LANES
    for element in elements:
        sums = [a + b & 0xffff for a, b in zip(sums, expand(element))]
    return sha256(struct.pack(f"<{LANES}H", *sums))


def read_parts(data):
    """[[kind, payload], ...]"""
    require(data.startswith(MAGIC), "not a snapshot")
    parts, at = [], len(MAGIC)
    while at < len(data):
        kind, length = struct.unpack_from("<BI", data, at)
        require(at + 9 + length <= len(data), "the snapshot is cut off")
        (checksum,) = struct.unpack_from("<I", data, at + 5 + length)
        require(crc32c(data[at:at + 5 + length]) == checksum, "a part is damaged")
        parts.append([kind, data[at + 5:at + 5 + length]])
        at += 9 + length
    return parts


def write_parts(parts):
    data = MAGIC
    for kind, payload in parts:
        part = struct.pack("<BI", kind, len(payload)) + payload
        data += part + struct.pack("<I", crc32c(part))
    return data


class SnapshotCut(Cut):
    def wide(self):
        return int.from_bytes(self.take(8), "little")

    def strings(self, count):
        return [self.string() for _ in range(count)]

    def header(self):
        start = self.position
        channel, number = self.string().decode(), self.wide()
        self.take(3 * 32)
        time_ms = self.wide()
        self.take(8 + 8 + 4 + 1)
        self.take(24 * self.number())
        return channel, number, time_ms, sha256(self.data[start:self.position])

    def metadata(self):
        self.strings(3)
        codes = self.string()
        checkpoint = Checkpoint(self.string().decode(), self.wide(), self.take(32), self.wide(), self.take(32),
                                self.take(32), [])
        checkpoint.start_of_signatures = self.position
        checkpoint.signatures = [self.strings(4) for _ in range(self.number())]
        return codes, checkpoint

    def done(self):
        return self.position == len(self.data)


@dataclass
class Checkpoint:
    channel: str
    block: int
    block_hash: bytes
    tree_size: int
    root: bytes
    state: bytes
    signatures: list


def verify_snapshot(data, genesis, trusted):
    """Proves that the members have signed what the snapshot holds, or raises NotProven; `genesis` is block 0's hash,
    `trusted` the channel.

    Returns the checkpoint, the state by (namespace, key), and the ids of all transactions."""
    parts = read_parts(data)
    kinds = [kind for kind, _ in parts]
    require(kinds == sorted(kinds) and kinds.count(HEAD) == 1 and kinds[0] == HEAD and kinds.count(END) == 1
            and BLOCK in kinds and LOG in kinds and set(kinds) <= {HEAD, BLOCK, STATE, LOG, END}, "parts out of order")
    cut = SnapshotCut(parts[0][1])
    require(cut.take(32) == genesis, "of another channel")
    channel, number, time_ms, tip_hash = cut.header()
    require(cut.done(), "bytes after the head")
    require(SnapshotCut(parts[1][1]).header()[3] == genesis, "not its genesis block")

    state, elements, ids, leaves = {}, [], [], []
    for kind, payload in parts:
        cut = SnapshotCut(payload)
        while kind == STATE and not cut.done():
            start = cut.position
            namespace, key = cut.strings(2)
            version, value = cut.take(12), cut.string()
            require(not state or max(state) < (namespace, key), "keys do not ascend")
            state[namespace, key] = value
            elements.append(sha256(payload[start:cut.position]))
        while kind == LOG and not cut.done():
            transaction, code, content = cut.take(32), cut.take(1), cut.take(32)
            cut.take(8)
            ids.append(transaction)
            leaves.append(sha256(transaction + code + content))
    cut = SnapshotCut(parts[-1][1])
    counts = [cut.wide() for _ in range(3)]
    codes, checkpoint = cut.metadata()
    require(cut.done() and counts == [kinds.count(BLOCK), len(state), len(leaves)], "miscounted")
    require((checkpoint.channel, checkpoint.block, checkpoint.block_hash) == (channel, number, tip_hash)
            and channel == trusted.name, "a checkpoint of another block")
    require(state_digest(elements) == checkpoint.state, "another state than the signed one")
    require(tree_head(leaves) == checkpoint.root and len(leaves) == checkpoint.tree_size, "another log")
    signers = {}
    for _, certificate_der, protected, signature in checkpoint.signatures:
        member = trusted.identify([certificate_der], time_ms)
        header = decode_strictly(protected)
        require([header[label] for label in (4, 395, -70001, -70002, -70003, -70004, -70005)]
                == [sha256(certificate_der), 1, channel, number, tip_hash, len(leaves), checkpoint.state],
                "a signature over another checkpoint")
        verify_message(member.key, header[1], to_be_signed(protected, b"", checkpoint.root), signature)
        signers[str(member)] = member
    require(trusted.satisfied(trusted.receipt, list(signers.values())), "too few organizations have signed")
    return checkpoint, state, ids


def without_signatures(data):
    parts = read_parts(data)
    payload = parts[-1][1]
    cut = SnapshotCut(payload)
    cut.take(24)
    _, checkpoint = cut.metadata()
    parts[-1][1] = payload[:checkpoint.start_of_signatures] + struct.pack("<I", 0)
    return write_parts(parts)


def with_another_value(data):
    """The last byte of the last entry of the state is another."""
    parts = read_parts(data)
    last = max(i for i, (kind, _) in enumerate(parts) if kind == STATE)
    payload = parts[last][1]
    parts[last][1] = payload[:-1] + bytes([payload[-1] ^ 1])
    return write_parts(parts)
