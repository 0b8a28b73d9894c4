"""A consortium with one real node: made with `tally network create`, started, stopped and killed as a process."""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import threading

from ports import free_ports
from tally.identity import Identity
from tally_client import Client

TALLY = os.environ.get("TALLY", str(pathlib.Path(__file__).parents[2] / "build/debug/bin/tally"))
START_SECONDS = 30


def tally(*arguments, expect=0, timeout=120, before=(), **environment):
    """Runs the command line, by the command `before` it; returns what it printed."""
    done = subprocess.run([*before, TALLY, *map(str, arguments)], capture_output=True, text=True, timeout=timeout,
                          env={**os.environ, **environment}, stdin=subprocess.DEVNULL)
    if expect is not None and done.returncode != expect:
        raise AssertionError(f"tally {' '.join(map(str, arguments))} exits with {done.returncode}, not {expect}:\n"
                             f"{done.stdout}{done.stderr}")
    return done


class NodeUnderTest:
    """Use it as a context manager; `node.start()` returns when /readyz says yes."""

    def __init__(self, *create_options, folder=None):
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="tally-"))
        self.network = self.folder / "network"
        self.port = free_ports(1)
        tally("network", "create", self.network, "--port", self.port, *create_options)
        self.home = self.network / "nodes/node1"
        self.data = self.home / "data"
        self.authorities = self.network / "tls-roots.pem"
        self.process, self.log, self.started, self.reader = None, [], None, None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def configure(self, name, value):
        """Changes one line of node.toml."""
        path = self.home / "node.toml"
        text, count = re.subn(rf"^{name} = .*$", f"{name} = {value}", path.read_text(), flags=re.MULTILINE)
        assert count == 1, f"node.toml does not set {name}"
        path.write_text(text)

    def spawn(self):
        """Starts the process and does not wait for it."""
        self.log, self.started = [], threading.Event()
        self.process = subprocess.Popen([TALLY, "node", "start", str(self.home)], stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, text=True, stdin=subprocess.DEVNULL)
        self.reader = threading.Thread(target=self._read_log, args=(self.process, self.log, self.started), daemon=True)
        self.reader.start()

    def start(self):
        self.spawn()
        if not self.started.wait(START_SECONDS) or self.process.poll() is not None:
            self.kill()
            raise AssertionError("the node does not start:\n" + "".join(self.log))
        with self.client() as client:
            answer = client.request("GET", "/readyz")
            assert answer.status == 200, answer.body
        return self

    @staticmethod
    def _read_log(process, log, started):
        with process.stdout:
            for line in process.stdout:
                log.append(line)
                if "event=started" in line:
                    started.set()
        started.set()

    def stop(self, timeout=30):
        """In order: SIGTERM. Returns the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self.reader.join(timeout)
        return code

    def kill(self):
        """kill -9."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.reader.join(10)

    def member_folder(self, name="client1", organization="Operator"):
        return self.network / "organizations" / organization / "members" / name

    def member(self, name="client1", organization="Operator"):
        return Identity.load(self.member_folder(name, organization))

    def client(self, name=None, **more):
        """A connection; of a member where it is named, otherwise of nobody."""
        return Client(self.port, self.authorities, self.member(name) if name else None, **more)

    def register(self, schema, devices):
        """Puts a schema, with the fields of the first device, and devices on the ledger."""
        with self.client("admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": schema, "version": 1,
                "fields": [{"name": f.name, "unit": f.unit, "scale": f.scale} for f in devices[0].fields]})
            for device in devices:
                admin.submit("registry", "register_device", device.registration(schema + "@1"))

    def metric(self, name):
        """The figure tally_NAME of /metrics, None where there is none."""
        with self.client("admin") as client:
            text = client.request("GET", "/metrics").body.decode()
        found = re.search(rf"^tally_{name}(?:{{.*}})? (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else None

    def verify(self, expect=0):
        return tally("ledger", "verify", self.home, expect=expect)
