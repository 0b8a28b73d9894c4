"""Man pages and completion say what --help says: every command, and every option of each."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from node_under_test import tally


def commands(path=()):
    """(command, its help) of the program, depth first. `call` has the functions of all contracts below it: not these."""
    text = tally(*path, "--help").stdout
    yield path, text
    listed = text.split("\nSubcommands:\n")
    if len(listed) == 2 and path != ("call",):
        for name in re.findall(r"^  (\S+)", listed[1], re.MULTILINE):
            yield from commands((*path, name))


def plain(page):
    """The text of a page without its requests and escapes."""
    return re.sub(r"\\&", "", page.read_text()).replace("\\-", "-").replace("\\e", "\\")


class Manual(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory())) / "man"
        tally("manual", "--out", cls.folder)
        cls.commands = dict(commands())

    def test_each_command_has_its_page(self):
        first = {path[0] for path in self.commands if path}
        self.assertGreater(len(first), 20)
        self.assertEqual({page.name for page in self.folder.iterdir()},
                         {"tally.1", *(f"tally-{name}.1" for name in first)})
        overview = plain(self.folder / "tally.1")
        for name in first:
            self.assertIn(f"tally-{name} (1)", overview)

    def test_a_page_has_every_option_that_help_has(self):
        for path, text in self.commands.items():
            if not path:
                continue
            page = plain(self.folder / f"tally-{path[0]}.1")
            self.assertIn("tally " + " ".join(path), page)
            for option in set(re.findall(r"^  (?:-\w,)?(--[\w-]+)", text, re.MULTILINE)) - {"--help"}:
                self.assertRegex(page, rf"(?m)^\.B .*{option}\b", " ".join(path))

    def test_no_line_of_text_is_a_request_by_accident(self):
        known = {".TH", ".SH", ".SS", ".TP", ".B", ".BR", ".nf", ".fi"}
        for page in self.folder.iterdir():
            requests = {line.split()[0] for line in page.read_text().splitlines() if line.startswith((".", "'"))}
            self.assertLessEqual(requests, known, page.name)

    def test_a_folder_that_cannot_be_made(self):
        done = tally("manual", "--out", self.folder / "tally.1" / "below", expect=1)
        self.assertIn("tally.1", done.stderr)

    def test_bash_completes_commands_and_options(self):
        for words, wanted in ((["tally", "pl"], ["plan"]), (["tally", "plan", "--dev"], ["--devices"]),
                              (["tally", "network", "cre"], ["create"])):
            done = subprocess.run(["bash", "-c", 'cd / && source <(printf "%s" "$0"); COMP_WORDS=("$@"); '
                                   'COMP_CWORD=$(($# - 1)); _tally; printf "%s\\n" "${COMPREPLY[@]}"',
                                   tally("completion", "bash").stdout, *words],
                                  capture_output=True, text=True, timeout=30, check=True)
            self.assertEqual(done.stdout.split(), wanted)


if __name__ == "__main__":
    unittest.main()
