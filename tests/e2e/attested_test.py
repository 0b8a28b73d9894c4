"""Answers of queries, attested by enough of four organizations, are verified offline; what was changed is refused."""

import base64
import json
import os
import pathlib
import random
import subprocess
import time
import unittest

from cluster_under_test import ClusterUnderTest, OnFourNodes, eventually
from node_under_test import TALLY, tally
from tally.answers import verify_answer
from tally.cbor import decode_strictly, encode
from tally.channel import Channel
from tally.errors import NotProven
from tally.formats import DAY, ES256, new_key
from tally.records import Field
from tally_client import Device

FIELDS = [Field("power", "W", 0)]
LIARS = pathlib.Path(os.environ.get("LIARS", pathlib.Path(TALLY).parent.parent / "tests" / "liars"))
CHANGED_POSITIONS = 200


def organizations(answer):
    """Whose members have signed it."""
    return {signer.rpartition(" of ")[2] for signer in answer.signers}


class Attested(OnFourNodes):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.configuration = cls.cluster.network / "channel.json"
        cls.channel = Channel.load(cls.configuration)
        cls.device = Device("meter", new_key(ES256), FIELDS)
        with cls.cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "power", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            admin.submit("registry", "register_device", cls.device.registration("power@1", organization="A"))
        first = int(time.time()) // DAY * DAY - 5 * DAY
        with cls.cluster.client(1) as client:
            for day in range(3):
                client.publish(cls.device.day(first + day * DAY, [[minute * 60, minute % 7] for minute in range(1440)]))
        cls.cluster.agreed()

    def profile(self, number, member="auditor"):
        organization = self.cluster.organizations[number - 1]
        return self.cluster.network / "organizations" / organization / "members" / member / "profile.toml"

    def ask(self, number, function="days", arguments=None, contract="data", member="client1", expect=200):
        """The answer to a question that MEMBER of node NUMBER's organization signs."""
        arguments = {"device": "meter"} if arguments is None else arguments
        with self.cluster.client(number, member) as client:
            question, _ = client.identity.proposal(contract, function, arguments)
            answer = client.request("POST", "/v1/queries?attest=true", question, "application/cose")
        self.assertEqual(answer.status, expect, answer.body[:500])
        return answer

    def verify(self, content, expect=0, configuration=None):
        file = self.cluster.folder / "an.answer"
        file.write_bytes(content)
        done = tally("--json", "verify", file, "--config", configuration or self.configuration, expect=expect)
        return json.loads(done.stdout), done.stderr

    def refused(self, content, sentence, configuration=None):
        """The command line refuses it, names the first wrong thing, and shows every check until then."""
        out, error = self.verify(content, 5, configuration)
        self.assertFalse(out["proven"])
        self.assertIn(sentence, error)
        self.assertTrue(all(check["ok"] for check in out["checks"][:-1]))
        return out

    def test_an_answer_is_verified_offline(self):
        answer = self.ask(2)
        self.assertEqual(answer.headers["content-type"], "application/cbor")
        with self.cluster.client(3) as client:
            days = client.get("/v1/devices/meter/days")
            header = client.get("/v1/checkpoints/latest")
        proven = verify_answer(answer.body, self.channel)
        self.assertEqual(proven.result, days)
        self.assertEqual(len(proven.result["days"]), 3)
        self.assertEqual((proven.statement["block"], proven.statement["block_hash"].hex()),
                         (header["block"], header["block_hash"]))
        self.assertEqual((proven.statement["organization"], proven.statement["role"]), ("B", "client"))
        self.assertGreaterEqual(len(proven.signers), 3)
        out, _ = self.verify(answer.body)
        self.assertTrue(out["proven"] and all(check["ok"] for check in out["checks"]))
        self.assertEqual((out["kind"], json.loads(out["result"]), out["block"]), ("answer", days, str(header["block"])))

    def test_by_path_with_the_question_that_the_caller_signed(self):
        with self.cluster.client(1) as client:
            question, _ = client.identity.proposal("data", "days", {"device": "meter"})
            text = base64.urlsafe_b64encode(question).rstrip(b"=").decode()
            answer = client.request("GET", f"/v1/devices/meter/days?attest=true&question={text}")
            self.assertEqual(answer.status, 200, answer.body[:500])
            self.assertEqual(len(verify_answer(answer.body, self.channel).result["days"]), 3)
            # The connection says who asks; only a signature says it to others.
            unsigned = client.request("GET", "/v1/devices/meter/days?attest=true")
            self.assertEqual((unsigned.status, unsigned.code), (400, "invalid_argument"))
            other = client.request("GET", f"/v1/devices/another/days?attest=true&question={text}")
            self.assertEqual((other.status, other.code), (400, "invalid_argument"))

    def test_nobody_asks_in_a_members_name(self):
        with self.cluster.client(1) as client:
            question, _ = client.identity.proposal("data", "days", {"device": "meter"})
            forged = question[:-1] + bytes([question[-1] ^ 1])
            answer = client.request("POST", "/v1/queries?attest=true", forged, "application/cose")
        self.assertEqual(answer.code, "bad_signature")

    def test_what_is_absent_is_attested_too(self):
        proven = verify_answer(self.ask(1, "find", {"device": "meter", "content_id": "0" * 64}).body, self.channel)
        self.assertIsNone(proven.result)
        self.assertEqual(proven.statement["function"], "find")

    def test_a_refusal_and_a_function_that_writes_are_not_attested(self):
        self.assertEqual(self.ask(1, "get_device", {"id": "nobody"}, "registry", expect=404).code, "unknown_device")
        self.assertEqual(self.ask(1, "register_schema", {"id": "x", "version": 1, "fields": []}, "registry", "admin",
                                  expect=400).code, "invalid_argument")

    def test_every_changed_byte_is_found(self):
        content = self.ask(1).body
        chance = random.Random(os.urandom(8))
        for position in chance.sample(range(len(content)), min(CHANGED_POSITIONS, len(content))):
            changed = bytearray(content)
            changed[position] ^= chance.randrange(1, 256)
            with self.subTest(position=position, byte=changed[position]), self.assertRaises(NotProven):
                verify_answer(bytes(changed), self.channel)

    def test_the_command_line_names_the_first_wrong_thing(self):
        content = self.ask(1).body
        parts = decode_strictly(content)
        at = content.index(b'"days"')
        self.refused(content[:at] + b'"dayz"' + content[at + 6:], "the result's SHA-256: expected ")
        question = bytearray(parts[2])
        question[-1] ^= 1
        self.refused(encode({**parts, 2: bytes(question)}), "the question: expected signed by its caller, found: ")
        signature = bytearray(parts[5][0][0])
        signature[-1] ^= 1
        self.refused(encode({**parts, 5: [[bytes(signature), parts[5][0][1]], *parts[5][1:]]}),
                     "signature 1: expected of a member at ")
        self.refused(content[:-1], "the answer file, byte ")
        self.refused(encode({**parts, 1: "tally-answer/9"}), "only tally-answer/1 is known")
        statement = decode_strictly(parts[3])
        statement[11] += 1  # the block
        self.refused(encode({**parts, 3: encode(statement)}), "signature 1: ")
        self.refused(encode({**parts, 5: parts[5][:2]}), "the signers: expected MAJORITY, found: ")
        self.refused(encode({**parts, 5: [parts[5][0]] * 3}), "again")

    def test_another_channel_and_another_consortium_prove_nothing(self):
        content = self.ask(1).body
        for name, options, sentence in (("elsewhere", ("--channel", "elsewhere"), "the channel: expected elsewhere, found main"),
                                        ("strangers", (), "the configuration in force: expected ")):
            folder = self.cluster.folder / name
            tally("network", "create", folder, "--organizations", "A,B,C,D", "--port", 9, *options)
            self.refused(content, sentence, folder / "channel.json")

    def test_the_command_line_asks_checks_and_keeps(self):
        file = self.cluster.folder / "days.answer"
        profile, options = ("--profile", self.profile(2)), ("--attest", file)
        for command in (("query", *profile, "data", "days", '{"device": "meter"}'),
                        ("call", *profile, "data", "days", "--device", "meter")):
            file.unlink(missing_ok=True)
            days = json.loads(tally("--json", *command, *options).stdout)
            self.assertEqual(verify_answer(file.read_bytes(), self.channel).result, days)
        out, _ = self.verify(file.read_bytes())
        self.assertEqual(out["by"], "auditor of B")
        # By another consortium's configuration nothing is proven, and nothing is kept.
        folder = self.cluster.folder / "others"
        tally("network", "create", folder, "--organizations", "A,B,C,D", "--port", 9)
        file.unlink()
        tally("query", *profile, "data", "days", '{"device": "meter"}', *options, "--attest-config", folder / "channel.json", expect=5)
        self.assertFalse(file.exists())

    def test_a_receipt_is_verified_by_the_same_command(self):
        with self.cluster.client(1) as client:
            content = client.ask("data", "days", {"device": "meter"})["days"][0]["content_id"]
            record = client.ask("data", "find", {"content_id": content})["transaction"]
            receipt = client.receipt(record)
        out, _ = self.verify(receipt)
        self.assertEqual((out["kind"], out["id"], out["code"]), ("receipt", record, "VALID"))
        changed = bytearray(receipt)
        changed[-1] ^= 1
        self.refused(bytes(changed), "receipt ")
        self.refused(b"neither", "the receipt file, byte ")


class OneThatLies(unittest.TestCase):
    """Nodes are killed, pruned and replaced by liars: each test has a consortium of its own."""

    def start(self, *options):
        cluster = self.enterContext(ClusterUnderTest(*options))
        tally("network", "create", cluster.network, *cluster.options)
        cluster.run("up")
        device = Device("meter", new_key(ES256), FIELDS)
        with cluster.client(1, "admin") as admin:
            admin.submit("registry", "register_schema", {
                "id": "power", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})
            admin.submit("registry", "register_device", device.registration("power@1", organization="A"))
        first = int(time.time()) // DAY * DAY - 2 * DAY
        with cluster.client(1) as client:
            client.publish(device.day(first, [[minute * 60, 3] for minute in range(1440)]))
        cluster.agreed()
        return cluster

    def replace(self, cluster, node, program):
        cluster.run("kill", node)
        subprocess.run([LIARS / f"tally_{program}", "-q", "cluster", "start", node, cluster.network], check=True)
        eventually(lambda: cluster.status()[node]["state"] == "ready")

    def ask(self, cluster, number, function="days", **more):
        with cluster.client(number) as client:
            question, _ = client.identity.proposal("data", function, {"device": "meter", **more})
            return client.request("POST", "/v1/queries?attest=true", question, "application/cose")

    def test_a_gateway_that_lies_gets_no_signatures_for_it_and_one_endorser_that_lies_is_outvoted(self):
        cluster = self.start()
        self.replace(cluster, "node2", "embellisher")
        with cluster.client(2) as client:
            self.assertEqual(client.get("/v1/devices/meter/days")["days"][0]["fields"][0]["unit"], "kW", "it lies")
        lie = self.ask(cluster, 2)
        self.assertEqual((lie.status, lie.code), (409, "endorsements_differ"))
        self.assertIn("gives another result at block", lie.json["detail"])
        truth = verify_answer(self.ask(cluster, 1).body, Channel.load(cluster.network / "channel.json"))
        field = truth.result["days"][0]["fields"][0]
        self.assertEqual((field["unit"], field["sum"], organizations(truth)), ("W", "4320", {"A", "C", "D"}))

    def test_too_few_organizations_attest_nothing(self):
        cluster = self.start()
        channel = Channel.load(cluster.network / "channel.json")
        cluster.run("kill", "node4")
        self.assertEqual(organizations(verify_answer(self.ask(cluster, 1).body, channel)), {"A", "B", "C"})
        cluster.run("kill", "node3")
        answer = self.ask(cluster, 1)
        self.assertEqual((answer.status, answer.code), (503, "unavailable"))
        self.assertIn("attested by 2 endorsers", answer.json["detail"])

    def test_what_a_node_has_pruned_it_does_not_attest(self):
        cluster = self.start()
        channel = Channel.load(cluster.network / "channel.json")
        with cluster.client(1, "admin") as admin:  # a block after that of the record, which can be pruned then
            block = admin.submit("registry", "register_schema", {
                "id": "later", "version": 1, "fields": [{"name": "power", "unit": "W", "scale": 0}]})["block"]
        height = cluster.agreed(at_least=block)[0]
        for node in ("node3", "node4"):
            cluster.run("kill", node)
            tally("ledger", "prune", cluster.network / "nodes" / node, "--before", height)
            cluster.run("start", node)
        eventually(lambda: all(node["state"] == "ready" for node in cluster.status().values()))
        self.assertEqual(len(verify_answer(self.ask(cluster, 1).body, channel).result["days"]), 1, "the state is there")
        refused = self.ask(cluster, 1, "series", **{"from": 0, "to": int(time.time())})
        self.assertEqual((refused.status, refused.code), (410, "not_kept"))
        self.assertRegex(refused.json["detail"], "node[34] of [CD]: .*not kept on this node")


if __name__ == "__main__":
    unittest.main()
