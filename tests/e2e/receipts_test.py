"""Receipts are verified offline by this client's own verifier, and history is proven to be only appended to."""

import json
import os
import random
import time
import unittest

from node_under_test import NodeUnderTest, tally
from tally.cbor import decode_strictly
from tally.channel import Channel
from tally.errors import NotProven
from tally.formats import (DAY, EDDSA, ES256, consistency_holds, encode, leaf_hash, new_key, root_of_inclusion,
                           tree_head)
from tally.receipts import verify_receipt
from tally.records import Field
from tally_client import Device

FIELDS = [Field("flow", "l/s", -3)]
CHANGED_POSITIONS = 200


class MerkleTrees(unittest.TestCase):
    """This client's own proofs, so that a mistake here is not taken for one of the node's."""

    def test_a_known_tree(self):
        leaves = [bytes.fromhex(text) for text in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657",
                                                   "606162636465666768696a6b6c6d6e6f")]
        self.assertEqual(tree_head(leaves).hex(), "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
        self.assertEqual(root_of_inclusion(leaf_hash(leaves[0]), 0, 1, []), tree_head(leaves[:1]))


class Receipts(unittest.TestCase):
    member_keys = "p256"

    @classmethod
    def setUpClass(cls):
        cls.node = cls.enterClassContext(NodeUnderTest("--algorithm", cls.member_keys, "--node-algorithm", cls.member_keys))
        cls.node.start()
        cls.admin, cls.client = cls.node.client("admin"), cls.node.client("client1")
        cls.admin.submit("registry", "register_schema", {
            "id": "pipe", "version": 1, "fields": [{"name": f.name, "unit": f.unit, "scale": f.scale} for f in FIELDS]})
        cls.devices = [Device("pipe-1", new_key(ES256), FIELDS), Device("pipe-2", new_key(EDDSA), FIELDS)]
        cls.published = []
        start = int(time.time()) // DAY * DAY - 20 * DAY
        for device in cls.devices:
            cls.admin.submit("registry", "register_device", device.registration("pipe@1"))
        for number in range(4):
            for device in cls.devices:
                record = device.day(start + number * DAY, [[n * 900, n - number] for n in range(20)])
                cls.published.append((record, cls.client.publish(record)))
        cls.channel = Channel.load(cls.node.network / "channel.json")

    def test_receipts_prove_their_records(self):
        """The transaction, its code, its block and the very bytes that the device signed."""
        for record, outcome in self.published:
            file = self.client.receipt(outcome["transaction"]["id"])
            receipt = verify_receipt(file, self.channel)
            self.assertEqual(receipt.id, outcome["transaction"]["id"])
            self.assertEqual((receipt.code, receipt.block), ("VALID", outcome["transaction"]["block"]))
            self.assertEqual(receipt.attachments, [record])
            self.assertEqual((receipt.contract, receipt.function), ("data", "publish"))
            raw = self.client.request("GET", f"/v1/transactions/{receipt.id}/raw").body
            self.assertEqual(raw, decode_strictly(file)[2])

    def test_any_changed_byte_is_found(self):
        file = self.client.receipt(self.published[-1][1]["transaction"]["id"])
        verify_receipt(file, self.channel)
        chance = random.Random(os.urandom(8))
        positions = range(len(file)) if len(file) <= CHANGED_POSITIONS else chance.sample(range(len(file)), CHANGED_POSITIONS)
        for position in positions:
            changed = bytearray(file)
            changed[position] ^= chance.randrange(1, 256)
            with self.subTest(position=position, byte=changed[position]), self.assertRaises(NotProven):
                verify_receipt(bytes(changed), self.channel)

    def test_the_command_line_agrees(self):
        """`tally receipt verify` accepts the same receipts and refuses them for another record or when changed."""
        (first, outcome), (other, _) = self.published[:2]
        file, record, wrong, broken = (self.node.folder / name for name in ("receipt", "record", "wrong", "broken"))
        content = self.client.receipt(outcome["transaction"]["id"])
        file.write_bytes(content)
        record.write_bytes(first)
        wrong.write_bytes(other)
        broken.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        configuration = self.node.network / "channel.json"
        tally("receipt", "verify", file, "--config", configuration, "--record", record)
        tally("receipt", "verify", file, "--config", configuration, "--record", wrong, expect=5)
        tally("receipt", "verify", broken, "--config", configuration, expect=5)

    def test_several_receipts_at_once(self):
        """As a shell's pattern names them: each is stated, and one that is damaged is named."""
        folder = self.node.folder / "several"
        folder.mkdir()
        files = []
        for _, outcome in self.published[:3]:
            files.append(folder / f"{len(files)}.receipt")
            files[-1].write_bytes(self.client.receipt(outcome["transaction"]["id"]))
        config = ("--config", self.node.network / "channel.json")
        proven = json.loads(tally("--json", "receipt", "verify", *files, *config).stdout)
        self.assertEqual([(each["file"], each["id"]) for each in proven],
                         [(str(file), outcome["transaction"]["id"])
                          for file, (_, outcome) in zip(files, self.published)])
        self.assertEqual(json.loads(tally("--json", "receipt", "verify", files[0], *config).stdout), proven[0])
        said = tally("receipt", "verify", *files, *config).stdout
        self.assertEqual(said.count("Proven"), 3)
        content = files[1].read_bytes()
        files[1].write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        self.assertIn(str(files[1]), tally("receipt", "verify", *files, *config, expect=5).stderr)
        for option in ("--record", "--key"):
            refused = tally("receipt", "verify", files[0], files[2], *config, option, files[0], expect=1)
            self.assertIn("one receipt", refused.stderr)

    def test_another_consortium_proves_nothing(self):
        with NodeUnderTest() as stranger, self.assertRaises(NotProven):
            verify_receipt(self.client.receipt(self.published[0][1]["transaction"]["id"]),
                           Channel.load(stranger.network / "channel.json"))

    def test_another_code_is_not_proven(self):
        file = decode_strictly(self.client.receipt(self.published[0][1]["transaction"]["id"]))
        with self.assertRaises(NotProven):
            verify_receipt(encode({**file, 3: 1}), self.channel)

    def test_history_was_only_appended_to(self):
        """Between any two checkpoints; and not when one of the roots or a hash of the path is another."""
        latest = self.client.get("/v1/checkpoints/latest")["block"]
        for newer in range(1, latest + 1):
            for older in range(newer):
                proof = self.client.get(f"/v1/checkpoints/{newer}/consistency?from={older}")
                old, new = proof["from"], proof["to"]
                self.assertEqual(old, self.client.get(f"/v1/checkpoints/{older}"))
                roots = [bytes.fromhex(head["root"]) for head in (old, new)]
                path = [bytes.fromhex(text) for text in proof["path"]]
                self.assertTrue(consistency_holds(old["tree_size"], roots[0], new["tree_size"], roots[1], path))
                self.assertFalse(consistency_holds(old["tree_size"], bytes(32), new["tree_size"], roots[1], path))
                self.assertFalse(consistency_holds(old["tree_size"], roots[0], new["tree_size"], bytes(32), path))
        self.assertEqual(json.dumps(self.client.get(f"/v1/checkpoints/{latest}")),
                         json.dumps(self.client.get("/v1/checkpoints/latest")))

    def test_blocks_are_chained(self):
        blocks = self.client.get("/v1/blocks?from=0&limit=100")["blocks"]
        for before, block in zip(blocks, blocks[1:]):
            self.assertEqual((block["previous_hash"], block["number"]), (before["hash"], before["number"] + 1))


class ReceiptsOfEd25519Members(Receipts):
    """The same with members and nodes that hold Ed25519 keys."""
    member_keys = "ed25519"


if __name__ == "__main__":
    unittest.main()
