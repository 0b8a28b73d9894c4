"""The consortium that is soaked: with a clock and a disk that the soak commands, where the machine allows it."""

import os
import pathlib
import shutil
import subprocess

from cluster_under_test import eventually
from node_under_test import tally
from tally.identity import Identity
from wired_cluster import WiredCluster

PATIENCE = 120
FAKETIME = next(pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"), None)
DISK_BYTES = 512 << 20
MIN_FREE = 268435456  # as `tally network create` writes it


class Consortium(WiredCluster):
    reserve = 16 << 20

    def __init__(self, folder, nodes, chance):
        organizations = "ABCDEFGHIJ"[:nodes]
        super().__init__(organizations=organizations, folder=folder, seed=chance.random())
        self.lives = dict.fromkeys(self.names, 0)
        self.members = {}
        self.keep = True  # until all is known to be well
        self.clock_of = chance.choice(self.names) if FAKETIME else None
        self.disk_of, self.wanted_disk_of = None, chance.choice(self.names)

    def __exit__(self, *arguments):
        tally("cluster", "down", self.network, expect=None)
        self.wires.stop()
        if self.disk_of:
            disk = self.home(self.disk_of) / "data"
            if self.keep:
                shutil.copytree(disk, disk.with_name("data-kept"))
            subprocess.run(["umount", "-l", str(disk)], check=False)
        if not self.keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def create(self):
        super().create()
        if self.clock_of:
            self.set_clock(0)
            self.environments[self.clock_of] = {
                "LD_PRELOAD": str(FAKETIME), "FAKETIME_TIMESTAMP_FILE": str(self.home(self.clock_of) / "clock"),
                "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_CACHE_DURATION": "1", "NO_FAKE_STAT": "1"}
        self.mount_disk()
        return self

    def mount_disk(self):
        """A disk that can be filled, under one node's data; only root can have one."""
        data = self.home(self.wanted_disk_of) / "data"
        if os.geteuid() != 0:
            return
        files = {entry.name: entry.read_bytes() for entry in data.iterdir()}
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(data)],
                                 capture_output=True)
        if mounted.returncode != 0:
            return
        self.disk_of = self.wanted_disk_of
        for name, content in files.items():
            (data / name).write_bytes(content)
        toml = data.parent / "node.toml"
        toml.write_text(toml.read_text().replace(f"min_free_bytes = {MIN_FREE}", f"min_free_bytes = {self.reserve}"))

    def fill_disk(self, leave):
        """A file on `disk_of`'s disk that takes all room but `leave` bytes, while the node writes too."""
        path = self.home(self.disk_of) / "data" / "filler"
        with open(path, "wb") as filler:
            while True:
                free = os.statvfs(path.parent)
                size = os.fstat(filler.fileno()).st_size + free.f_bavail * free.f_frsize - leave
                if size <= 0:
                    return path
                try:
                    os.posix_fallocate(filler.fileno(), 0, size)
                    return path
                except OSError:
                    pass  # the node was faster, and nothing was taken

    def set_clock(self, seconds):
        file = self.home(self.clock_of) / "clock"
        file.with_suffix(".new").write_text(f"{seconds:+}\n")
        file.with_suffix(".new").rename(file)

    def wipe(self, name):
        self.lives[name] += 1
        super().wipe(name)

    def member(self, organization, name):
        """Loaded once: each client thread asks for it per node."""
        folder = self.network / "organizations" / organization / "members" / name
        return self.members.setdefault(folder, Identity.load(folder))

    def height(self, number):
        with self.client(number) as client:
            return client.get("/v1/checkpoints/latest")["block"]

    def await_ready(self, name):
        eventually(lambda: self.status()[name]["state"] == "ready", PATIENCE)

    def await_all_ready(self):
        eventually(self.all_ready, PATIENCE)

    def await_blocks(self, count, without):
        (number, *_) = [self.number(name) for name in self.names if name not in without]
        until = self.height(number) + count
        eventually(lambda: self.height(number) >= until, 3600)

    def ledger(self, number, meaning):
        """All blocks from 1 on, as the judge takes them."""
        chain, begin = [], 1
        with self.client(number, timeout=60) as client:
            while True:
                page = client.get(f"/v1/blocks?from={begin}&limit=100")["blocks"]
                if not page:
                    return chain
                for block in page:
                    chain.append({
                        "number": block["number"], "hash": block["hash"], "previous_hash": block["previous_hash"],
                        "root": block["checkpoint"]["root"], "tree_size": block["checkpoint"]["tree_size"],
                        "transactions": [meaning(t) for t in block["transactions"]]})
                begin = chain[-1]["number"] + 1
