"""The packages for Python and JavaScript (gateway/clients) with a real node, and their READMEs' examples, word for word."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import forgeries
from cluster_under_test import ClusterUnderTest
from node_under_test import tally
from tally.channel import Channel
from tally.client import Client
from tally.device import Device
from tally.errors import NotProven, Refused
from tally.formats import DAY
from tally.records import Field
from tally.verification import verify

ROOT = pathlib.Path(__file__).parents[2]
CLIENTS = ROOT / "gateway/clients"
FIELDS = [Field("power", "W")]


def examples(language, fence):
    return re.findall(rf"```{fence}\n(.*?)```", (CLIENTS / language / "README.md").read_text(), re.DOTALL)


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = cls.enterClassContext(ClusterUnderTest())
        tally("network", "create", cls.cluster.network, *cls.cluster.options)
        cls.cluster.run("up")
        cls.folder = cls.cluster.folder
        cls.today = int(time.time()) // DAY * DAY
        modules = cls.folder / "node_modules"
        modules.mkdir()
        (modules / "tally-ledger").symlink_to(CLIENTS / "js")
        cls.channel = Channel.load(cls.cluster.network / "channel.json")
        cls.admin = cls.enterClassContext(Client.of_profile(cls.member("admin")))
        cls.admin.call("registry", "register_schema", {
            "id": "household", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})

    @classmethod
    def member(cls, name, organization="A"):
        return cls.cluster.network / "organizations" / organization / "members" / name

    def device(self, name):
        """Registered, with its key in a folder."""
        with Device.create(self.folder / name, shard="north") as meter:
            self.admin.call("registry", "register_device", {
                "id": name, "shard": "north", "public_key": meter.public_key, "proof": meter.proof("A"),
                "schemas": ["household@1"], "polling_interval_s": 3600, "keepalive_interval_s": 7200})
        return self.folder / name

    def node(self, text, *arguments):
        """Runs a module; what it prints."""
        file = self.folder / f"{self.id()}.mjs"
        file.write_text(text)
        done = subprocess.run(["node", file, *map(str, arguments)], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    # Examples ---------------------------------------------------------------------------------------------------

    def test_the_examples_of_the_readmes_do_what_they_say(self):
        shown = re.sub(r"^ {4}", "", (ROOT / "README.md").read_text(), flags=re.MULTILINE)
        (python,) = examples("python", "python")
        online, offline = examples("js", "js")
        self.assertIn(python, shown)
        self.assertIn(online, shown)

        file = self.folder / "example.py"
        file.write_text(python)
        done = subprocess.run([sys.executable, file, self.member("client1"), self.device("example"), str(self.today - DAY)],
                              capture_output=True, text=True, timeout=120,
                              env={**os.environ, "PYTHONPATH": str(CLIENTS / "python")})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertRegex(done.stdout, r"^transaction [0-9a-f]{64} is VALID in block \d+ of channel main\n"
                                      r"1 days: data.days answered so after block \d+ of channel main\n$")

        printed = self.node(online, self.member("admin"), "of-the-example")
        self.assertRegex(printed, r"^transaction [0-9a-f]{64} is VALID in block \d+ of channel main\n"
                                  r"\d+ schemas: registry.list_schemas answered so after block \d+ of channel main\n$")
        golden = ROOT / "tests/golden/0.2.0"
        printed = self.node(offline, golden / "days.answer", golden / "channel.json")
        self.assertRegex(printed, r"^answer: data.days answered so after block \d+ of channel main\nthe channel: expected main, found main\n")

    # Python -----------------------------------------------------------------------------------------------------

    def test_a_call_is_proven_and_a_refusal_has_the_ledgers_code(self):
        done = self.admin.call("registry", "register_schema", {
            "id": "proven", "version": 1, "fields": [{"name": "flow", "unit": "l/s", "scale": -3}]})
        self.assertEqual((done.receipt.id, done.receipt.code, done.block), (done.transaction, "VALID", done.receipt.block))
        self.assertEqual(verify(done.receipt.file, self.channel).result, done.receipt.result)
        self.assertEqual(self.admin.status(done.transaction)["validation_code"], "VALID")
        shown = json.loads(self.write("a.receipt", done.receipt.file))
        self.assertEqual((shown["id"], shown["by"]), (done.transaction, "admin of A"))
        with self.assertRaises(Refused) as refused:
            self.admin.call("registry", "register_schema", {"id": "proven", "version": 1, "fields": []})
        self.assertEqual((refused.exception.status, refused.exception.code), (400, "invalid_argument"))
        with Client.of_profile(self.member("auditor")) as auditor, self.assertRaises(Refused) as refused:
            auditor.call("registry", "register_schema", {"id": "no", "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]})
        self.assertEqual(refused.exception.code, "permission_denied")
        with Client.of_profile(self.member("client1"), token=True) as bearer:
            self.assertIn("proven", {each["id"] for each in bearer.query("registry", "list_schemas", {})["schemas"]})
        with self.assertRaises(NotProven):
            Client.of_profile(self.member("client1"), trust=forgeries_channel()).receipt(done.transaction)

    def write(self, name, content):
        file = self.folder / name
        file.write_bytes(content)
        return tally("--json", "verify", file, "--config", self.cluster.network / "channel.json").stdout

    def test_days_are_published_once_and_what_is_refused_is_set_aside(self):
        folder = self.device("meter")
        rows = [[3600 * hour, None if hour == 3 else hour] for hour in range(24)]
        with Client.of_profile(self.member("client1")) as client, Device.open(folder) as meter:
            pending = meter.sign_day(self.today - 3 * DAY, rows, FIELDS, interval=3600)
            first = client.publish(pending.message)
            (again,) = client.publish_pending(meter)
            self.assertEqual((first.duplicate, again.duplicate, again.transaction), (False, True, first.transaction))
            self.assertEqual(client.receipt(first.transaction).attachments, [pending.message])
            # A record with a sequence that is taken is refused for good, and does not delay the next day.
            facts = dict(meter.facts)
            meter.facts["sequence"] = 0
            meter.sign_day(self.today - 2 * DAY, rows, FIELDS, interval=3600)
            meter.facts = facts
            meter.sign_day(self.today - DAY, rows, FIELDS, interval=3600)
            with self.assertRaises(Refused) as refused:
                client.publish_pending(meter)
            self.assertEqual(refused.exception.code, "stale_sequence")
            self.assertEqual(len(list((folder / "refused").glob("*.cose"))), 1)
            answer = client.attested("data", "days", {"device": "meter"})
            self.assertEqual([day["sequence"] for day in answer.result["days"]], [1, 2])
        # `tally device publish` uses the same folder.
        tally("device", "publish", folder, "--profile", self.member("client1") / "profile.toml", expect=None)
        self.assertEqual(json.loads((folder / "device.json").read_text())["id"], "meter")

    def test_events_come_back_where_the_cursor_is(self):
        client = self.enterContext(Client.of_profile(self.member("client1")))
        cursor = self.folder / "events.cursor"
        names = [f"event-{number}" for number in range(6)]

        def register():
            for name in names:
                self.admin.call("registry", "register_schema", {
                    "id": name, "version": 1, "fields": [{"name": "p", "unit": "W", "scale": 0}]}, prove=False)
        writer = threading.Thread(target=register)
        writer.start()
        seen = []
        for run in (2, 2, 2):  # events handled in each run; the one that a run stops at comes again
            for event in client.events(contract="registry", event="schema_registered", from_block=0, cursor=cursor):
                if event.payload["schema"].startswith("event-"):
                    if event.id not in {each.id for each in seen}:
                        seen.append(event)
                        run -= 1
                if run == 0:
                    break
        writer.join()
        self.assertEqual([event.payload["schema"] for event in seen], [f"{name}@1" for name in names])

    # JavaScript -------------------------------------------------------------------------------------------------

    def test_the_package_for_javascript_does_the_same(self):
        program = """
            import { Channel, NotProven, Refused, SigningKey, signDay, signPossession, verify } from "tally-ledger";
            import { clientOfProfile, fileCursor } from "tally-ledger/node";
            import { webcrypto } from "node:crypto";
            import { readFile } from "node:fs/promises";
            const [admin, config, start, cursor] = process.argv.slice(2);
            const trust = Channel.of(await readFile(config, "utf8"));
            const client = await clientOfProfile(admin, { trust });
            const { key, publicKey } = await SigningKey.generate();
            const spki = Buffer.from(await webcrypto.subtle.exportKey("spki", publicKey)).toString("base64");
            const proof = Buffer.from(await signPossession(key, "js", "main", "A")).toString("base64");
            await client.call("registry", "register_device", { id: "js", shard: "north", public_key: spki, proof, schemas: ["household@1"],
              polling_interval_s: 3600, keepalive_interval_s: 7200 });
            const rows = Array.from({ length: 24 }, (_, hour) => [3600 * hour, hour === 4 ? null : hour]);
            const fields = [{ name: "power", unit: "W", scale: 0 }];
            const day = { device: "js", channel: "main", sequence: 1, previous: null, previousDaily: null, startS: Number(start), endS: Number(start) + 86400, intervalS: 3600, fields, rows };
            const { message } = await signDay(key, day);
            const first = await client.publish(message), again = await client.publish(message);
            const { receipt, file } = await client.receipt(first.transaction);
            const { result } = await client.attested("data", "days", { device: "js" });
            const refused = await client.call("registry", "register_schema", { id: "x", version: 1, fields: [] }).catch((error) => error);
            const bearer = await clientOfProfile(admin, { token: true });
            const seen = [];
            const stop = new AbortController();
            for await (const event of client.events({ contract: "data", fromBlock: 0, cursor: fileCursor(cursor), stop: stop.signal })) {
              seen.push(event.data.payload.device);
              if (event.data.payload.device === "js") break;
            }
            console.log(JSON.stringify({ same: first.transaction === again.transaction, duplicate: again.duplicate, code: receipt.code,
              attached: Buffer.compare(receipt.transaction.attachments[0], message), days: result.days.length, sum: result.days[0].fields[0].sum,
              refused: [refused instanceof Refused, refused.code], schemas: (await bearer.query("registry", "list_schemas", {})).schemas.length > 0,
              proven: (await verify(file, trust)).kind, last: seen.at(-1) }));
            process.exit(0);
        """
        found = json.loads(self.node(program, self.member("admin"), self.cluster.network / "channel.json", self.today - DAY, self.folder / "js.cursor"))
        self.assertEqual(found, {"same": True, "duplicate": True, "code": "VALID", "attached": 0, "days": 1, "sum": str(sum(range(24)) - 4),
                                 "refused": [True, "invalid_argument"], "schemas": True, "proven": "receipt", "last": "js"})

    # The command line -------------------------------------------------------------------------------------------

    def test_the_command_line_names_the_same_faults(self):
        """`tally verify` and both packages (their own tests) judge the same altered files."""
        with tempfile.TemporaryDirectory() as folder:
            file, config = pathlib.Path(folder) / "a.file", pathlib.Path(folder) / "channel.json"
            for forgery in forgeries.all_of_them():
                with self.subTest(forgery["name"]):
                    file.write_bytes(forgeries.file_of(forgery))
                    config.write_text(forgeries.channel_of(forgery))
                    done = tally("--json", "verify", file, "--config", config, expect=5 if "check" in forgery else 0)
                    failed = [each for each in json.loads(done.stdout)["checks"] if not each["ok"]]
                    self.assertEqual([each["check"] for each in failed], [forgery["check"]] if "check" in forgery else [])
                    self.assertTrue(all(each["expected"] and each["found"] for each in failed), failed)


def forgeries_channel():
    """Of another consortium."""
    return Channel.load(forgeries.FOLDER / "channel.json")


if __name__ == "__main__":
    unittest.main()
