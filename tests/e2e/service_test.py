"""The unit tally-node@ is one that systemd takes, and it leaves a node no more than it needs. systemd need not run."""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

from node_under_test import TALLY

UNIT = pathlib.Path(__file__).resolve().parents[2] / "scripts/packaging/tally-node@.service"
EXPOSURE = 2.0  # of 10, by systemd-analyze security; lower is better


def systemd_analyze(*arguments):
    return subprocess.run(["systemd-analyze", "--no-pager", *map(str, arguments)], capture_output=True, text=True,
                          timeout=60, env={**os.environ, "LC_ALL": "C"})


class Service(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def verify(self, text):
        """What systemd finds in the unit, where the program is the one under test, and its manual is not installed."""
        text = re.sub(r"^Documentation=.*\n", "", text.replace("/usr/bin/tally", TALLY), flags=re.MULTILINE)
        unit = self.folder / "tally-node@a1.service"
        unit.write_text(text)
        done = systemd_analyze("verify", unit)
        return done.returncode, [line for line in done.stderr.splitlines() if "tally-node" in line]

    def test_systemd_finds_nothing_wrong(self):
        self.assertEqual(self.verify(UNIT.read_text()), (0, []))

    def test_systemd_would_find_what_is_wrong(self):
        for right, wrong in (("ProtectSystem=strict", "ProtectSystem=very"), ("StateDirectory=", "StateFolder="),
                             ("SystemCallFilter=@system-service", "SystemCallFilter=@nonsense")):
            text = UNIT.read_text()
            self.assertIn(right, text)
            with self.subTest(wrong):
                self.assertNotEqual(self.verify(text.replace(right, wrong)), (0, []))

    def test_it_is_confined(self):
        unit = self.folder / "tally-node@a1.service"
        unit.write_text(UNIT.read_text().replace("/usr/bin/tally", TALLY))
        done = systemd_analyze("security", "--offline=true", unit)
        level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
        self.assertIsNotNone(level, done.stdout + done.stderr)
        self.assertLessEqual(float(level[1]), EXPOSURE)


if __name__ == "__main__":
    unittest.main()
