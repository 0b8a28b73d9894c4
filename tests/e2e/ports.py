"""Ports of loopback that no other test of this user takes as long as this process lives, not even while their node is down.

They come in blocks: twenty in a row, with the twenty that are 1000 and 2000 above them. A process holds a block by the
lock on its file. A further channel's network is 100 ports above the root channel's, so no block begins there.
"""

import fcntl
import os
import pathlib
import random
import socket
import tempfile

BLOCK = 20
BLOCKS = [first + i * BLOCK for first in (12000, 15000, 18000) for i in range(1000 // BLOCK)
          if i * BLOCK % 200 < 100]
LOCKS = pathlib.Path(tempfile.gettempdir()) / f"tally-ports-{os.getuid()}"

held = []  # by this process, until it ends


def is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def claim(first):
    """Whether the block is this process's now, which it was not before."""
    lock = os.open(LOCKS / str(first), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return False
    held.append(lock)
    return True


def free_ports(count, offsets=(0, 1000)):
    """The first of so many ports in a row, each with those that are so far above free as well."""
    if count > BLOCK or not set(offsets) <= {0, 1000, 2000}:
        raise ValueError(f"a block has not {count} ports, or none at {offsets}")
    LOCKS.mkdir(exist_ok=True)
    for first in random.SystemRandom().sample(BLOCKS, len(BLOCKS)):
        wanted = [first + i + offset for i in range(count) for offset in offsets]
        if claim(first) and all(is_free(port) for port in wanted):
            return first
    raise OSError(f"no {count} free ports in a row are left")
