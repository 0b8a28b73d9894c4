"""Every function of every contract on the command line, from its declaration."""

import json
import unittest

from node_under_test import NodeUnderTest, tally


class Calls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest())
        cls.node.start()
        cls.profile = cls.node.member_folder("admin") / "profile.toml"

    def call(self, *arguments, expect=0, options=()):
        return tally(*options, "call", "--profile", self.profile, *arguments, expect=expect)

    def test_a_function_is_called_with_an_option_for_each_argument(self):
        fields = self.node.folder / "fields.json"
        for number in (1, 2, 3):
            fields.write_text(json.dumps({"name": "energy", "unit": "Wh", "scale": -number}))
            outcome = json.loads(self.call("registry", "register_schema", "--id", "site", "--version", number, "--fields",
                                           f"@{fields}", options=["--json"]).stdout)
            self.assertEqual(outcome["validation_code"], "VALID")
        schema = json.loads(self.call("registry", "get-schema", "--id", "site", "--version", 2,
                                      options=["--json"]).stdout)
        self.assertEqual(schema["fields"][0]["scale"], -2)

        page = json.loads(self.call("registry", "list_schemas", "--limit", 2, options=["--json"]).stdout)
        self.assertEqual([each["version"] for each in page["schemas"]], [1, 2])
        table = self.call("registry", "list_schemas", "--limit", 2, "--all").stdout
        self.assertEqual(sum(line.split()[:1] == ["site"] for line in table.splitlines()), 3, table)

    def test_wrong_arguments_are_named(self):
        for arguments, part in (
                (("registry", "get_schema", "--id", "site"), "version"),
                (("registry", "get_schema", "--id", "site", "--version", "two"), "--version is \"two\""),
                (("registry", "get_schema", "--id", "a b", "--version", "1"), "\"id\""),
                (("registry", "list_devices", "--limit", "0"), "\"limit\" is 0"),
                (("registry", "no_such"), "no_such")):
            done = self.call(*arguments, expect=None)
            self.assertNotEqual(done.returncode, 0, arguments)
            self.assertIn(part, done.stdout + done.stderr, arguments)

    def test_a_contract_that_nobody_has_is_named(self):
        self.assertIn("no_such", self.call("no_such", "f", expect=3).stderr)

    def test_the_contracts_of_the_channel_are_listed_and_shown(self):
        listed = tally("contract", "list", "--profile", self.profile).stdout
        for name in ("registry", "data", "anchor", "config"):
            self.assertIn(name, listed)
        self.assertIn("register_device", tally("contract", "show", "registry", "--profile", self.profile).stdout)


if __name__ == "__main__":
    unittest.main()
