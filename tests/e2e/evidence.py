"""Evidence files, taken apart and put together: a Zstandard frame that holds CBOR."""

import ctypes
import ctypes.util

import cbor2

ZSTD = ctypes.CDLL(ctypes.util.find_library("zstd") or "libzstd.so.1")
for name in ("ZSTD_decompress", "ZSTD_compress", "ZSTD_compressBound"):
    getattr(ZSTD, name).restype = ctypes.c_size_t
ZSTD.ZSTD_getFrameContentSize.restype = ctypes.c_ulonglong


def unpacked(file):
    packed = file.read_bytes()
    size = ZSTD.ZSTD_getFrameContentSize(packed, ctypes.c_size_t(len(packed)))
    plain = ctypes.create_string_buffer(size)
    got = ZSTD.ZSTD_decompress(plain, ctypes.c_size_t(size), packed, ctypes.c_size_t(len(packed)))
    assert got == size, got
    return plain.raw


def read(file):
    return cbor2.loads(unpacked(file))


def write(file, parts):
    plain = cbor2.dumps(parts, canonical=True)
    bound = ZSTD.ZSTD_compressBound(ctypes.c_size_t(len(plain)))
    packed = ctypes.create_string_buffer(bound)
    size = ZSTD.ZSTD_compress(packed, ctypes.c_size_t(bound), plain, ctypes.c_size_t(len(plain)), 3)
    file.write_bytes(packed.raw[:size])
