"""What can go wrong with a consortium of real processes: one class per fault, each begins and ends.

A fault says in `possible` whether this machine and this consortium can have it, chooses its victims when it is made,
and tells itself in a few words. `begin` returns when the fault is there, `end` when nothing of it is left but the work
of catching up.
"""

import pathlib
import signal
import subprocess
import threading

from adversary import ADVERSARY, ESCAPES, Readers, command, get, post, schema
from node_under_test import tally
from tally_transactions import simulation, transaction
from wires import Wire


class Fault:
    alone = False  # whether no other fault may be there at the same time
    seconds = (3, 20)

    def __init__(self, cluster, chance):
        self.cluster, self.chance = cluster, chance
        self.victims = self.choose()
        self.length = chance.uniform(*self.seconds)

    @staticmethod
    def possible(cluster):
        return True

    def choose(self):
        return self.chance.sample(self.cluster.names, 1)

    def __str__(self):
        return f"{self.about} {' '.join(self.victims)}".strip()

    def begin(self):
        raise NotImplementedError

    def end(self):
        raise NotImplementedError


# Processes --------------------------------------------------------------------------------------------------------


class Kill(Fault):
    about = "kill -9"

    def begin(self):
        for name in self.victims:
            self.cluster.run("kill", name)

    def end(self):
        for name in self.victims:
            self.cluster.start(name)


class KillTwo(Kill):
    """More than may be lost: service stops, and goes on when they are back."""

    def choose(self):
        return self.chance.sample(self.cluster.names, 2)


class KillAll(Kill):
    about = "kill -9 of all:"
    alone, seconds = True, (0, 2)

    def choose(self):
        return list(self.cluster.names)


class AdversaryAsPeer(Kill):
    """In the place of a killed node, with its transport key: says what no correct node says."""
    about = "an adversary speaks as"
    attacks = ("flood", "endorsements", "escapes", "lies", "answers", "standings")

    @staticmethod
    def possible(cluster):
        return pathlib.Path(ADVERSARY).exists()

    def speak(self, attack, seconds, **options):
        """A process with that node's connections."""
        (name,) = self.victims
        attacker = subprocess.Popen(
            command(self.cluster, attack, seconds, stolen=[name], seed=self.chance.getrandbits(32),
                    to=[node for node in self.cluster.names if node != name], **options),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        (self.cluster.home(name) / "node.pid").write_text(f"{attacker.pid}\n")  # whose the connections are
        return attacker

    def begin(self):
        super().begin()
        proposal = self.cluster.folder / "adversary.proposal"
        proposal.write_bytes(self.cluster.identity(1, "admin").proposal("registry", "register_schema", "{}")[0])
        self.attacker = self.speak(self.chance.choice(self.attacks), 3600, proposal=proposal)

    def end(self):
        self.attacker.kill()
        self.attacker.wait()
        super().end()


class AdversaryAsGateway(AdversaryAsPeer):
    """With all keys of the killed node: orders, in its own lane, what no honest node would admit."""
    about = "an adversary orders as"

    def begin(self):
        Kill.begin(self)
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.order)
        self.thread.start()

    def order(self):
        (name,) = self.victims
        admin = self.cluster.identity(self.cluster.number(name), "admin")
        while not self.over.is_set():
            proposal, transaction_id = admin.proposal("registry", "register_schema", schema("never"))
            simulated = simulation(transaction_id, "registry", "register_schema")
            files = []
            for number, content in enumerate((self.chance.randbytes(1000), transaction(proposal, simulated),
                                              transaction(proposal, simulated, [(b"0" * 300, b"7" * 64)] * 256),
                                              transaction(admin.proposal(ESCAPES, ESCAPES, "{}")[0], b""))):
                files.append(self.cluster.folder / f"adversary.transaction{number}")
                files[-1].write_bytes(content)
            self.speak("order", 2, file=files,
                       orderer=self.cluster.home(name) / "identity" / "orderer-key.pem").wait()

    def end(self):
        self.over.set()
        self.thread.join()
        Kill.end(self)


class AdversaryAsMember(Fault):
    """Many connections of one member that ask a node for much and read nothing."""
    about = "an adversary asks and does not read at"

    def begin(self):
        client = self.cluster.client(self.cluster.number(self.victims[0]))
        client.identity = self.cluster.identity(self.chance.randint(1, len(self.cluster.names)), "client1")
        request = self.chance.choice([get("/v1/blocks?from=1&limit=100"), get("/v1/devices"),
                                      post("/v1/contracts/registry/list_devices", b"{}", "application/json")])
        self.readers = Readers(client, request, 100)
        self.readers.__enter__()

    def end(self):
        self.readers.__exit__()


class KillAtStart(Kill):
    """While it starts, too."""
    about = "kill -9 at starts of"
    seconds = (0, 1)

    def end(self):
        (name,) = self.victims
        for _ in range(3):
            starting = threading.Thread(target=tally, args=("cluster", "start", name, self.cluster.network),
                                        kwargs={"expect": None})
            starting.start()
            threading.Event().wait(self.chance.uniform(0, 0.3))
            self.cluster.run("kill", name)
            starting.join()
        super().end()


class Freeze(Fault):
    """SIGSTOP: a machine that hangs. It goes on where it was, with everything it held then."""
    about = "freeze"
    seconds = (3, 60)

    def begin(self):
        self.cluster.signal(self.victims[0], signal.SIGSTOP)

    def end(self):
        self.cluster.signal(self.victims[0], signal.SIGCONT)


class Slow(Fault):
    """Runs a tenth of the time: what a node with a slow disk or processor is to the others."""
    about = "slow"

    def begin(self):
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.flicker)
        self.thread.start()

    def flicker(self):
        while not self.over.is_set():
            self.cluster.signal(self.victims[0], signal.SIGSTOP)
            self.over.wait(0.18)
            self.cluster.signal(self.victims[0], signal.SIGCONT)
            self.over.wait(0.02)

    def end(self):
        self.over.set()
        self.thread.join()
        self.cluster.signal(self.victims[0], signal.SIGCONT)


class RollingRestart(Fault):
    """Each node stops in order and starts, one after another."""
    about = "rolling restart"
    alone, seconds = True, (0, 0)

    def choose(self):
        return self.chance.sample(self.cluster.names, len(self.cluster.names))

    def begin(self):
        for name in self.victims:
            self.cluster.stop(name)
            self.cluster.start(name)
            self.cluster.await_ready(name)

    def end(self):
        pass


class Absence(Kill):
    """Away until the others have gone on by many blocks."""
    about = "long absence of"
    alone, blocks = True, 0

    @staticmethod
    def possible(cluster):
        return Absence.blocks > 0

    def begin(self):
        super().begin()
        self.cluster.await_blocks(self.blocks, without=self.victims)


# The network ------------------------------------------------------------------------------------------------------


class NetworkFault(Fault):
    def choose(self):
        return []

    def end(self):
        self.cluster.wires.heal()


class Partition(NetworkFault):
    """Two groups, or three, or everybody alone."""

    def choose(self):
        names = self.chance.sample(self.cluster.names, len(self.cluster.names))
        groups = self.chance.randint(2, len(names))
        ends = sorted(self.chance.sample(range(1, len(names)), groups - 1))
        self.groups = [names[a:b] for a, b in zip([0, *ends], [*ends, len(names)])]
        return []

    def __str__(self):
        return "partition " + " | ".join(" ".join(group) for group in self.groups)

    def begin(self):
        self.cluster.wires.split(*self.groups)


class OneWay(NetworkFault):
    """Some hear others that do not hear them: any of the directed pairs, a third of them."""
    about = "one-way cuts"

    def begin(self):
        pairs = list(self.cluster.wires.wires)
        self.cluster.wires.cut(self.chance.sample(pairs, len(pairs) // 3))


class Ring(NetworkFault):
    """Each hears its neighbours only."""
    about = "ring"

    @staticmethod
    def possible(cluster):
        return len(cluster.names) >= 4

    def begin(self):
        names = self.chance.sample(self.cluster.names, len(self.cluster.names))
        neighbours = {(a, b) for a, b in zip(names, names[1:] + names[:1])}
        self.cluster.wires.cut([(a, b) for a, b in self.cluster.wires.wires if not {(a, b), (b, a)} & neighbours])


class Delay(NetworkFault):
    about = "delay of 200 ms"

    def begin(self):
        self.cluster.wires.set(Wire(delay=0.2))


class Loss(NetworkFault):
    def choose(self):
        self.percent = self.chance.randint(5, 30)
        return []

    def __str__(self):
        return f"loss of {self.percent} %"

    def begin(self):
        self.cluster.wires.set(Wire(delay=0.01, loss=self.percent / 100))


# Clocks and disks -------------------------------------------------------------------------------------------------


class ClockJump(Fault):
    """Up to a minute, forward or back; and back again."""
    about = "clock jump of"

    @staticmethod
    def possible(cluster):
        return cluster.clock_of is not None

    def choose(self):
        self.jump = self.chance.choice([-1, 1]) * self.chance.choice([1, 5, 25, 60])
        return [self.cluster.clock_of]

    def __str__(self):
        return f"{super().__str__()} by {self.jump:+} s"

    def begin(self):
        self.cluster.set_clock(self.jump)

    def end(self):
        self.cluster.set_clock(0)


class FullDisk(Fault):
    """Below the reserve, or without a free byte."""
    about = "full disk of"

    @staticmethod
    def possible(cluster):
        return cluster.disk_of is not None

    def choose(self):
        return [self.cluster.disk_of]

    def begin(self):
        self.filler = self.cluster.fill_disk(self.chance.choice([0, self.cluster.reserve // 2]))

    def end(self):
        self.filler.unlink(missing_ok=True)


class Wipe(Kill):
    """Its disk is replaced by an empty one: it may have voted for what it does not know any more."""
    about = "wiped disk of"
    alone, seconds = True, (0, 8)

    def begin(self):
        super().begin()
        self.cluster.wipe(self.victims[0])


ALL = [Kill, Kill, KillTwo, KillAll, KillAtStart, AdversaryAsPeer, AdversaryAsGateway, AdversaryAsMember, Freeze, Slow,
       RollingRestart, Absence, Partition, Partition, OneWay, Ring, Delay, Loss, ClockJump, FullDisk, Wipe]


def draw(cluster, chance, beside=None):
    """A fault that is possible here; one of the network beside one of a node, or the other way round."""
    while True:
        kind = chance.choice(ALL)
        if not kind.possible(cluster):
            continue
        if beside is not None and (kind.alone or issubclass(kind, NetworkFault) == isinstance(beside, NetworkFault)):
            continue
        return kind(cluster, chance)
