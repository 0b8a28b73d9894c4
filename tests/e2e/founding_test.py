"""Four organizations found a channel, each with its keys in a folder of its own that no other sees."""

import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from node_under_test import TALLY, tally
from ports import free_ports

NAMES = ("Operator", "Bank", "City", "Audit")


class Founding(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="tally-")))

    def home(self, name):
        return self.folder / name

    def prepare(self, name, *options, expect=0):
        return tally("network", "prepare", self.home(name), name, *options, expect=expect)

    def prepare_all(self):
        for name in NAMES:
            port, between = free_ports(1), free_ports(1)
            self.prepare(name, "--port", port, "--node-port", between)

    def found(self, *options, names=NAMES, expect=0):
        files = [self.home(name) / "founding.json" for name in names]
        return tally("--json", "network", "found", self.folder / "founded", *files, *options, expect=expect)

    def accept(self, name, expect=0):
        return tally("--json", "network", "accept", self.home(name), self.folder / "founded/genesis.block", expect=expect)

    def edit(self, name, change):
        file = self.home(name) / "founding.json"
        part = json.loads(file.read_text())
        change(part)
        file.write_text(json.dumps(part))

    def start(self, name):
        node = self.home(name) / "nodes" / f"{name.lower()}1"
        process = subprocess.Popen([TALLY, "node", "start", node], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)

    def test_four_organizations_found_a_channel_and_use_it(self):
        self.prepare_all()
        founded = json.loads(self.found().stdout)
        self.assertEqual([each["organization"] for each in founded["organizations"]], list(NAMES))
        for name in NAMES:
            accepted = json.loads(self.accept(name).stdout)
            self.assertEqual(accepted, founded)
            self.accept(name)  # can be repeated
            self.start(name)
        profile = {name: str(self.home(name) / "organizations" / name / "members/admin/profile.toml") for name in NAMES}
        for name in NAMES:
            tally("node", "wait", "--seconds", 60, TALLY_PROFILE=profile[name])
        device = self.folder / "m1"
        tally("device", "new", device)
        csv = self.folder / "day.csv"
        csv.write_text("".join(["time,power_W\n", *(f"2026-03-01T{hour:02d}:00:00Z,{hour}\n" for hour in range(24))]))
        tally("device", "register", device, "--schema", "meter", "--csv", csv, TALLY_PROFILE=profile["Bank"])
        tally("device", "publish", device, "--csv", csv, TALLY_PROFILE=profile["City"])
        days = tally("--json", "query", "data", "days", '{"device":"m1"}', TALLY_PROFILE=profile["Audit"])
        self.assertEqual(len(json.loads(days.stdout)["days"]), 1)

    def test_no_secret_leaves_a_founders_folder(self):
        self.prepare("Operator")
        text = (self.home("Operator") / "founding.json").read_text()
        self.assertNotIn("PRIVATE", text)
        secrets = [path.read_text().strip() for path in self.home("Operator").rglob("*key*") if path.is_file()]
        self.assertGreater(len(secrets), 5)
        for secret in secrets:
            self.assertNotIn(secret.splitlines()[len(secret.splitlines()) // 2], text)

    def test_a_genesis_block_with_a_part_that_its_organization_did_not_prepare_is_refused(self):
        def other_root(part):
            part["organizations"][0]["roots"] = json.loads((self.home("Bank") / "founding.json").read_text())["organizations"][0]["roots"]
            part["organizations"][0]["intermediates"] = []

        def another_address(part):
            part["nodes"][0]["address"] = "10.9.9.9:1"

        def one_node_more(part):
            part["nodes"].append({**part["nodes"][0], "id": "operator2", "address": "10.9.9.9:2",
                                  "transport_key": "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"})

        self.prepare_all()
        kept = self.folder / "kept"
        shutil.copytree(self.home("Operator"), kept)
        for change, part in ((other_root, "authorities"), (another_address, "nodes"), (one_node_more, "nodes")):
            with self.subTest(change.__name__):
                self.edit("Operator", change)
                self.found()
                shutil.copy(kept / "founding.json", self.home("Operator") / "founding.json")
                refused = self.accept("Operator", expect=1)
                self.assertIn(f"other {part} for Operator", refused.stderr)
                self.assertFalse((self.home("Operator") / "genesis.block").exists())
                shutil.rmtree(self.folder / "founded")
        self.found(names=NAMES[1:])
        self.assertIn("does not name Operator", self.accept("Operator", expect=1).stderr)

    def test_parts_that_do_not_fit_are_refused(self):
        self.prepare_all()
        self.assertIn("both have the organization Bank", self.found(names=("Bank", "Bank"), expect=1).stderr)
        self.edit("City", lambda part: part["nodes"][0].update(id="bank1"))
        self.assertIn("both have the node bank1", self.found(expect=1).stderr)
        self.edit("City", lambda part: part["nodes"][0].update(id="city1", organization="Bank"))
        self.assertIn("a node of another organization", self.found(expect=1).stderr)
        self.edit("City", lambda part: part["nodes"][0].update(organization="City"))
        self.edit("City", lambda part: part.update(channel="other"))
        self.assertIn("for the channel other", self.found(expect=1).stderr)
        (self.home("City") / "founding.json").write_text("{")
        self.assertIn("City/founding.json", self.found(expect=1).stderr)
        self.assertFalse((self.folder / "founded").exists())

    def test_what_fails_leaves_the_folder_as_it_was(self):
        for options in (["--host", "no host"], ["--port", 65535, "--count", 2], ["--count", 0]):
            self.prepare("Operator", *options, expect=1)
            self.assertFalse(self.home("Operator").exists())
        self.prepare("Operator")
        self.assertIn("is not empty", self.prepare("Operator", expect=1).stderr)
        self.prepare("Bank", "--channel", "grid", "--name", "east", "--count", 2)
        self.assertEqual(sorted(each.name for each in (self.home("Bank") / "nodes").iterdir()), ["east1", "east2"])

    def test_another_genesis_block_does_not_replace_the_first(self):
        self.prepare_all()
        self.found()
        self.accept("Bank")
        first = (self.home("Bank") / "genesis.block").read_bytes()
        shutil.rmtree(self.folder / "founded")
        self.found("--endorsement", "ALL")
        self.assertIn("another channel", self.accept("Bank", expect=1).stderr)
        self.assertEqual((self.home("Bank") / "genesis.block").read_bytes(), first)


if __name__ == "__main__":
    unittest.main()
