"""A PostgreSQL server of the test's own, in a temporary folder, reached over a Unix socket."""

import os
import pathlib
import shutil
import signal
import subprocess
import tempfile
import time

BINARIES = max(pathlib.Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))


class PostgresUnderTest:
    """Use it as a context manager. The server refuses to run as root, so root runs it as the user postgres."""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tally-postgres-"))
        self.user = "postgres" if os.geteuid() == 0 else None
        if self.user:
            shutil.chown(self.folder, self.user)
        self.run("initdb", "-D", self.folder / "data", "-U", "tally", "-A", "trust", "-E", "UTF8", "--no-sync")
        self.process = None
        self.url = f"postgresql://tally@/postgres?host={self.folder}"

    def run(self, program, *arguments):
        subprocess.run([BINARIES / program, *map(str, arguments)], check=True, capture_output=True, user=self.user,
                       cwd="/", env={**os.environ, "HOME": str(self.folder)})

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def start(self):
        self.process = subprocess.Popen(
            [BINARIES / "postgres", "-D", self.folder / "data", "-k", self.folder, "-c", "listen_addresses="],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, user=self.user, cwd="/",
            process_group=0)
        for _ in range(300):
            if subprocess.run([BINARIES / "pg_isready", "-h", self.folder], capture_output=True).returncode == 0:
                return self
            time.sleep(0.1)
        raise AssertionError("PostgreSQL does not start")

    def stop(self):
        """Connections are cut."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def kill(self):
        """kill -9 of all its processes; what it has not written is lost."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            for _ in range(100):  # children have groups of their own, and end when their postmaster is gone
                if not subprocess.run(["pgrep", "-f", str(self.folder)], capture_output=True).stdout:
                    break
                time.sleep(0.1)
        self.process.wait()

    def dump(self, file, schema="tally"):
        with open(file, "w") as text:
            subprocess.run([BINARIES / "pg_dump", "-n", schema, self.url], stdout=text, check=True)

    def restore(self, file):
        subprocess.run([BINARIES / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file, self.url], check=True,
                       capture_output=True)

    def sql(self, statement, schema="tally"):
        """The rows of the answer, each a list of texts."""
        done = subprocess.run([BINARIES / "psql", "-X", "-A", "-t", "-F", "\x1f", "-v", "ON_ERROR_STOP=1", self.url],
                              input=f"SET search_path TO {schema}; SET timezone TO 'UTC';\n{statement};",
                              capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise AssertionError(f"{statement}: {done.stderr}")
        return [line.split("\x1f") for line in done.stdout.splitlines() if line != "SET"]
