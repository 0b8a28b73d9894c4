"""The chains of releases (tests/golden/make_release.py): this program verifies, rebuilds and serves them as they are."""

import json
import pathlib
import re
import shutil
import subprocess
import tarfile
import tempfile
import unittest

from node_under_test import TALLY, tally
from cluster_under_test import eventually
from ports import free_ports
from tally.answers import verify_answer
from tally.channel import Channel
from tally.formats import decode_sign1, sha256
from tally.identity import Identity
from tally.receipts import verify_receipt
from tally.verification import verify
from tally_client import Client

GOLDEN = pathlib.Path(__file__).parents[1] / "golden"
RELEASES = sorted((path.parent for path in GOLDEN.glob("*/contents.json")),
                  key=lambda path: [int(part) for part in path.name.split(".")])
RECORDS = {"keepalive", "interval", "daily-inline", "daily-packed", "daily-without-rows", "series.packed", "correction",
           "daily-p256", "daily-linked", "daily-certified", "daily-new-key", "daily-kept", "daily-commitment", "vitro-1", "vitro-2", "ocmf"}
CHANGED = {"organizations", "nodes", "orderers", "batch", "contracts", "endorsement", "policies", "receipt",
           "configuration", "proposal_lifetime_ms", "residency", "submission"}


def content_id(record):
    content = record.read_bytes()
    if record.name.startswith("vitro"):
        return content[15:47] if record.name == "vitro-2" else content[-96:-64]
    if record.name == "ocmf":
        return sha256(content[len("OCMF|"):content.rindex(b"|")])
    return sha256(decode_sign1(content)[2])


class Release:
    """A release's files, and its node put back into a folder of its own."""

    def __init__(self, path):
        self.path, self.contents = path, json.loads((path / "contents.json").read_text())
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="tally-golden-"))
        self.home = self.folder / "network/nodes/node1"
        with tarfile.open(path / "node.tar.gz") as archive:
            archive.extractall(self.folder)
        self.home.parent.mkdir(parents=True)
        tally("restore", self.folder / "backup", self.home)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.folder, ignore_errors=True)

    def ledger(self, command):
        return json.loads(tally("--json", "ledger", command, self.home, timeout=280).stdout)


class Golden(unittest.TestCase):
    def each(self):
        self.assertTrue(RELEASES)
        for path in RELEASES:
            with self.subTest(path.name), Release(path) as release:
                yield release

    def test_it_is_verified_and_rebuilt_to_the_same(self):
        for release in self.each():
            tip = release.contents["tip"]
            for command in ("verify", "rebuild", "verify"):
                summary = release.ledger(command)
                self.assertEqual((summary["ok"], summary["recomputed"], summary["corrected"]), (True, True, 0), command)
                self.assertEqual((summary["tip"], summary["log_root"], summary["blocks"], summary["transactions"]),
                                 (tip["block_hash"], tip["root"], tip["block"] + 1, tip["tree_size"]), command)

    def test_its_node_serves_what_it_served_then(self):
        for release in self.each():
            port, file = free_ports(2), release.home / "node.toml"
            text = re.sub(r"^port = \d+$", f"port = {port}", file.read_text(), flags=re.MULTILINE)
            file.write_text(text.replace("[network] ", f'[network]\nlisten = "127.0.0.1:{port + 1}" '))
            member = release.path / "member"
            node = subprocess.Popen([TALLY, "node", "start", release.home], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            try:
                client = Client(port, member / "tls-roots.pem", Identity.load(member))
                tip = eventually(lambda: client.get("/v1/checkpoints/latest"))
                wanted = release.contents["tip"]
                self.assertEqual({name: tip[name] for name in wanted}, wanted)
                for each in release.contents["transactions"]:
                    if each["code"] == "VALID" and each["id"]:
                        shown = client.get("/v1/transactions/" + each["id"])
                        self.assertEqual((shown["validation_code"], shown["block"], shown["index"]),
                                         (each["code"], each["block"], each["index"]))
                for receipt in sorted((release.path / "receipts").iterdir()):
                    identifier = json.loads(tally("--json", "verify", receipt, "--config",
                                                  release.path / "channel.json").stdout)["id"]
                    self.assertEqual(client.receipt(identifier), receipt.read_bytes(), receipt.name)
                for record in sorted((release.path / "records").iterdir()):
                    if record.name != "series.packed":
                        question = {"content_id": content_id(record).hex()}
                        if record.name == "ocmf":
                            found = client.ask("data", "ocmf_record", {**question, "device": "ocmf-meter"})
                        else:
                            found = client.ask("data", "find", question)
                        raw = client.request("GET", f"/v1/transactions/{found['transaction']}/raw").body
                        self.assertIn(record.read_bytes(), raw, record.name)
                client.close()
            finally:
                node.terminate()
                node.communicate(timeout=30)

    def test_its_files_of_every_kind_hold(self):
        for release in self.each():
            config = release.path / "channel.json"
            channel = Channel.load(config)
            for receipt in (release.path / "receipts").iterdir():
                shown = json.loads(tally("--json", "verify", receipt, "--config", config).stdout)
                code = "VALID" if receipt.name == "config.apply" else receipt.name
                self.assertEqual((shown["kind"], shown["code"]), ("receipt", code))
                self.assertEqual(verify_receipt(receipt.read_bytes(), channel).code, code)
            self.assertTrue(verify_answer((release.path / "days.answer").read_bytes(), channel).result["days"])
            shown = json.loads(tally("--json", "verify", release.path / "days.answer", "--config", config).stdout)
            self.assertEqual(shown["kind"], "answer")
            self.assertTrue(json.loads(shown["result"])["days"])
            sealed = release.path / "sealed.invoice"
            shown = json.loads(tally("--json", "verify", sealed, "--config", config).stdout)
            self.assertEqual(shown["kind"], "sealed invoice")
            self.assertEqual(verify(sealed.read_bytes(), channel).commitment, shown["commitment"])
            looked = json.loads(tally("--json", "snapshot", "inspect", release.path / "chain.snapshot", "--genesis",
                                      release.path / "genesis.block").stdout)
            tip = release.contents["tip"]
            self.assertEqual((looked["holds"], looked["block"], looked["state"], looked["log_root"]),
                             (True, tip["block"], tip["state"], tip["root"]))

    def test_a_snapshot_is_joined_and_goes_on(self):
        for release in self.each():
            shutil.rmtree(release.home / "data")
            tally("snapshot", "join", "--node", release.home, "--snapshot", release.path / "chain.snapshot")
            self.assertEqual(release.ledger("verify")["tip"], release.contents["tip"]["block_hash"])

    def test_the_newest_has_all_that_this_program_knows(self):
        """A code, a function that writes, a kind of record or a setting that is new needs a new golden chain."""
        release = RELEASES[-1]
        contents = json.loads((release / "contents.json").read_text())
        codes = {each["code"] for each in json.loads(tally("--json", "explain").stdout)}
        codes = {code for code in codes if code.isupper()}
        self.assertEqual({each["code"] for each in contents["transactions"]}, codes)
        called = {f"{each['contract']}.{each['function']}" for each in contents["transactions"] if each["code"] == "VALID"}
        config = json.loads((release / "channel.json").read_text())
        page = tally("contract", "reference").stdout
        self.assertEqual({each["contract"]: str(each["version"]) for each in config["contracts"] if "manifest" not in each},
                         dict(re.findall(r"^## (\w+), version (\d+)$", page, re.MULTILINE)))
        writing = re.findall(r"^### (\w+\.\w+)\n\n.*\n\nWrites", page, re.MULTILINE)
        self.assertGreater(len(writing), 15)
        self.assertLessEqual(set(writing), called)
        self.assertEqual({path.name for path in (release / "records").iterdir()}, RECORDS)
        self.assertEqual(set(contents["changed"]), CHANGED)
        self.assertEqual(set(config) - {"channel", "version", "rules", "fault_model"}, CHANGED,
                         "each setting that can change has changed")


if __name__ == "__main__":
    unittest.main()
