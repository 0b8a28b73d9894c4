"""A node whose clock jumps, whose disk is full, or whose disk is slow: the others serve, and it is one of them again when
that has ended. With the consortium of the soak."""

import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

tests = pathlib.Path(__file__).parents[1]
sys.path[:0] = [str(tests / "e2e"), str(tests / "soak")]
from cluster_under_test import eventually  # noqa: E402
from consortium import Consortium  # noqa: E402
from load import Load  # noqa: E402

SLOW = """#define _GNU_SOURCE
#include <dlfcn.h>
#include <unistd.h>
static int slowly(const char* name, int file) {
    usleep(300000);
    return ((int (*)(int))dlsym(RTLD_NEXT, name))(file);
}
int fsync(int file) { return slowly("fsync", file); }
int fdatasync(int file) { return slowly("fdatasync", file); }
"""


class ClocksAndDisks(unittest.TestCase):
    def setUp(self):
        folder = tempfile.mkdtemp(prefix="tally-faults-")
        self.cluster = self.enterContext(Consortium(folder, 4, random.Random(self.id())))
        self.cluster.create()

    def begin(self):
        for name in self.cluster.names:
            self.cluster.start(name)
        eventually(self.cluster.all_ready, 60)
        self.load = self.enterContext(Load(self.cluster))
        self.load.await_commits(3)

    def others(self, name):
        return [number for number in self.load.numbers if number != self.cluster.number(name)]

    def ends_well(self):
        eventually(self.cluster.all_ready, 60)
        self.load.await_commits(3)
        self.load.stop()
        self.load.check()
        self.assertEqual(self.cluster.evidence(), [])

    def test_a_clock_jumps(self):
        self.assertTrue(self.cluster.clock_of, "libfaketime is not installed: scripts/setup tests")
        self.begin()
        for jump in (+60, -60, 0, -3600, +3600):
            self.cluster.set_clock(jump)
            self.load.await_commits(8, self.others(self.cluster.clock_of))
            # It does not vote while its clock is far off, but what it does by its timers goes on.
            height = self.height(1 if self.cluster.number(self.cluster.clock_of) != 1 else 2)
            eventually(lambda: self.height(self.cluster.number(self.cluster.clock_of)) >= height, 60)
        # Back by an hour to the right time: from now on the channel needs it, its votes as well as its timeouts.
        self.cluster.set_clock(0)
        name = next(name for name in self.cluster.names if name not in (self.cluster.clock_of, self.cluster.disk_of))
        self.cluster.run("kill", name)
        self.load.await_commits(8, self.others(name))
        # And it serves blocks to the one that was away, when the others are gone.
        self.cluster.start(name)
        self.ends_well()

    def height(self, number):
        with self.cluster.client(number) as client:
            return client.get("/v1/checkpoints/latest")["block"]

    def test_a_disk_is_full(self):
        name = self.cluster.disk_of
        if not name:
            self.skipTest("needs to mount a file system")
        self.begin()
        for leave in (self.cluster.reserve // 2, 0):
            filler = self.cluster.fill_disk(leave)
            eventually(lambda: self.cluster.status()[name]["state"] != "ready", 30)
            self.load.await_commits(8, self.others(name))
            filler.unlink()
            eventually(self.cluster.all_ready, 60)
        self.ends_well()

    def test_a_disk_is_slow(self):
        name = next(name for name in self.cluster.names if name != self.cluster.clock_of)
        with tempfile.TemporaryDirectory() as folder:
            source, library = pathlib.Path(folder) / "slow.c", pathlib.Path(folder) / "slow.so"
            source.write_text(SLOW)
            subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
            self.cluster.environments[name] = {"LD_PRELOAD": str(library)}
            self.begin()
        self.load.await_commits(8, self.others(name))
        self.cluster.stop(name)
        self.cluster.environments[name] = {}
        self.cluster.start(name)
        self.ends_well()


if __name__ == "__main__":
    unittest.main()
