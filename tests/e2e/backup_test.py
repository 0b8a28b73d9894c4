"""`tally backup` and `tally restore`: a node is put back, rejoins and agrees; what is damaged or in use is refused."""

import hashlib
import json
import shutil
import unittest

from cluster_under_test import ClusterUnderTest, eventually
from node_under_test import NodeUnderTest, tally

SCHEMA = {"version": 1, "fields": [{"name": "a", "unit": "W", "scale": 0}]}


def tree(folder):
    """Every file below it, with its bytes."""
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def refused(code, *arguments, exit_code):
    """The sentence of a command that is refused for this reason."""
    done = tally("--json", *arguments, expect=exit_code)
    problem = json.loads(done.stderr)
    assert problem["code"] == code, problem
    return done.stderr


class OneNode(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.backup, cls.home = cls.node.folder / "backup", cls.node.home
        cls.moved = cls.node.network / "nodes" / "moved"

    def write(self, name):
        with self.node.client("admin") as admin:
            return admin.submit("registry", "register_schema", {"id": name, **SCHEMA})["block"]

    def test_1_a_running_node_or_one_that_was_killed_is_not_backed_up(self):
        refused("conflict", "backup", self.home, self.backup, exit_code=1)  # it never ran: there is nothing
        self.node.start()
        type(self).height = self.write("first")
        refused("locked", "backup", self.home, self.backup, exit_code=4)
        self.node.kill()
        self.assertIn("not closed in order", refused("conflict", "backup", self.home, self.backup, exit_code=1))
        self.assertFalse(self.backup.exists())

    def test_2_a_backup_of_a_stopped_node_has_its_keys_and_is_private(self):
        self.node.start()
        self.node.stop()
        waiting = self.home / "identity/transport.key.next"  # as while a change of the key is proposed
        waiting.write_bytes((self.home / "identity/transport.key").read_bytes())
        waiting.chmod(0o600)
        tally("backup", self.home, self.node.folder / "with-the-next-key")
        tally("restore", self.node.folder / "with-the-next-key", self.moved)
        self.assertEqual((self.moved / "identity/transport.key.next").read_bytes(), waiting.read_bytes())
        shutil.rmtree(self.moved)
        waiting.unlink()
        before = tree(self.home)
        made = json.loads(tally("--json", "backup", self.home, self.backup).stdout)
        self.assertEqual(tree(self.home), before)
        self.assertEqual(made["channels"], [{"channel": "main", "block": self.height}])
        self.assertEqual(self.backup.stat().st_mode & 0o077, 0)
        for path in self.backup.rglob("*"):
            if path.is_file():
                self.assertEqual(path.stat().st_mode & 0o077, 0, path)
        self.assertFalse(list(self.backup.rglob("log")))
        refused("already_exists", "backup", self.home, self.backup, exit_code=1)

    def test_3_a_damaged_backup_is_refused_with_the_files_name_and_nothing_is_written(self):
        copy = self.node.folder / "damaged"
        names = ["node.toml", "identity/peer-key.pem", "channels/0/genesis.block", "MANIFEST"]
        names.append(str(next((self.backup / "channels/0/ledger").glob("MANIFEST-*")).relative_to(self.backup)))
        for name in names:
            shutil.copytree(self.backup, copy)
            content = bytearray((copy / name).read_bytes())
            content[len(content) // 2] ^= 1
            (copy / name).write_bytes(content)
            self.assertIn(name, refused("corrupt", "restore", copy, self.moved, exit_code=5))
            self.assertFalse(self.moved.exists())
            (copy / name).unlink()
            code, number = ("not_found", 3) if name == "MANIFEST" else ("corrupt", 5)
            self.assertIn(name, refused(code, "restore", copy, self.moved, exit_code=number))
            self.assertFalse(self.moved.exists())
            shutil.rmtree(copy)

    def test_4_a_manifest_cannot_lead_out_of_the_folder(self):
        copy = self.node.folder / "hostile"
        shutil.copytree(self.backup, copy)
        for name in ("../outside", "channels/../../outside", "/tmp/outside", "channels/7/ledger/x", "identity/other"):
            lines = (self.backup / "MANIFEST").read_text().splitlines()[1:]
            lines = sorted([*lines, f"{hashlib.sha256(b'').hexdigest()} 0 {name}"], key=lambda line: line.split()[2])
            text = "".join(line + "\n" for line in lines)
            (copy / "MANIFEST").write_text(f"tally-backup-1 {hashlib.sha256(text.encode()).hexdigest()}\n{text}")
            if not name.startswith("/"):
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                (copy / name).write_bytes(b"")
            refused("corrupt", "restore", copy, self.moved, exit_code=5)
            self.assertFalse(self.moved.exists(), name)

    def test_5_a_folder_that_is_in_use_or_not_empty_is_refused(self):
        self.node.start()
        refused("locked", "restore", self.backup, self.home, exit_code=4)
        self.node.stop()
        before = tree(self.home)
        refused("already_exists", "restore", self.backup, self.home, exit_code=1)
        self.assertEqual(tree(self.home), before)
        genesis = self.node.network / "genesis.block"
        content = genesis.read_bytes()
        genesis.write_bytes(content + b"x")
        self.assertIn("genesis.block", refused("already_exists", "restore", self.backup, self.moved, exit_code=1))
        genesis.write_bytes(content)
        self.assertFalse(self.moved.exists())

    def test_6_it_is_put_back_and_goes_on_where_it_was(self):
        shutil.rmtree(self.home)
        (self.node.network / "genesis.block").unlink()
        self.assertFalse((self.backup / "identity/transport.key.next").exists())
        put = json.loads(tally("--json", "restore", self.backup, self.home).stdout)
        self.assertEqual(put["channels"], [{"channel": "main", "block": self.height}])
        tally("ledger", "verify", self.home)
        self.node.start()
        self.assertGreater(self.write("second"), self.height)


class OneOfFour(unittest.TestCase):
    def test_a_node_that_is_put_back_rejoins_and_agrees(self):
        with ClusterUnderTest() as cluster:
            cluster.up()

            def write(name):
                with cluster.client(1, "admin") as admin:
                    return admin.submit("registry", "register_schema", {"id": name, **SCHEMA})["block"]

            def ordering():
                with cluster.client(4) as client:
                    return client.get("/v1/node")["ordering"]
            write("before")
            home, backup = cluster.network / "nodes/node4", cluster.folder / "backup"
            tally("cluster", "restart", cluster.network, "--node", "node4")
            cluster.run("down")
            tally("backup", home, backup)
            cluster.run("up")
            eventually(lambda: write("since-the-backup"))
            cluster.run("kill", "node4")
            shutil.rmtree(home)
            tally("restore", backup, home)
            cluster.run("start", "node4")
            eventually(lambda: {node["state"] for node in cluster.status().values()} == {"ready"}, 60)
            self.assertFalse(ordering()["forgetful"])
            cluster.agreed(at_least=write("after"))


if __name__ == "__main__":
    unittest.main()
