"""From nothing to a running contract of one's own: made, tested, packed, installed, approved, called."""

import json
import pathlib
import shutil
import unittest

from node_under_test import NodeUnderTest, tally

EXAMPLES = pathlib.Path(__file__).parents[2] / "examples"


class Projects(unittest.TestCase):
    def setUp(self):
        self.node = self.enterContext(NodeUnderTest())
        self.profile = self.node.member_folder("admin") / "profile.toml"

    def json(self, *arguments):
        return json.loads(tally("--json", *arguments, timeout=600).stdout)

    def put_into_force(self, name, package):
        tally("contract", "install", package, self.node.home)
        self.node.start()
        config = self.json("config", "propose", "--set", f"contracts.{name}={package}", "--profile", self.profile)
        if not config.get("applied"):
            tally("config", "apply", config["config"], "--profile", self.profile, expect=None)

    def test_a_new_project_works_as_it_is(self):
        project = self.node.folder / "greetings"
        tally("contract", "new", "greetings", "--out", project)
        tally("contract", "test", project, timeout=600)
        package = project / "build/greetings-1.tallyc"
        self.put_into_force("greetings", package)
        tally("call", "--profile", self.profile, "greetings", "put", "--name", "first", "--text", "hello")
        note = self.json("call", "--profile", self.profile, "greetings", "get", "--name", "first")
        self.assertEqual(note, {"name": "first", "text": "hello", "organization": "Operator"})
        table = tally("call", "--profile", self.profile, "greetings", "list").stdout
        self.assertIn("first", table)
        self.assertIn("organization", table)

    def test_the_example_swaps_a_meter(self):
        project = self.node.folder / "meter_swap"
        shutil.copytree(EXAMPLES / "meter_swap", project)
        tally("contract", "test", project, timeout=600)
        self.put_into_force("meter_swap", project / "build/meter_swap-1.tallyc")
        refused = tally("--json", "call", "--profile", self.profile, "meter_swap", "propose", "--old-meter", "m-1",
                        "--new-meter", "m-2", "--old-reading", 1, "--new-reading", 0, expect=3)
        self.assertEqual(json.loads(refused.stderr)["code"], "unknown_device")

    def test_names_that_cannot_be_a_contract_are_refused(self):
        for name in ("", "Upper", "1st", "a-b", "a" * 33, "../x"):
            tally("contract", "new", name, "--out", self.node.folder / "p", expect=1)
        tally("contract", "test", self.node.folder, expect=3)


if __name__ == "__main__":
    unittest.main()
