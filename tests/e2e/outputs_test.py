"""What the file system refuses is an error with the path, and output that cannot be written is no success."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from node_under_test import TALLY, NodeUnderTest

NOBODY = ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


class Outputs(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()
        cls.profile = str(cls.node.member_folder("admin") / "profile.toml")

    def into(self, path, *arguments, **more):
        with open(path, "wb") as out:
            return subprocess.run([TALLY, *map(str, arguments)], stdout=out, stderr=subprocess.PIPE, text=True,
                                  stdin=subprocess.DEVNULL, env={**os.environ, "TALLY_PROFILE": self.profile}, **more)

    def test_a_full_disk_behind_the_standard_output(self):
        """Short and long output, for people and for programs, of the parser and of a command."""
        with self.node.client("admin") as admin:
            for number in range(60):
                admin.submit("registry", "register_schema", {"id": f"s{number}", "version": 1, "fields": [
                    {"name": "power", "unit": "W", "scale": 0}]})
        for arguments in (["--help"], ["--version"], ["device", "publish", "--help"], ["completion", "bash"],
                          ["config", "show"], ["--json", "config", "show"], ["query", "registry", "list_devices"],
                          ["--json", "query", "registry", "list_schemas"], ["node", "status"], ["explain", "busy"],
                          ["identity", "show", self.node.authorities],
                          ["device", "new", self.node.folder / "device"]):
            with self.subTest(arguments):
                done = self.into("/dev/full", *arguments)
                self.assertEqual((done.returncode, "No space left" in done.stderr), (4, True),
                                 done.stderr)

    def test_a_closed_standard_output(self):
        for arguments in ("--version", "config show"):
            done = subprocess.run(f"{TALLY} {arguments} >&-", shell=True, capture_output=True, text=True,
                                  env={**os.environ, "TALLY_PROFILE": self.profile})
            self.assertEqual(done.returncode, 1, done.stderr)
            self.assertIn("standard output", done.stderr)

    def test_a_file_that_cannot_be_written(self):
        for arguments in (["config", "show", "--out", "/dev/full/x"], ["config", "show", "--out", "/proc/version"],
                          ["device", "new", "/proc/device"], ["network", "create", "/proc/network"]):
            with self.subTest(arguments):
                done = self.into(os.devnull, *arguments)
                self.assertIn(done.returncode, (1, 3, 4), done.stderr)
                self.assertIn(arguments[-1].rsplit("/", 1)[0], done.stderr)

    @unittest.skipIf(os.geteuid() != 0, "needs to become another user")
    def test_folders_that_the_user_may_not_enter(self):
        """Each of these asks for files below a folder that is closed."""
        with tempfile.TemporaryDirectory(prefix="tally-closed-") as name:
            top = pathlib.Path(name)
            top.chmod(0o755)
            program = shutil.copy(TALLY, top / "tally")
            home = shutil.copytree(self.node.home, top / "nodes/node1")
            shutil.copy(self.node.network / "genesis.block", top)
            for path in (top, *top.rglob("*")):
                os.chown(path, 65534, 65534)
            closed = home / "data"
            os.chown(closed, 0, 0)
            closed.chmod(0o700)
            root = pathlib.Path("/root")
            for arguments, path in ((["doctor", home], "data"), (["ledger", "verify", home], "data"),
                                    (["ledger", "export", home], "data"), (["ledger", "rebuild", home], "data"),
                                    (["ledger", "verify", closed], "data"), (["node", "start", home], "data"),
                                    (["network", "create", root / "x/demo"], "/root"), (["cluster", "up", root / "x"], "/root"),
                                    (["cluster", "status", root / "x"], "/root"), (["device", "new", root / "d"], "/root"),
                                    (["device", "prove", root / "d", "--organization", "A", "--out", "p"], "/root"),
                                    (["snapshot", "inspect", root / "s"], "/root"),
                                    (["identity", "show", root / "c.pem"], "/root"),
                                    (["config", "show", "--profile", root / "p.toml"], "/root"),
                                    (["channel", "create", root / "x", "north"], "/root"),
                                    (["network", "add-nodes", root / "x", "B"], "/root")):
                with self.subTest(arguments):
                    done = subprocess.run([*NOBODY, program, *map(str, arguments)], capture_output=True, text=True,
                                          cwd=top, stdin=subprocess.DEVNULL, env={"PATH": os.environ["PATH"]})
                    self.assertIn(done.returncode, (1, 3, 4, 5), done.stderr + done.stdout)
                    self.assertIn(path, done.stderr + done.stdout)
                    self.assertNotIn("terminate called", done.stderr)


if __name__ == "__main__":
    unittest.main()
