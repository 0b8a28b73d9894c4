"""The tutorial, typed from its page: every command of docs/tutorial.md in its order, in an empty folder."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

from node_under_test import TALLY
from postgres_under_test import PostgresUnderTest

PAGE = pathlib.Path(__file__).parents[2] / "docs/tutorial.md"


class Tutorial(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tally-tutorial-"))
        self.postgres = self.enterContext(PostgresUnderTest())
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.addCleanup(subprocess.run, [TALLY, "cluster", "down", "demo"], cwd=self.folder, capture_output=True)

    def test_each_command_of_the_page_works(self):
        blocks = re.findall(r"```bash\n(.*?)```", PAGE.read_text(), re.DOTALL)
        self.assertGreater(len(blocks), 10)
        script = "\n".join(blocks)
        script += "\nkill %1\n"  # the broker
        script = re.sub(r"^! (.*)$", r"if \1; then echo it was to fail; exit 1; fi", script, flags=re.MULTILINE)
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-x", "-c", script], cwd=self.folder, stdin=subprocess.DEVNULL, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
            env={**os.environ, "PATH": f"{pathlib.Path(TALLY).parent}:{os.environ['PATH']}",
                 "DATABASE": self.postgres.url})
        self.addCleanup(os.killpg, process.pid, signal.SIGKILL)  # of a run that failed
        text, _ = process.communicate(timeout=280)
        self.assertEqual(process.returncode, 0, text)
        self.assertRegex(text, r"meter-1\|31\|\d+|meter-1 +\| +62 ")  # in SQL, with the days that came by MQTT



if __name__ == "__main__":
    unittest.main()
