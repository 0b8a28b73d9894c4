"""A node's files: who may read them, what is no file, and what the node tells of itself after a restart."""

import os
import pathlib
import stat
import tempfile
import unittest

from node_under_test import NodeUnderTest, tally


def open_to_others(folder):
    """What below a folder, itself included, group or others have any right on."""
    found = []
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            found.append(str(path))
    return found


class Home(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        before = os.umask(0)  # whatever the user's habits are
        cls.addClassCleanup(os.umask, before)
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()

    def test_nothing_is_anybody_elses(self):
        with self.node.client("admin") as admin:
            admin.submit("registry", "register_schema",
                         {"id": "any", "version": 1, "fields": [{"name": "a", "unit": "W", "scale": 0}]})
        self.assertEqual(open_to_others(self.node.network), [])
        profile = self.node.member_folder("admin") / "profile.toml"
        snapshot = self.node.folder / "a.snapshot"
        tally("snapshot", "create", snapshot, "--profile", profile)
        self.assertEqual(open_to_others(snapshot), [])

    def test_an_open_data_folder_is_closed_at_the_start(self):
        with NodeUnderTest() as node:
            node.data.chmod(0o755)
            node.start()
            self.assertEqual(stat.S_IMODE(node.data.stat().st_mode), 0o700)

    def test_the_height_is_known_after_a_restart(self):
        with self.node.client("admin") as admin:
            block = admin.submit("registry", "register_schema",
                                 {"id": "other", "version": 1,
                                  "fields": [{"name": "a", "unit": "W", "scale": 0}]})["block"]
        self.assertEqual(self.node.metric("block_height"), block)
        self.assertEqual(self.node.stop(), 0)
        self.node.start()
        self.assertEqual(self.node.metric("block_height"), block)

    def test_a_pipe_is_no_file(self):
        with tempfile.TemporaryDirectory() as folder:
            pipe = pathlib.Path(folder) / "pipe"
            os.mkfifo(pipe)
            for command in (["receipt", "verify", pipe, "--config", self.node.network / "channel.json"],
                            ["snapshot", "inspect", pipe], ["ledger", "verify", folder],
                            ["device", "publish", folder, "--csv", pipe]):
                done = tally(*command, expect=None, timeout=20)
                self.assertNotEqual(done.returncode, 0)
            self.assertIn("not a regular file", tally("snapshot", "inspect", pipe, expect=None).stderr)


if __name__ == "__main__":
    unittest.main()
