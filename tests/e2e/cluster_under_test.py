"""A consortium of real processes, by `tally cluster`; stopped and removed at the end."""

import http.client
import json
import pathlib
import shutil
import tempfile
import time
import unittest

from node_under_test import tally
from ports import free_ports
from tally.errors import Refused
from tally.identity import Identity
from tally_client import Client


def eventually(what, seconds=20):
    """The first true answer; fails with the last one, or its exception, when the time is over."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer, problem = what(), None
        except (OSError, AssertionError, Refused, http.client.HTTPException) as error:
            answer, problem = None, error
        if answer:
            return answer
        if time.monotonic() > end:
            raise problem or AssertionError(f"not so within {seconds} s: {answer}")
        time.sleep(0.05)


class ClusterUnderTest:
    def __init__(self, *options, organizations="ABCD", nodes=None, folder=None, port=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="tally-cluster-"))
        self.network = self.folder / "network"
        self.organizations = list(organizations)
        self.nodes = nodes or len(organizations)
        self.port = port or free_ports(self.nodes)
        self.options = ["--organizations", ",".join(organizations), "--port", self.port, *options]

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if (self.network / "channel.json").exists():
            tally("cluster", "down", self.network, expect=None)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, *command, expect=0):
        """tally --json cluster COMMAND..., on this cluster; its answer."""
        done = tally("--json", "cluster", *command, self.network, expect=expect)
        return json.loads(done.stdout if expect == 0 else done.stderr)

    def up(self, *options):
        return json.loads(tally("--json", "cluster", "up", self.network, *(options or self.options)).stdout)

    def profile(self, organization, member="admin"):
        return self.network / "organizations" / organization / "members" / member / "profile.toml"

    def run_as(self, organization, *command, expect=0):
        """tally --json COMMAND..., as an organization's admin; its answer, None where it has none."""
        done = tally("--json", *command, "--profile", self.profile(organization), expect=expect)
        text = done.stdout.strip() or done.stderr
        return json.loads(text) if text else None

    def status(self):
        """By node."""
        return {node["node"]: node for node in self.run("status")}

    def client(self, number, name="client1", **more):
        """A connection of a member of node NUMBER's organization to that node."""
        return Client(self.port + number - 1, self.network / "tls-roots.pem", self.identity(number, name), **more)

    def identity(self, number, name):
        """Of node NUMBER's organization."""
        organization = self.organizations[(number - 1) % len(self.organizations)]
        return Identity.load(self.network / "organizations" / organization / "members" / name)

    def agreed(self, numbers=None, at_least=0, seconds=20):
        """Waits until these nodes hold the same last block, and returns its number, hash, log root and state digest."""
        def same():
            tips = set()
            for number in numbers or range(1, self.nodes + 1):
                with self.client(number) as client:
                    checkpoint = client.get("/v1/checkpoints/latest")
                tips.add((checkpoint["block"], checkpoint["block_hash"], checkpoint["root"], checkpoint["state"]))
            if len(tips) > 1 or min(tips)[0] < at_least:
                raise AssertionError(f"the last blocks are {sorted(tips)}; one is wanted, from {at_least} on")
            return tips.pop()
        return eventually(same, seconds)


class OnFourNodes(unittest.TestCase):
    """One consortium of four organizations, with a node each, for all of a class's tests."""

    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest())
        cls.cluster.up()
        cls.folder = cls.cluster.folder
