"""Zstandard frames (RFC 8878), read by the system's libzstd, which Debian always has."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import lru_cache
from typing import Any

from .errors import NotProven, TallyError, require

MAGIC = b"\x28\xb5\x2f\xfd"
BLOCK = 1 << 17


@lru_cache
def library() -> Any:
    found = ctypes.util.find_library("zstd")
    if not found:
        raise TallyError("unsupported", "the library libzstd is not installed, and a file is packed with it")
    zstd = ctypes.CDLL(found)
    zstd.ZSTD_decompress.restype = ctypes.c_size_t
    zstd.ZSTD_decompress.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]
    return zstd


def content_size(frame: bytes) -> int:
    """What the frame's header declares; NotProven where it declares nothing."""
    require(frame[:4] == MAGIC and len(frame) > 5, "it is no Zstandard frame", "malformed")
    descriptor = frame[4]
    single, flag = descriptor & 32, descriptor >> 6
    require(single or flag, "the Zstandard frame does not say its size", "malformed")
    require(not descriptor & 8, "the Zstandard frame has a reserved bit set", "malformed")
    at = 5 + (not single) + (0, 1, 2, 4)[descriptor & 3]
    width = 1 << flag
    require(len(frame) >= at + width, "the Zstandard frame ends in its header", "malformed")
    return int.from_bytes(frame[at:at + width], "little") + (256 if flag == 1 else 0)


def decompress(frame: bytes, max_bytes: int, what: str) -> bytes:
    """The content of one frame, at most `max_bytes`, which are allocated only where the frame declares them."""
    try:
        size = content_size(frame)
    except NotProven as error:
        raise NotProven(f"{what}: {error.detail}", error.code) from None
    require(size <= max_bytes, f"{what} has {size} bytes unpacked; {max_bytes} are read", "too_large")
    # A byte of a frame gives at most a block: a declared size that the frame cannot have is not allocated.
    require(size <= len(frame) * BLOCK, f"{what} declares more than it can have", "malformed")
    out = ctypes.create_string_buffer(max(size, 1))
    got = library().ZSTD_decompress(out, size, frame, len(frame))
    require(got == size, f"{what} does not unpack", "malformed")
    return out.raw[:size]


def raw_frame(content: bytes) -> bytes:
    """A frame of blocks that are not compressed: one segment, its size in four bytes."""
    frame = MAGIC + b"\xa0" + len(content).to_bytes(4, "little")
    pieces = [content[i:i + BLOCK] for i in range(0, len(content), BLOCK)] or [b""]
    for i, piece in enumerate(pieces):
        frame += (len(piece) << 3 | (i == len(pieces) - 1)).to_bytes(3, "little") + piece
    return frame
