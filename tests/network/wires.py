"""The wires between nodes, as TCP proxies: each directed pair can be cut, delayed and made lossy while processes run.

The channel's configuration names a node's door here, and the node itself listens elsewhere ([network] listen). Each
node dials each other one, so the connection from A to B carries what A says to B. Who dials is found in /proc: no
root, no namespaces, no kernel modules.

A cut wire is silent, as a network's is: nothing is refused. CURVE is end to end over TCP, so no single frame can be
lost; a lost piece waits for its retransmission, and what is behind it waits with it, as with TCP over a lossy network.
"""

import asyncio
import itertools
import os
import pathlib
import random
import threading
from dataclasses import dataclass

PIECE = 16 * 1024
PIECES_UNDER_WAY = 256
RETRANSMISSION_SECONDS = 0.2


@dataclass(frozen=True)
class Wire:
    """How one directed pair is connected."""
    is_open: bool = True
    delay: float = 0.0  # seconds
    loss: float = 0.0   # of the pieces

    def seconds(self, chance):
        """How long the next piece is under way: each loss doubles the wait for the retransmission."""
        waited, wait = self.delay, RETRANSMISSION_SECONDS
        while self.loss and chance.random() < self.loss:
            waited, wait = waited + wait, 2 * wait
        return waited


def process_that_dials(port, door, processes):
    """Which of the processes (by name) has the connection from `port` to `door`, both on loopback."""
    ends = f"0100007F:{port:04X} 0100007F:{door:04X} "
    for line in pathlib.Path("/proc/net/tcp").read_text().splitlines():
        if ends in line:
            socket = f"socket:[{line.split()[9]}]"
            break
    else:
        return None
    for name, pid in processes().items():
        try:
            folder = f"/proc/{pid}/fd"
            if any(os.readlink(f"{folder}/{file}") == socket for file in os.listdir(folder)):
                return name
        except OSError:
            continue  # it has ended, or closed the file
    return None


class Wiring:
    """How each directed pair of these nodes is connected, for whoever carries what they say."""

    def __init__(self, names, seed):
        self.wires = {pair: Wire() for pair in itertools.permutations(names, 2)}
        self.chance = random.Random(seed)

    def put(self, wires):
        """From now on, by pair."""
        self.wires.update(wires)

    def set(self, wire, pairs=None):
        """These directed pairs (all of them when none are named) are connected so."""
        self.put(dict.fromkeys(self.wires if pairs is None else pairs, wire))

    def heal(self):
        self.set(Wire())

    def cut(self, pairs):
        self.set(Wire(is_open=False), pairs)

    def split(self, *groups):
        """Only members of one group hear each other."""
        self.cut([(a, b) for a, b in self.wires if not any(a in group and b in group for group in groups)])


class Wires(Wiring):
    """`doors` is {node: (port that is dialled, port where it listens)}; `processes()` gives {node: process number}."""

    def __init__(self, doors, processes, seed=0):
        super().__init__(doors, seed)
        self.doors, self.processes = doors, processes
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.tasks = set()

    def start(self):
        self.thread.start()
        self._call(self._open())
        return self

    def stop(self):
        self._call(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def put(self, wires):
        self._call(self._put(wires))

    def _call(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(30)

    async def _open(self):
        self.changed = asyncio.Condition()
        self.servers = [await asyncio.start_server(self._accept_for(node), "127.0.0.1", door)
                        for node, (door, _) in self.doors.items()]

    async def _close(self):
        for server in self.servers:
            server.close()
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)

    async def _put(self, wires):
        async with self.changed:
            self.wires.update(wires)
            self.changed.notify_all()

    async def _until_open(self, pair):
        if not self.wires[pair].is_open:
            async with self.changed:
                await self.changed.wait_for(lambda: self.wires[pair].is_open)

    def _accept_for(self, node):
        async def accept(reader, writer):
            task = asyncio.current_task()
            self.tasks.add(task)
            try:
                await self._connect(node, reader, writer)
            except (OSError, asyncio.IncompleteReadError):
                pass
            except asyncio.CancelledError:
                pass  # stop()
            finally:
                self.tasks.discard(task)
                writer.close()
        return accept

    async def _connect(self, node, reader, writer):
        door, listens = self.doors[node]
        dials = process_that_dials(writer.get_extra_info("peername")[1], door, self.processes)
        if dials is None:
            return
        pair = (dials, node)
        await self._until_open(pair)
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", listens)
        try:
            pumps = [asyncio.create_task(self._pump(pair, *ends))
                     for ends in ((reader, inner_writer), (inner_reader, writer))]
            try:
                await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for pump in pumps:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
        finally:
            inner_writer.close()

    async def _pump(self, pair, reader, writer):
        under_way = asyncio.Queue(PIECES_UNDER_WAY)

        async def deliver():
            while (item := await under_way.get()) is not None:
                due, piece = item
                if (wait := due - self.loop.time()) > 0:
                    await asyncio.sleep(wait)
                await self._until_open(pair)
                writer.write(piece)
                await writer.drain()

        delivery = asyncio.create_task(deliver())
        try:
            due = 0.0
            while piece := await reader.read(PIECE):
                due = max(due, self.loop.time() + self.wires[pair].seconds(self.chance))
                await under_way.put((due, piece))
            await under_way.put(None)
            await delivery
        finally:
            delivery.cancel()
