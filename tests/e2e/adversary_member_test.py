"""An adversary with a member's certificate: what it asks for and proposes holds nobody else up, and breaks nothing."""

import base64
import concurrent.futures
import hashlib
import json
import os
import time
import unittest

from adversary import ESCAPES, Readers, UnderAttack, get, post, schema, tried
from cluster_under_test import eventually
from node_under_test import tally
from tally.errors import Refused
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device

FIELDS = [Field(name, "W", 0) for name in "abcdefg"]
DAYS = 20
ROUNDS = 5
MOST_MORE_MEMORY = 512 << 20  # of a node: 64 MiB of answers for one organization, and those that are being made


class Member(UnderAttack):
    """The adversary is a member of D; it asks at node1, which is A's."""
    honest, own = (1, 2, 3, 4), 4

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.today = int(time.time()) // DAY * DAY
        cls.start = cls.today - (DAYS + 2) * DAY
        with cls.cluster.client(2, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "meter", "version": 1, "fields": [{"name": f.name, "unit": "W", "scale": 0} for f in FIELDS]})
        cls.victim, cls.mine = cls.device("victim", 2), cls.device("mine", 4)
        with cls.cluster.client(4) as client:
            for day in range(DAYS):
                rows = [[minute * 60] + [minute * 1000 + day + n for n in range(len(FIELDS))] for minute in range(1440)]
                outcome = client.publish(cls.mine.day(cls.start + day * DAY, rows))
        cls.transaction = outcome["transaction"]["id"]
        cls.series = f"/v1/devices/mine/series?from={cls.start}&to={cls.today}"

    @classmethod
    def device(cls, identifier, number):
        """Registered by the organization of node NUMBER."""
        device = Device(identifier, new_key(ES256), FIELDS)
        with cls.cluster.client(number, "admin") as admin:
            outcome = admin.submit("registry", "register_device",
                                   device.registration("meter@1", organization=admin.organization))
        cls.cluster.agreed(at_least=outcome["block"])
        return device

    def client_at_node1(self, name="client1"):
        client = self.cluster.client(1)
        client.identity = self.cluster.identity(4, name)
        return client

    def others_are_served(self, request, count, until_refused=False, again=False):
        """While COUNT connections of D ask node1 and read nothing, members of A and B are answered there."""
        before = self.refused()

        def attack():
            with Readers(self.client_at_node1(), request, count, again) as readers:
                eventually(lambda: readers.opened >= count, 60)
                if until_refused:
                    eventually(lambda: self.refused() > before, 60)
                answered = self.answered()
                for number in (1, 2):
                    client = self.cluster.client(1)
                    client.identity = self.cluster.identity(number, "client1")
                    with client:
                        for _ in range(ROUNDS):
                            self.assertEqual(client.get("/v1/devices/mine")["id"], "mine")
                            self.assertEqual(client.ask("data", "totals", {"device": "mine"})["daily"], DAYS)
                            self.assertTrue(client.receipt(self.transaction))
                # Organizations take turns: few answers for D between two questions of the others.
                self.assertLess(self.answered() - answered, 10 * 2 * 3 * ROUNDS)
        self.go_on_while(attack, MOST_MORE_MEMORY)

    def answered(self):
        """Signed queries that node1 has answered; only D asks so."""
        return self.metric(1, "tally_http_requests_total", route="/v1/queries", status="200")

    def refused(self):
        """Requests that node1 has refused for want of room."""
        return self.metric(1, "tally_http_requests_total", status="503")

    def test_slow_readers_of_large_answers(self):
        with self.cluster.client(1) as client:
            size = len(client.request("GET", self.series).body)
        self.assertGreater(size, 1 << 20)
        self.others_are_served(get(self.series), 100)

    def test_slow_readers_of_blocks(self):
        """Larger than what the system takes for a connection that nobody reads."""
        with self.client_at_node1("admin") as admin:
            for number in range(8):
                devices = [Device(f"many-{number}-{n}", new_key(ES256), FIELDS).registration(
                    "meter@1", organization="D", location="x" * 1000) for n in range(500)]
                block = admin.submit("registry", "import_devices", {"devices": devices})["block"]
        self.cluster.agreed(at_least=block)
        with self.cluster.client(1) as client:
            self.assertGreater(len(client.request("GET", f"/v1/blocks?from={block - 7}&limit=8").body), 5 << 20)
        self.others_are_served(get(f"/v1/blocks?from={block - 7}&limit=8"), 100, until_refused=True)

    def test_queries_in_numbers(self):
        """More bytes than one organization may have waiting: each query comes with almost a mebibyte."""
        arguments = json.dumps({"device": "mine", "from": self.start, "to": self.today})
        query, _ = self.client_at_node1().identity.proposal("data", "series", arguments + " " * 1_000_000)
        self.others_are_served(post("/v1/queries", query, "application/cose"), 120, until_refused=True, again=True)

    def test_questions_for_receipts_in_numbers(self):
        self.others_are_served(get(f"/v1/transactions/{self.transaction}/receipt"), 300)

    def test_the_first_of_a_long_timeline(self):
        self.others_are_served(get("/v1/devices/mine/timeline?limit=1"), 100)

    def test_records_of_a_meter_of_others(self):
        """With a key of its own, and as a device of its own with the other's key."""
        thief = Device("victim", new_key(ES256), FIELDS)
        row = [[0, *range(len(FIELDS))]]

        def attack():
            with self.client_at_node1() as client:
                for _ in range(10):
                    self.assertEqual(tried(lambda: client.publish(thief.day(self.start, row))), "bad_signature")
            with self.client_at_node1("admin") as admin:
                stolen = Device("stolen", self.victim.key, FIELDS).registration("meter@1", organization="D")
                stolen["proof"] = Device("stolen", thief.key, FIELDS).proof("D")
                self.assertEqual(tried(lambda: admin.submit("registry", "register_device", stolen)), "bad_signature")
                theirs = thief.registration("meter@1", organization="D")
                self.assertEqual(tried(lambda: admin.submit("registry", "register_device", theirs)), "already_exists")
        self.go_on_while(attack)
        with self.cluster.client(2) as client:
            self.assertEqual(client.get("/v1/devices/victim/days")["days"], [])
            self.assertEqual(client.get("/v1/devices/victim")["organization"], "B")

    def test_two_records_at_once_of_which_one_is_false(self):
        """The second names a predecessor that there is not: exactly one of them takes effect, each time."""
        def attack():
            for round_ in range(5):
                device = self.device(f"twice{round_}", 4)
                first = device.day(self.start, [[0, *range(len(FIELDS))]])
                device.previous = os.urandom(32)
                second = device.day(self.start + DAY, [[0, *range(len(FIELDS))]])

                def publish(number, record):
                    with self.cluster.client(number) as client:
                        client.identity = self.cluster.identity(4, "client1")
                        return tried(lambda: client.publish(record)["transaction"]["validation_code"])
                with concurrent.futures.ThreadPoolExecutor(2) as pool:
                    codes = [each.result() for each in [pool.submit(publish, 1, first), pool.submit(publish, 2, second)]]
                self.assertEqual(codes.count("VALID"), 1, codes)
                with self.cluster.client(4) as client:
                    self.assertEqual(len(client.get(f"/v1/devices/twice{round_}/days")["days"]), 1, codes)
        self.go_on_while(attack)

    def test_documents_that_nobody_could_read_back(self):
        def attack():
            with self.client_at_node1("admin") as admin:
                large = "x" * 900_000
                device = Device("large", new_key(ES256), FIELDS).registration("meter@1", organization="D")
                for function, arguments in (("register_device", {**device, "location": large}),
                                            ("register_device", {**device, "schemas": ["meter@1"] * 50_000}),
                                            ("register_device", {**device, "certificate_chain": [large]}),
                                            ("register_device", {**device, "id": large}),
                                            ("register_schema", {**schema("large"), "fields": [
                                                {"name": f"f{n}", "unit": "W", "scale": 0} for n in range(20_000)]}),
                                            ("register_schema", {**schema("large"), "id": large}),
                                            ("set_status", {"device": "mine", "status": "SUSPENDED", "reason": large})):
                    with self.assertRaises(Refused, msg=function):
                        admin.submit("registry", function, arguments)
                    with self.assertRaises(Refused, msg=function):
                        admin.submit("registry", function, {**arguments, "more": "\\u0001" * 500_000})
        self.go_on_while(attack)
        self.lists_answer()

    def lists_answer(self):
        for number in self.honest:
            with self.cluster.client(number) as client:
                devices = client.get("/v1/devices")["devices"]
                self.assertIn("mine", [device["id"] for device in devices])
        self.assertIn("proposals", self.config("A", "list"))

    # The configuration ----------------------------------------------------------------------------------------

    def profile(self, organization):
        return self.cluster.network / "organizations" / organization / "members" / "admin" / "profile.toml"

    def config(self, organization, *command):
        return json.loads(tally("--json", "config", *command, "--profile", self.profile(organization)).stdout)

    def proposal_of(self, number, **more):
        """The arguments of a proposal of D's for the configuration in force; the NUMBERth."""
        with self.cluster.client(4) as client:
            shown = client.ask("config", "show", {})
        wanted = json.loads(shown["text"])
        wanted["version"] += 1
        wanted["batch"]["timeout_ms"] = 1000 + number
        text = json.dumps(wanted, separators=(",", ":"))
        return {"base": shown["hash"], "config": hashlib.sha256(text.encode()).hexdigest(), "text": text, **more}

    def change(self, value):
        """A good one of the others goes through."""
        proposed = self.config("A", "propose", "--set", f"batch.max_messages={value}")
        for organization in "BC":
            answer = self.config(organization, "approve", proposed["config"])
        self.assertTrue(answer["applied"])
        self.cluster.agreed()

    def test_proposals_and_approvals_of_the_configuration_in_numbers(self):
        def attack():
            with self.client_at_node1("admin") as admin:
                told = [tried(lambda n=n: admin.submit("config", "propose", self.proposal_of(n))["validation_code"])
                        for n in range(40)]
                self.assertEqual(set(told), {"VALID", "too_large"})
                again = [tried(lambda: self.approve(admin, self.proposal_of(0), 60_000)) for _ in range(20)]
                self.assertEqual(set(again), {"VALID"})
        self.go_on_while(attack)
        listed = self.config("A", "list")["proposals"]
        self.assertGreater(len(listed), 1)
        self.lists_answer()
        self.change(501)
        self.assertEqual(self.config("A", "list")["proposals"], [])  # they were for the configuration before

    def approve(self, admin, wanted, milliseconds, spoil=False):
        known = json.loads((self.cluster.network / "channel.json").read_text())
        proposal, _ = admin.identity.proposal("config", "approve", {
            "base": wanted["base"], "config": wanted["config"],
            "expires_ms": int(time.time() * 1000) + milliseconds,
            "knows": {"rules": known["rules"], "contracts": known["contracts"]}})
        if spoil:
            proposal = proposal[:-1] + bytes([proposal[-1] ^ 1])
        return admin.send(proposal)["validation_code"]

    def test_approvals_that_do_not_hold(self):
        """Expired, unsigned, of more admins than count: others' consent is enough."""
        proposed = self.config("A", "propose", "--set", "batch.max_messages=601")
        with self.cluster.client(1) as client:
            wanted = {"base": client.ask("config", "show", {})["hash"], "config": proposed["config"]}
        authority = self.cluster.network / "organizations" / "D"
        for number in range(18):
            tally("identity", "issue", authority, f"admin{number}", "--role", "admin")

        def attack():
            with self.client_at_node1("admin") as admin:
                self.assertEqual(self.approve(admin, wanted, 3000), "VALID")
                self.assertEqual(tried(lambda: self.approve(admin, wanted, 60_000, spoil=True)), "bad_signature")
                self.assertEqual(tried(lambda: self.approve(admin, wanted, -1)), "invalid_argument")
                self.assertEqual(tried(lambda: self.approve(admin, wanted, 1 << 60)), "invalid_argument")
            told = []
            for number in range(18):
                with self.client_at_node1(f"admin{number}") as admin:
                    told.append(tried(lambda a=admin: self.approve(a, wanted, 3000)))
            self.assertEqual((told[0], told[-1]), ("VALID", "too_large"))
        self.go_on_while(attack)

        def all_have_expired():
            with self.cluster.client(1) as client:
                found = client.ask("config", "get", {"config": wanted["config"]})["approvals"]
            return all(each["expired"] for each in found if each["organization"] == "D")
        eventually(all_have_expired)
        for organization in "BC":
            answer = self.config(organization, "approve", wanted["config"])
        self.assertTrue(answer["applied"])
        self.cluster.agreed()

    def test_notes_that_would_write_into_a_terminal(self):
        with self.client_at_node1("admin") as admin:
            admin.submit("config", "propose", self.proposal_of(900, note=ESCAPES + "\u202e"))
        shown = tally("config", "list", "--profile", self.profile("A")).stdout
        self.assertIn(r"\x1b[2J\x1b[31m\n", shown)
        for character in "\x1b\r\x07\u202e":
            self.assertNotIn(character, shown)
        self.check_logs()
        self.change(701)

    def test_anchors_of_heights_and_channels_that_there_are_not(self):
        """Each anchors in its own name: another organization's word is not in the way."""
        def anchor(number, block):
            with self.cluster.client(number, "admin") as admin:
                return tried(lambda: admin.submit("anchor", "put", {
                    "channel": "elsewhere", "block": block, "block_hash": "00" * 32, "tree_size": block + 1,
                    "root": base64.b16encode(os.urandom(32)).decode().lower(), "consistency": []})["validation_code"])

        def attack():
            for block in (1 << 62, (1 << 63) - 2, 1 << 62):
                anchor(4, block)
        self.go_on_while(attack)
        anchor(2, 1)
        with self.cluster.client(1) as client:
            anchors = client.ask("anchor", "latest", {"channel": "elsewhere"})["anchors"]
        self.assertLessEqual(len(anchors), 2, anchors)
        self.assertLessEqual({each["organization"] for each in anchors}, {"B", "D"})


if __name__ == "__main__":
    unittest.main()
