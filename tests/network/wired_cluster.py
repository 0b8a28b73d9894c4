"""A consortium of real processes whose network can be cut, delayed and made lossy; whose nodes can be frozen, wiped,
stopped in order and given another clock. Between processes there are proxies, or each has a host of its own."""

import os
import shutil
import signal

from cluster_under_test import ClusterUnderTest, eventually
from hosts import Hosts
from node_under_test import tally
from ports import free_ports
from tally_client import Client
from wires import Wires

NETWORK, BEHIND = 1000, 2000  # above a node's port for HTTPS: where it is dialled, and where it listens


class UnreliableCluster(ClusterUnderTest):
    """What both have in common; `wires` is theirs."""

    def __init__(self, *options, organizations, folder=None, port=None):
        super().__init__(*options, organizations=organizations, folder=folder, port=port)
        self.names = [f"node{number}" for number in range(1, len(self.organizations) + 1)]
        self.environments = {name: {} for name in self.names}  # of each node's process
        self.wires = None

    def __exit__(self, *arguments):
        super().__exit__(*arguments)
        self.wires.stop()

    def create(self):
        """The consortium, with no node running yet."""
        self.wires.start()
        tally("network", "create", self.network, *self.options)
        return self

    def up(self):
        self.create()
        for name in self.names:
            self.start(name)
        eventually(self.all_ready)
        return self

    def home(self, name):
        return self.network / "nodes" / name

    def number(self, name):
        return self.names.index(name) + 1

    def processes(self):
        numbers = {}
        for name in self.names:
            file = self.home(name) / "node.pid"
            if file.exists() and (text := file.read_text().strip()):
                numbers[name] = int(text)
        return numbers

    def start(self, name):
        tally("cluster", "start", name, self.network, **self.environments[name])

    def signal(self, name, number):
        os.kill(self.processes()[name], number)

    def stop(self, name):
        """In order: SIGTERM; returns when the process has ended."""
        self.signal(name, signal.SIGTERM)
        eventually(lambda: self.status()[name]["state"] == "stopped")

    def wipe(self, name):
        """Of a stopped node: its ledger and its log are gone."""
        for entry in (self.home(name) / "data").iterdir():
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()

    def all_ready(self):
        return {node["state"] for node in self.status().values()} == {"ready"}

    def evidence(self):
        """What nodes have logged of members that said two things at once."""
        return [line for name in self.names for line in (self.home(name) / "node.log").read_text().splitlines()
                if "event=evidence" in line]


class WiredCluster(UnreliableCluster):
    """Proxies carry what nodes say to each other."""

    def __init__(self, *options, organizations="ABCD", folder=None, seed=0):
        super().__init__(*options, organizations=organizations, folder=folder,
                         port=free_ports(len(organizations), (0, NETWORK, BEHIND)))
        doors = {name: (self.port + NETWORK + i, self.port + BEHIND + i) for i, name in enumerate(self.names)}
        self.wires = Wires(doors, self.processes, seed)

    def create(self):
        super().create()
        for name, (_, listens) in self.wires.doors.items():
            toml = self.home(name) / "node.toml"
            key = 'key = "identity/transport.key"'
            toml.write_text(toml.read_text().replace(key, f'{key}\nlisten = "127.0.0.1:{listens}"'))
        return self


class HostedCluster(UnreliableCluster):
    """Each node is on a host of its own, and TCP goes over what the network between them is."""

    def __init__(self, *options, organizations="ABCD"):
        super().__init__(*options, organizations=organizations)
        self.wires = Hosts(self.names)
        self.options += ["--host", ",".join(map(self.wires.address, self.names))]

    def start(self, name):
        tally("cluster", "start", name, self.network, before=self.wires.on_host(name), **self.environments[name])

    def client(self, number, name="client1", **more):
        host = self.wires.address(f"node{number}")
        return Client(self.port, self.network / "tls-roots.pem", self.identity(number, name), host=host, **more)
