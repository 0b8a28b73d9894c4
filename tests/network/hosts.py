"""Hosts: each node's processes in a network namespace of their own, on a switch that loses, delays and drops frames.

A host's network card is a TAP device; the switch is a thread of this process, which has the other end of all of them.
What runs over it is the kernel's own TCP, with its retransmissions and their back-off. One more host is this process's
own namespace, where clients are: its wires are always good.
"""

import fcntl
import heapq
import os
import pathlib
import select
import struct
import subprocess
import threading
import time

from wires import Wire, Wiring

TUN = "/dev/net/tun"
TUNSETIFF, IFF_TAP, IFF_NO_PI = 0x400454CA, 0x0002, 0x1000
MAX_FRAME = 2048
LATE_FRAMES = 20_000  # on their way at once; more are lost, as in any switch


def missing():
    """Why hosts cannot be had here; nothing when they can."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    return None if pathlib.Path(TUN).exists() else f"there is no {TUN}"


def ip(*arguments):
    subprocess.run(["ip", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL)


class Hosts(Wiring):
    def __init__(self, names, seed=0):
        super().__init__(names, seed)
        self.names = [*names, None]  # the last is where clients are
        self.network = f"10.213.{os.getpid() % 256}"
        self.cards = []
        self.stopping, self.stop_end = os.pipe()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def address(self, name):
        return f"{self.network}.{self.names.index(name) + 1}"

    def namespace(self, name):
        return f"tally-{os.getpid()}-{name}"

    def on_host(self, name):
        """What a command has before it, to run there."""
        return ["ip", "netns", "exec", self.namespace(name)]

    def start(self):
        for number, name in enumerate(self.names, 1):
            card = f"tally{os.getpid()}n{number}"
            self.cards.append(os.open(TUN, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
            fcntl.ioctl(self.cards[-1], TUNSETIFF, struct.pack("16sH22x", card.encode(), IFF_TAP | IFF_NO_PI))
            ip("link", "set", card, "address", f"02:00:00:00:00:{number:02x}")
            where = ()
            if name:
                ip("netns", "add", self.namespace(name))
                ip("link", "set", card, "netns", self.namespace(name))
                where = ("-n", self.namespace(name))
                ip(*where, "link", "set", "lo", "up")
            ip(*where, "address", "add", f"{self.address(name)}/24", "dev", card)
            ip(*where, "link", "set", card, "up")
        self.thread.start()
        return self

    def stop(self):
        """The cards go with their files, and the namespaces with the last process that runs there."""
        os.write(self.stop_end, b"x")
        if self.thread.is_alive():
            self.thread.join()
        for file in (*self.cards, self.stopping, self.stop_end):
            os.close(file)
        for name in filter(None, self.names[:len(self.cards)]):
            ip("netns", "delete", self.namespace(name))

    def _run(self):
        poll = select.poll()
        for file in (*self.cards, self.stopping):
            poll.register(file, select.POLLIN)
        late, count = [], 0  # (when it is due, which one it is, its card, the frame)
        while True:
            wait = max(0.0, late[0][0] - time.monotonic()) * 1000 if late else None
            ready = [file for file, _ in poll.poll(wait)]
            if self.stopping in ready:
                return
            for file in ready:
                for sender, receiver, frame in self._frames(file):
                    wire = self.wires.get((self.names[sender], self.names[receiver]), Wire())
                    if not wire.is_open or len(late) >= LATE_FRAMES or self.chance.random() < wire.loss:
                        continue
                    count += 1
                    heapq.heappush(late, (time.monotonic() + wire.delay, count, self.cards[receiver], frame))
            while late and late[0][0] <= time.monotonic():
                _, _, card, frame = heapq.heappop(late)
                try:
                    os.write(card, frame)
                except OSError:
                    pass  # its queue is full, or it is down: the frame is lost

    def _frames(self, file):
        """What a card sends, once for each that is to have it."""
        sender = self.cards.index(file)
        while True:
            try:
                frame = os.read(file, MAX_FRAME)
            except OSError:
                return
            receivers = [frame[5] - 1] if frame[:5] == b"\x02\0\0\0\0" else range(len(self.cards))
            yield from ((sender, receiver, frame) for receiver in receivers
                        if receiver != sender and receiver < len(self.cards))
