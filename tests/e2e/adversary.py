"""What the tests of the adversary share: the program that speaks in the place of a node, and what must hold meanwhile."""

import json
import os
import pathlib
import re
import socket
import ssl
import subprocess
import threading
import tomllib
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import TALLY, tally
from tally.errors import Refused

ADVERSARY = os.environ.get("TALLY_ADVERSARY",
                           str(pathlib.Path(TALLY).parent.parent / "tests" / "adversary" / "adversary"))
ESCAPES = "\x1b[2J\x1b[31m\ncritical: event=broken_invariant what=\"forged\"\r\x07"
ESCAPED = r"\x1b[2J\x1b[31m\x0acritical: event=broken_invariant"
MOST_MORE_MEMORY = 5 * (129 << 20)  # of a node while an attack lasts: as it came, decrypted, decoded


def command(cluster, attack, seconds, *, stolen, to, **options):
    """The adversary's command line in the place of the nodes STOLEN of CLUSTER."""
    channel = cluster.network / "channel.json"
    nodes = {node["id"]: node for node in json.loads(channel.read_text())["nodes"]}
    line = [ADVERSARY, attack, "--channel", channel, "--seconds", seconds]
    for name in stolen:
        home = cluster.network / "nodes" / name
        network = tomllib.loads((home / "node.toml").read_text())["network"]
        line += ["--as", f"{name}={network.get('listen') or nodes[name]['address']}={home / network['key']}"]
    for name in to:
        line += ["--to", name]
    for name, value in options.items():
        if value is True:
            line += [f"--{name}"]
        else:
            line += [part for each in (value if isinstance(value, list) else [value]) for part in (f"--{name}", each)]
    return list(map(str, line))


def schema(identifier):
    return {"id": identifier, "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]}


class Honest(threading.Thread):
    """Members that write and read at the honest nodes, one after another, until it is stopped."""

    def __init__(self, cluster, numbers, first):
        super().__init__(daemon=True)
        self.cluster, self.numbers, self.next = cluster, list(numbers), first
        self.over, self.failure, self.written, self.block = threading.Event(), None, 0, 0

    def run(self):
        try:
            while not self.over.wait(0.05):
                self.write(self.numbers[self.written % len(self.numbers)])
        except BaseException as failure:  # raised again by who stops it
            self.failure = failure

    def write(self, number):
        self.next += 1
        with self.cluster.client(number, "admin") as admin:
            outcome = admin.submit("registry", "register_schema", schema(f"honest{self.next}"))
            assert outcome["validation_code"] == "VALID", outcome
            assert admin.get(f"/v1/schemas/honest{self.next}?version=1")["version"] == 1
        self.block = outcome["block"]
        self.written += 1

    def stop(self):
        self.over.set()
        self.join()
        if self.failure:
            raise self.failure


class Readers:
    """Connections of one member that ask and do not read the answer; what is closed is opened again. AGAIN: whoever is
    answered asks again, so that as many always wait."""

    def __init__(self, client, request, count, again=False):
        self.again = again
        self.address, self.request, self.count = (client.host, client.port), request, count
        self.context = ssl.create_default_context(cafile=client.authorities)
        self.context.load_cert_chain(client.identity.certificate_file, client.identity.key_file)
        self.over, self.connections, self.opened = threading.Event(), [], 0
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        for connection in self.connections:
            connection.close()

    def open(self):
        plain = socket.socket()
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        plain.settimeout(10)
        plain.connect(self.address)
        connection = self.context.wrap_socket(plain, server_hostname=self.address[0])
        connection.sendall(self.request)
        connection.setblocking(False)
        self.opened += 1
        return connection

    def is_open(self, connection):
        """Looks below TLS, so that nothing of an answer is taken."""
        try:
            if self.again:
                return connection.recv(1) is None  # an answer, or its end
        except ssl.SSLWantReadError:
            return True
        except OSError:
            return False
        try:
            return socket.socket.recv(connection, 1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except BlockingIOError:
            return True
        except (OSError, ValueError):
            return False

    def run(self):
        while not self.over.wait(0.01):
            gone = [each for each in self.connections if not self.is_open(each)]
            for each in gone:
                self.connections.remove(each)
                each.close()
            try:
                while len(self.connections) < self.count and not self.over.is_set():
                    self.connections.append(self.open())
            except OSError:
                pass  # refused; again in a moment


def get(path):
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()


def post(path, body, content_type):
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


class UnderAttack(unittest.TestCase):
    """A cluster for all tests of a class. `honest` are the numbers of the nodes that keep to the rules, `own` is the one
    whose keys the adversary has."""
    per_organization, roles = 1, ["endorser,orderer,committer,gateway"]
    honest, own = (1, 2, 3), 4
    seed = int(os.environ.get("SEED", int.from_bytes(os.urandom(4), "big")))

    @classmethod
    def setUpClass(cls):
        print(f"seed {cls.seed}", flush=True)  # SEED=... draws the same attacks
        cls.cluster = cls.enterClassContext(ClusterUnderTest(nodes=4 * cls.per_organization))
        cls.cluster.organizations = [organization for organization in "ABCD" for _ in range(cls.per_organization)]
        tally("network", "create", cls.cluster.network, *cls.cluster.options, "--nodes-per-organization",
              cls.per_organization, *[word for roles in cls.roles for word in ("--roles", roles)])
        for number in sorted({*cls.honest, cls.own}):
            cls.cluster.run("start", f"node{number}")
        eventually(lambda: all(cls.cluster.status()[f"node{n}"]["state"] == "ready" for n in cls.honest), 60)
        cls.written, cls.critical = 0, set()

    def metric(self, number, name, **labels):
        with self.cluster.client(number) as client:
            text = client.request("GET", "/metrics").body.decode()
        lines = [line for line in text.splitlines() if re.match(rf"{name}[{{ ]", line)]
        lines = [line for line in lines if all(f'{key}="{value}"' in line for key, value in labels.items())]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    def malformed(self, number, peer):
        return self.metric(number, "tally_peer_malformed_total", peer=peer)

    def pid(self, number):
        return self.cluster.status()[f"node{number}"]["pid"]

    def memory(self, pid):
        """Of a process at most so far, bytes."""
        return int(re.search(r"VmHWM:\s+(\d+) kB", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) << 10

    def forget_highest_memory(self, pid):
        pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")

    def log(self, number):
        return (self.home(number) / "node.log").read_bytes()

    def go_on_while(self, attack, most_more_memory=MOST_MORE_MEMORY, critical=()):
        """ATTACK is called while honest members work; then all honest nodes are where they would be without it."""
        pids = {number: self.pid(number) for number in self.honest}
        before = {}
        for number, pid in pids.items():
            self.forget_highest_memory(pid)
            before[number] = self.memory(pid)
        honest = Honest(self.cluster, self.honest, type(self).written)
        honest.start()
        try:
            result = attack()
            eventually(lambda: honest.failure or honest.written >= 2 * len(self.honest), 60)
        finally:
            type(self).written += 1000
            honest.stop()
        self.cluster.agreed(self.honest, at_least=honest.block, seconds=60)
        for number, pid in pids.items():
            self.assertEqual(self.pid(number), pid, f"node{number} was started again")
            grown = self.memory(pid) - before[number]
            self.assertLess(grown, most_more_memory, f"node{number} grew by {grown >> 20} MiB")
            with self.cluster.client(number) as client:
                self.assertEqual(client.request("GET", "/readyz").status, 200)
        type(self).critical |= set(critical)
        self.check_logs()
        return result

    def check_logs(self):
        """Every line is the node's own; none is critical but for the events that attacks so far were to have."""
        for number in self.honest:
            for line in self.log(number).split(b"\n")[:-1]:
                self.assertRegex(line, rb"^\d{4}-\d\d-\d\dT[0-9:.]+Z level=\w+ node=", line)
                self.assertNotRegex(line, rb"[\x00-\x1f\x7f]", line)
                if b"level=critical" in line:
                    self.assertIn(re.search(rb"event=(\w+)", line)[1].decode(), self.critical, line)

    def ordered(self, transactions, configuration=False):
        """Ordered in a batch of the adversary's own lane: their codes, which are the same at all honest nodes."""
        files = []
        for number, each in enumerate(transactions):
            files.append(self.cluster.folder / f"transaction{number}")
            files[-1].write_bytes(each)
        height = self.cluster.agreed(self.honest)[0]
        line = self.command("order", 300, file=files, orderer=self.home(self.own) / "identity" / "orderer-key.pem",
                            **({"configuration": True} if configuration else {}))
        sizes = [len(each) for each in transactions]
        with subprocess.Popen(line) as attacker:
            try:
                judged = {number: eventually(lambda n=number: self.judgement(n, height, sizes), 60)
                          for number in self.honest}
            finally:
                attacker.terminate()
        self.assertEqual(len(set(judged.values())), 1, judged)
        self.cluster.agreed(self.honest, seconds=60)
        self.block_time_ms, codes = judged[self.honest[0]]
        return list(codes)

    def judgement(self, number, height, sizes):
        """Of transactions of these sizes, one after another in a block above HEIGHT: its time, and their codes."""
        with self.cluster.client(number) as client:
            blocks = client.get(f"/v1/blocks?from={height + 1}&limit=100")["blocks"]
        for block in blocks:
            found = [each["bytes"] for each in block["transactions"]]
            for at in range(len(found) - len(sizes) + 1):
                if found[at:at + len(sizes)] == sizes:
                    return block["time_ms"], tuple(each["code"] for each in block["transactions"][at:at + len(sizes)])
        return None

    def home(self, number):
        return self.cluster.network / "nodes" / f"node{number}"

    def command(self, attack, seconds, *, stolen=None, **options):
        return command(self.cluster, attack, seconds, stolen=stolen or [f"node{self.own}"],
                       to=[f"node{number}" for number in self.honest], seed=self.seed, **options)

    def spoken(self, attack, seconds, **options):
        """The adversary's whole output, when it has ended."""
        return tally_adversary(self.command(attack, seconds, **options))


def tally_adversary(line):
    done = subprocess.run(line, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def tried(what):
    """The answer, or the code of the refusal."""
    try:
        return what()
    except Refused as refused:
        return refused.code
